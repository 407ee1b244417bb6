import { dirname } from "node:path";
import { footprint } from "#product/footprint.ts";
import { identity } from "#product/identity.ts";
import { withAccount } from "./account-checks.ts";
import { type Check, expectNone, fail, given, type Outcome, pass, unknown } from "./check.ts";
import { all } from "./fact.ts";
import type { Account, DirectoryFact, Entry, Facts } from "./facts.ts";
import { hasOpenrc } from "./process-checks.ts";

const { account, directories, dropInDirectory, files, openrc, secrets } = footprint;
const configuration = dirname(identity.configFile);
const groupMayWrite = 0o020;
const othersMayWrite = 0o002;
const setIds = 0o6000;
const modes = [0o750, 0o755];

/** What a package has for one service manager only. */
const ofSystemd: readonly string[] = [
  ...[files.unit.path, files.sysusers.path, files.tmpfiles.path],
  dropInDirectory,
];
const ofOpenrc: readonly string[] = Object.values(openrc).map(({ path }) => path);

/** What the promise calls each directory by. */
const parts = ["etc", "lib", "run", "log"] as const;

/** What is so of the agent's directories, and of what is in them. */
export const directoryChecks: readonly Check[] = [
  ...parts.flatMap(checksOf),
  {
    id: "directory.secrets",
    item: "its keys are for its account alone to read",
    claims: ["isolated-data", "directory-isolated"],
    remedy: `chown -h ${account.name}:${account.group} FILE; chmod 600 FILE`,
    judge: judgeSecrets,
  },
];

function checksOf(part: (typeof parts)[number]): readonly Check[] {
  const path = directories.map((each) => each.path).find((each) => each.split("/").includes(part));
  if (path === undefined) throw new RangeError(`Cannot find a directory of the agent in ${part}`);
  return [
    {
      id: `directory.${part}`,
      item: `${path} is the agent's, of mode 750 or 755`,
      claims: [
        `directory-${part}`,
        "directory-structure",
        "directory-owner",
        "directory-mode",
        "verification",
      ],
      remedy: "linuxguard-setup apply",
      judge: (facts) => judgeDirectory(facts, path),
    },
    {
      id: `directory.${part}-content`,
      item: `what is in ${path} is the agent's alone`,
      claims: ["directory-isolated", "isolated-data", "benefit-isolation"],
      remedy: `Find out who made it; then remove it, or: chown -h ${account.name}:${account.group} FILE; chmod ug-s,o-w FILE`,
      judge: (facts) => judgeContent(facts, path),
    },
  ];
}

/** What is so of the package's files, and of what the account may write to. */
export const fileChecks: readonly Check[] = [
  {
    id: "file.owner",
    item: "its program and files are root's to write to, and nobody else's",
    claims: ["cannot-modify", "benefit-surface"],
    remedy: "Install the package again",
    judge: (facts) =>
      given(facts.files.installed, ({ entries, missing }) => {
        const isForOpenrc =
          hasOpenrc(facts) || entries.some(({ path }) => path === openrc.script.path);
        const others = isForOpenrc ? ofSystemd : ofOpenrc;
        return expectNone(
          [
            ...missing.filter((path) => !others.includes(path)).map((path) => `${path} is missing`),
            ...entries.filter((entry) => !isRoots(entry)).map(describe),
          ],
          `${entries.length} files`,
        );
      }),
  },
  {
    id: "file.no-setuid",
    item: "none of them is setuid or setgid",
    claims: ["no-root", "benefit-surface"],
    remedy: "chmod ug-s FILE, then find out who set it",
    judge: ({ files }) =>
      given(files.installed, ({ entries }) => {
        const set = entries.filter(({ kind, mode }) => kind === "file" && (mode & setIds) !== 0);
        const plain = entries.filter(({ kind }) => kind === "file").length;
        return plain === 0
          ? unknown("no file is there")
          : expectNone(set.map(describe), `${plain} files`);
      }),
  },
  {
    id: "file.no-capabilities",
    item: "none of them has capabilities",
    claims: ["no-root", "minimal-privileges", "benefit-surface"],
    remedy: "setcap -r FILE, then find out who set it",
    judge: ({ files }) =>
      given(files.capabilities, (found) => expectNone(found, "getcap names none")),
  },
  {
    id: "file.as-packaged",
    item: "they are as the package has them",
    claims: ["cannot-modify"],
    remedy: "Install the package again",
    judge: ({ files }) =>
      given(files.changed, (changed) => expectNone(changed, "none was changed")),
  },
  {
    id: "file.parents",
    item: "no folder above them is the agent's to write to",
    claims: ["cannot-modify", "no-modifications", "directory-isolated"],
    remedy: "chown root FOLDER; chmod go-w FOLDER",
    judge: (facts) =>
      given(facts.files.parents, (parents) =>
        withIds(facts, ({ uid, gids }) => {
          if (parents.length === 0) return unknown("no folder is there");
          const open = parents.filter((entry) => mayWrite(entry, uid, gids));
          return expectNone(open.map(describe), `${parents.length} folders`);
        }),
      ),
  },
  {
    id: "file.writes",
    item: "elsewhere it owns nothing and may write to nothing",
    claims: [
      "least-privilege",
      "cannot-modify",
      "read-only-access",
      "read-only-monitoring",
      "no-modifications",
    ],
    remedy: "chown root FILE; chmod o-w FILE; setfacl -b FILE",
    judge: ({ files }) =>
      given(files.writable, (found) =>
        expectNone(found, "find -writable, as the account, found nothing"),
      ),
  },
];

