import { footprint } from "#product/footprint.ts";
import {
  type Check,
  expect,
  expectNone,
  fail,
  given,
  type Outcome,
  pass,
  unknown,
} from "./check.ts";
import { all, map } from "./fact.ts";
import type { AccessFact, Entry, Facts } from "./facts.ts";
import { parseKeys } from "./gather-audit.ts";

const { account, audit, auditGroup } = footprint;
const othersMayWrite = 0o002;
const groupMayWrite = 0o020;

/** What is so of the audit system. */
export const auditChecks: readonly Check[] = [
  {
    id: "audit.daemon-config",
    item: "auditd's settings are root's, and name a group that is there",
    claims: ["audit-daemon", "auditd"],
    remedy: `chown root:root ${audit.daemonConfig}; chmod 640 ${audit.daemonConfig}; set log_group to a group that is there`,
    judge: judgeDaemonConfig,
  },
  {
    id: "audit.log-readable",
    item: `${auditGroup} may read the audit log`,
    claims: ["audit-daemon", "audit-without-root", "audit-monitoring", "audit-group"],
    remedy: "linuxguard-setup audit-access auto",
    judge: (facts) => withAccess(facts, judgeReadable),
  },
  {
    id: "audit.log-not-writable",
    item: `neither ${auditGroup} nor ${account.name} may write to it`,
    claims: ["read-only-access", "cannot-modify", "audit-daemon", "least-privilege"],
    remedy: `linuxguard-setup audit-access none; chmod g-w,o-w ${audit.log}; linuxguard-setup audit-access auto`,
    judge: (facts) => withAccess(facts, judgeWritable),
  },
  {
    id: "audit.rules-file",
    item: "its rules are those of the chosen tiers, and root's",
    claims: ["audit-rules"],
    remedy: "linuxguard-setup rules TIER…",
    judge: ({ audit: { rulesFile, wantedRules } }) =>
      given(rulesFile, (found) =>
        given(wantedRules, (wanted) => {
          if (wanted === undefined) return fail("no tier is chosen");
          if (found === undefined) return fail(`there is no ${audit.rules}`);
          if (!isRoots(found.entry)) return fail(describe(found.entry));
          const isSame = found.text === wanted;
          return expect(
            isSame,
            isSame ? `${parseKeys(wanted).length} keys` : "another text than the tiers have",
          );
        }),
      ),
  },
  {
    id: "audit.rules-loaded",
    item: "the kernel has them",
    claims: [
      "audit-rules",
      "audit-integration",
      "auditd",
      "audit-monitoring",
      "benefit-auditability",
    ],
    remedy:
      "augenrules --load; auditctl -s shows whether rules are locked (enabled 2) until the next boot",
    judge: ({ audit: { wantedRules, loadedKeys } }) =>
      given(wantedRules, (wanted) =>
        given(loadedKeys, (loaded) => {
          const keys = parseKeys(wanted ?? "");
          if (keys.length === 0) return unknown("no tier is chosen");
          const missing = keys.filter((key) => !loaded.includes(key));
          return expectNone(
            missing.map((key) => `${key} is not loaded`),
            `${keys.length} keys`,
          );
        }),
      ),
  },
];

function judgeDaemonConfig({ audit: { daemonConfig }, accounts }: Facts): Outcome {
  return given(daemonConfig, (found) => {
    if (found === undefined) return fail("auditd is not installed");
    if (!isRoots(found.entry)) return fail(describe(found.entry));
    const group = found.values.get("log_group") ?? "root";
    return given(accounts.groups, (groups) => {
      const isThere = groups.some(({ name, gid }) => name === group || String(gid) === group);
      return isThere
        ? pass(`log_group = ${group}`)
        : fail(`log_group = ${group}, which does not exist: auditd will not start again`);
    });
  });
}

/** The log and the folder that it is in. */
function withAccess(
  { accounts, audit: { directory, log } }: Facts,
  judge: (places: readonly Place[]) => Outcome,
): Outcome {
  const groups = map(accounts.groups, (found) => found.find(({ name }) => name === auditGroup));
  return given(groups, (group) => {
    if (group === undefined) return fail(`there is no group ${auditGroup}`);
    return given(all([directory, log]), (found) => {
      const there = found.filter((each) => each !== undefined);
      if (there.length < found.length) return unknown("there is no audit log yet");
      return judge(there.map((access) => ({ access, gid: group.gid })));
    });
  });
}

interface Place {
  readonly access: AccessFact;
  /** Of the audit group. */
  readonly gid: number;
}

/** By its owner first: the list is asked only where that does not do. */
function judgeReadable(places: readonly Place[]): Outcome {
  const isOwner = places.every(({ access: { entry }, gid }) => {
    const needed = entry.kind === "directory" ? 0o050 : 0o040;
    return entry.gid === gid && (entry.mode & needed) === needed;
  });
  if (isOwner) return pass("it is the log's group");
  return given(all(places.map(({ access }) => access.groups)), (lists) => {
    const shut = places.filter(({ access: { entry } }, index) => {
      const rights = lists[index]?.get(auditGroup) ?? "---";
      return !rights.startsWith("r") || (entry.kind === "directory" && !rights.endsWith("x"));
    });
    return expectNone(
      shut.map(({ access }) => describe(access.entry)),
      "by an access control list",
    );
  });
}

function judgeWritable(places: readonly Place[]): Outcome {
  const open = places.filter(({ access: { entry }, gid }) => {
    const bits = entry.gid === gid ? groupMayWrite | othersMayWrite : othersMayWrite;
    return (entry.mode & bits) !== 0;
  });
  if (open.length > 0) return fail(open.map(({ access }) => describe(access.entry)).join(", "));
  const lists = all(places.map(({ access }) => access.groups));
  // Without getfacl(1) there can be a list, but what it gives to groups is within the group's bits then.
  if ("why" in lists) return judgeMask(places, lists.why);
  const named = lists.value.flatMap((list) =>
    [account.group, auditGroup].filter((name) => list.get(name)?.includes("w") === true),
  );
  return expectNone(
    named.map((name) => `${name} has w by an access control list`),
    places.map(({ access }) => describe(access.entry)).join(", "),
  );
}

/** acl(5): the group's bits are the mask where there is a list, so no list gives more than they do. */
function judgeMask(places: readonly Place[], why: string): Outcome {
  const isOpen = places.some(({ access: { entry } }) => (entry.mode & groupMayWrite) !== 0);
  return isOpen ? unknown(why) : pass("its mode keeps every group from writing");
}

function isRoots({ kind, uid, mode }: Entry): boolean {
  return kind === "file" && uid === 0 && (mode & (groupMayWrite | othersMayWrite)) === 0;
}

function describe({ path, uid, gid, mode }: Entry): string {
  return `${path} ${uid}:${gid} ${mode.toString(8)}`;
}
