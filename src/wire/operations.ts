import {
  batchAnswer,
  carriedAnswer,
  enrolRequest,
  heartbeatAnswer,
  heartbeatRequest,
  identityAnswer,
  renewRequest,
} from "./shapes.ts";

/**
 * What an agent can ask of a console. Paths are relative to the console's address, which ends with the
 * version: `https://api.linuxguard.io/v1/`.
 */
export const operations = {
  enrol: {
    path: "enroll",
    purpose: "Lets an agent in: a token that is good once, for a certificate",
    request: enrolRequest,
    answer: identityAnswer,
    takesCertificate: false,
  },
  renew: {
    path: "renew",
    purpose: "Gives a known agent a new certificate",
    request: renewRequest,
    answer: identityAnswer,
    takesCertificate: true,
  },
  sendBatch: {
    path: "batches",
    purpose: "Takes one batch, or a piece of one, as it lies in the spool",
    request: undefined,
    answer: batchAnswer,
    takesCertificate: true,
  },
  carryBatch: {
    path: "carried-batches",
    purpose:
      "Takes one batch, or a run of its events, on behalf of the agent that signed it, from whoever carried it",
    request: undefined,
    answer: carriedAnswer,
    takesCertificate: false,
  },
  heartbeat: {
    path: "heartbeat",
    purpose: "Takes how an agent fares",
    request: heartbeatRequest,
    answer: heartbeatAnswer,
    takesCertificate: true,
  },
} as const;
