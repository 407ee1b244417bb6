import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { maxContentBytes } from "#spool/frame.ts";
import { longestMessage } from "#wire/decode.ts";
import { renderEnrolmentToken } from "#wire/enrolment-token.ts";
import { operations } from "#wire/operations.ts";
import type { ErrorAnswer } from "#wire/shapes.ts";
import { Authority } from "./authority.ts";
import { fingerprintOfCarried, type Signer } from "./carried.ts";
import { Desk, type Reply } from "./desk.ts";
import { type Fault, Faults, misanswer } from "./faults.ts";
import { type Refusal, refusal } from "./intake.ts";
import { type Admission, Registry } from "./registry.ts";
import { Store } from "./store.ts";

/** How a console is started. */
export interface ConsoleSettings {
  /** Holds all of its state; a console started on the same folder goes on where that one was. */
  readonly folder: string;
  /** Address of loopback; 127.0.0.1 without it. */
  readonly address?: string;
  /** Port there; 0 for one that is free. */
  readonly port?: number;
  readonly now?: () => number;
  readonly certificateLifeMs?: number;
  /** Names of the server's certificate, and how long it is good. */
  readonly names?: readonly string[];
  readonly serverLifeMs?: number;
  /** The only version that it speaks; 1.3 without it. */
  readonly tlsVersion?: "TLSv1.2" | "TLSv1.3";
  readonly faults?: Faults["script"];
}

type Operation = keyof typeof operations;

const dayMs = 86_400_000;
const prefix = "/v1/";
const operationsByPath = new Map(
  Object.entries(operations).map(([name, { path }]) => [`${prefix}${path}`, name as Operation]),
);

/** Starts a console on loopback; it knows agents by the certificates that it gave them. */
export async function startConsole(settings: ConsoleSettings): Promise<Console> {
  const { folder, now = Date.now, names = ["localhost", "127.0.0.1"] } = settings;
  const tlsVersion = settings.tlsVersion ?? "TLSv1.3";
  const authority = await Authority.open(folder, now());
  const { key, cert } = await authority.createServerIdentity(names, {
    fromMs: now() - dayMs,
    untilMs: now() + (settings.serverLifeMs ?? 365 * dayMs),
  });
  const registry = Registry.open(folder);
  const store = await Store.open(join(folder, "agents"));
  const server = createServer({
    key,
    cert,
    ca: authority.pem,
    minVersion: tlsVersion,
    maxVersion: tlsVersion,
    requestCert: true,
    // The registry says who is let in, so that the others hear why they are not.
    rejectUnauthorized: false,
  });
  const signer = { keyPem: key, certificatePem: cert };
  const console = new Console({ settings, authority, registry, store, server, signer });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(settings.port ?? 0, settings.address ?? "127.0.0.1", resolve);
  await promise;
  return console;
}

/** A console that runs. */
export class Console {
  /** Holds all of its state. */
  readonly folder: string;
  readonly store: Store;
  readonly faults: Faults;
  /** How long a certificate is good that is made from now on. */
  certificateLifeMs: number;
  readonly #authority: Authority;
  readonly #registry: Registry;
  readonly #server: Server;
  readonly #now: () => number;
  readonly #desk: Desk;
  readonly #sockets = new Set<Socket>();

