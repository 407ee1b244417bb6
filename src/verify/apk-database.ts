import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, readlinkSync, readSync } from "node:fs";
import { join } from "node:path";
import { footprint } from "#product/footprint.ts";
import { identity } from "#product/identity.ts";
import { all, attemptIfThere, type Fact, map } from "./fact.ts";
import { type Host, look } from "./host.ts";

/** Where apk notes what is installed: in version 2, and in version 3. */
const databases = ["/lib/apk/db/installed", "/usr/lib/apk/db/installed"];
/** An administrator's to change. */
const settings: string = footprint.openrc.settings.path;
const chunkBytes = 1_048_576;

/**
 * Finds the package's files that are not as apk noted them. `undefined` if apk has no such package.
 *
 * Source: apk-tools, database.c: a paragraph for each package, P its name, F a folder, R a file of
 * it, Z the SHA-1 of what is in it or of where a link leads.
 */
export function findApkChanges(host: Host): Fact<readonly string[]> | undefined {
  for (const path of databases) {
    const text = attemptIfThere(path, () => readFileSync(join(host.root, path), "utf8"));
    if ("why" in text) return text;
    const noted = text.value?.split("\n\n").find((each) => each.split("\n").includes(packageLine));
    if (noted === undefined) continue;
    const files = parseFiles(noted).filter((file) => file.path !== settings);
    return map(all(files.map((file) => compare(host, file))), (found) => found.flat());
  }
  return undefined;
}

const packageLine = `P:${identity.package}`;

interface NotedFile {
  readonly path: string;
  readonly sha1: string;
}

function parseFiles(paragraph: string): readonly NotedFile[] {
  const files: NotedFile[] = [];
  let folder = "";
  let name = "";
  for (const line of paragraph.split("\n")) {
    const value = line.slice(2);
    if (line.startsWith("F:")) folder = value;
    if (line.startsWith("R:")) name = value;
    if (line.startsWith("Z:Q1")) {
      const sha1 = Buffer.from(line.slice("Z:Q1".length), "base64").toString("hex");
      files.push({ path: `/${folder}/${name}`, sha1 });
    }
  }
  return files;
}

/** What is wrong with a file; nothing if it is as it was. */
function compare(host: Host, { path, sha1 }: NotedFile): Fact<readonly string[]> {
  const entry = look(host, path);
  if ("why" in entry) return entry;
  if (entry.value === undefined) return { value: [`${path} is missing`] };
  const isLink = entry.value.kind === "link";
  const at = join(host.root, path);
  const sum = attemptIfThere(path, () => (isLink ? sumOfText(readlinkSync(at)) : sumOfFile(at)));
  return map(sum, (now) => (now === sha1 ? [] : [`${path} was changed`]));
}

function sumOfText(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}

/** The program is large: it is read in pieces. */
function sumOfFile(path: string): string {
  const hash = createHash("sha1");
  const chunk = Buffer.allocUnsafe(chunkBytes);
  const file = openSync(path, "r");
  try {
    for (let size = 1; size > 0; ) {
      size = readSync(file, chunk);
      hash.update(chunk.subarray(0, size));
    }
  } finally {
    closeSync(file);
  }
  return hash.digest("hex");
}
