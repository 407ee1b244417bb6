import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { mayHoldSecret } from "#redact/prefilter.ts";
import { createRecordRedactor } from "#redact/record-redactor.ts";
import { Redactor } from "#redact/redactor.ts";
import { TestEngine } from "#test/support/engine.ts";
import { generateLog } from "#test/support/generated-log.ts";
import { assertBalanced } from "#test/support/ledger.ts";
import { benign } from "./benign.ts";
import { plantSecrets, wordsOf } from "./planted.ts";
import { encode, execBodies, titleOf } from "./records.ts";

const key = Buffer.alloc(32, 7);
const planted = plantSecrets();

/** The records of one exec, as bytes, and sudo's own, which loses which words were one. */
function recordsOf(args: readonly string[]): readonly Buffer[] {
  const stamp = "msg=audit(1.000:1):";
  const told = `pid=1 msg='cwd="/" cmd=${encode(args.join(" "))} terminal=? res=success'`;
  return [
    ...execBodies(args).map((body) => `type=EXECVE ${stamp} ${body}`),
    `type=PROCTITLE ${stamp} proctitle=${titleOf(args)}`,
    ...(args.some((arg) => /\s/.test(arg)) ? [] : [`type=USER_CMD ${stamp} ${told}`]),
  ].map((line) => Buffer.from(line));
}

/** Redacts records; gives all of them. */
function redact(records: readonly Uint8Array[]): readonly Uint8Array[] {
  const redacted = createRecordRedactor(new Redactor(key)).redact(records);
  return records.map((record, index) => redacted[index] ?? record);
}

test("Command lines without a secret stay as they are, in all records", (t) => {
  for (const line of benign) {
    const args = wordsOf(line);
    const records = recordsOf(args);

    assert.deepEqual(new Redactor(key).redactArguments(args), args, line);
    assert.deepEqual(redact(records).map(String), records.map(String));
  }
  t.diagnostic(`${benign.length} command lines without a secret`);
  assert.ok(benign.length >= 150);
});

test("Equal secrets have equal digests, whatever they stand in, and another key gives others", () => {
  const digests = [
    ["mysql", "-pHunter2"],
    ["app", "--password", "Hunter2"],
    ["curl", "https://bob:Hunter2@h/"],
    ["sh", "-c", "echo 'Hunter2' | sudo -S id"],
  ].map((args) => digestIn(new Redactor(key).redactArguments(args)));
  const other = new Redactor(Buffer.alloc(32, 8)).redactArguments(["mysql", "-pHunter2"]);

  assert.equal(new Set(digests).size, 1);
  assert.notEqual(digestIn(other), digests[0]);
});

function digestIn(args: readonly string[]): string {
  return /<redacted:([0-9a-f]{12})>/.exec(args.join(" "))?.[1] ?? "none";
}

test("What was redacted stays as it is when it is redacted again", () => {
  for (const { args, template } of planted) {
    const once = redact(recordsOf(args));

    assert.deepEqual(redact(once).map(String), once.map(String), template);
  }
});

test("A record that is redacted was held to be a candidate", () => {
  for (const { args, template } of planted) {
    const records = recordsOf(args);
    for (const [index, redacted] of redact(records).entries()) {
      const record = records[index] ?? Buffer.alloc(0);
      const isSame = Buffer.compare(redacted, record) === 0;

      assert.ok(isSame || records.some((each) => mayHoldSecret(each, 0, each.length)), template);
    }
  }
});

/** Pieces that rules look for, and others. */
const piece = fc.oneof(
  fc.constantFrom(
    ...'mysql -p --password= curl -u sh -c \' " ` $( ) | ; < <<< echo chpasswd a:b@ https:// ?token= Authorization: Bearer  Cookie: {"password":" <redacted:0123456789ab> -----BEGIN ghp_ = & \\ \0'.split(
      " ",
    ),
    " ",
  ),
  fc.string({ unit: "binary", maxLength: 8 }),
);
const word = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));

test("Redaction takes any arguments and any bytes", () => {
  const records = createRecordRedactor(new Redactor(key));

  fc.assert(
    fc.property(
      fc.array(word, { maxLength: 6 }),
      fc.uint8Array({ maxLength: 64 }),
      (args, bytes) => {
        new Redactor(key).redactArguments(args);
        records.redact([...recordsOf(args), bytes]);
        records.redact([Buffer.from(args.join(" "))]);
      },
    ),
    { numRuns: 2_000 },
  );
});

test("An event of nothing but secrets grows by a bounded number of bytes", () => {
  const args = Array.from({ length: 8_000 }, () => "--token=x");

  const [sizeBytes, grownBytes] = [recordsOf(args), redact(recordsOf(args))].map((records) =>
    records.reduce((sum, each) => sum + each.length, 0),
  );

  assert.ok((grownBytes ?? 0) - (sizeBytes ?? 0) < 256 * 1_024);
});

test("Redaction changes neither the ids of events nor the books", () => {
  const log = generateLog({ seed: 5, events: 300, nodes: ["", "n1"] });
  const [plain, redacted] = [undefined, createRecordRedactor(new Redactor(key))].map((redactor) => {
    const run = new TestEngine({ redactor }).push(log, [1_000]);
    run.engine.end(0);
    return { ids: run.lines().map(idOf), ledger: run.engine.ledger() };
  });

  assert.deepEqual(redacted, plain);
  if (redacted !== undefined) assertBalanced(redacted.ledger);
});

function idOf(line: string): string {
  return (JSON.parse(line) as { event: { id: string } }).event.id;
}

test("A script that only speaks of /etc/passwd is no candidate, unless it goes on with a secret", () => {
  const isCandidate = (text: string) =>
    [text, Buffer.from(text).toString("hex").toUpperCase()].map((each) =>
      mayHoldSecret(Buffer.from(each), 0, each.length),
    );

  assert.deepEqual(isCandidate("cat /etc/passwd"), [false, false]);
  assert.deepEqual(isCandidate("cat /etc/passwd /etc/passphrase"), [true, true]);
  assert.deepEqual(isCandidate("cat /etc/passwd; app --password=x"), [true, true]);
  assert.deepEqual(isCandidate("cat /etc/password"), [true, true]);
});
