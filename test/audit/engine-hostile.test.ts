import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { validateEcs } from "#test/support/ecs.ts";
import { TestEngine, type TestEngineOptions } from "#test/support/engine.ts";
import { fixtureLogs } from "#test/support/fixture-logs.ts";
import { generateLog } from "#test/support/generated-log.ts";
import { hostileLog } from "#test/support/hostile-log.ts";
import { assertBalanced } from "#test/support/ledger.ts";
import { parseStrictly } from "#test/support/strict-json.ts";

for (const [name, log] of fixtureLogs) {
  test(`AuditEngine makes strict JSON in ECS of ${name}`, () => {
    assert.ok(checkLog(log).count > 0);
  });
}

test("AuditEngine makes strict JSON in ECS of a generated log", () => {
  checkLog(generateLog({ seed: 11, events: 1_000, nodes: ["", "a"] }));
});

test("AuditEngine makes strict JSON in ECS of any log, and its books balance", () => {
  fc.assert(
    fc.property(hostileLog, (log) => {
      checkLog(log);
    }),
    { numRuns: 1_000 },
  );
});

test("AuditEngine takes any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000, size: "max" }), (log) => {
      checkLog(log);
    }),
    { numRuns: 200 },
  );
});

test("AuditEngine takes real logs with any bytes changed", () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), {
    minLength: 1,
    maxLength: 30,
  });
  fc.assert(
    fc.property(fc.constantFrom(...fixtureLogs.values()), changes, (log, edits) => {
      const changed = Buffer.from(log.subarray(0, 20_000));
      for (const [at, byte] of edits) changed[at % changed.length] = byte;
      checkLog(changed);
    }),
    { numRuns: 200 },
  );
});

test("AuditEngine cuts a line of 200 kB, and says so", () => {
  const log = lines(
    stamped("SYSCALL", 1, `comm="${"x".repeat(200_000)}" exe="/bin/x"`),
    stamped("PROCTITLE", 1, 'proctitle="x"'),
  );

  const run = checkLog(log);

  assert.equal(run.count, 1);
  assert.match(run.lines()[0] ?? "", /"incomplete":\["line_cut"\]/);
  assert.equal(
    run.engine.ledger().fates.overlong.bytes,
    stamped("SYSCALL", 1, `comm="${"x".repeat(200_000)}" exe="/bin/x"`).length - 65_536,
  );
});

test("AuditEngine gives the same for long lines whatever pieces they come in", () => {
  const log = lines(
    " ".repeat(70_000) + stamped("SYSCALL", 1, "a0=1"),
    `node=${"n".repeat(70_000)} ${stamped("SYSCALL", 2, "a0=1")}`,
    "y".repeat(70_000),
    stamped("USER_AUTH", 3, `msg='${"z ".repeat(60_000)}`),
  );

  const whole = checkLog(log).output();

  for (const size of [1_000, 65_536, 65_537, 65_538])
    assert.ok(checkLog(log, {}, [size]).output().equals(whole));
});

test("AuditEngine bounds what is open: 10,000 events without an end", () => {
  const log = lines(
    ...range(10_000).map((serial) => stamped("SYSCALL", serial, "arch=c000003e syscall=2")),
  );
  const run = new TestEngine().push(log);

  assert.equal(run.engine.ledger().inFlight.lines, 4_096);
  assert.equal(run.count, 10_000 - 4_096);
  assert.match(run.lines()[0] ?? "", /"incomplete":\["overflow"\]/);
  assertBalanced(run.engine.ledger());
});

test("AuditEngine bounds one event: arguments of 3 MB", () => {
  const execve = range(3_000).map((index) =>
    stamped("EXECVE", 1, `a${index}="${"x".repeat(1_000)}"`),
  );
  const log = lines(
    stamped("SYSCALL", 1, "arch=c000003e syscall=59 success=yes pid=7"),
    stamped("EXECVE", 1, "argc=3000"),
    ...execve,
    stamped("PROCTITLE", 1, 'proctitle="x"'),
  );

  const run = checkLog(log, { recordBytes: 65_536 });

  assert.equal(run.count, 1);
  const document = JSON.parse(run.lines()[0] ?? "") as {
    process: { args: string[]; args_count: number };
    auditd: { incomplete: string[]; records_omitted: number };
  };
  assert.equal(document.process.args_count, 3_000);
  const kept = document.process.args.filter((argument) => argument.length === 1_000);
  assert.ok(kept.length > 900 && kept.length < 1_100);
  assert.ok(document.auditd.incomplete.includes("oversize"));
  assert.ok(document.auditd.incomplete.includes("arguments_missing"));
  assert.ok(document.auditd.records_omitted > 900);
  assert.ok(run.engine.ledger().fates.event_oversize.lines > 1_900);
});

test("AuditEngine takes an event of one megabyte in which every byte needs escaping", () => {
  for (const byte of ["\x01", "\xff", '"', "01"]) {
    const records = range(16).map((n) =>
      stamped(n === 0 ? "SYSCALL" : "A", 1, `x=${byte.repeat(65_000 / byte.length)}`),
    );
    const run = checkLog(
      lines(...records, stamped("PROCTITLE", 1, `proctitle=${"01".repeat(9_000)}`)),
    );

    assert.equal(run.count, 1);
  }
});

