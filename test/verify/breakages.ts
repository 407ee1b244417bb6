import { footprint } from "#product/footprint.ts";
import type { Facts } from "#verify/facts.ts";
import {
  ids,
  ownEntry,
  place,
  rootsEntry,
  soundFacts,
  soundOpenrc,
  soundProcess,
  supervisorWithout,
  withAccounts,
  withAudit,
  withDirectory,
  withFiles,
  withGroup,
  withOpenrc,
  withOwn,
  withProcess,
  withProperty,
} from "./sound-host.ts";

const { account, audit, auditGroup, files } = footprint;

const key = "/var/lib/linuxguard/installation.key";
const identityFile = "/var/lib/linuxguard/identity.json";

/** Each check by its id, and hosts of OpenRC on which it must fail. */
export const openrcBreakages: Readonly<Record<string, readonly Facts[]>> = {
  "process.no-capabilities": [
    withOpenrc({}, { capabilities: ["CapPrm", "CapBnd"] }),
    withOpenrc({}, { capabilities: ["CapBnd"], noNewPrivileges: false }),
  ],
  "service.registered": [withOpenrc({ script: undefined })],
  "service.enabled": [withOpenrc({ isInRunlevel: false })],
  "service.active": [withOpenrc({ isStarted: false })],
  "service.command": [
    withOpenrc({ supervisor: supervisorWithout(/^run$/) }),
    withOpenrc({ supervisor: supervisorWithout(/supervise-daemon/) }),
    withOpenrc({ supervisor: { value: ["supervise-daemon", "linuxguard", "--start", "/bin/sh"] } }),
  ],
  "service.account": [
    withOpenrc({ supervisor: supervisorWithout(/^--reuid/) }),
    withOpenrc({ supervisor: supervisorWithout(/^--regid/) }),
  ],
  "sandbox.files": [
    withOpenrc({ supervisor: supervisorPlus("path-beneath:write-file,make-reg:/data") }),
    withOpenrc({ supervisor: supervisorPlus("path-beneath:execute:/bin") }),
    withOpenrc({ supervisor: supervisorPlus("path-beneath:remove-file:/etc") }),
    withOpenrc({ supervisor: { value: ["--landlock-access", "fs:write-file,make-reg"] } }),
  ],
};

