import { dirname } from "node:path";
import { footprint } from "#product/footprint.ts";
import type { DoctorFacts } from "./doctor-facts.ts";
import {
  type Diagnosis,
  fault,
  fine,
  judged,
  type Verdict,
  valueIn,
  warning,
} from "./doctor-finding.ts";
import { all, type Fact, map } from "./fact.ts";
import type { AccessFact, Account, Group } from "./facts.ts";

const { account, auditGroup, files, service } = footprint;
const grant = `${files.setup.path} audit-access auto`;
const restart = `systemctl restart ${service}`;

/** What is asked of the agent's way to the log. */
export const accessDiagnoses: readonly Diagnosis[] = [
  {
    id: "access.account",
    asks: "Is the agent's account there, in its group?",
    judge: judgeAccount,
  },
  {
    id: "access.holder",
    asks: "Whose is the log's group?",
    judge: ({ daemon, agent }) =>
      judged(daemon.config, (config) => {
        const group = config?.get("log_group") ?? "root";
        if (group === auditGroup) return fine(`the log's group is ${group}, which is the agent's`);
        const status = valueIn(agent.status);
        const isShut =
          status !== undefined && "source" in status && status.source.access === "lost";
        // On Debian it is adm; root is what others ship.
        if (!isShut || ["adm", "root", "0"].includes(group))
          return fine(`the log's group is ${group}`);
        return warning({
          what: `another reader has taken the log: ${group}`,
          cause: `log_group = ${group}, and auditd knows one group only`,
          risk: "the agent sees nothing unless an access control list lets it",
          command: `${files.setup.path} audit-access acl`,
        });
      }),
  },
  { id: "access.log", asks: "May the agent's account read the log?", judge: judgeLog },
  { id: "access.process", asks: "Has the running agent its group?", judge: judgeProcess },
  { id: "access.rotated", asks: "May it read the rotated files?", judge: judgeRotated },
];

function judgeAccount({ accounts }: DoctorFacts): Verdict | undefined {
  const risk = "the agent cannot read the log";
  const command = `${files.setup.path} apply`;
  return judged(accounts.own, (own) => {
    if (own === undefined) {
      const cause = "the package was not set up, or somebody removed it";
      return fault({ what: `there is no account ${account.name}`, cause, risk, command });
    }
    return judged(accounts.groups, (groups) => {
      const group = groups.find(({ name }) => name === auditGroup);
      if (group?.members.includes(own.name) === true) {
        return fine(`${own.name} is in group ${auditGroup}`);
      }
      const cause = group === undefined ? "there is no such group" : "it is no member of it";
      return fault({ what: `${own.name} is not in group ${auditGroup}`, cause, risk, command });
    });
  });
}

/** Whom the kernel asks about: a user and its groups. */
interface Reader {
  readonly uid: number;
  readonly groups: readonly Group[];
}

function judgeLog({ accounts, agent, log }: DoctorFacts): Verdict | undefined {
  const status = valueIn(agent.status);
  const told = status !== undefined && "source" in status ? status.source.access : undefined;
  const reads = agent.running === "running" && told === "readable";
  const verdict = judged(accounts.own, (own) =>
    judged(accounts.groups, (groups) =>
      own === undefined ? undefined : judgeWay(log, own, readerOf(own, groups), reads),
    ),
  );
  return verdict?.state === "unknown" && reads ? fine("the agent reads the log") : verdict;
}

/** An agent that has the log open goes on reading it, whatever its rights, until it is rotated. */
function judgeWay(
  log: DoctorFacts["log"],
  own: Account,
  reader: Reader,
  reads: boolean,
): Verdict | undefined {
  return judged(findShut(log, reader), (place) => {
    if (place === undefined) return fine("the agent's account may read the log");
    const isOurs = [log.path, dirname(log.path)].includes(place.entry.path);
    const trouble = {
      what: "the agent's account may not read the log",
      cause: `${describe(place)} does not let ${own.name} in`,
      command: isOurs ? grant : `setfacl -m g:${auditGroup}:x ${place.entry.path}`,
    };
    return reads
      ? warning({
          ...trouble,
          risk: "the agent, which has it open, sees nothing after its rotation",
        })
      : fault({ ...trouble, risk: "the agent sees no event" });
  });
}

