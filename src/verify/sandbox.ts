import { basename, dirname, join } from "node:path";
import { footprint } from "#product/footprint.ts";
import { identity } from "#product/identity.ts";

/** One directive of the service's sandbox, as systemd has it in force. */
interface Directive {
  readonly property: string;
  /** What is wrong with a value; `undefined` if nothing is. */
  readonly findFault: (value: string) => string | undefined;
}

/** Directives that are for one thing, and whether each must be met. */
export interface DirectiveGroup {
  readonly name: "identity" | "files" | "kernel" | "calls" | "network" | "resources";
  readonly item: string;
  readonly directives: readonly Directive[];
}

/** The agent, and the agent without a compiler, which a drop-in runs. */
export const agentPrograms: readonly string[] = [
  footprint.files.agent.path,
  join(dirname(footprint.files.agent.path), identity.jitlessAgent),
];

const directories = footprint.directories.map(({ path }) => path);
const name = basename(identity.stateDirectory);
const MiB = 1_048_576;

/** Calls of each kind that the agent is refused; if one of a kind is let through, the filter is another. */
const refusedCalls = [
  ...["accept", "accept4", "listen", "memfd_create", "mknod", "mknodat", "userfaultfd"],
  ...[
    "process_vm_readv",
    "process_vm_writev",
    "kcmp",
    "ptrace",
    "bpf",
    "perf_event_open",
    "keyctl",
  ],
  ...["mount", "umount2", "pivot_root", "chroot", "swapon", "reboot", "kexec_load"],
  ...["init_module", "finit_module", "iopl", "settimeofday", "clock_settime", "io_uring_setup"],
  ...["setuid", "setgid", "setresuid", "setgroups", "chown", "fchown", "lchown", "fchownat"],
  ...["quotactl", "mlock", "add_key", "io_setup"],
];

/**
 * What the service's file says, as `systemctl show` tells it. A drop-in may close more; what it opens
 * is found here.
 *
 * Source: systemd.exec(5), systemd.resource-control(5).
 */
export const sandbox: readonly DirectiveGroup[] = [
  {
    name: "identity",
    item: "gains no rights and no capabilities",
    directives: [
      equal("UMask", "0077"),
      equal("NoNewPrivileges", "yes"),
      equal("CapabilityBoundingSet", ""),
      equal("AmbientCapabilities", ""),
      equal("RestrictSUIDSGID", "yes"),
      equal("KeyringMode", "private"),
      equal("NotifyAccess", "none"),
      equal("SupplementaryGroups", ""),
    ],
  },
  {
    name: "files",
    item: "writes to its directories only, and executes itself only",
    directives: [
      equal("ConfigurationDirectory", name),
      equal("StateDirectory", name),
      equal("RuntimeDirectory", name),
      equal("LogsDirectory", name),
      ...["Configuration", "State", "Runtime", "Logs"].map((kind) =>
        equal(`${kind}DirectoryMode`, "0750"),
      ),
      equal("ProtectSystem", "strict"),
      equal("ProtectHome", "yes"),
      oneOf("PrivateTmp", ["yes", "disconnected"]),
      equal("PrivateDevices", "yes"),
      equal("DevicePolicy", "closed"),
      equal("PrivateMounts", "yes"),
      equal("PrivateIPC", "yes"),
      equal("RemoveIPC", "yes"),
      equal("ReadWritePaths", ""),
      equal("BindPaths", ""),
      equal("RootDirectory", ""),
      equal("RootImage", ""),
      holding("InaccessiblePaths", ["/dev/shm", "-/boot", "-/root", "-/srv", "-/media", "-/mnt"]),
      holding("NoExecPaths", ["/", ...directories, "/tmp", "/var/tmp"]),
      within("ExecPaths", [
        ...agentPrograms,
        "-/bin/kill",
        ...["-/lib", "-/lib64", "-/usr/lib64", "-/usr/lib/systemd"],
        ...["-/usr/lib/x86_64-linux-gnu", "-/usr/lib/aarch64-linux-gnu"],
      ]),
    ],
  },
  {
    name: "kernel",
    item: "is kept from the kernel's settings and from namespaces",
    directives: [
      ...[
        "ProtectClock",
        "ProtectHostname",
        "ProtectKernelLogs",
        "ProtectKernelModules",
        "ProtectKernelTunables",
        "LockPersonality",
        "RestrictRealtime",
        "RestrictNamespaces",
      ].map((property) => equal(property, "yes")),
      oneOf("ProtectControlGroups", ["yes", "private", "strict"]),
    ],
  },
  {
    name: "calls",
    item: "is refused system calls that it does not need",
    directives: [
      equal("SystemCallArchitectures", "native"),
      { property: "SystemCallFilter", findFault: findOpenCalls },
    ],
  },
  {
    name: "network",
    item: "has sockets of the Internet only",
    directives: [
      within("RestrictAddressFamilies", ["AF_INET", "AF_INET6"]),
      { property: "IPAddressDeny", findFault: findOpenAddresses },
    ],
  },
  {
    name: "resources",
    item: "has bounds to what it may use",
    directives: [
      atMost("MemoryHigh", 192 * MiB),
      atMost("MemoryMax", 256 * MiB),
      atMost("MemorySwapMax", 0),
      atMost("TasksMax", 64),
      atMost("LimitCORE", 0),
      atMost("LimitNOFILE", 4_096),
      atMost("LimitMEMLOCK", 0),
      holding("UnsetEnvironment", ["NODE_OPTIONS", "NODE_TLS_REJECT_UNAUTHORIZED", "LD_PRELOAD"]),
    ],
  },
];

