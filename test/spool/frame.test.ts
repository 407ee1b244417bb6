import assert from "node:assert/strict";
import { test } from "node:test";
import { constants, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import {
  chainHash,
  decompress,
  frameHash,
  frameHeaderLength,
  frameLength,
  hashLength,
  hashOf,
  parseFrameHeader,
  parseSegmentHeader,
  renderSegmentHeader,
  sealBatch,
} from "#spool/frame.ts";
import { origin, type Place } from "#spool/place.ts";

const bytes = fc.uint8Array({ maxLength: 2_000 });
const hash = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((all) => Buffer.from(all).toString("hex"));
const place: fc.Arbitrary<Place> = fc.record({
  sequence: fc.maxSafeNat().filter((n) => n < Number.MAX_SAFE_INTEGER),
  documents: fc.nat(),
  hash,
});

test("sealBatch() makes a frame that says and holds what was put in", () => {
  fc.assert(
    fc.property(bytes, bytes, fc.nat(), place, (documents, note, count, before) => {
      const { frame, after } = sealBatch({ documents, note, count }, before, 1);

      const header = parseFrameHeader(frame) ?? assert.fail("a header");
      const bodyStart = frameHeaderLength + header.noteLength;
      const body = frame.subarray(bodyStart, -hashLength);
      const held = frame.subarray(frameHeaderLength, bodyStart);
      assert.equal(frameLength(header), frame.length);
      assert.equal(header.sequence, before.sequence + 1);
      assert.equal(header.documentsBefore, before.documents);
      assert.equal(header.previousHash, before.hash);
      assert.equal(header.count, count);
      assert.deepEqual(after.hash, frame.toString("hex", frame.length - hashLength));
      assert.deepEqual(frameHash(frame, header), frame.subarray(-hashLength));
      const seen = [hashOf(held), hashOf(body)] as const;
      assert.deepEqual(
        chainHash(frame.subarray(0, frameHeaderLength), ...seen),
        frame.subarray(-hashLength),
      );
      assert.deepEqual(new Uint8Array(decompress(body, header.bodySizeBytes)), documents);
      assert.deepEqual(new Uint8Array(decompress(held, header.noteSizeBytes)), note);
    }),
  );
});

test("parseFrameHeader() and parseSegmentHeader() refuse any bytes that were not rendered", () => {
  const { frame } = sealBatch(
    { documents: Buffer.from("{}\n"), note: Buffer.alloc(0), count: 1 },
    origin,
    1,
  );
  const header = frame.subarray(0, frameHeaderLength);
  const segment = renderSegmentHeader(origin);

  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), bytes, (at, mask, noise) => {
      const spoilt = Buffer.from(header);
      spoilt[at % header.length] = (spoilt[at % header.length] ?? 0) ^ mask;
      assert.equal(parseFrameHeader(spoilt), undefined);
      const start = Buffer.from(segment);
      start[at % start.length] = (start[at % start.length] ?? 0) ^ mask;
      assert.equal(parseSegmentHeader(start), undefined);
      assert.equal(parseFrameHeader(Buffer.from(noise)), undefined);
      assert.equal(parseSegmentHeader(Buffer.from(noise)), undefined);
    }),
  );
});

test("renderSegmentHeader() and parseSegmentHeader() are each other's inverse", () => {
  fc.assert(
    fc.property(place, (before) => {
      const read = parseSegmentHeader(renderSegmentHeader(before));
      assert.deepEqual(read, { version: 1, before: { ...before } });
    }),
  );
});

test("decompress() refuses what grows beyond its stated size, or stays below it", () => {
  const bomb = zstdCompressSync(Buffer.alloc(50_000_000), {
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
  });
  assert.ok(bomb.length < 10_000);

  assert.throws(() => decompress(bomb, 1_000), { code: "ERR_BUFFER_TOO_LARGE" });
  assert.throws(() => decompress(zstdCompressSync(Buffer.alloc(10)), 11), RangeError);
});
