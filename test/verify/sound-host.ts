import { readFileSync } from "node:fs";
import { join } from "node:path";
import { footprint } from "#product/footprint.ts";
import type {
  AccessFact,
  Entry,
  Facts,
  OpenrcFacts,
  Process,
  ServiceFacts,
} from "#verify/facts.ts";
import { parseProperties } from "#verify/gather-service.ts";

const { account, audit, auditGroup, directories, dropInDirectory, files, openrc, secrets } =
  footprint;

/** The ids that the account and its groups have on the sound host. */
export const ids = { uid: 990, gid: 990, auditGid: 989, journalGid: 101 } as const;

/** What is at a path of root's. */
export function rootsEntry(path: string, mode = 0o644, kind: Entry["kind"] = "file"): Entry {
  return { path, kind, uid: 0, gid: 0, mode };
}

/** What is at a path of the agent's. */
export function ownEntry(path: string, mode = 0o640, kind: Entry["kind"] = "file"): Entry {
  return { path, kind, uid: ids.uid, gid: ids.gid, mode };
}

/** A place of the audit log. */
export function place(
  entry: Partial<Entry>,
  groups: AccessFact["groups"] = { value: new Map() },
): { readonly value: AccessFact } {
  const whole = { ...rootsEntry(audit.log, 0o640), gid: ids.auditGid, ...entry };
  return { value: { entry: whole, groups } };
}

/** The agent, as it runs in its sandbox. */
export const soundProcess: Process = {
  pid: 700,
  uids: [ids.uid, ids.uid, ids.uid, ids.uid],
  gids: [ids.gid, ids.gid, ids.gid, ids.gid],
  groups: [ids.auditGid, ids.gid],
  capabilities: [],
  noNewPrivileges: true,
  seccomp: 2,
  isAgent: true,
  environment: { value: ["LANG", "PATH", "USER"] },
  listening: { value: [] },
};

/** The service as a systemd told of it. */
export function soundService(version: 252 | 257): ServiceFacts {
  const text = readFileSync(join(import.meta.dirname, `systemctl-show-${version}.txt`), "utf8");
  return { manager: "systemd", properties: parseProperties(text) };
}

const rules = "\n# Of a test\n-a always,exit -F arch=b64 -S execve -F key=lg_exec\n";

/** What is known of a host where all is as it should be. */
export const soundFacts: Facts = {
  accounts: {
    own: {
      value: {
        name: account.name,
        uid: ids.uid,
        gid: ids.gid,
        home: account.home,
        shell: account.shell,
      },
    },
    all: {
      value: [
        { name: "root", uid: 0, gid: 0, home: "/root", shell: "/bin/bash" },
        {
          name: account.name,
          uid: ids.uid,
          gid: ids.gid,
          home: account.home,
          shell: account.shell,
        },
        { name: "alice", uid: 1_000, gid: 1_000, home: "/home/alice", shell: "/bin/bash" },
      ],
    },
    groups: {
      value: [
        { name: "root", gid: 0, members: [] },
        { name: "adm", gid: 4, members: ["alice"] },
        { name: "sudo", gid: 27, members: ["alice"] },
        { name: account.group, gid: ids.gid, members: [] },
        { name: auditGroup, gid: ids.auditGid, members: [account.name] },
        { name: "systemd-journal", gid: ids.journalGid, members: [account.name] },
      ],
    },
    password: { value: "locked" },
    greatestSystemUid: 999,
    readers: { value: [] },
    mentions: { value: { lines: [], files: 7 } },
  },
  files: {
    directories: directories.map((directory) => ({
      directory,
      itself: { value: ownEntry(directory.path, 0o750, "directory") },
      content: {
        value: { entries: contentOf(directory.path), isWhole: true },
      },
    })),
    installed: {
      value: {
        entries: Object.values(files).map(({ path, mode }) => rootsEntry(path, mode)),
        missing: Object.values(openrc).map(({ path }) => path),
      },
    },
    parents: { value: [rootsEntry("/", 0o755, "directory")] },
    capabilities: { value: [] },
    changed: { value: [] },
    writable: { value: [] },
  },
  processes: { value: [soundProcess] },
  service: { value: soundService(252) },
  audit: {
    daemonConfig: {
      value: {
        entry: rootsEntry(audit.daemonConfig, 0o640),
        values: new Map([["log_group", "adm"]]),
      },
    },
    directory: place({ path: "/var/log/audit", kind: "directory", mode: 0o750 }),
    log: place({}),
    rulesFile: { value: { entry: rootsEntry(audit.rules, 0o640), text: rules } },
    wantedRules: { value: rules },
    loadedKeys: { value: ["lg_exec", "of_others"] },
  },
  console: { value: { url: "https://console.example/v1/" } },
};

