import { parseCarriedHeaders } from "#wire/carried-batch.ts";
import { type Decoded, decode } from "#wire/decode.ts";
import { operations } from "#wire/operations.ts";
import type { BatchAnswer, CarriedAnswer, HeartbeatAnswer, IdentityAnswer } from "#wire/shapes.ts";
import type { AgentStore } from "./agent-store.ts";
import { type Authority, fingerprintOf, readRequest } from "./authority.ts";
import { isSignedByAgent, type Signer, signReceipt } from "./carried.ts";
import type { Fault } from "./faults.ts";
import { type ReceivedBatch, type Refusal, readBatch, refusal } from "./intake.ts";
import type { Registry } from "./registry.ts";
import type { Store } from "./store.ts";

/** One request whose sender is known and whose body is whole. */
export interface WholeRequest {
  readonly operation: keyof typeof operations;
  /** Empty where none is needed. */
  readonly agentId: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Uint8Array;
}

/** What the console says to one request. */
export type Reply =
  | { readonly kind: "done"; readonly status: number; readonly value: object }
  | Refusal;

/** What the desk works with. */
export interface DeskSettings {
  readonly authority: Authority;
  readonly registry: Registry;
  readonly store: Store;
  readonly now: () => number;
  /** How long a certificate is good that is made now. */
  readonly certificateLifeMs: () => number;
  /** The server's own key and certificate. */
  readonly signer: Signer;
}

/** Certificates are good from a little earlier on, for hosts whose clocks are behind. */
const toleranceMs = 300_000;

/** Does what requests ask for: the part of the console that knows no sockets. */
export class Desk {
  readonly #settings: DeskSettings;

  constructor(settings: DeskSettings) {
    this.#settings = settings;
  }

  /** Answers a request; `fault` is one that concerns what is in the body. */
  async answer(request: WholeRequest, fault: Fault | undefined): Promise<Reply> {
    const { operation } = request;
    switch (operation) {
      case "enrol":
        return await this.#enrol(request);
      case "renew":
        return await this.#renew(request);
      case "sendBatch":
        return await this.#takeBatch(request, fault);
      case "carryBatch":
        return await this.#takeCarried(request, fault);
      case "heartbeat":
        return await this.#takeHeartbeat(request);
      default:
        return operation satisfies never;
    }
  }

