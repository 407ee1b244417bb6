import * as v from "valibot";

/** Counts and sizes; as far as JSON has whole numbers. */
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const time = v.pipe(v.string(), v.isoTimestamp(), v.maxLength(32));
const agentId = v.pipe(v.string(), v.regex(/^[A-Za-z0-9-]{1,64}$/));
const eventId = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/));
/** A word that programs act on, such as a reason. */
const word = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_.-]{0,63}$/));

/** No control characters, neither of ASCII nor of Latin-1. */
const noControls = /^[ -~\u00a0-\uffff]*$/;

/** Text of one line for people. */
function line(longest: number) {
  return v.pipe(v.string(), v.minLength(1), v.maxLength(longest), v.regex(noControls));
}

/** Values by names that programs act on. */
function byWord<S extends v.GenericSchema>(value: S) {
  return v.pipe(v.record(word, value), v.maxEntries(64));
}

function pem(label: string, longest: number) {
  const form = new RegExp(
    `^(?:-----BEGIN ${label}-----\\n[A-Za-z0-9+/=\\n]+-----END ${label}-----\\n?)+$`,
  );
  return v.pipe(v.string(), v.maxLength(longest), v.regex(form));
}

const certificateRequest = pem("CERTIFICATE REQUEST", 8_192);
const certificates = pem("CERTIFICATE", 65_536);

/** Asks to be let in: a token that is good once, and the key to be certified. */
export const enrolRequest = v.strictObject({
  token: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_~+/=-]{1,512}$/)),
  certificate_request: certificateRequest,
  agent_version: line(64),
  host: v.strictObject({
    /** Stands for the machine, and stays when it is installed anew. */
    key: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
    name: line(253),
    os: line(128),
    architecture: line(32),
  }),
});

/** Asks for a new certificate, over a connection that the old one proves. */
export const renewRequest = v.strictObject({ certificate_request: certificateRequest });

/** The identity of an agent. */
export const identityAnswer = v.object({
  agent_id: agentId,
  /** The agent's own certificate first, then those above it. */
  certificate: certificates,
  /** Whom the agent is to trust instead of the system's authorities; absent to keep those. */
  authority: v.optional(certificates),
  renew_after: time,
  not_after: time,
  console_time: time,
});

/** The console has everything up to this batch, or has refused it for good. */
export const batchAnswer = v.object({ accepted_through: count });

/**
 * The console has everything that this agent ever handed out, up to this batch: said to the agent by way
 * of whoever carries, so it is signed by the key of the console's server certificate.
 */
export const receipt = v.object({
  agent_id: agentId,
  sequence: count,
  hash,
  /** The server's certificate first, then those above it. */
  certificate: certificates,
  /** ECDSA with SHA-256, DER in base64. */
  signature: v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]{1,1024}={0,2}$/)),
});

/** A receipt once the console has all of a carried batch; until then, up to which batch it has all. */
export const carriedAnswer = v.union([receipt, batchAnswer]);

const lossEntry = v.strictObject({
  count,
  events: count,
  bytes: count,
  first: line(256),
  last: line(256),
});
const lineCount = v.strictObject({ lines: count, bytes: count });

/** How an agent fares. */
export const heartbeatRequest = v.strictObject({
  agent_version: line(64),
  sent_at: time,
  started_at: time,
  /** Why it is not at its best; empty if all is well. */
  health: v.pipe(v.array(word), v.maxLength(64)),
  ledger: v.strictObject({
    read: lineCount,
    in_flight: lineCount,
    fates: byWord(lineCount),
    documents: count,
    losses: byWord(lossEntry),
  }),
  /** The newest batch of the spool: with it, the console can tell later edits of the spool. */
  head: v.strictObject({ sequence: count, hash }),
  lag: v.strictObject({ events: count, bytes: count, seconds: count }),
  canary: v.strictObject({
    state: v.picklist(["off", "waiting", "alive", "missed"]),
    sent: count,
    seen: count,
    missed: count,
  }),
  /** By tier of audit rules, whether what it is to see is seen; absent as long as nobody knows. */
  coverage: v.optional(byWord(v.picklist(["live", "blind"]))),
  /** Events delivered over events that should have been, 0 to 1; absent before the first. */
  visibility: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
});

/** The console sends no commands; there is nothing here that an agent would obey. */
export const heartbeatAnswer = v.object({ console_time: time });

/** Why a request was refused. */
export const errorAnswer = v.object({
  code: word,
  message: line(1_024),
  /** Of a batch that was refused: the events because of which it was. */
  event_ids: v.optional(v.pipe(v.array(eventId), v.maxLength(10_000))),
});

export type EnrolRequest = v.InferOutput<typeof enrolRequest>;
export type RenewRequest = v.InferOutput<typeof renewRequest>;
export type IdentityAnswer = v.InferOutput<typeof identityAnswer>;
export type Receipt = v.InferOutput<typeof receipt>;
export type CarriedAnswer = v.InferOutput<typeof carriedAnswer>;
export type BatchAnswer = v.InferOutput<typeof batchAnswer>;
export type HeartbeatRequest = v.InferOutput<typeof heartbeatRequest>;
export type HeartbeatAnswer = v.InferOutput<typeof heartbeatAnswer>;
export type ErrorAnswer = v.InferOutput<typeof errorAnswer>;
