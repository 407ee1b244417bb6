import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import pkg from "@yao-pkg/pkg/lib-es5/sea.js";
import { baseOf, packageOf, prepareBase } from "./binary/base.ts";
import { bundle } from "./binary/bundle.ts";
import { listLicences, renderLicences } from "./binary/licences.ts";

const distFolder = "dist";
const workFolder = join(distFolder, ".work");
const scriptName = "linuxguard-agent.cjs";
const binary = join(distFolder, "linuxguard-agent");
const link = join(distFolder, "linuxguard");

/** Options of Node and V8 that the binary always runs with; nobody can add to them. */
const nodeOptions = [
  "--disable-sigusr1",
  "--disable-proto=delete",
  "--disallow-code-generation-from-strings",
  // Memory before speed: a small nursery, and a heap that is cleaned before it grows far.
  "--max-semi-space-size=8",
  "--heap-growing-percent=30",
];

/**
 * Makes `dist/linuxguard-agent`, `dist/linuxguard` (a link to it) and `dist/THIRD-PARTY.txt`: one
 * script of our sources and packages, put into Node's program. The same sources give the same
 * bytes, whatever the folder and the time. Needs no network.
 */
async function main(): Promise<void> {
  for (const path of [workFolder, binary, link]) rmSync(path, { recursive: true, force: true });
  mkdirSync(workFolder, { recursive: true });
  const base = baseOf(process.arch);
  const { text, sources } = await bundle("src/main.ts");
  const nodeFile = resolve(workFolder, "node");
  prepareBase(base, nodeFile);
  await makeBinary(text, nodeFile, `node${base.version}`);
  symlinkSync("linuxguard-agent", link);
  const licences = listLicences(sources, [packageOf(base)]);
  writeFileSync(join(distFolder, "THIRD-PARTY.txt"), renderLicences(licences));
  rmSync(workFolder, { recursive: true });
  const bytes = readFileSync(binary);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  forgetPages(binary);
  process.stdout.write(`${sha256}  ${binary} (${(bytes.length / 1_048_576).toFixed(1)} MiB)\n`);
}

/**
 * Has pkg put the script into the program, as `pkg --sea` does. That flag would put in the script's
 * absolute path, too, would honour NODE_OPTIONS, and would trust whatever lies in its cache; so we
 * call what the flag calls, with a path that is always the same and with our own checked program.
 */
async function makeBinary(script: string, nodeFile: string, nodeRange: string): Promise<void> {
  const scriptFile = join(workFolder, scriptName);
  writeFileSync(scriptFile, script);
  // pkg works in a folder of its own below this one, and reads the script from there.
  process.env.TMPDIR = resolve(workFolder);
  const seaConfig = {
    main: `../${scriptName}`,
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    useCodeCache: false,
    execArgv: nodeOptions,
    execArgvExtension: "none",
  };
  const target = {
    nodeRange,
    platform: "linux" as const,
    arch: process.arch,
    output: resolve(binary),
  };
  await pkg.default(scriptFile, { targets: [target], nodePath: nodeFile, seaConfig });
}

/**
 * Has the kernel forget the pages it has of the file, once they are on disk. It maps a file that
 * was just written in far bigger pieces than one read from disk, so the agent would seem to need
 * 35 MiB more than after the next boot.
 */
function forgetPages(file: string): void {
  execFileSync("sync", [file]);
  execFileSync("dd", [`if=${file}`, "iflag=nocache", "count=0", "status=none"]);
}

void main();
