import assert from "node:assert/strict";
import { constants } from "node:os";
import { test } from "node:test";
import fc from "fast-check";
import {
  capabilitiesIn,
  exitError,
  ptraceRequest,
  seccompAction,
  signalName,
} from "#audit/decode/interpret.ts";

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

test("exitError() names the error of a syscall that failed", () => {
  assert.deepEqual(["-13", "-115", "-2"].map(exitError), ["EACCES", "EINPROGRESS", "ENOENT"]);
  assert.deepEqual(["0", "3", "-9999", "", "?", "-0"].map(exitError), Array(6).fill(undefined));
});

test("capabilitiesIn() lists the bits of a mask", () => {
  assert.deepEqual(capabilitiesIn("0000000000003000"), ["CAP_NET_ADMIN", "CAP_NET_RAW"]);
  assert.deepEqual(capabilitiesIn("0x8000000000000001"), ["CAP_CHOWN", "CAP_63"]);
  assert.deepEqual(capabilitiesIn("0"), []);
  assert.equal(capabilitiesIn("1ffffffffff")?.length, 41);
  assert.deepEqual(
    ["", "?", "0X", "10000000000000000"].map(capabilitiesIn),
    Array(4).fill(undefined),
  );
});

test("No word makes an interpreting function throw", () => {
  const word = fc.oneof(fc.string(), fc.stringMatching(/^-?(?:0x)?[0-9a-f]{0,20}$/));
  fc.assert(
    fc.property(word, (text) => {
      for (const interpret of [capabilitiesIn, exitError, ptraceRequest, seccompAction]) {
        interpret(text);
      }
    }),
  );
});