  async #enrol(request: WholeRequest): Promise<Reply> {
    const { registry, store, now } = this.#settings;
    const message = decode(operations.enrol.request, textOf(request));
    if (message.kind === "invalid") return invalid(message);
    const { token, certificate_request, host } = message.value;
    const key = await readRequest(certificate_request);
    if (key === undefined) return badKey();
    const agentId = registry.spendToken(token, key.hash, { host, nowMs: now() });
    if (agentId === undefined) {
      return refusal(403, "token.refused", "The token is unknown, spent or too old");
    }
    await store.add(agentId);
    return await this.#certify(agentId, key);
  }

  async #renew(request: WholeRequest): Promise<Reply> {
    const message = decode(operations.renew.request, textOf(request));
    if (message.kind === "invalid") return invalid(message);
    const key = await readRequest(message.value.certificate_request);
    return key === undefined ? badKey() : await this.#certify(request.agentId, key);
  }

  async #certify(
    agentId: string,
    key: NonNullable<Awaited<ReturnType<typeof readRequest>>>,
  ): Promise<Reply> {
    const { authority, registry, now, certificateLifeMs } = this.#settings;
    const nowMs = now();
    const lifeMs = certificateLifeMs();
    // A certificate has whole seconds.
    const untilMs = Math.floor((nowMs + lifeMs) / 1_000) * 1_000;
    const validity = { fromMs: nowMs - toleranceMs, untilMs };
    const certificate = await authority.certify(agentId, key, validity);
    registry.addCertificate(fingerprintOf(certificate), { agentId, ...validity });
    const value: IdentityAnswer = {
      agent_id: agentId,
      certificate,
      authority: authority.pem,
      renew_after: timeOf(nowMs + (lifeMs * 2) / 3),
      not_after: timeOf(untilMs),
      console_time: timeOf(nowMs),
    };
    return { kind: "done", status: 200, value };
  }

  async #takeBatch(request: WholeRequest, fault: Fault | undefined): Promise<Reply> {
    if (fault?.kind === "limit" && request.body.length > fault.bytes) {
      return refusal(413, "body.too_large", "The body is too large");
    }
    const batch = await readBatch(request.headers, request.body);
    if (batch.kind === "refused") return batch;
    const store = this.#settings.store.of(request.agentId);
    const nowMs = this.#settings.now();
    const poison = await this.#refusePoison(store, batch, fault);
    if (poison !== undefined) return poison;
    const outcome = await store.offer(batch, nowMs);
    if (outcome.kind === "broken") {
      return refusal(412, "chain.broken", "The batch does not continue the chain that is known");
    }
    const value: BatchAnswer = { accepted_through: outcome.acceptedThrough };
    if (outcome.kind === "stored") return { kind: "done", status: 200, value };
    const known = { code: "batch.known", message: "The batch is here already" };
    return { kind: "done", status: 409, value: { ...known, ...value } };
  }

  /** Somebody else brings it: the agent's signature says whose it is, and what must be here before. */
  async #takeCarried(
    { agentId, headers, body }: WholeRequest,
    fault: Fault | undefined,
  ): Promise<Reply> {
    const carried = parseCarriedHeaders(headers);
    if (carried === undefined) return refusal(400, "headers.invalid", "A header is not as agreed");
    const batch = await readBatch(headers, body, { isCarried: true });
    if (batch.kind === "refused") return batch;
    const { hash, sequence } = batch.headers;
    if (!isSignedByAgent(carried, agentId, hash)) {
      return refusal(403, "signature.invalid", "The agent did not sign this batch");
    }
    const store = this.#settings.store.of(agentId);
    if (carried.after >= sequence || carried.after > (store.head?.sequence ?? 0)) {
      return refusal(412, "batch.missing", "The batch that goes before it is not here");
    }
    const poison = await this.#refusePoison(store, batch, fault);
    if (poison !== undefined) return poison;
    const outcome = await store.offer(batch, this.#settings.now());
    if (outcome.kind === "broken") {
      return refusal(412, "chain.broken", "The batch does not continue the chain that is known");
    }
    const told = { agent_id: agentId, sequence, hash };
    const isAllHere = outcome.acceptedThrough >= sequence;
    const value: CarriedAnswer = isAllHere
      ? signReceipt(this.#settings.signer, told)
      : { accepted_through: outcome.acceptedThrough };
    if (outcome.kind === "stored") return { kind: "done", status: 200, value };
    const known = { code: "batch.known", message: "The batch is here already" };
    return { kind: "done", status: 409, value: { ...known, ...value } };
  }

  /** Refuses a batch with an event that is not taken; what was refused or taken before is let through. */
  async #refusePoison(
    store: AgentStore,
    batch: ReceivedBatch,
    fault: Fault | undefined,
  ): Promise<Refusal | undefined> {
    const poison = store.isKnown(batch) ? undefined : poisonIn(batch, fault);
    if (poison === undefined) return undefined;
    if (batch.events.length === 1) await store.refuse(batch, this.#settings.now());
    return poison;
  }

  async #takeHeartbeat(request: WholeRequest): Promise<Reply> {
    const message = decode(operations.heartbeat.request, textOf(request));
    if (message.kind === "invalid") return invalid(message);
    const nowMs = this.#settings.now();
    await this.#settings.store.of(request.agentId).keepHeartbeat(message.value, nowMs);
    const value: HeartbeatAnswer = { console_time: timeOf(nowMs) };
    return { kind: "done", status: 200, value };
  }
}

function poisonIn(batch: ReceivedBatch, fault: Fault | undefined): Refusal | undefined {
  if (fault?.kind !== "poison") return undefined;
  const ids = batch.events.map(({ id }) => id).filter((id) => fault.eventIds.has(id));
  if (ids.length === 0) return undefined;
  return refusal(fault.status, "event.refused", "There are events that are not taken", ids);
}

function invalid({ reason }: Extract<Decoded<unknown>, { kind: "invalid" }>): Refusal {
  return refusal(400, "message.invalid", reason);
}

function badKey(): Refusal {
  return refusal(422, "request.invalid", "The certificate request is not one of an EC P-256 key");
}

function textOf({ body }: WholeRequest): string {
  return Buffer.from(body).toString("utf8");
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
