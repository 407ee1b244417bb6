import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Base, bases, binaryFolderOf } from "#build/binary/base.ts";
import { identity } from "#product/identity.ts";
import { makeApk } from "./apk.ts";
import { makeDeb } from "./deb.ts";
import { makeJitlessDeb } from "./jitless-deb.ts";
import { makeRpm } from "./rpm.ts";
import { makeSbom } from "./sbom.ts";
import { renderSums, sumsName } from "./sums.ts";

interface Step {
  readonly name: string;
  readonly act: () => unknown;
}

/**
 * Makes the packages of all formats and architectures, the list of parts of each architecture, and
 * the checksums of all, and tells of each step. Each program is built once for all formats; with
 * `--stub` another file stands for all of them.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      stub: { type: "string" },
      output: { type: "string", default: "dist/packages" },
    },
  });
  const folder = values.output;
  mkdirSync(folder, { recursive: true });
  const steps = bases.flatMap((base) => [
    ...(values.stub === undefined ? buildSteps(base) : []),
    ...packageSteps(base, folder, values.stub),
  ]);
  for (const [index, step] of steps.entries()) {
    await tell(`${index + 1}/${steps.length} ${step.name}`, step.act);
  }
  const sums = renderSums(folder);
  writeFileSync(join(folder, sumsName), sums);
  process.stdout.write(sums);
}

function buildSteps({ debianArch }: Base): readonly Step[] {
  const build = (...options: readonly string[]) =>
    execFileSync(process.execPath, ["build/binary.ts", "--arch", debianArch, ...options], {
      stdio: ["ignore", "ignore", "inherit"],
    });
  return [
    { name: `${identity.agent} for ${debianArch}`, act: () => build() },
    { name: `${identity.jitlessAgent} for ${debianArch}`, act: () => build("--jitless") },
  ];
}

function packageSteps(base: Base, folder: string, stub: string | undefined): readonly Step[] {
  const order = (program: string) => ({
    base,
    agentFile: stub ?? join(binaryFolderOf(base), program),
    compression: "xz-6" as const,
    folder,
  });
  const agent = order(identity.agent);
  const jitless = order(identity.jitlessAgent);
  const name = `for ${base.debianArch}`;
  return [
    { name: `${identity.agent}, deb ${name}`, act: () => makeDeb(agent) },
    { name: `${identity.jitlessAgent}, deb ${name}`, act: () => makeJitlessDeb(jitless) },
    { name: `${identity.agent}, rpm ${name}`, act: () => makeRpm(agent) },
    { name: `${identity.agent}, apk ${name}`, act: () => makeApk(agent) },
    {
      name: `list of parts ${name}`,
      act: () => makeSbom({ ...agent, jitlessFile: jitless.agentFile }),
    },
  ];
}

async function tell(what: string, act: Step["act"]): Promise<void> {
  process.stderr.write(`${what} … `);
  const begun = performance.now();
  await act();
  process.stderr.write(`${((performance.now() - begun) / 1_000).toFixed(1)} s\n`);
}

void main();
