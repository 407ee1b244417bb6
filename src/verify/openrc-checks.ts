import { basename } from "node:path";
import { footprint } from "#product/footprint.ts";
import { expect, expectNone, given, notApplicable, type Outcome, unknown } from "./check.ts";
import type { OpenrcFacts } from "./facts.ts";
import { agentPrograms } from "./sandbox.ts";

const { account, directories, openrc: packaged, service } = footprint;
const own: readonly string[] = directories.map(({ path }) => path);
const opened = [...own, "/proc", "/dev/null"];
/** What Landlock is to refuse, and where a rule may let it. */
const refused: readonly (readonly [act: string, places: readonly string[]])[] = [
  ["execute", [...agentPrograms, packaged.loader.path]],
  ["write-file", opened],
  ["truncate", opened],
  ["make-dir", own],
  ["make-reg", own],
  ["remove-file", own],
];

/** It is supervised, and nothing but the agent is. */
export function judgeSupervised(openrc: OpenrcFacts): Outcome {
  return withSupervisor(openrc, (words) => {
    const isSupervised = basename(words[0] ?? "") === "supervise-daemon" && words[1] === service;
    const command = words.slice(-2).join(" ");
    const isAgent = agentPrograms.some((program) => command === `${program} run`);
    return expect(isSupervised && isAgent, `${words.slice(0, 2).join(" ")} … ${command}`);
  });
}

/** Its supervisor gives up root for the account, by itself or by setpriv(1). */
export function judgeSupervisedIds(openrc: OpenrcFacts): Outcome {
  return withSupervisor(openrc, (words) => {
    const bySetpriv = [`--reuid=${account.name}`, `--regid=${account.group}`];
    const itself = ["--user", `${account.name}:${account.group}`];
    const used = [bySetpriv, itself].find((options) =>
      options.every((option) => words.includes(option)),
    );
    return expect(used !== undefined, used?.join(" ") ?? "its command names no account");
  });
}

/** Landlock, where setpriv(1) and the kernel know it. Source: setpriv(1), landlock(7). */
export function judgeSupervisedFiles(openrc: OpenrcFacts): Outcome {
  return withSupervisor(openrc, (words) => {
    const after = (option: string) => words.filter((_, at) => words[at - 1] === option);
    const acts = after("--landlock-access").flatMap((each) => each.replace("fs:", "").split(","));
    if (acts.length === 0)
      return notApplicable("OpenRC has no sandbox, and the kernel or setpriv knows no Landlock");
    const rules = after("--landlock-rule").map((rule) => rule.split(":"));
    const having = (act: string) =>
      rules.flatMap(([, may = "", path = ""]) => (may.split(",").includes(act) ? [path] : []));
    return expectNone(
      [
        ...refused.filter(([act]) => !acts.includes(act)).map(([act]) => `${act} is not refused`),
        ...refused.flatMap(([act, places]) =>
          having(act)
            .filter((path) => !places.includes(path))
            .map((path) => `${act} is let in ${path}`),
        ),
      ],
      `Landlock refuses ${acts.length} acts elsewhere`,
    );
  });
}

function withSupervisor(
  { supervisor }: OpenrcFacts,
  judge: (words: readonly string[]) => Outcome,
): Outcome {
  return given(supervisor, (words) => {
    if (words === undefined) return unknown("no supervisor of it runs");
    // It began itself anew, and has the command in its memory only.
    if (words.includes("--reexec")) return unknown("its supervisor does not tell its command");
    return judge(words);
  });
}
