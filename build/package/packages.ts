import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { bases, binaryFolderOf } from "#build/binary/base.ts";
import { identity } from "#product/identity.ts";
import { makeDeb } from "./deb.ts";
import { makeJitlessDeb } from "./jitless-deb.ts";
import { renderSums, sumsName } from "./sums.ts";

const folder = "dist/packages";

/** The packages of each architecture: the program, how it is built, and what packs it. */
const products = [
  { program: identity.agent, options: [], make: makeDeb },
  { program: identity.jitlessAgent, options: ["--jitless"], make: makeJitlessDeb },
];

/** Makes the packages of all architectures and SHA256SUMS beside them, and tells of each step. */
async function main(): Promise<void> {
  const orders = bases.flatMap((base) => products.map((product) => ({ base, ...product })));
  let step = 0;
  for (const { base, program, options, make } of orders) {
    const { debianArch } = base;
    await tell(`${++step}/${orders.length * 2} ${program} for ${debianArch}`, () => {
      const args = ["build/binary.ts", "--arch", debianArch, ...options];
      execFileSync(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
    });
    await tell(`${++step}/${orders.length * 2} its package`, async () => {
      const agentFile = join(binaryFolderOf(base), program);
      await make({ base, agentFile, version: undefined, compression: "xz-6", folder });
    });
  }
  const sums = renderSums(folder);
  writeFileSync(join(folder, sumsName), sums);
  process.stdout.write(sums);
}

async function tell(what: string, act: () => void | Promise<void>): Promise<void> {
  process.stderr.write(`${what} … `);
  const begun = performance.now();
  await act();
  process.stderr.write(`${((performance.now() - begun) / 1_000).toFixed(1)} s\n`);
}

void main();
