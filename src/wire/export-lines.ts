import * as v from "valibot";

const text = v.pipe(v.string(), v.maxLength(65_536));

/** The first line of a file of batches that are carried to a console by hand. */
export const exportHead = v.strictObject({
  linuxguard_export: v.literal(1),
  agent_id: v.pipe(v.string(), v.regex(/^[A-Za-z0-9-]{1,64}$/)),
  /** The agent's own certificate first, then those above it, in PEM. */
  certificate: text,
  created_at: v.pipe(v.string(), v.isoTimestamp(), v.maxLength(32)),
});

/** The line before the bytes of a batch: the headers that it is sent with. */
export const exportBatch = v.strictObject({
  headers: v.record(v.string(), v.string()),
  body_bytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
});

/** The last line. */
export const exportEnd = v.strictObject({
  batches: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  signature: text,
});
