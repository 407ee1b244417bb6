import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import pkg from "@yao-pkg/pkg/lib-es5/sea.js";
import { identity } from "#product/identity.ts";
import {
  type Base,
  baseOf,
  binaryFolderOf,
  isNative,
  packageOf,
  prepareBase,
} from "./binary/base.ts";
import { bundle } from "./binary/bundle.ts";
import { listLicences, renderLicences } from "./binary/licences.ts";
import { nodeOptions } from "./binary/options.ts";

const scriptName = "linuxguard-agent.cjs";

/**
 * Makes `linuxguard-agent`, `linuxguard` (a link to it) and `THIRD-PARTY.txt`: one script of our
 * sources and packages, put into Node's program; in `dist`, or in `dist/ARCH` for a machine of
 * another architecture. The same sources give the same bytes, whatever the folder, the time and
 * the machine. Needs no network, but once for another architecture's Node.
 *
 * With `--jitless` it makes `linuxguard-agent-jitless` instead, which makes no code while it runs.
 * That is a program of its own, as one that took this option when it is started would take others.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { arch: { type: "string" }, jitless: { type: "boolean", default: false } },
  });
  const base = baseOf(values.arch);
  const folder = binaryFolderOf(base);
  const name = values.jitless ? identity.jitlessAgent : identity.agent;
  const workFolder = join(folder, `.work-${name}`);
  const binary = join(folder, name);
  for (const path of [workFolder, binary]) rmSync(path, { recursive: true, force: true });
  mkdirSync(workFolder, { recursive: true });
  const { text, sources } = await bundle("src/main.ts");
  prepareBase(base, join(workFolder, "node"));
  const options = values.jitless ? [...nodeOptions, "--jitless"] : nodeOptions;
  await makeBinary(text, { base, workFolder, binary, options });
  if (!values.jitless) placeLink(join(folder, "linuxguard"), name);
  const licences = listLicences(sources, [packageOf(base)]);
  writeFileSync(join(folder, "THIRD-PARTY.txt"), renderLicences(licences));
  rmSync(workFolder, { recursive: true });
  const bytes = readFileSync(binary);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  forgetPages(binary);
  process.stdout.write(`${sha256}  ${binary} (${(bytes.length / 1_048_576).toFixed(1)} MiB)\n`);
}

function placeLink(link: string, target: string): void {
  rmSync(link, { force: true });
  symlinkSync(target, link);
}

interface BinaryParts {
  readonly base: Base;
  readonly workFolder: string;
  readonly binary: string;
  /** For Node and V8. */
  readonly options: readonly string[];
}

/**
 * Has pkg put the script into the program, as `pkg --sea` does. That flag would put in the script's
 * absolute path, too, would honour NODE_OPTIONS, and would trust whatever lies in its cache; so we
 * call what the flag calls, with a path that is always the same and with our own checked program.
 */
async function makeBinary(
  script: string,
  { base, workFolder, binary, options }: BinaryParts,
): Promise<void> {
  if (process.version !== `v${base.version}`) {
    throw new Error(`Cannot build with Node ${process.version}: the base is v${base.version}`);
  }
  const scriptFile = join(workFolder, scriptName);
  writeFileSync(scriptFile, script);
  // pkg works in a folder of its own below this one, and reads the script from there.
  process.env.TMPDIR = resolve(workFolder);
  const seaConfig = {
    main: `../${scriptName}`,
    disableExperimentalSEAWarning: true,
    // Both would hold what only this machine's kind can run.
    useSnapshot: false,
    useCodeCache: false,
    execArgv: options,
    execArgvExtension: "none",
  };
  const target = {
    nodeRange: `node${base.version}`,
    platform: "linux" as const,
    arch: base.arch,
    output: resolve(binary),
  };
  // Another architecture's Node cannot run here, so this one, of the same version, prepares the script.
  await pkg.default(scriptFile, {
    targets: [target],
    nodePath: resolve(workFolder, "node"),
    useLocalNode: !isNative(base),
    seaConfig,
  });
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