function contentOf(directory: string): readonly Entry[] {
  const keys = secrets.filter(({ path }) => path.startsWith(`${directory}/`));
  return [ownEntry(`${directory}/file`), ...keys.map(({ path }) => ownEntry(path, 0o600))];
}

/** The service as an OpenRC told of it, with Landlock. */
export const soundOpenrc: OpenrcFacts = {
  manager: "openrc",
  script: rootsEntry(openrc.script.path, 0o755),
  isStarted: true,
  isInRunlevel: true,
  supervisor: {
    value: readFileSync(join(import.meta.dirname, "supervise-daemon.txt"), "utf8")
      .trimEnd()
      .split(/\s+/),
  },
};

/** The sound supervisor, called without some of its words. */
export function supervisorWithout(unwanted: RegExp): OpenrcFacts["supervisor"] {
  const { supervisor } = soundOpenrc;
  const words = "why" in supervisor ? [] : (supervisor.value ?? []);
  return { value: words.filter((word) => !unwanted.test(word)) };
}

/** A sound host of OpenRC, but for what is otherwise of its service, process or files. */
export function withOpenrc(more: Partial<OpenrcFacts>, process: Partial<Process> = {}): Facts {
  const ofSystemd = [files.unit.path, files.sysusers.path, files.tmpfiles.path, dropInDirectory];
  const plain = Object.values(files).filter(({ path }) => !ofSystemd.some((each) => each === path));
  const entries = [...plain, ...Object.values(openrc)].map(({ path, mode }) =>
    rootsEntry(path, mode),
  );
  return {
    ...withFiles({ installed: { value: { entries, missing: ofSystemd } } }),
    processes: { value: [{ ...soundProcess, seccomp: 0, ...process }] },
    service: { value: { ...soundOpenrc, ...more } },
  };
}

/** The sound host with other accounts. */
export function withAccounts(more: Partial<Facts["accounts"]>): Facts {
  return { ...soundFacts, accounts: { ...soundFacts.accounts, ...more } };
}

/** The sound host with another account of the agent. */
export function withOwn(more: {
  readonly uid?: number;
  readonly gid?: number;
  readonly home?: string;
  readonly shell?: string;
}): Facts {
  const own = { name: account.name, uid: ids.uid, gid: ids.gid, home: "", shell: "" };
  const value = { ...own, home: account.home, shell: account.shell, ...more };
  return withAccounts({ own: { value } });
}

/** The sound host with another group, or with others in one. */
export function withGroup(name: string, gid: number, members: readonly string[]): Facts {
  const { groups } = soundFacts.accounts;
  const others = "why" in groups ? [] : groups.value.filter((each) => each.name !== name);
  return withAccounts({ groups: { value: [...others, { name, gid, members }] } });
}

/** The sound host with other files. */
export function withFiles(more: Partial<Facts["files"]>): Facts {
  return { ...soundFacts, files: { ...soundFacts.files, ...more } };
}

/** The sound host with something else as one of its directories, or in it. */
export function withDirectory(
  part: string,
  itself: Partial<Entry> | undefined,
  content: readonly Entry[] = [],
): Facts {
  return withFiles({
    directories: soundFacts.files.directories.map((found) => {
      const { path } = found.directory;
      if (!path.split("/").includes(part)) return found;
      const value = itself && { ...ownEntry(path, 0o750, "directory"), ...itself };
      return {
        ...found,
        itself: { value },
        content: { value: { entries: content, isWhole: true } },
      };
    }),
  });
}

/** The sound host with another process. */
export function withProcess(more: Partial<Process>): Facts {
  return { ...soundFacts, processes: { value: [{ ...soundProcess, ...more }] } };
}

/** The sound host where systemd tells otherwise of the service. */
export function withProperty(name: string, value: string): Facts {
  const service = soundService(252);
  const properties = service.manager === "systemd" ? service.properties : new Map();
  const changed = new Map([...properties, [name, value]]);
  return { ...soundFacts, service: { value: { manager: "systemd", properties: changed } } };
}

/** The sound host with another audit system. */
export function withAudit(more: Partial<Facts["audit"]>): Facts {
  return { ...soundFacts, audit: { ...soundFacts.audit, ...more } };
}