/** The properties to ask for. */
export const sandboxProperties: readonly string[] = sandbox.flatMap(({ directives }) =>
  directives.map(({ property }) => property),
);

function equal(property: string, wanted: string): Directive {
  return oneOf(property, [wanted]);
}

function oneOf(property: string, wanted: readonly string[]): Directive {
  return ruled(property, wanted.join(" or "), (value) => wanted.includes(value));
}

/** A list that has at least these. */
function holding(property: string, wanted: readonly string[]): Directive {
  return ruled(property, wanted.join(" "), (value) =>
    wanted.every((each) => wordsOf(value).includes(each)),
  );
}

/** A list that has some of these and no others. */
function within(property: string, wanted: readonly string[]): Directive {
  return ruled(property, wanted.join(" "), (value) => {
    const words = wordsOf(value);
    return words.length > 0 && words.every((each) => wanted.includes(each));
  });
}

function atMost(property: string, most: number): Directive {
  const isMet = (value: string) => /^\d+$/.test(value) && Number(value) <= most;
  return ruled(property, `${most} at most`, isMet);
}

function ruled(property: string, wanted: string, isMet: (value: string) => boolean): Directive {
  const findFault = (value: string) =>
    isMet(value) ? undefined : `${property}=${value}, not ${wanted === "" ? "empty" : wanted}`;
  return { property, findFault };
}

/** It is to be a list of what is let through: `read write:EPERM …`, without a `~`. */
function findOpenCalls(value: string): string | undefined {
  const calls = wordsOf(value).map((word) => word.replace(/:.*$/, ""));
  if (calls.length === 0 || value.startsWith("~"))
    return "SystemCallFilter refuses some calls only";
  const open = refusedCalls.filter((call) => calls.includes(call));
  return open.length === 0 ? undefined : `SystemCallFilter lets ${open.join(" ")} through`;
}

function findOpenAddresses(value: string): string | undefined {
  const denied = wordsOf(value);
  const isDenied = (addresses: readonly string[]) =>
    addresses.every((each) => denied.includes(each));
  if (isDenied(["0.0.0.0/0", "::/0"]) || isDenied(["169.254.0.0/16", "fe80::/10"]))
    return undefined;
  return `IPAddressDeny=${value}, not 169.254.0.0/16 fe80::/10`;
}

function wordsOf(value: string): readonly string[] {
  return value.split(" ").filter((word) => word !== "");
}
