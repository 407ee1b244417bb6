import { dirname } from "node:path";
import { footprint } from "#product/footprint.ts";
import { identity } from "#product/identity.ts";
import { findApkChanges } from "./apk-database.ts";
import { all, type Fact, map } from "./fact.ts";
import type { DirectoryFact, Entries, Entry, FileFacts } from "./facts.ts";
import { findWritable } from "./find-writable.ts";
import { type Host, linesOf, listNames, listThere, look, lookAtAll } from "./host.ts";
import { agentPrograms } from "./sandbox.ts";

const { audit, directories, dropInDirectory, files, openrc, receipts, rulesDirectory } = footprint;
const packaged = [...Object.values(files), ...Object.values(openrc)].map(({ path }) => path);
const shared = dirname(rulesDirectory);
const parents = listParents([
  ...[...directories.map(({ path }) => path), ...packaged],
  ...[rulesDirectory, dropInDirectory, receipts, audit.log],
]);
/** Enough for a full spool many times over. */
const mostEntries = 20_000;
const verifyTimeoutMs = 60_000;

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
  const folders = [rulesDirectory, dropInDirectory];
  const inside = folders.map((folder) =>
    map(listNames(host, folder), (names) => names.map((name) => `${folder}/${name}`)),
  );
  const optional = listThere(host, agentPrograms.slice(1));
  return map(all([optional, ...inside]), (lists) => [
    ...packaged,
    shared,
    ...folders,
    ...lists.flat(),
  ]);
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
  if ("why" in result) return result;
  const { status, stdout } = result.value;
  return status === 0 ? { value: linesOf(stdout) } : { why: "getcap gives no answer" };
}

/** Source: dpkg(1) and rpm(8), option --verify; the files of apk. */
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
  return findApkChanges(host) ?? { why: "no package manager here has it as a package" };
}

async function listDifferences(host: Host, program: "dpkg" | "rpm"): Promise<FileFacts["changed"]> {
  const result = await host.run(program, ["--verify", identity.package], verifyTimeoutMs);
  if ("why" in result) return result;
  const { status, stdout } = result.value;
  return status === undefined
    ? { why: `${program} --verify took too long` }
    : { value: linesOf(stdout) };
}
