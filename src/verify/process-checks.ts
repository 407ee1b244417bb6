import { footprint } from "#product/footprint.ts";
import { identity } from "#product/identity.ts";
import {
  type Check,
  expectNone,
  fail,
  given,
  notApplicable,
  type Outcome,
  pass,
  unknown,
} from "./check.ts";
import { all } from "./fact.ts";
import type { Facts, Process } from "./facts.ts";

const { account, service } = footprint;
const filtered = 2;
const restart = `systemctl cat ${service}, undo what changes it, systemctl restart ${service} (OpenRC: rc-service ${service} restart)`;

/** Variables by which others could have the agent run their code or trust their certificates. */
const foreignVariables =
  /^(?:NODE_OPTIONS|NODE_EXTRA_CA_CERTS|NODE_TLS_REJECT_UNAUTHORIZED|NODE_PATH|OPENSSL_CONF|SSL_CERT_FILE|SSL_CERT_DIR|LD_[A-Z_]+)$/;

/** What is so of every process of the agent's program or account. */
export const processChecks: readonly Check[] = [
  {
    id: "process.runs",
    item: "the agent runs",
    claims: ["service-account"],
    remedy: `systemctl start ${service}; journalctl -u ${service} tells why it ended (OpenRC: rc-service ${service} start)`,
    judge: ({ processes }) =>
      given(processes, (found) => {
        const pids = found.filter(({ isAgent }) => isAgent).map(({ pid }) => pid);
        return pids.length === 0
          ? fail(`no process ${identity.agent} runs`)
          : pass(`pid ${pids.join(", ")}`);
      }),
  },
  {
    id: "process.account",
    item: "it runs as its account, by all four ids of each kind",
    claims: ["no-root", "own-account", "service-permissions", "runs-as-non-root", "verification"],
    remedy: restart,
    judge: (facts) =>
      withProcesses(facts, (found) =>
        given(facts.accounts.own, (own) => {
          const isOwn = ({ uids, gids }: Process) =>
            uids.length === 4 &&
            gids.length === 4 &&
            uids.every((id) => id === own?.uid) &&
            gids.every((id) => id === own?.gid);
          const wrong = found.filter((each) => !isOwn(each));
          return expectNone(
            wrong.map(
              ({ pid, uids, gids }) =>
                `pid ${pid} has uids ${uids.join(" ")}, gids ${gids.join(" ")}`,
            ),
            `uid ${own?.uid}`,
          );
        }),
      ),
  },
  {
    id: "process.groups",
    item: "it has no groups but those of the account",
    claims: ["minimal-privileges", "read-where-necessary"],
    remedy: restart,
    judge: (facts) => withProcesses(facts, (found) => judgeGroups(facts, found)),
  },
  {
    id: "process.no-capabilities",
    item: "it has no capabilities, nor can it get any",
    claims: ["no-root", "minimal-privileges", "attack-surface", "benefit-surface"],
    remedy: restart,
    judge: (facts) => withProcesses(facts, (found) => judgeCapabilities(found, hasOpenrc(facts))),
  },
  {
    id: "process.no-new-privileges",
    item: "no program that it runs can gain rights",
    claims: ["no-root", "attack-surface", "benefit-surface"],
    remedy: restart,
    judge: (facts) =>
      withProcesses(facts, (found) =>
        expectNone(
          found
            .filter(({ noNewPrivileges }) => !noNewPrivileges)
            .map(({ pid }) => `pid ${pid} may gain some`),
          "NoNewPrivs 1",
        ),
      ),
  },
  {
    id: "process.seccomp",
    item: "its system calls are filtered",
    claims: ["attack-surface"],
    remedy: restart,
    judge: (facts) =>
      hasOpenrc(facts)
        ? notApplicable("OpenRC has no filter of system calls")
        : withProcesses(facts, (found) =>
            expectNone(
              found
                .filter(({ seccomp }) => seccomp !== filtered)
                .map(({ pid }) => `pid ${pid} has no filter`),
              "Seccomp 2",
            ),
          ),
  },
  {
    id: "process.no-listening",
    item: "it takes no connections",
    claims: ["attack-surface", "isolated-account"],
    remedy: `systemctl restart ${service}, and find out what it was`,
    judge: (facts) =>
      withProcesses(facts, (found) =>
        given(all(found.map(({ listening }) => listening)), (sockets) =>
          expectNone(sockets.flat(), "no listening socket"),
        ),
      ),
  },
  {
    id: "process.environment",
    item: "no variable brings in others' code or certificates",
    claims: ["attack-surface", "https"],
    remedy: restart,
    judge: (facts) =>
      withProcesses(facts, (found) =>
        given(all(found.map(({ environment }) => environment)), (names) =>
          expectNone(
            names.flat().filter((name) => foreignVariables.test(name)),
            `${names.flat().length} variables`,
          ),
        ),
      ),
  },
];

/** Whether the host's services are OpenRC's. */
export function hasOpenrc({ service: found }: Facts): boolean {
  return !("why" in found) && found.value.manager === "openrc";
}

function withProcesses(
  { processes }: Facts,
  judge: (found: readonly Process[]) => Outcome,
): Outcome {
  return given(processes, (found) =>
    found.length === 0
      ? unknown(`no process of ${identity.agent} or ${account.name} runs`)
      : judge(found),
  );
}

/** OpenRC itself cannot empty the bounding set; nothing comes of it where new rights are refused. */
function judgeCapabilities(found: readonly Process[], mayBeBounding: boolean): Outcome {
  const harmless = found.filter(
    ({ capabilities: [first, ...more], noNewPrivileges }) =>
      mayBeBounding && noNewPrivileges && first === "CapBnd" && more.length === 0,
  );
  const wrong = found.filter((each) => !harmless.includes(each));
  return expectNone(
    wrong.flatMap(({ pid, capabilities }) => capabilities.map((set) => `pid ${pid} has ${set}`)),
    harmless.length === 0
      ? "all five sets are empty"
      : "CapBnd is not empty, for want of util-linux's setpriv, but no right can be gained",
  );
}

function judgeGroups({ accounts }: Facts, found: readonly Process[]): Outcome {
  return given(accounts.own, (own) =>
    given(accounts.groups, (groups) => {
      const joined = groups.filter(({ members }) => members.includes(own?.name ?? ""));
      const allowed = [own?.gid, ...joined.map(({ gid }) => gid)];
      const more = found.flatMap(({ pid, groups: has }) =>
        has.filter((gid) => !allowed.includes(gid)).map((gid) => `pid ${pid} has gid ${gid}`),
      );
      return expectNone(
        more,
        `gids ${[...new Set(found.flatMap((each) => each.groups))].join(" ")}`,
      );
    }),
  );
}