  constructor(parts: {
    readonly settings: ConsoleSettings;
    readonly authority: Authority;
    readonly registry: Registry;
    readonly store: Store;
    readonly server: Server;
    readonly signer: Signer;
  }) {
    const { settings, authority, registry, store, server, signer } = parts;
    this.folder = settings.folder;
    this.store = store;
    this.faults = new Faults(settings.faults);
    this.certificateLifeMs = settings.certificateLifeMs ?? 90 * dayMs;
    this.#authority = authority;
    this.#registry = registry;
    this.#server = server;
    this.#now = settings.now ?? Date.now;
    const certificateLifeMs = () => this.certificateLifeMs;
    const now = this.#now;
    this.#desk = new Desk({ authority, registry, store, now, certificateLifeMs, signer });
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    server.on("request", (request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        response.destroy();
        if (!isGone(error)) throw error;
      });
    });
  }

  /** Address for the agent's settings, with the version. */
  get url(): string {
    return `https://localhost:${this.port}${prefix}`;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The authority that agents have to trust, as PEM. */
  get ca(): string {
    return this.#authority.pem;
  }

  /** Makes a token that lets one host in, with address and pin in it; good for an hour. */
  issueToken(lifeMs = 3_600_000): string {
    const secret = this.#registry.createToken(this.#now() + lifeMs);
    return renderEnrolmentToken({ url: this.url, caPin: this.#authority.pin, secret });
  }

  revoke(agentId: string): void {
    this.#registry.revoke(agentId, this.#now());
  }

  /** Ends every connection and lets go of the folder. */
  async stop(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    for (const socket of this.#sockets) socket.destroy();
    await promise;
    await this.store.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = operationsByPath.get(request.url ?? "");
    if (operation === undefined) {
      send(response, refusal(404, "path.unknown", "There is nothing here"));
      return;
    }
    const fingerprint =
      operation === "carryBatch" ? fingerprintOfCarried(request.headers) : fingerprintOf(request);
    const admission = this.#registry.admit(fingerprint, this.#now());
    const agentId = admission.kind === "agent" ? admission.agentId : undefined;
    const fault = this.faults.next({ operation, agentId, headers: request.headers });
    const isHandled =
      fault === undefined || isAboutContent(fault) || ("isStored" in fault && fault.isStored);
    const reply = isHandled
      ? await this.#handle(operation, request, { admission, fault })
      : await drop(request);
    if (fault === undefined || isAboutContent(fault)) send(response, reply);
    else await misanswer(response, fault);
  }

  async #handle(
    operation: Operation,
    request: IncomingMessage,
    { admission, fault }: { readonly admission: Admission; readonly fault: Fault | undefined },
  ): Promise<Reply> {
    if (request.method !== "POST") return refusal(405, "method.unknown", "Only POST is known");
    if (operation !== "enrol" && admission.kind !== "agent") return notLetIn(admission);
    const isJson = request.headers["content-type"] === "application/json";
    const isBatch = operation === "sendBatch" || operation === "carryBatch";
    if (!isBatch && !isJson) return refusal(415, "body.type", "The body must be JSON");
    const limit = isBatch ? maxContentBytes : longestMessage;
    const body = await readBody(request, limit);
    if (body === undefined) return refusal(413, "body.too_large", "The body is too large");
    const agentId = admission.kind === "agent" ? admission.agentId : "";
    const { headers } = request;
    try {
      return await this.#desk.answer({ operation, agentId, headers, body }, fault);
    } catch (error) {
      const isDisk = error instanceof Error && "syscall" in error;
      if (isDisk) return refusal(503, "store.unwritable", "The console cannot store now");
      throw error;
    }
  }
}

/** The other side went before it had said or heard everything. */
function isGone(error: unknown): boolean {
  const codes: unknown[] = ["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE"];
  return error instanceof Error && "code" in error && codes.includes(error.code);
}

function isAboutContent(fault: Fault): fault is Extract<Fault, { kind: "limit" | "poison" }> {
  return fault.kind === "limit" || fault.kind === "poison";
}

function notLetIn({ kind }: Admission): Refusal {
  if (kind === "revoked") return refusal(403, "agent.revoked", "The agent is let in no more");
  if (kind === "expired") return refusal(401, "certificate.expired", "The certificate is too old");
  return refusal(401, "certificate.unknown", "A certificate of this console is needed");
}

function fingerprintOf({ socket }: IncomingMessage): string | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  return socket.getPeerX509Certificate()?.fingerprint256.replaceAll(":", "").toLowerCase();
}

/** Reads a body, or `undefined` if it is longer than it may be; the rest then goes nowhere. */
async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) {
      request.resume();
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function drop(request: IncomingMessage): Promise<Reply> {
  await readBody(request, maxContentBytes);
  return refusal(503, "fault", "A fault was asked for");
}

function send(response: ServerResponse, reply: Reply): void {
  const body = Buffer.from(JSON.stringify(reply.kind === "done" ? reply.value : errorOf(reply)));
  response.writeHead(reply.status, {
    "content-type": "application/json",
    "content-length": body.length,
  });
  response.end(body);
}

function errorOf({ code, message, eventIds }: Refusal): ErrorAnswer {
  return { code, message, ...(eventIds && { event_ids: [...eventIds] }) };
}
