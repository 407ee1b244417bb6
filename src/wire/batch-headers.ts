/** What the headers of a request say of the batch in its body. */
export interface BatchHeaders {
  readonly sequence: number;
  readonly hash: string;
  readonly previousHash: string;
  /** Events that are sent. */
  readonly count: number;
  /** The batch's header as it lies in the spool, in base64. */
  readonly seal: string;
  /** SHA-256 of the note that lies beside the body in the spool and is not sent. */
  readonly noteHash: string;
  /**
   * Which events of the batch are sent, counted from 0, the end excluded, and how many it has: for a
   * batch that is sent in pieces. The hash proves the body of a whole one only; so where somebody else
   * carries it, the body is that of the whole batch, and only these events are to be taken from it.
   */
  readonly range?: { readonly from: number; readonly to: number; readonly of: number };
}

const prefix = "linuxguard-";

/** Names of the headers. */
export const batchHeaderNames = {
  sequence: `${prefix}sequence`,
  hash: `${prefix}hash`,
  previousHash: `${prefix}previous-hash`,
  count: `${prefix}events`,
  seal: `${prefix}seal`,
  noteHash: `${prefix}note-hash`,
  range: `${prefix}range`,
  /** The same for the same bytes, however often they are sent. */
  idempotencyKey: "idempotency-key",
} as const;

/** The type and the encoding of the body: NDJSON in one zstd frame, as it lies in the spool. */
export const batchBodyHeaders = {
  "content-type": "application/x-ndjson",
  "content-encoding": "zstd",
} as const;

export function renderBatchHeaders(batch: BatchHeaders): Readonly<Record<string, string>> {
  const { range } = batch;
  const text = range && `${range.from}-${range.to}/${range.of}`;
  return {
    ...batchBodyHeaders,
    [batchHeaderNames.sequence]: String(batch.sequence),
    [batchHeaderNames.hash]: batch.hash,
    [batchHeaderNames.previousHash]: batch.previousHash,
    [batchHeaderNames.count]: String(batch.count),
    [batchHeaderNames.seal]: batch.seal,
    [batchHeaderNames.noteHash]: batch.noteHash,
    [batchHeaderNames.idempotencyKey]: text === undefined ? batch.hash : `${batch.hash}:${text}`,
    ...(text !== undefined && { [batchHeaderNames.range]: text }),
  };
}

/** Reads the headers of a batch, by their names in lower case; `undefined` if they are not as agreed. */
export function parseBatchHeaders(
  headers: Readonly<Record<string, unknown>>,
): BatchHeaders | undefined {
  const text = (name: keyof typeof batchHeaderNames, form: RegExp) => {
    const value = headers[batchHeaderNames[name]];
    return typeof value === "string" && form.test(value) ? value : undefined;
  };
  const sequence = text("sequence", /^[1-9]\d{0,14}$/);
  const hash = text("hash", hashForm);
  const previousHash = text("previousHash", hashForm);
  const count = text("count", /^\d{1,9}$/);
  const seal = text("seal", /^[A-Za-z0-9+/]{1,1024}={0,2}$/);
  const noteHash = text("noteHash", hashForm);
  const isPart = headers[batchHeaderNames.range] !== undefined;
  const range = parseRange(text("range", /^\d{1,9}-\d{1,9}\/\d{1,9}$/));
  if (sequence === undefined || count === undefined || seal === undefined) return undefined;
  if (hash === undefined || previousHash === undefined || noteHash === undefined) return undefined;
  if (isPart && range === undefined) return undefined;
  return {
    sequence: Number(sequence),
    hash,
    previousHash,
    count: Number(count),
    seal,
    noteHash,
    ...(range && { range }),
  };
}

const hashForm = /^[0-9a-f]{64}$/;

function parseRange(text: string | undefined): BatchHeaders["range"] {
  const [from = -1, to = -1, of = -1] = text?.split(/[-/]/).map(Number) ?? [];
  return from >= 0 && from < to && to <= of ? { from, to, of } : undefined;
}
