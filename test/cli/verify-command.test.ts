import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { claims } from "#product/promise.ts";
import { version } from "#product/version.ts";
import { checks } from "#verify/verify.ts";

interface Shown {
  readonly version: string;
  readonly host: string;
  readonly passed: number;
  readonly failed: number;
  readonly unknown: number;
  readonly notApplicable: number;
  readonly checks: readonly {
    readonly id: string;
    readonly result: string;
    readonly detail: string;
    readonly remedy?: string;
    readonly promise: readonly { readonly id: string; readonly sentence: string }[];
  }[];
  readonly unchecked: readonly { readonly sentence: string; readonly unchecked: string }[];
}

function run(...args: readonly string[]) {
  const line = ["src/main.ts", "verify", ...args];
  return spawnSync(process.execPath, line, { encoding: "utf8", env: {} });
}

/** This host, on which the product is not installed. */
function look(): Shown {
  const { stdout } = run("--json");
  assert.equal(stdout.indexOf("\n"), stdout.length - 1);
  return JSON.parse(stdout) as Shown;
}

test("linuxguard verify --json writes every check with the sentences that it proves", () => {
  const shown = look();

  assert.equal(shown.version, version);
  assert.deepEqual(
    shown.checks.map(({ id }) => id),
    checks.map(({ id }) => id),
  );
  for (const { promise, result, remedy, id } of shown.checks) {
    assert.ok(promise.length > 0, id);
    assert.equal(remedy !== undefined, result === "fail", id);
  }
  const sum = shown.passed + shown.failed + shown.unknown + shown.notApplicable;
  assert.equal(sum, checks.length);
  const proved = shown.checks.flatMap(({ promise }) => promise.map(({ sentence }) => sentence));
  const told = new Set([...proved, ...shown.unchecked.map(({ sentence }) => sentence)]);
  assert.equal(told.size, claims.length);
});

test("linuxguard verify shows one line a check, a remedy below what failed, and a sum", () => {
  const { status, stdout, stderr } = run();

  const lines = stdout.split("\n");
  const results = lines.filter((line) => /^ {2}(?:pass|FAIL|unknown|n\/a) /.test(line));
  const failed = lines.flatMap((line, at) => (line.startsWith("  FAIL") ? [at] : []));
  assert.deepEqual([status, stderr], [1, ""]);
  assert.equal(results.length, checks.length);
  assert.ok(failed.length > 0 && failed.every((at) => lines[at + 1]?.startsWith("           → ")));
  assert.match(
    stdout,
    new RegExp(String.raw`\n\d+ passed, ${failed.length} failed, \d+ unknown.*\n$`),
  );
  const column = 11 + Math.max(...checks.map(({ item }) => item.length)) + 2;
  assert.ok(results.every((line) => /^ {2}\S/.test(line.slice(column - 2))));
});

test("linuxguard verify has colours on a terminal only, or where they are asked for", () => {
  const plain = run();
  const painted = run("--color=always");

  assert.ok(!plain.stdout.includes("\u001b"));
  assert.equal(stripVTControlCharacters(painted.stdout), plain.stdout);
  assert.ok(painted.stdout.includes("\u001b[31mFAIL"));
});
