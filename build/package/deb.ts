import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Base, baseOf, binaryFolderOf, packageOf } from "#build/binary/base.ts";
import { bundle } from "#build/binary/bundle.ts";
import { listLicences } from "#build/binary/licences.ts";
import { parseChangelog } from "./changelog.ts";
import { contentsOf } from "./contents.ts";
import { parseParagraphs, renderControl } from "./control.ts";
import { renderCopyright } from "./copyright.ts";
import { compressions, installedBytes, writeDeb } from "./write-deb.ts";

/** What package is made. */
export interface Order {
  readonly base: Base;
  /** The agent's program. */
  readonly agentFile: string;
  /** Another version than that of debian/changelog. */
  readonly version?: string | undefined;
  readonly compression: keyof typeof compressions;
  readonly folder: string;
}

const scripts = ["preinst", "postinst", "prerm", "postrm", "config"];

/** Makes the package of LinuxGuard and returns its file. */
export async function makeDeb(order: Order): Promise<string> {
  const changelog = readFileSync("debian/changelog", "utf8");
  const release = parseChangelog(changelog);
  const version = order.version ?? release.version;
  const entries = contentsOf({
    base: order.base,
    agent: readFileSync(order.agentFile),
    copyright: await copyright(),
    changelog,
    overrides: readFileSync("debian/lintian-overrides", "utf8"),
  });
  const built = {
    name: "linuxguard",
    version,
    architecture: order.base.debianArch,
    installedBytes: installedBytes(entries),
  };
  const paragraphs = parseParagraphs(readFileSync("debian/control", "utf8"));
  mkdirSync(order.folder, { recursive: true });
  const file = join(order.folder, `linuxguard_${version}_${built.architecture}.deb`);
  const control = new Map([
    ["control", renderControl(paragraphs, built)],
    ["templates", renderTemplates()],
    ["triggers", readFileSync("debian/triggers", "utf8")],
    ...scripts.map((name) => [name, readFileSync(`debian/${name}`, "utf8")] as const),
  ]);
  writeDeb({ file, entries, control, time: release.time, compression: order.compression });
  return file;
}

/** The questions with their translations. Source: po2debconf(1). */
function renderTemplates(): string {
  return execFileSync("po2debconf", ["--podir=debian/po", "debian/templates"], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C.UTF-8" },
  });
}

/** Renders the copyright file of what has the agent's program in it. */
export async function copyright(): Promise<string> {
  const { sources } = await bundle("src/main.ts");
  const licences = listLicences(sources, [packageOf(baseOf())]);
  return renderCopyright(readFileSync("debian/copyright", "utf8"), licences);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      arch: { type: "string" },
      stub: { type: "string" },
      version: { type: "string" },
      compression: { type: "string", default: "xz-6" },
      output: { type: "string", default: "dist/packages" },
    },
  });
  const { compression } = values;
  const base = baseOf(values.arch);
  if (!isCompression(compression)) throw new Error(`Cannot compress by "${compression}"`);
  const file = await makeDeb({
    base,
    agentFile: values.stub ?? join(binaryFolderOf(base), "linuxguard-agent"),
    version: values.version,
    compression,
    folder: values.output,
  });
  process.stdout.write(`${file} (${(statSync(file).size / 1_048_576).toFixed(1)} MiB)\n`);
}

function isCompression(text: string): text is keyof typeof compressions {
  return Object.hasOwn(compressions, text);
}

if (import.meta.main) void main();
