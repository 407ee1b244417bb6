import assert from "node:assert/strict";
import { test } from "node:test";
import { constants, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { type Note, parseNote, renderNote } from "#pipeline/note.ts";
import { Seal } from "#pipeline/seal.ts";
import { TestEngine } from "#test/support/engine.ts";
import { generateLog } from "#test/support/generated-log.ts";

const position = {
  device: 1,
  inode: 2,
  bornMs: 3,
  headBytes: 4,
  headHash: "ab",
  tailBytes: 5,
  tailHash: "cd",
  offset: 6,
};

/** The note of an engine that has read some log and holds the rest of it. */
function noteOf(log: Uint8Array): Note {
  const { engine } = new TestEngine().push(log);
  return { position, engine: engine.state(), ledger: engine.ledger() };
}

const logs = fc
  .record({ seed: fc.nat(), events: fc.nat({ max: 30 }), rest: fc.nat({ max: 400 }) })
  .map(({ seed, events, rest }) => {
    const log = generateLog({ seed, events, nodes: ["", "host-1", "host-2"] });
    return log.subarray(0, Math.max(log.length - rest, 0));
  });

/** What has the same content, whatever memory it lies in. */
function plain(note: Note | undefined): unknown {
  if (note === undefined) return undefined;
  const { pending, partial } = note.engine;
  const inFlight = { pending: Buffer.from(pending), partial: Buffer.from(partial) };
  return { ...note, engine: { ...note.engine, ...inFlight } };
}

test("parseNote() gives back what renderNote() was given", () => {
  fc.assert(
    fc.property(logs, (log) => {
      const note = noteOf(log);

      assert.deepEqual(plain(parseNote(renderNote(note))), plain(note));
    }),
    { numRuns: 50 },
  );
});

test("parseNote() gives back what was sealed with its key, and nothing of another's", () => {
  const note = noteOf(generateLog({ seed: 1, events: 3, nodes: [""] }));
  const seal = new Seal(Buffer.alloc(32, 1));

  const sealed = renderNote(note, seal);

  assert.deepEqual(plain(parseNote(sealed, seal)), plain(note));
  assert.equal(parseNote(sealed, new Seal(Buffer.alloc(32, 2))), undefined);
  assert.equal(parseNote(sealed), undefined);
});

test("parseNote() refuses a note of another version", () => {
  const text = Buffer.from(renderNote(noteOf(Buffer.alloc(0)))).toString();

  assert.equal(parseNote(Buffer.from(text.replace('"version":1', '"version":2'))), undefined);
});

test("parseNote() never throws, whatever it is given", () => {
  const rendered = Buffer.from(
    renderNote(noteOf(generateLog({ seed: 1, events: 3, nodes: [""] }))),
  );
  const lengths = [...rendered.keys()];
  for (const length of lengths) parseNote(rendered.subarray(0, length));

  fc.assert(
    fc.property(fc.nat({ max: rendered.length - 1 }), fc.nat({ max: 255 }), (at, byte) => {
      const damaged = Buffer.from(rendered);
      damaged[at] = byte;

      parseNote(damaged);
    }),
  );
  fc.assert(
    fc.property(fc.json(), (json) => assert.equal(parseNote(Buffer.from(`${json}\n`)), undefined)),
  );
});

test("renderNote() forgets stamps that no record comes for any more, so that quiet hosts write little", () => {
  const quiet = Buffer.from(
    Array.from({ length: 2_000 }, (_, index) => {
      return `type=KERNEL msg=audit(${1_700_000_000 + index}.000:${index + 1}): a=1\n`;
    }).join(""),
  );
  const busy = Buffer.from(
    Array.from({ length: 2_000 }, (_, index) => {
      const stamp = (1_700_000_000 + index / 1_000).toFixed(3);
      return `type=KERNEL msg=audit(${stamp}:${index + 1}): a=1\n`;
    }).join(""),
  );
  const sizes = [quiet, busy].map((log) => {
    const params = { [constants.ZSTD_c_compressionLevel]: 1 };
    return zstdCompressSync(renderNote(noteOf(log)), { params }).length;
  });

  assert.ok((sizes[0] ?? 0) < 900 && (sizes[1] ?? 0) < 2_000, `${sizes} bytes`);
});
