import assert from "node:assert/strict";
import { constants } from "node:os";
import { test } from "node:test";
import { ptraceRequest, seccompAction, signalName } from "#audit/decode/interpret.ts";

test("signalName() names every signal as this host does", () => {
  const aliases = ["SIGIOT", "SIGPOLL", "SIGUNUSED"];
  const named = Object.entries(constants.signals).filter(([name]) => !aliases.includes(name));

  assert.ok(named.length > 25);
  for (const [name, number] of named) assert.equal(signalName(number), name);
});

test("signalName() names nothing else", () => {
  assert.deepEqual([0, -1, 32, 1.5, Number.NaN].map(signalName), Array(5).fill(undefined));
});

test("ptraceRequest() reads hex digits", () => {
  assert.equal(ptraceRequest("10"), "PTRACE_ATTACH");
  assert.equal(ptraceRequest("4206"), "PTRACE_SEIZE");
  assert.equal(ptraceRequest("4"), "PTRACE_POKETEXT");
  assert.equal(ptraceRequest("420e"), "PTRACE_GET_SYSCALL_INFO");
  assert.equal(ptraceRequest("ffff"), undefined);
  assert.equal(ptraceRequest("x"), undefined);
});

test("seccompAction() reads the upper half of the code", () => {
  const codes = ["0x80000000", "0x0", "0x30000", "0x50001", "7ffc0000", "0x7fff0000"];

  assert.deepEqual(codes.map(seccompAction), [
    "kill_process",
    "kill_thread",
    "trap",
    "errno",
    "log",
    "allow",
  ]);
  assert.deepEqual(["?", "", "0x123456789"].map(seccompAction), Array(3).fill(undefined));
});
