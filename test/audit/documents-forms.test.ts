import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { runLog } from "#test/support/engine.ts";
import { fixtureLogs } from "#test/support/fixture-logs.ts";
import { generateLog } from "#test/support/generated-log.ts";

/** Objects whose `name` auditd's trailer gives, and members that it gives alone. */
const named = /^(?:fs|real_|saved_)?(?:user|group)$|^(?:effective|audit|target)$/;
const names = new Set(["names", "owner", "related"]);

for (const [name, log] of fixtureLogs) {
  test(`Documents of ${name} are the same without the trailer, but for names`, () => {
    assertSameWithoutTrailer(log);
  });
}

test("Documents of a generated log are the same without the trailer, but for names", () => {
  assertSameWithoutTrailer(generateLog({ seed: 51, events: 1_000, nodes: [""] }));
});

test("Documents are the same where the trailer's separator became a space or went", () => {
  for (const separator of [" ", ""]) {
    const log = generateLog({ seed: 52, events: 300, nodes: [""] }).toString("latin1");
    const shipped = documentsOf(log.replaceAll("\x1d", separator));

    assert.deepEqual(shipped, documentsOf(log));
  }
});

test("Documents are the same whether a value is quoted or in hexadecimal", () => {
  const text = fc
    .tuple(fc.stringMatching(/^[\x23-\x7e]{1,20}$/), fc.stringMatching(/^[\x23-\x7e]{0,20}$/))
    .map((words) => `/${words.join(" ")}`);
  fc.assert(
    fc.property(text, (value) => {
      const quoted = eventWith(`"${value}"`);
      const hex = eventWith(Buffer.from(value).toString("hex").toUpperCase());

      assert.deepEqual(documentsOf(hex), documentsOf(quoted));
      assert.ok(documentsOf(quoted)[0]?.includes(JSON.stringify(value).slice(1, -1)));
    }),
    { numRuns: 200 },
  );
});

function assertSameWithoutTrailer(log: Buffer): void {
  const lines = log.toString("latin1").split("\n");
  const raw = lines.map((line) => line.split("\x1d", 1).join("")).join("\n");
  const nameless = (text: string): readonly unknown[] =>
    documentsOf(text).map((line) => withoutNames(JSON.parse(line), ""));

  assert.deepEqual(nameless(raw), nameless(log.toString("latin1")));
}

function documentsOf(log: string): readonly string[] {
  const options = { records: "none" } as const;
  return runLog(Buffer.from(log, "latin1"), options).toString().split("\n").slice(0, -1);
}

/** The value without what only the trailer tells; objects that have nothing else go as well. */
function withoutNames(value: unknown, parent: string): unknown {
  if (Array.isArray(value)) return value.map((each) => withoutNames(each, parent));
  if (typeof value !== "object" || value === null) return value;
  const isFile = parent === "file" || parent === "paths";
  const kept = Object.entries(value).filter(
    ([key]) =>
      !(names.has(key) || (key === "name" && named.test(parent)) || (isFile && key === "group")),
  );
  const members = kept.map(([key, member]) => [key, withoutNames(member, key)] as const);
  return Object.fromEntries(members.filter(([, member]) => !isEmpty(member)));
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** An exec and a command of sudo's that have one value in every field that may be encoded. */
function eventWith(value: string): string {
  const call = "arch=c000003e syscall=59 success=yes exit=0 a0=1 items=1 ppid=1 pid=2 auid=3 uid=4";
  return [
    [1, "SYSCALL", `${call} comm=${value} exe=${value} key=${value}`],
    [1, "EXECVE", `argc=2 a0="x" a1=${value}`],
    [1, "CWD", `cwd=${value}`],
    [
      1,
      "PATH",
      `item=0 name=${value} inode=1 dev=08:01 mode=0100644 ouid=0 ogid=0 nametype=NORMAL`,
    ],
    [1, "PROCTITLE", `proctitle=${value}`],
    [
      2,
      "USER_CMD",
      `pid=1 uid=0 auid=3 ses=1 msg='cwd=${value} cmd=${value} exe=${value} res=success'`,
    ],
    [3, "USER_AUTH", `pid=1 uid=0 auid=3 ses=1 msg='op=x acct=${value} exe="/x" res=failed'`],
  ]
    .map(([serial, type, body]) => `type=${type} msg=audit(1700000000.123:${serial}): ${body}\n`)
    .join("");
}
