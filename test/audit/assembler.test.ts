import assert from "node:assert/strict";
import { test } from "node:test";
import { Bench, stampOf, start } from "#test/support/assembler-bench.ts";

test("Assembler completes an event with its PROCTITLE", () => {
  const bench = new Bench();

  for (const type of ["SYSCALL", "CWD", "PATH"]) bench.take(type, { serial: 1 });
  assert.deepEqual(bench.done, []);
  bench.take("PROCTITLE", { serial: 1 });

  assert.deepEqual(bench.done, ["1.1 whole SYSCALL CWD PATH PROCTITLE"]);
});

test("Assembler completes an event with its EOE", () => {
  const bench = new Bench();

  bench.take("SYSCALL", { serial: 1 });
  bench.take("EOE", { serial: 1 });

  assert.deepEqual(bench.done, ["1.1 whole SYSCALL EOE"]);
});

test("Assembler keeps the records of interleaved events apart", () => {
  const bench = new Bench();

  bench.take("SYSCALL", { serial: 1 });
  bench.take("SYSCALL", { serial: 2 });
  bench.take("CWD", { serial: 1 });
  bench.take("PATH", { serial: 2 });
  bench.take("PROCTITLE", { serial: 2 });
  bench.take("PROCTITLE", { serial: 1 });

  assert.deepEqual(bench.done, [
    "2.1 whole SYSCALL PATH PROCTITLE",
    "1.1 whole SYSCALL CWD PROCTITLE",
  ]);
});

test("Assembler keeps events of one stamp and different nodes apart", () => {
  const bench = new Bench();

  bench.take("SYSCALL", { serial: 1 });
  bench.take("SYSCALL", { serial: 1, node: "a" });
  bench.take("SYSCALL", { serial: 1, node: "b" });
  for (const node of ["b", "", "a"]) bench.take("PROCTITLE", { serial: 1, node });

  assert.equal(bench.done.length, 3);
  assert.ok(bench.done.every((done) => done === "1.1 whole SYSCALL PROCTITLE"));
});

test("Assembler keeps events of one serial and different times apart", () => {
  const bench = new Bench();

  bench.take("SYSCALL", { serial: 1 });
  bench.take("SYSCALL", { serial: 1, milliseconds: 1 });
  bench.assembler.end();

  assert.equal(bench.done.length, 2);
});

test("Assembler completes a record of auditd itself at once", () => {
  const bench = new Bench();

  bench.take("DAEMON_START", { serial: 1 });

  assert.deepEqual(bench.done, ["1.1 whole DAEMON_START"]);
});

test("Assembler lets a late SYSCALL join its SERVICE_START", () => {
  const bench = new Bench();

  bench.take("SERVICE_START", { serial: 1 });
  bench.take("CWD", { serial: 2 });
  for (const type of ["SYSCALL", "SOCKADDR", "UNKNOWN[1420]", "PROCTITLE"]) {
    bench.take(type, { serial: 1 });
  }

  assert.deepEqual(bench.done, [
    "1.1 whole SERVICE_START SYSCALL SOCKADDR UNKNOWN[1420] PROCTITLE",
  ]);
});

test("Assembler completes a record that stands alone after 64 more lines", () => {
  const bench = new Bench();

  bench.take("USER_AUTH", { serial: 1 });
  for (let i = 0; i < 63; i++) bench.take("PATH", { serial: 2 });
  assert.deepEqual(bench.done, []);
  bench.take("PATH", { serial: 2 });

  assert.deepEqual(bench.done, ["1.1 whole USER_AUTH"]);
});

test("Assembler completes a record that stands alone after 250 ms of an idle log", () => {
  const bench = new Bench();

  bench.take("USER_AUTH", { serial: 1 });
  bench.take("SYSCALL", { serial: 2 });
  bench.tick(249);
  assert.deepEqual(bench.done, []);
  bench.tick(250);

  assert.deepEqual(bench.done, ["1.1 whole USER_AUTH"]);
});

test("Assembler completes an event when the log's clock is 2 s past it", () => {
  const bench = new Bench();

  bench.take("SYSCALL", { serial: 1 });
  bench.take("SYSCALL", { serial: 2, seconds: start + 1, milliseconds: 999 });
  assert.deepEqual(bench.done, []);
  bench.take("SYSCALL", { serial: 3, seconds: start + 2 });

  assert.deepEqual(bench.done, ["1.1 timeout SYSCALL"]);
});