function judgeDirectory(facts: Facts, path: string): Outcome {
  return withDirectory(facts, path, ({ itself, directory }) =>
    given(itself, (entry) => {
      if (entry === undefined) {
        return directory.isVolatile && !isRunning(facts)
          ? unknown("the service makes it when it starts, and does not run")
          : fail("it is not there");
      }
      return withAccount(facts, (own) => {
        const isOwn = entry.uid === own.uid && entry.gid === own.gid;
        const isRight = entry.kind === "directory" && isOwn && modes.includes(entry.mode);
        return isRight ? pass(`mode ${render(entry.mode)}`) : fail(describe(entry));
      });
    }),
  );
}

function judgeContent(facts: Facts, path: string): Outcome {
  return withDirectory(facts, path, ({ content }) =>
    given(content, ({ entries, isWhole }) =>
      withAccount(facts, (own) => {
        const wrong = entries.filter((entry) => isStrange(entry, own, path));
        return wrong.length > 0 || isWhole
          ? expectNone(wrong.map(describe), `${entries.length} entries`)
          : unknown(`only ${entries.length} entries were looked at`);
      }),
    ),
  );
}

function judgeSecrets(facts: Facts): Outcome {
  return given(all(facts.files.directories.map(({ content }) => content)), (contents) =>
    withAccount(facts, ({ uid, gid }) => {
      const there = contents
        .flatMap(({ entries }) => entries)
        .filter(({ path }) => secrets.some((secret) => secret.path === path));
      if (there.length === 0) return unknown("the agent makes them when it starts");
      const open = there.filter(
        (each) =>
          each.kind !== "file" || each.uid !== uid || each.gid !== gid || each.mode !== 0o600,
      );
      return expectNone(open.map(describe), there.map(({ path }) => path).join(", "));
    }),
  );
}

function withDirectory(
  { files }: Facts,
  path: string,
  judge: (found: DirectoryFact) => Outcome,
): Outcome {
  const found = files.directories.find(({ directory }) => directory.path === path);
  return found === undefined ? unknown(`${path} was not looked at`) : judge(found);
}

function isRunning({ processes }: Facts): boolean {
  return !("why" in processes) && processes.value.some(({ isAgent }) => isAgent);
}

/** Settings may be root's: an administrator writes them. */
function isStrange({ kind, uid, gid, mode }: Entry, own: Account, folder: string): boolean {
  if (kind !== "link" && (mode & (setIds | othersMayWrite)) !== 0) return true;
  if (folder === configuration && uid === 0) return false;
  return uid !== own.uid || gid !== own.gid;
}

/** The rights of a link do not count. */
function isRoots({ kind, uid, mode }: Entry): boolean {
  return uid === 0 && (kind === "link" || (mode & (groupMayWrite | othersMayWrite)) === 0);
}

/** What the account is by number: its own id and those of all its groups. */
function withIds(
  facts: Facts,
  judge: (ids: { readonly uid: number; readonly gids: readonly number[] }) => Outcome,
): Outcome {
  return withAccount(facts, (own) =>
    given(facts.accounts.groups, (groups) => {
      const joined = groups.filter(({ members }) => members.includes(own.name));
      return judge({ uid: own.uid, gids: [own.gid, ...joined.map(({ gid }) => gid)] });
    }),
  );
}

function mayWrite({ uid, gid, mode }: Entry, own: number, gids: readonly number[]): boolean {
  if (uid === own) return true;
  return (mode & (gids.includes(gid) ? groupMayWrite : othersMayWrite)) !== 0;
}

function describe({ path, kind, uid, gid, mode }: Entry): string {
  const what = kind === "file" ? "" : ` ${kind}`;
  return `${path}:${what} ${uid}:${gid} ${render(mode)}`;
}

function render(mode: number): string {
  return mode.toString(8).padStart(3, "0");
}