/** Each check by its id, and hosts on which it must fail. */
export const breakages: Readonly<Record<string, readonly Facts[]>> = {
  "account.exists": [withAccounts({ own: { value: undefined } })],
  "account.system": [withOwn({ uid: 0 }), withOwn({ gid: 0 }), withOwn({ uid: 1_000 })],
  "account.alone": [withOwn({ uid: 1_000 }), withOwn({ uid: 0 })],
  "account.shell": [withOwn({ shell: "/bin/bash" }), withOwn({ shell: "" })],
  "account.password": [
    withAccounts({ password: { value: "set" } }),
    withAccounts({ password: { value: "empty" } }),
  ],
  "account.home": [withOwn({ home: "/home/linuxguard" })],
  "account.group": [withOwn({ gid: 27 }), withOwn({ gid: 4_321 })],
  "account.audit-group": [
    withGroup(auditGroup, ids.auditGid, []),
    withAccounts({ groups: { value: [{ name: account.group, gid: ids.gid, members: [] }] } }),
  ],
  "account.memberships": [
    withGroup("adm", 4, [account.name]),
    withGroup("games", 60, [account.name]),
  ],
  "account.no-powerful-group": [
    withGroup("docker", 105, ["alice", account.name]),
    withOwn({ gid: 27 }),
  ],
  "account.no-others": [
    withGroup(account.group, ids.gid, ["alice"]),
    withGroup(auditGroup, ids.auditGid, [account.name, "alice"]),
    withGroup(account.group, 1_000, []),
  ],
  "account.no-grants": [
    withAccounts({ mentions: { value: { lines: ["/etc/sudoers.d/x:1"], files: 7 } } }),
  ],
  ...Object.fromEntries(
    ["etc", "lib", "run", "log"].map((part) => [
      `directory.${part}`,
      [
        withDirectory(part, undefined),
        withDirectory(part, { kind: "link" }),
        withDirectory(part, { kind: "file" }),
        withDirectory(part, { uid: 0 }),
        withDirectory(part, { gid: 0 }),
        ...[0o770, 0o757, 0o777, 0o4750, 0o2750, 0o1750].map((mode) =>
          withDirectory(part, { mode }),
        ),
      ],
    ]),
  ),
  ...Object.fromEntries(
    ["etc", "lib", "run", "log"].map((part) => [
      `directory.${part}-content`,
      [
        { ...ownEntry("/a"), uid: 1_000 },
        { ...ownEntry("/a"), gid: 4 },
        ownEntry("/a", 0o4755),
        ownEntry("/a", 0o2755, "directory"),
        ownEntry("/a", 0o666),
      ].map((entry) => withDirectory(part, {}, [ownEntry("/b"), entry])),
    ]),
  ),
  "directory.secrets": [
    withDirectory("lib", {}, [ownEntry(key, 0o640)]),
    withDirectory("lib", {}, [ownEntry(key, 0o600), ownEntry(identityFile, 0o644)]),
    withDirectory("lib", {}, [{ ...ownEntry(key, 0o600), uid: 0 }]),
    withDirectory("lib", {}, [ownEntry(key, 0o600, "link")]),
    withDirectory("etc", {}, [ownEntry("/etc/linuxguard/enrolment-token", 0o644)]),
  ],
  "file.owner": [
    withFiles({ installed: { value: { entries: [], missing: [files.agent.path] } } }),
    withInstalled({ uid: ids.uid }),
    withInstalled({ mode: 0o775 }),
    withInstalled({ mode: 0o757 }),
  ],
  "file.no-setuid": [withInstalled({ mode: 0o4755 }), withInstalled({ mode: 0o2755 })],
  "file.no-capabilities": [
    withFiles({ capabilities: { value: [`${files.agent.path} cap_audit_read=ep`] } }),
  ],
  "file.as-packaged": [
    withFiles({ changed: { value: ["??5??????   /usr/bin/linuxguard-agent"] } }),
  ],
  "file.parents": [
    { path: "/usr/bin", uid: ids.uid, gid: 0, mode: 0o755 },
    { path: "/usr/bin", uid: 0, gid: ids.auditGid, mode: 0o775 },
    { path: "/usr/bin", uid: 0, gid: 0, mode: 0o777 },
  ].map((entry) => withFiles({ parents: { value: [{ kind: "directory", ...entry }] } })),
  "file.writes": [
    withFiles({ writable: { value: ["/etc/open", "/var/a", "/b", "/c", "/d", "/e"] } }),
  ],
  "process.runs": [{ ...soundFacts, processes: { value: [] } }, withProcess({ isAgent: false })],
  "process.account": [
    ...[0, 1, 2, 3].map((at) => withProcess({ uids: soundProcess.uids.with(at, 0) })),
    ...[0, 1, 2, 3].map((at) => withProcess({ gids: soundProcess.gids.with(at, 0) })),
    withProcess({ uids: [] }),
  ],
  "process.groups": [withProcess({ groups: [ids.gid, 27] })],
  "process.no-capabilities": [
    withProcess({ capabilities: ["CapBnd"] }),
    withProcess({ capabilities: ["CapPrm", "CapEff"] }),
  ],
  "process.no-new-privileges": [withProcess({ noNewPrivileges: false })],
  "process.seccomp": [withProcess({ seccomp: 0 }), withProcess({ seccomp: 1 })],
  "process.no-listening": [withProcess({ listening: { value: ["tcp 00000000:22"] } })],
  "process.environment": [
    "NODE_OPTIONS",
    "NODE_TLS_REJECT_UNAUTHORIZED",
    "NODE_EXTRA_CA_CERTS",
    "LD_PRELOAD",
    "LD_AUDIT",
    "SSL_CERT_FILE",
    "OPENSSL_CONF",
  ].map((name) => withProcess({ environment: { value: ["PATH", name] } })),
  "service.registered": [
    withProperty("LoadState", "masked"),
    withProperty("LoadState", "not-found"),
    withProperty("FragmentPath", "/etc/systemd/system/linuxguard.service"),
    withProperty("NeedDaemonReload", "yes"),
  ],
  "service.command": [
    withProperty("ExecStart", "{ path=/bin/sh ; argv[]=/bin/sh -c x ; ignore_errors=no }"),
    withProperty("ExecStartPre", "{ path=/bin/sh ; argv[]=/bin/sh ; ignore_errors=no }"),
  ],
  "service.account": [withProperty("User", "root"), withProperty("Group", "adm")],
  "service.enabled": [withProperty("UnitFileState", "disabled"), withProperty("UnitFileState", "")],
  "service.active": [
    withProperty("ActiveState", "failed"),
    withProperty("SubState", "auto-restart"),
  ],
  "sandbox.identity": [
    withProperty("NoNewPrivileges", "no"),
    withProperty("CapabilityBoundingSet", "cap_audit_read"),
    withProperty("SupplementaryGroups", "adm"),
  ],
  "sandbox.files": [
    withProperty("ProtectSystem", "full"),
    withProperty("ReadWritePaths", "/etc"),
    withProperty("InaccessiblePaths", ""),
    withProperty("NoExecPaths", "/"),
    withProperty("ExecPaths", "/usr/bin/linuxguard-agent /bin/sh"),
    withProperty("RootDirectory", "/srv"),
  ],
  "sandbox.kernel": [withProperty("ProtectKernelModules", "no")],
  "sandbox.calls": [
    withProperty("SystemCallFilter", ""),
    withProperty("SystemCallFilter", "~mount"),
    withProperty("SystemCallFilter", "read write ptrace"),
    withProperty("SystemCallArchitectures", ""),
  ],
  "sandbox.network": [
    withProperty("RestrictAddressFamilies", "AF_INET AF_INET6 AF_NETLINK"),
    withProperty("RestrictAddressFamilies", ""),
    withProperty("IPAddressDeny", ""),
  ],
  "sandbox.resources": [
    withProperty("MemoryMax", "infinity"),
    withProperty("LimitCORE", "1024"),
    withProperty("UnsetEnvironment", ""),
  ],
  "audit.daemon-config": [
    withDaemonConfig({}, "gone"),
    withDaemonConfig({ mode: 0o660 }, "adm"),
    withDaemonConfig({ uid: ids.uid }, "adm"),
    withDaemonConfig({ kind: "link" }, "adm"),
    withAudit({ daemonConfig: { value: undefined } }),
  ],
  "audit.log-readable": [
    withAudit({ log: place({ mode: 0o600 }) }),
    withAudit({ log: place({ gid: 4 }) }),
    withAudit({ log: place({ gid: 4 }, { value: new Map([[auditGroup, "---"]]) }) }),
    withAudit({ directory: place({ kind: "directory", mode: 0o740, path: "/var/log/audit" }) }),
  ],
  "audit.log-not-writable": [
    withAudit({ log: place({ mode: 0o660 }) }),
    withAudit({ log: place({ mode: 0o642 }) }),
    withAudit({ log: place({ gid: 4, mode: 0o660 }, { value: new Map([[auditGroup, "rw-"]]) }) }),
    withAudit({ directory: place({ kind: "directory", mode: 0o770, path: "/var/log/audit" }) }),
  ],
  "audit.rules-file": [
    withAudit({ rulesFile: { value: undefined } }),
    withAudit({ rulesFile: { value: { entry: rootsEntry(audit.rules), text: "" } } }),
    withAudit({ wantedRules: { value: undefined } }),
    withAudit({
      rulesFile: { value: { entry: ownEntry(audit.rules), text: wantedText() } },
    }),
  ],
  "audit.rules-loaded": [withAudit({ loadedKeys: { value: ["of_others"] } })],
  "console.https": [
    { ...soundFacts, console: { value: { url: "http://console.example/" } } },
    { ...soundFacts, console: { value: { problem: "Cannot read setting console.url" } } },
  ],
};

function withInstalled(more: { readonly uid?: number; readonly mode?: number }): Facts {
  const entry = { ...rootsEntry(files.agent.path, 0o755), ...more };
  return withFiles({ installed: { value: { entries: [entry], missing: [] } } });
}

function withDaemonConfig(
  more: { readonly uid?: number; readonly mode?: number; readonly kind?: "link" },
  group: string,
): Facts {
  const entry = { ...rootsEntry(audit.daemonConfig, 0o640), ...more };
  const values = new Map([["log_group", group]]);
  return withAudit({ daemonConfig: { value: { entry, values } } });
}

function supervisorPlus(rule: string): { readonly value: readonly string[] } {
  const { supervisor } = soundOpenrc;
  const words = "why" in supervisor ? [] : (supervisor.value ?? []);
  return { value: ["supervise-daemon", "--landlock-rule", rule, ...words.slice(1)] };
}

function wantedText(): string {
  const { wantedRules } = soundFacts.audit;
  return "why" in wantedRules ? "" : (wantedRules.value ?? "");
}
