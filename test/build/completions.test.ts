import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { completionFiles } from "#build/completions/files.ts";

/** Completes the last word with the functions for bash. Words are split as the shell does it. */
function complete(program: string, words: readonly string[]): readonly string[] {
  const script = `
    ${completionFiles().get(`completions/bash/${program}`)}
    compopt() { :; }
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    "$(complete -p ${program} | sed 's/.*-F \\([^ ]*\\).*/\\1/')"
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const run = spawnSync("bash", ["-euc", script, "bash", program, ...words], { encoding: "utf8" });
  assert.equal(run.stderr, "");
  return run.stdout.trimEnd().split("\n");
}

const cases: readonly (readonly [words: readonly string[], completed: readonly string[]])[] = [
  [["ev"], ["events"]],
  [
    ["config", ""],
    ["check", "list", "--help"],
  ],
  [["config", "check", "--j"], ["--json"]],
  [
    ["events", "--co"],
    ["--color", "--config"],
  ],
  [
    ["events", "--color", "a"],
    ["auto", "always"],
  ],
  [
    ["events", "--color", "="],
    ["auto", "always", "never"],
  ],
  [["events", "--color", "=", "n"], ["never"]],
  [["events", "-c", "package-l"], ["package-lock.json"]],
  [["events", "a=b", "--fo"], ["--follow"]],
];

for (const [words, completed] of cases) {
  test(`bash completes linuxguard ${words.join(" ")}`, () => {
    assert.deepEqual(complete("linuxguard", words), completed);
  });
}

test("bash completes linuxguard-agent", () => {
  assert.deepEqual(complete("linuxguard-agent", ["r"]), ["run"]);
});
