import { dirname } from "node:path";
import { footprint } from "#product/footprint.ts";
import { identity } from "#product/identity.ts";
import { all, type Fact, map } from "./fact.ts";
import type { DirectoryFact, Entries, Entry, FileFacts } from "./facts.ts";
import { type Host, listNames, look } from "./host.ts";
import { agentPrograms } from "./sandbox.ts";

const { account, audit, directories, dropInDirectory, files, receipts, rulesDirectory } = footprint;
const shared = dirname(rulesDirectory);
const parents = listParents([
  ...[...directories, ...Object.values(files)].map(({ path }) => path),
  ...[rulesDirectory, dropInDirectory, receipts, audit.log],
]);
/** Enough for a full spool many times over. */
const mostEntries = 20_000;

/** What is walked as the agent's account, but for its own directories. */
const walked = ["/boot", "/etc", "/opt", "/root", "/run", "/srv", "/usr", "/var"];
const slowTimeoutMs = 60_000;

/** Looks at the agent's directories, at the package's files, and at what the account may write to. */
export async function gatherFiles(host: Host, uid: number | undefined): Promise<FileFacts> {
  const paths = listInstalled(host);
  return {
    directories: directories.map((directory) => lookInto(host, directory)),
    installed: lookAtAll(host, paths),
    parents: map(lookAtAll(host, { value: parents }), ({ entries }) => entries),
    capabilities: await findCapabilities(host),
    changed: await findChanged(host),
    writable: await findWritable(host, uid),
  };
}

function lookInto(host: Host, directory: DirectoryFact["directory"]): DirectoryFact {
  const itself = look(host, directory.path);
  if ("why" in itself) return { directory, itself, content: itself };
  const isThere = itself.value?.kind === "directory";
  const content = isThere ? walk(host, directory.path) : { why: `${directory.path} is not there` };
  return { directory, itself, content };
}

/** All below a directory, as far as the limit. */
function walk(host: Host, top: string): Fact<Entries> {
  const entries: Entry[] = [];
  const folders = [top];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const inside = lookBelow(host, folder);
    if ("why" in inside) return inside;
    entries.push(...inside.value);
    if (entries.length >= mostEntries) return { value: { entries, isWhole: false } };
    folders.push(
      ...inside.value.filter(({ kind }) => kind === "directory").map(({ path }) => path),
    );
  }
  return { value: { entries, isWhole: true } };
}

/** What is in a directory; what goes away meanwhile is left out. */
function lookBelow(host: Host, folder: string): Fact<readonly Entry[]> {
  const names = listNames(host, folder);
  if ("why" in names) return names;
  const seen = names.value.slice(0, mostEntries).map((name) => look(host, `${folder}/${name}`));
  return map(all(seen), (entries) => entries.filter((entry) => entry !== undefined));
}

/** Every path of the package that the footprint names, and the folders that are all its own. */
function listInstalled(host: Host): Fact<readonly string[]> {
  const fixed = Object.values(files).map(({ path }) => path);
  const folders = [rulesDirectory, dropInDirectory];
  const inside = folders.map((folder) =>
    map(listNames(host, folder), (names) => names.map((name) => `${folder}/${name}`)),
  );
  const optional = listThere(host, agentPrograms.slice(1));
  return map(all([optional, ...inside]), (lists) => [
    ...fixed,
    shared,
    ...folders,
    ...lists.flat(),
  ]);
}

/** Those of the paths that there are. */
function listThere(host: Host, paths: readonly string[]): Fact<readonly string[]> {
  return map(lookAtAll(host, { value: paths }), ({ entries }) => entries.map(({ path }) => path));
}

function lookAtAll(
  host: Host,
  paths: Fact<readonly string[]>,
): Fact<{ readonly entries: readonly Entry[]; readonly missing: readonly string[] }> {
  if ("why" in paths) return paths;
  const seen = paths.value.map((path) => map(look(host, path), (entry) => ({ path, entry })));
  return map(all(seen), (found) => ({
    entries: found.flatMap(({ entry }) => (entry === undefined ? [] : [entry])),
    missing: found.flatMap(({ path, entry }) => (entry === undefined ? [path] : [])),
  }));
}

/** Every folder above the paths, the root itself included. */
function listParents(paths: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const path of paths) {
    for (let folder = dirname(path); folder !== "/"; folder = dirname(folder)) found.add(folder);
  }
  return ["/", ...[...found].toSorted()];
}

/** getcap(8) tells of files with capabilities only. */
async function findCapabilities(host: Host): Promise<FileFacts["capabilities"]> {
  const there = listThere(host, [...agentPrograms, files.setup.path]);
  if ("why" in there) return there;
  if (there.value.length === 0) return { why: "no program is there" };
  const result = await host.run("getcap", there.value);
  return map(result, ({ stdout }) => linesOf(stdout));
}

/** Source: dpkg(1) and rpm(8), option --verify. */
async function findChanged(host: Host): Promise<FileFacts["changed"]> {
  const format = "$" + "{db:Status-Status}";
  const deb = await host.run("dpkg-query", ["-W", "-f", format, identity.package]);
  if (!("why" in deb) && deb.value.stdout === "installed") {
    return await listDifferences(host, "dpkg");
  }
  const rpm = await host.run("rpm", ["-q", identity.package]);
  if (!("why" in rpm) && rpm.value.status === 0) {
    return await listDifferences(host, "rpm");
  }
  return { why: "no package manager here has it as a package" };
}

async function listDifferences(host: Host, program: "dpkg" | "rpm"): Promise<FileFacts["changed"]> {
  const result = await host.run(program, ["--verify", identity.package], slowTimeoutMs);
  if ("why" in result) return result;
  const { status, stdout } = result.value;
  return status === undefined
    ? { why: `${program} --verify took too long` }
    : { value: linesOf(stdout) };
}

/**
 * Has the account itself look for what it may write to or owns. What everybody may use by design is
 * left out: links, sockets, and directories where each may remove only what is its own.
 *
 * Source: find(1), option -writable: it asks the kernel, so lists and mounts are heeded.
 */
async function findWritable(host: Host, uid: number | undefined): Promise<FileFacts["writable"]> {
  if (uid === undefined) return { why: `there is no account ${account.name}` };
  if (host.uid !== 0 && host.uid !== uid) return { why: "only root may look as another account" };
  const tops = listThere(host, walked);
  if ("why" in tops) return tops;
  const own = directories.flatMap(({ path }) => ["-o", "-path", path]).slice(1);
  const shared = ["-type", "d", "-perm", "-1002"];
  const wanted = ["(", "-writable", "-o", "-user", account.name, ")"];
  const filters = ["!", "-type", "l", "!", "-type", "s", "!", "(", ...shared, ")", ...wanted];
  const search = [
    "find",
    ...tops.value,
    "-xdev",
    "(",
    ...own,
    ")",
    "-prune",
    "-o",
    ...filters,
    "-print",
  ];
  const become = ["--reuid", account.name, "--regid", account.group, "--init-groups", "--"];
  const line = host.uid === 0 ? ["setpriv", ...become, ...search] : search;
  const result = await host.run(line[0] ?? "", line.slice(1), slowTimeoutMs);
  if ("why" in result) return result;
  const { status, stdout, stderr } = result.value;
  const found = linesOf(stdout);
  // 1: some folders may not be read, so nothing in them can be reached either.
  const isDone = status === 0 || (status === 1 && !/unrecognized|unknown predicate/.test(stderr));
  return isDone || found.length > 0 ? { value: found } : { why: "find(1) came to no end" };
}

function linesOf(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "");
}
