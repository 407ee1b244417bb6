import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { segmentHeaderLength } from "#spool/frame.ts";
import { batchEnds, flipped, segmentPaths, spoolOf } from "#test/spool/examples.ts";

interface Told {
  readonly isWhole: boolean;
  readonly batches: number;
  readonly head: { readonly sequence: number; readonly hash: string };
  readonly broken?: { readonly kind: string; readonly sequence: number };
}

test("linuxguard spool verify says that a whole spool holds, and ends with 0", (context) => {
  const { verify } = spoolCommand(context);

  const { status, stdout } = verify();

  assert.equal(status, 0);
  assert.match(stdout, /: 9 batches, \d+ documents\nHead: 9:[0-9a-f]{64}\nThe chain holds\n$/);
});

test("linuxguard spool verify names the batch that was edited, and ends with 1", (context) => {
  const { verify, directory } = spoolCommand(context);
  const [path = ""] = segmentPaths(directory);
  const [, end = 0] = batchEnds(path);
  writeFileSync(path, flipped(readFileSync(path), end - 40));

  const { status, stdout } = verify();

  assert.equal(status, 1);
  assert.match(stdout, /The chain is broken \(edited\): batch 2, .* at byte \d+\n$/);
});

test("linuxguard spool verify finds batches cut off the end by the head shown before", (context) => {
  const { verify, directory } = spoolCommand(context);
  const { head } = JSON.parse(verify("--json").stdout) as Told;
  const path = segmentPaths(directory).at(-1) ?? "";
  truncateSync(path, batchEnds(path).at(-2) ?? segmentHeaderLength);

  const without = verify();
  const { status, stdout } = verify("--json", `--head=${head.sequence}:${head.hash}`);

  assert.equal(without.status, 0);
  assert.equal(status, 1);
  const { isWhole, broken } = JSON.parse(stdout) as Told;
  assert.deepEqual([isWhole, broken?.kind, broken?.sequence], [false, "cut", 9]);
});

test("linuxguard spool verify says what is wrong with a head, and where there is no spool", (context) => {
  const { verify, config } = spoolCommand(context);

  const mistaken = verify("--head=9");
  writeFileSync(config, "[spool]\ndirectory = /nowhere\n");
  const absent = verify();

  assert.equal(mistaken.status, 64);
  assert.match(mistaken.stderr, /--head: current value is "9"/);
  assert.equal(absent.status, 73);
});

function spoolCommand(context: TestContext) {
  const directory = spoolOf(context, 9);
  const config = `${directory}.conf`;
  writeFileSync(config, `[spool]\ndirectory = ${directory}\n`);
  const verify = (...args: readonly string[]) =>
    spawnSync(process.execPath, ["src/main.ts", "spool", "verify", "-c", config, ...args], {
      encoding: "utf8",
      env: {},
    });
  return { verify, directory, config };
}
