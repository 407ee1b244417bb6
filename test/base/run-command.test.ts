import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runCommand } from "#base/run-command.ts";

const limits = { timeoutMs: 10_000, maxBytes: 1_000 };

test("runCommand() gives the exit code and what the program wrote", async () => {
  const result = await runCommand("sh", ["-c", "echo a; echo b >&2; exit 3"], limits);

  assert.deepEqual(result, { status: 3, stdout: "a\n", stderr: "b\n" });
});

test("runCommand() hands over arguments as they are, and nothing on standard input", async () => {
  const printed = await runCommand("/usr/bin/printf", ["%s", "$HOME; 'a\" *"], limits);
  const copied = await runCommand("cat", [], limits);

  assert.equal(printed?.stdout, "$HOME; 'a\" *");
  assert.deepEqual(copied, { status: 0, stdout: "", stderr: "" });
});

test("runCommand() runs programs in an environment of its own", async () => {
  const result = await runCommand("env", [], limits);

  assert.deepEqual(result?.stdout.trimEnd().split("\n").toSorted(), [
    "LC_ALL=C",
    "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
  ]);
});

test("runCommand() gives nothing for a program that is not there or may not be run", async () => {
  const folder = mkdtempSync(join(tmpdir(), "run-command-"));
  const file = join(folder, "file");
  writeFileSync(file, "#!/bin/sh\n");
  chmodSync(file, 0o644);
  try {
    assert.equal(await runCommand("no-such-program", [], limits), undefined);
    assert.equal(await runCommand("/no/such/program", [], limits), undefined);
    assert.equal(await runCommand(file, [], limits), undefined);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("runCommand() gives nothing where Node lets no program be run", () => {
  const module = import.meta.resolve("#base/run-command.ts");
  const script = `import { runCommand } from ${JSON.stringify(module)};
    console.log(await runCommand("true", [], ${JSON.stringify(limits)}));`;
  const shut = ["--permission", "--allow-fs-read=*", "--input-type=module", "-e", script];

  const { stdout, stderr } = spawnSync(process.execPath, shut, { encoding: "utf8" });

  assert.equal(stdout, "undefined\n", stderr);
});

test("runCommand() ends a program that takes too long, and what keeps its output open", async () => {
  const line = "echo begun; sleep 3 & exec sleep 100";

  const result = await runCommand("sh", ["-c", line], { ...limits, timeoutMs: 300 });

  assert.deepEqual(result, { status: undefined, stdout: "begun\n", stderr: "" });
});

test("runCommand() ends a program that writes too much, and keeps what is within the limit", async () => {
  const result = await runCommand("yes", [], limits);

  assert.equal(result?.status, undefined);
  assert.equal(result?.stdout, "y\n".repeat(500));
});
