import { createHash, randomBytes, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "#base/replace-file.ts";
import type { EnrolRequest } from "#wire/shapes.ts";

/** Whom a certificate lets in, or why it does not. */
export type Admission =
  | { readonly kind: "agent"; readonly agentId: string }
  | { readonly kind: "unknown" }
  | { readonly kind: "expired" }
  | { readonly kind: "revoked" };

interface TokenEntry {
  readonly expiresMs: number;
  /** Who used it, and with which key. */
  used?: { readonly agentId: string; readonly keyHash: string };
}

interface AgentEntry {
  readonly host: EnrolRequest["host"];
  readonly enrolledMs: number;
  revokedMs?: number;
}

interface CertificateEntry {
  readonly agentId: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

interface Entries {
  readonly tokens: Record<string, TokenEntry>;
  readonly agents: Record<string, AgentEntry>;
  readonly certificates: Record<string, CertificateEntry>;
}

/** Who may speak to the console: tokens, agents and their certificates, each change durable at once. */
export class Registry {
  readonly #path: string;
  readonly #entries: Entries;

  private constructor(path: string, entries: Entries) {
    this.#path = path;
    this.#entries = entries;
  }

  static open(folder: string): Registry {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, "registry.json");
    return new Registry(path, readEntries(path));
  }

  /** Makes a secret that lets one host in until a time; only its hash is kept. */
  createToken(expiresMs: number): string {
    const secret = randomBytes(24).toString("base64url");
    this.#entries.tokens[hashOf(secret)] = { expiresMs };
    this.#save();
    return secret;
  }

  /**
   * Spends a token and gives the new agent's id; `undefined` for one that is unknown, spent or too old. A
   * host that asks again with the same key, as it never had the answer, is the same agent.
   */
  spendToken(
    secret: string,
    keyHash: string,
    { host, nowMs }: { readonly host: EnrolRequest["host"]; readonly nowMs: number },
  ): string | undefined {
    const token = this.#entries.tokens[hashOf(secret)];
    if (token === undefined || nowMs >= token.expiresMs) return undefined;
    if (token.used !== undefined) {
      return token.used.keyHash === keyHash ? token.used.agentId : undefined;
    }
    const agentId = randomUUID();
    token.used = { agentId, keyHash };
    this.#entries.agents[agentId] = { host, enrolledMs: nowMs };
    this.#save();
    return agentId;
  }

  /** Takes a certificate that was issued, by its fingerprint. */
  addCertificate(fingerprint: string, entry: CertificateEntry): void {
    this.#entries.certificates[fingerprint] = entry;
    this.#save();
  }

  /** Lets an agent in no more, whatever certificate it has. */
  revoke(agentId: string, nowMs: number): void {
    const agent = this.#entries.agents[agentId];
    if (agent === undefined) throw new RangeError(`Cannot revoke agent: there is no "${agentId}"`);
    agent.revokedMs = nowMs;
    this.#save();
  }

  /** Tells whom a certificate lets in. TLS has proved that the other side has its key. */
  admit(fingerprint: string | undefined, nowMs: number): Admission {
    const certificate = this.#entries.certificates[fingerprint ?? ""];
    if (certificate === undefined) return { kind: "unknown" };
    const { agentId, fromMs, untilMs } = certificate;
    if (this.#entries.agents[agentId]?.revokedMs !== undefined) return { kind: "revoked" };
    if (nowMs < fromMs || nowMs >= untilMs) return { kind: "expired" };
    return { kind: "agent", agentId };
  }

  get agents(): Readonly<Record<string, Readonly<AgentEntry>>> {
    return this.#entries.agents;
  }

  #save(): void {
    replaceFile(this.#path, `${JSON.stringify(this.#entries)}\n`, 0o600);
  }
}

function readEntries(path: string): Entries {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Entries;
  } catch (error) {
    const isNew = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (isNew) return { tokens: {}, agents: {}, certificates: {} };
    throw error;
  }
}

function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