/** Its groups are those of its start: of one that came later it knows nothing. */
function judgeProcess({ accounts, agent }: DoctorFacts): Verdict | undefined {
  return judged(accounts.groups, (groups) => {
    const gid = groups.find(({ name }) => name === auditGroup)?.gid;
    return judged(agent.processes, (processes) => {
      const running = processes.find(({ isAgent }) => isAgent);
      if (running === undefined || gid === undefined) return undefined;
      if ([...running.groups, ...running.gids].includes(gid)) {
        return fine(`the running agent is in group ${auditGroup}`);
      }
      return fault({
        what: `the running agent is not in group ${auditGroup}`,
        cause: `process ${running.pid} was begun before its account was a member`,
        risk: "it cannot read the log until it is started again",
        command: restart,
      });
    });
  });
}

function judgeRotated({ accounts, log }: DoctorFacts): Verdict | undefined {
  return judged(log.rotated, (rotated) =>
    judged(accounts.own, (own) =>
      judged(accounts.groups, (groups) => {
        if (own === undefined) return undefined;
        const reader = readerOf(own, groups);
        return judged(all(rotated.map((place) => mayUse(place, "r", reader))), (uses) => {
          const shut = uses.filter(({ isShut }) => isShut);
          const names = shut.map(({ place }) => place.entry.path);
          if (names.length === 0) return fine("the agent's account may read the rotated files");
          return warning({
            what: "the agent's account may not read rotated files",
            cause: `they were rotated while the log was not for it: ${names.join(", ")}`,
            risk: "events in them that were not read before never will be",
            command: `setfacl -m g:${auditGroup}:r,m::r ${names.join(" ")}`,
          });
        });
      }),
    ),
  );
}

function readerOf({ name, uid, gid }: Account, groups: readonly Group[]): Reader {
  return { uid, groups: groups.filter((each) => each.gid === gid || each.members.includes(name)) };
}

/** The first place on the way to the log that keeps a reader out. */
function findShut(log: DoctorFacts["log"], reader: Reader): Fact<AccessFact | undefined> {
  const { parents, directory, current } = log;
  const way = all([
    map(parents, (places) => places.map((place) => mayUse(place, "x", reader))),
    map(directory, (place) => (place === undefined ? [] : [mayUse(place, "rx", reader)])),
    map(current, (place) => (place === undefined ? [] : [mayUse(place, "r", reader)])),
  ]);
  if ("why" in way) return way;
  return map(all(way.value.flat()), (uses) => uses.find(({ isShut }) => isShut)?.place);
}

interface Use {
  readonly place: AccessFact;
  readonly isShut: boolean;
}

const bits = { x: 1, r: 4, rx: 5 } as const;

/** Source: acl(5), "Access check algorithm". */
function mayUse(place: AccessFact, rights: keyof typeof bits, reader: Reader): Fact<Use> {
  const { mode, uid, gid } = place.entry;
  const isGiven = (shift: number) => ((mode >> shift) & bits[rights]) === bits[rights];
  const use = (isOpen: boolean): Fact<Use> => ({ value: { place, isShut: !isOpen } });
  if (uid === reader.uid) return use(isGiven(6));
  if (isGiven(0)) return use(true);
  // Without the bits of the group, which are the mask of a list, no entry of a list counts.
  if (!isGiven(3)) return use(false);
  if (reader.groups.some((group) => group.gid === gid)) return use(true);
  return map(place.groups, (named) => {
    const isNamed = reader.groups.some(({ name }) =>
      [...rights].every((right) => named.get(name)?.includes(right) === true),
    );
    return { place, isShut: !isNamed };
  });
}

function describe({ entry }: AccessFact): string {
  return `${entry.path} ${entry.uid}:${entry.gid} ${entry.mode.toString(8)}`;
}
