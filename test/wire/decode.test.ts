import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decode, longestMessage } from "#wire/decode.ts";
import {
  batchAnswer,
  enrolRequest,
  errorAnswer,
  type HeartbeatRequest,
  heartbeatAnswer,
  heartbeatRequest,
  identityAnswer,
  renewRequest,
} from "#wire/shapes.ts";

const request = "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n";
const certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const time = "2026-11-23T03:19:20.411Z";
const heartbeat: HeartbeatRequest = {
  agent_version: "0.1.0",
  sent_at: time,
  started_at: time,
  health: ["lagging"],
  ledger: {
    read: { lines: 2, bytes: 90 },
    in_flight: { lines: 0, bytes: 0 },
    fates: { delivered: { lines: 2, bytes: 90 } },
    documents: 1,
    losses: { serial_gap: { count: 1, events: 1, bytes: 0, first: "1.000:1", last: "1.000:1" } },
  },
  head: { sequence: 3, hash: "0".repeat(64) },
  lag: { events: 1, bytes: 2, seconds: 3 },
  canary: { state: "alive", sent: 2, seen: 2, missed: 0 },
  coverage: { base: "live", network: "blind" },
  visibility: 0.998,
};
const messages = [
  [heartbeatRequest, heartbeat],
  [
    enrolRequest,
    {
      token: "s3cret",
      certificate_request: request,
      agent_version: "0.1.0",
      host: { key: "0".repeat(32), name: "web1", os: "Debian", architecture: "x86_64" },
    },
  ],
  [renewRequest, { certificate_request: request }],
  [
    identityAnswer,
    {
      agent_id: "a-1",
      certificate: certificate + certificate,
      authority: certificate,
      renew_after: time,
      not_after: time,
      console_time: time,
    },
  ],
  [batchAnswer, { accepted_through: 7 }],
  [heartbeatAnswer, { console_time: time }],
  [errorAnswer, { code: "event_invalid", message: "No", event_ids: ["0".repeat(32)] }],
] as const;

test("decode() gives back every message of the contract", () => {
  for (const [shape, message] of messages) {
    assert.deepEqual(decode(shape, JSON.stringify(message)), { kind: "decoded", value: message });
  }
});

test("decode() refuses a message with any one member missing or of another kind, and names it", () => {
  let mutants = 0;
  for (const [shape, message] of messages) {
    for (const mutant of mutantsOf(message)) {
      const decoded = decode(shape, JSON.stringify(mutant.value));
      if (mutant.isOptional && decoded.kind === "decoded") continue;
      mutants++;
      assert.equal(decoded.kind, "invalid", mutant.path);
      assert.match(decoded.reason, /is not as agreed$/);
    }
  }
  assert.ok(mutants > 60, `${mutants}`);
});

test("decode() refuses keys that a request does not have, and passes over those of an answer", () => {
  const more = JSON.stringify({ ...heartbeat, command: "reboot" });
  const answer = JSON.stringify({ console_time: time, command: "reboot" });

  assert.equal(decode(heartbeatRequest, more).kind, "invalid");
  assert.deepEqual(decode(heartbeatAnswer, answer), {
    kind: "decoded",
    value: { console_time: time },
  });
});

test("decode() takes no harm from any text", () => {
  const prototype = '{"console_time":"2026-11-23T03:19:20Z","__proto__":{"polluted":true}}';
  const hostile = [prototype, "[".repeat(100_000), "x".repeat(longestMessage + 1), '"\u0000"', ""];
  for (const text of hostile) decode(heartbeatAnswer, text);
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      for (const [shape] of messages) decode(shape, text);
    }),
  );

  assert.equal(Reflect.get({}, "polluted"), undefined);
  assert.equal(decode(heartbeatAnswer, "[".repeat(100_000)).kind, "invalid");
});

interface Mutant {
  readonly path: string;
  readonly value: unknown;
  readonly isOptional: boolean;
}

/** The message with one member missing, and with one of another kind, for each member at any depth. */
function mutantsOf(message: object): Mutant[] {
  return Object.entries(message).flatMap(([key, value]): Mutant[] => {
    const { [key]: _, ...without } = message as Record<string, unknown>;
    const isOptional =
      ["authority", "coverage", "visibility", "event_ids"].includes(key) || key in openKeys;
    const own = [
      { path: key, value: without, isOptional },
      { path: key, value: { ...message, [key]: { other: [true] } }, isOptional: false },
    ];
    if (typeof value !== "object" || Array.isArray(value)) return own;
    const inner = mutantsOf(value as object).map((each) => ({
      ...each,
      path: `${key}.${each.path}`,
      value: { ...message, [key]: each.value },
    }));
    return [...own, ...inner];
  });
}

/** Members of records, of which any number may be there. */
const openKeys = { delivered: true, serial_gap: true, base: true, network: true };