test("Assembler completes an event 2 s after it came if the log is idle", () => {
  const bench = new Bench();
  bench.tick(10_000);

  bench.take("SYSCALL", { serial: 1 });
  bench.take("AVC", { serial: 2 });
  bench.tick(11_999);
  assert.deepEqual(bench.done, []);
  bench.tick(12_000);

  assert.deepEqual(bench.done, ["1.1 timeout SYSCALL", "2.1 timeout AVC"]);
});

for (const [direction, stepSeconds] of [
  ["forward", 3_600],
  ["forward", 86_400 * 365],
  ["back", -3_601],
  ["back", -86_400 * 365],
] as const) {
  test(`Assembler holds what is open when the clock is set ${direction} by ${Math.abs(stepSeconds)} s, and goes on`, () => {
    const bench = new Bench();
    const after = start + stepSeconds;

    bench.take("SYSCALL", { serial: 1 });
    bench.take("SYSCALL", { serial: 2, seconds: after });
    assert.deepEqual(bench.done, []);
    bench.take("PROCTITLE", { serial: 1 });
    bench.take("SYSCALL", { serial: 3, seconds: after + 1 });
    bench.take("SYSCALL", { serial: 4, seconds: after + 2 });

    assert.deepEqual(bench.done, ["1.1 whole SYSCALL PROCTITLE", "2.1 timeout SYSCALL"]);
  });
}

test("Assembler takes an event that is older than the others as it is", () => {
  const bench = new Bench();

  bench.take("SYSCALL", { serial: 2 });
  bench.take("SYSCALL", { serial: 1, seconds: start - 60 });
  bench.take("PROCTITLE", { serial: 1, seconds: start - 60 });
  bench.take("PROCTITLE", { serial: 2 });

  assert.deepEqual(bench.done, ["1.1 whole SYSCALL PROCTITLE", "2.1 whole SYSCALL PROCTITLE"]);
});

test("Assembler goes on over the wrap of serial numbers", () => {
  const bench = new Bench();

  for (const serial of [4_294_967_294, 0, 1, 4_294_967_295]) bench.take("SYSCALL", { serial });
  for (const serial of [4_294_967_294, 4_294_967_295, 0, 1]) bench.take("PROCTITLE", { serial });

  assert.deepEqual(
    bench.done.map((done) => done.split(" ")[0]),
    ["4294967294.1", "4294967295.1", "0.1", "1.1"],
  );
});

test("Assembler gives records that come after their event as its next parts", () => {
  const bench = new Bench();
  bench.take("SYSCALL", { serial: 1 });
  bench.take("PROCTITLE", { serial: 1 });

  bench.take("CWD", { serial: 1 });
  bench.take("PATH", { serial: 1 });
  bench.assembler.end();
  bench.take("PATH", { serial: 1 });
  bench.assembler.end();

  assert.deepEqual(bench.done.slice(1), ["1.2 end CWD PATH", "1.3 end PATH"]);
});

test("Assembler knows an event as done until another part of it is open", () => {
  const bench = new Bench();
  const isDone = (): boolean => bench.assembler.isDone(stampOf({ serial: 1 }));
  assert.equal(isDone(), false);

  bench.take("SYSCALL", { serial: 1 });
  bench.take("PROCTITLE", { serial: 1 });
  assert.equal(isDone(), true);
  bench.take("PATH", { serial: 1 });

  assert.equal(isDone(), false);
});

test("Assembler goes on with the parts that another one completed", () => {
  const bench = new Bench();
  const other = new Bench();
  for (const serial of [1, 2]) {
    bench.take("SYSCALL", { serial });
    bench.take("PROCTITLE", { serial });
  }

  other.assembler.rememberDone(bench.assembler.doneLately().slice(-1));
  for (const serial of [1, 2]) other.take("PROCTITLE", { serial });

  assert.deepEqual(other.done, ["1.1 whole PROCTITLE", "2.2 whole PROCTITLE"]);
});

test("Assembler remembers at least 16,384 completed events and at most twice as many", () => {
  const bench = new Bench();
  const count = 100_000;

  for (let serial = 0; serial < count; serial++) bench.take("PROCTITLE", { serial });

  assert.equal(bench.assembler.isDone(stampOf({ serial: count - 16_384 })), true);
  assert.ok(bench.assembler.doneLately().length <= 2 * 16_384);
});