test("AuditEngine takes thousands of fields, names of types and numbers of types", () => {
  const fields = range(2_500).map((n) => `f${n}=${n}`);
  const run = checkLog(
    lines(
      stamped("SYSCALL", 1, fields.join(" ")),
      stamped("AVC", 1, "a= ".repeat(2_000)),
      stamped("PROCTITLE", 1, "proctitle=41"),
      ...range(5_000).map((n) => stamped(`T${"X".repeat(55)}${n}`, 2, "a=1")),
      ...range(5_000).map((n) =>
        stamped(`UNKNOWN[${n}]`, 3 + n, `msg='op=${n} addr=10.0.${n >> 8}.${n & 255} res=success'`),
      ),
      ...range(5_000).map((n) =>
        stamped(
          "SYSCALL",
          10_000 + n,
          `arch=${n.toString(16)}"\\ syscall=${"9".repeat(n)} SYSCALL=a"${n}`,
        ),
      ),
    ),
    { records: "none" },
  );

  assert.ok(run.count >= 10_002);
});

test("AuditEngine leaves a name alone that is too long to be joined with its directory", () => {
  for (const [size, isJoined] of [
    [30_000, true],
    [40_000, false],
  ] as const) {
    const directory = `/${"d".repeat(size)}`;
    const name = "n".repeat(size);
    const run = checkLog(
      lines(
        stamped("SYSCALL", 1, "arch=c000003e syscall=2 success=yes exit=3 items=1"),
        stamped("CWD", 1, `cwd="${directory}"`),
        stamped("PATH", 1, `item=0 name="${name}" nametype=NORMAL`),
        stamped("PROCTITLE", 1, "proctitle=41"),
      ),
    );
    const { file } = JSON.parse(run.lines()[0] ?? "") as { file: { path: string } };

    assert.equal(file.path, isJoined ? `${directory}/${name}` : name);
  }
});

test("AuditEngine takes keys that are names of JavaScript's own", () => {
  const body =
    "__proto__=1 constructor=2 toString=3 hasOwnProperty=4 __proto__=5 record_type=6 message=7 type=8";
  const run = checkLog(
    lines(
      ...["AVC", "SYSCALL", "OBJ_PID", "SECCOMP", "USER_AUTH", "__proto__", "constructor"].map(
        (type) => stamped(type, 1, `${body} msg='${body}'\x1d__proto__="x" UID="y" UID="z"`),
      ),
    ),
  );

  assert.equal(run.count, 1);
});

test("AuditEngine delivers lines that are no records as they are, up to the allowance, then counts", () => {
  const bad = range(10).map((n) => `no record ${n} \xff\x00`);
  const run = new TestEngine({ quarantineLines: 3 }).push(lines(...bad));
  run.engine.push(lines("one minute later"), 60_000);
  const { fates } = run.engine.ledger();

  assertBalanced(run.engine.ledger());
  assert.equal(fates.quarantined.lines, 4);
  assert.equal(fates.quarantine_full.lines, 7);
  assert.deepEqual(
    [fates.quarantine_full.first, fates.quarantine_full.last],
    ["line 4 after 0.000:0", "line 10 after 0.000:0"],
  );
  assert.deepEqual(run.lines().map(originalOf), [...bad.slice(0, 3), "one minute later"]);
});

test("AuditEngine gives back the bytes of any line that is no record", () => {
  const line = fc
    .uint8Array({ minLength: 1, maxLength: 200 })
    .map((bytes) => Buffer.from(bytes).toString("latin1").replaceAll("\n", "").trimStart());
  fc.assert(
    fc.property(line, (text) => {
      fc.pre(text !== "" && !text.startsWith("type="));
      const run = checkLog(lines(text));

      assert.deepEqual(run.lines().map(originalOf), [text]);
    }),
  );
});

/** Runs a log and requires that each document is strict JSON in ECS, and that the books balance. */
function checkLog(
  log: Uint8Array,
  options: TestEngineOptions = {},
  sizes?: readonly number[],
): TestEngine {
  const run = new TestEngine(options).push(log, sizes);
  assertBalanced(run.engine.ledger());
  run.engine.end(0);
  assertBalanced(run.engine.ledger());
  const written = run.lines();
  assert.equal(written.length, run.count);
  for (const line of written)
    assert.deepEqual(validateEcs(parseStrictly(line)), [], line.slice(0, 2_000));
  return run;
}

function originalOf(line: string): string {
  const { event, linuxguard } = JSON.parse(line) as {
    event: { original: string };
    linuxguard?: { original_base64: string };
  };
  const bytes =
    linuxguard === undefined
      ? Buffer.from(event.original)
      : Buffer.from(linuxguard.original_base64, "base64");
  return bytes.toString("latin1");
}

function stamped(type: string, serial: number, body: string): string {
  return `type=${type} msg=audit(1700000000.123:${serial}): ${body}`;
}

function lines(...texts: readonly string[]): Buffer {
  return Buffer.from(`${texts.join("\n")}\n`, "latin1");
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
