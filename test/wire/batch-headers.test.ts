import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type BatchHeaders, parseBatchHeaders, renderBatchHeaders } from "#wire/batch-headers.ts";
import { answerClasses, classOfStatus } from "#wire/statuses.ts";

const batch: BatchHeaders = {
  sequence: 7,
  hash: "a".repeat(64),
  previousHash: "b".repeat(64),
  count: 3,
  seal: "AAECAw==",
  noteHash: "c".repeat(64),
};

test("parseBatchHeaders() reads what renderBatchHeaders() wrote, of a whole batch and of a piece", () => {
  const piece = { ...batch, count: 2, range: { from: 1, to: 3, of: 5 } };

  assert.deepEqual(parseBatchHeaders(renderBatchHeaders(batch)), batch);
  assert.deepEqual(parseBatchHeaders(renderBatchHeaders(piece)), piece);
});

test("renderBatchHeaders() gives the same key for the same bytes, and others for other pieces", () => {
  const keyOf = (range?: BatchHeaders["range"]) =>
    renderBatchHeaders({ ...batch, ...(range && { range }) })["idempotency-key"];

  assert.equal(keyOf(), batch.hash);
  assert.equal(new Set([keyOf(), keyOf({ from: 0, to: 1, of: 3 })]).size, 2);
});

test("parseBatchHeaders() refuses a header that is missing or not as agreed", () => {
  const whole = { ...renderBatchHeaders(batch), "linuxguard-range": "0-1/3" };
  const needed = Object.keys(whole).filter((name) => name.startsWith("linuxguard-"));
  for (const name of needed) {
    const wrong = parseBatchHeaders({ ...whole, [name]: "?" });
    const { [name]: _, ...without } = whole as Record<string, string>;

    assert.equal(wrong, undefined, name);
    if (name !== "linuxguard-range") assert.equal(parseBatchHeaders(without), undefined, name);
  }
  assert.equal(needed.length, 7);
  for (const range of ["2-1/3", "0-4/3", "1-1/3"]) {
    assert.equal(parseBatchHeaders({ ...whole, "linuxguard-range": range }), undefined, range);
  }
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.anything()),
      (headers) => void parseBatchHeaders(headers),
    ),
  );
});

test("classOfStatus() takes nothing for an acknowledgement but what the console says so", () => {
  const acknowledged = Array.from({ length: 1_000 }, (_, status) => status).filter(
    (status) => classOfStatus(status) === "acknowledged",
  );

  assert.deepEqual(acknowledged, [200, 201, 202, 409]);
  assert.equal(classOfStatus(302), "retry");
  for (const [status, each] of answerClasses) assert.equal(classOfStatus(status), each);
});
