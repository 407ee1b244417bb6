import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { runCommand } from "#base/run-command.ts";
import { footprint } from "#product/footprint.ts";
import { DebianRoot, suites } from "#test/support/debian-root.ts";
import { basics, installRpm, makeEmptyRpm } from "#test/support/private-dnf.ts";
import { makeStubRpm } from "#test/support/stub-package.ts";
import { gather } from "#verify/gather.ts";
import type { Host } from "#verify/host.ts";
import { type Judgement, verify } from "#verify/verify.ts";

const { audit, files } = footprint;
const [suite] = suites;
/** What only a running system shows. */
const running = /^(?:directory\.(?:run|secrets)|process\.|service\.|sandbox\.|audit\.rules-loaded)/;

describe("linuxguard verify, of what rpm installed", { concurrency: false }, () => {
  const work = mkdtempSync(join(tmpdir(), "linuxguard-rpm-verify-"));
  let debian: DebianRoot;

  before(async () => {
    const provides = [...basics, "audit = 3.0"];
    const folder = join(work, "stubs");
    const distribution = makeEmptyRpm({ name: "distribution", version: "1", provides, folder });
    debian = new DebianRoot(suite, []);
    debian.renew();
    debian.shell(`install -m 640 -g adm /dev/null ${audit.log}`);
    installRpm(debian.path, distribution, await makeStubRpm(work));
  });
  after(() => {
    debian[Symbol.dispose]();
    rmSync(work, { recursive: true });
  });

  async function judge(): Promise<readonly Judgement[]> {
    return verify(await gather(hostOf(debian), { value: { url: "https://console.example/" } }));
  }

  test("passes all that does not need a running system", async () => {
    const found = await judge();

    assert.ok(found.some(({ check }) => check.id === "file.as-packaged"));
    const others = found.filter(
      ({ check, result }) => result !== "pass" && !running.test(check.id),
    );
    assert.deepEqual(
      others.map(({ check, result, detail }) => `${result} ${check.id}: ${detail}`),
      [],
    );
  });

  test("fails for a file that is not as rpm installed it, and names it", async () => {
    debian.shell(`echo >>${files.sample.path}`);

    const found = (await judge()).find(({ check }) => check.id === "file.as-packaged");

    assert.equal(found?.result, "fail");
    assert.match(String(found.detail), new RegExp(files.sample.path));
  });
});

/** A root without rpm's program, which this machine's own looks at. */
function hostOf({ path }: DebianRoot): Host {
  return {
    root: path,
    uid: 0,
    run: async (program, args, timeoutMs = 20_000) => {
      const limits = { timeoutMs, maxBytes: 1_000_000 };
      const result =
        program === "rpm"
          ? await runCommand("rpm", ["--root", path, ...args], limits)
          : await runCommand("chroot", [path, program, ...args], limits);
      // chroot(8): the command is not there.
      const isThere = result !== undefined && result.status !== 127;
      return isThere ? { value: result } : { why: `${program} is not installed` };
    },
  };
}
