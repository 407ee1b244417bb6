import { X509Certificate } from "node:crypto";
import { Agent as HttpsAgent } from "node:https";
import type { LookupFunction } from "node:net";
import {
  checkServerIdentity,
  type DetailedPeerCertificate,
  type PeerCertificate,
  type SecureVersion,
} from "node:tls";
import axios, { AxiosError, type AxiosInstance, type AxiosProxyConfig } from "axios";
import { createLookup } from "./lookup.ts";
import { publicKeyPin } from "./public-key-pin.ts";

/** How a console is reached. Nothing of it comes from the environment. */
export interface TransportSettings {
  readonly url: string;
  /** Whose certificates are trusted; `undefined` for the system's authorities. */
  readonly authorityPem: string | undefined;
  /** The agent's own; without one it can only enrol. */
  readonly certificatePem?: string;
  readonly keyPem?: string;
  /** `http://host:port` of a proxy that connects to the console and sees no more than its name. */
  readonly proxy?: string | undefined;
  readonly minVersion: SecureVersion;
  /** Hashes of public keys of which one must be the server's, besides all else; none for any. */
  readonly pins: readonly string[];
  /** The most time from the first byte out to the last byte in. */
  readonly deadlineMs: number;
  /** How names are looked up; the system's way without it. */
  readonly lookup?: LookupFunction;
}

/** One message to the console. */
export interface Message {
  readonly path: string;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Why a console could not be asked, in words stable enough to alert on. */
type FailureReason =
  | "dns"
  | "refused"
  | "timeout"
  | "cut_off"
  | "untrusted"
  /** None of its keys is pinned. */
  | "pin"
  | "certificate_expired"
  /** It speaks no version of TLS that is allowed. */
  | "tls_version"
  /** Its certificate is not good yet, by this host's clock. */
  | "clock_skew"
  /** It does not take ours. */
  | "certificate_refused"
  /** Our certificate, our key or the authority's certificate is none. */
  | "identity_unusable"
  | "answer_too_large"
  | "aborted"
  | "network";

export type Outcome =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly headers: Readonly<Record<string, unknown>>;
      readonly text: string;
    }
  | { readonly kind: "failed"; readonly reason: FailureReason; readonly detail: string };

const longestAnswer = 1_048_576;

/** Asks one console over one connection, which is not used again after a failure. */
export class Transport {
  readonly #settings: TransportSettings;
  readonly #client: AxiosInstance;
  readonly #proxy: AxiosProxyConfig | false;
  #agent: HttpsAgent;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(settings: TransportSettings) {
    this.#settings = { ...settings, lookup: settings.lookup ?? createLookup() };
    this.#client = axios.create();
    this.#proxy = settings.proxy === undefined ? false : proxyOf(new URL(settings.proxy));
    this.#agent = createAgent(this.#settings);
  }

  /**
   * Sends a message and waits for the whole answer, after those that were given earlier. Never throws
   * for what the other side does.
   */
  async post(message: Message, signal?: AbortSignal): Promise<Outcome> {
    const outcome = this.#turn.then(async () => await this.#request(message, signal));
    this.#turn = outcome.catch(() => undefined);
    return await outcome;
  }

  async #request({ path, body, headers = {} }: Message, signal?: AbortSignal): Promise<Outcome> {
    const deadline = AbortSignal.timeout(this.#settings.deadlineMs);
    try {
      const {
        status,
        headers: answered,
        data,
      } = await this.#client.request<Buffer>({
        method: "POST",
        url: new URL(path, this.#settings.url).href,
        data: typeof body === "string" ? Buffer.from(body) : body,
        headers: {
          "content-type": "application/json",
          ...headers,
          "user-agent": "linuxguard-agent",
        },
        httpsAgent: this.#agent,
        // axios' own time-out does not bound an answer that comes byte by byte.
        signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
        // An answer is judged by its status, whatever that is.
        validateStatus: () => true,
        maxRedirects: 0,
        maxContentLength: longestAnswer,
        maxBodyLength: Number.POSITIVE_INFINITY,
        proxy: this.#proxy,
        decompress: false,
        responseType: "arraybuffer",
        transformRequest: [(data) => data],
      });
      return {
        kind: "answered",
        status,
        headers: answered,
        text: Buffer.from(data).toString("utf8"),
      };
    } catch (error) {
      this.#forgetConnection();
      if (isUnusable(error)) return { kind: "failed", reason: "identity_unusable", detail: "" };
      if (!(error instanceof AxiosError)) throw error;
      return failed(error, deadline.aborted, signal?.aborted === true);
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #forgetConnection(): void {
    this.#agent.destroy();
    this.#agent = createAgent(this.#settings);
  }
}

/** Whether OpenSSL can do nothing with the certificates or the key that it was given. */
function isUnusable(error: unknown): boolean {
  if (!(error instanceof Error && "code" in error)) return false;
  return String(error.code).startsWith("ERR_OSSL_");
}

function createAgent(settings: TransportSettings): HttpsAgent {
  const { authorityPem, certificatePem, keyPem, lookup, minVersion, pins } = settings;
  return new HttpsAgent({
    keepAlive: true,
    maxSockets: 1,
    minVersion,
    ...(lookup !== undefined && { lookup }),
    rejectUnauthorized: true,
    ...(authorityPem !== undefined && { ca: authorityPem }),
    ...(certificatePem !== undefined && { cert: certificatePem, key: keyPem }),
    checkServerIdentity: (host, certificate) =>
      checkServerIdentity(host, certificate) ?? checkPins(certificate, pins),
  });
}

/** axios asks such a proxy to connect, and speaks TLS with the console through it. */
function proxyOf({ hostname, port }: URL): AxiosProxyConfig {
  return { protocol: "http", host: hostname, port: Number(port || 80) };
}

/** One of the certificates shown must have a key that is pinned. */
function checkPins(first: PeerCertificate, pins: readonly string[]): Error | undefined {
  if (pins.length === 0) return undefined;
  let each: DetailedPeerCertificate | undefined = first as DetailedPeerCertificate;
  for (let depth = 0; each?.raw !== undefined && depth < 8; depth++) {
    if (pins.includes(publicKeyPin(new X509Certificate(each.raw)))) return undefined;
    each = each.issuerCertificate === each ? undefined : each.issuerCertificate;
  }
  return Object.assign(new Error("No certificate has a key that is pinned"), { code: "EPIN" });
}

const reasons: Readonly<Record<string, FailureReason>> = {
  ENOTFOUND: "dns",
  EAI_AGAIN: "dns",
  ECONNREFUSED: "refused",
  EHOSTUNREACH: "refused",
  ENETUNREACH: "refused",
  ETIMEDOUT: "timeout",
  ECONNRESET: "cut_off",
  EPIPE: "cut_off",
  ECONNABORTED: "cut_off",
  EPIN: "pin",
  CERT_HAS_EXPIRED: "certificate_expired",
  CERT_NOT_YET_VALID: "clock_skew",
  ERR_BAD_RESPONSE: "answer_too_large",
  HPE_HEADER_OVERFLOW: "answer_too_large",
};

/** The other ways in which a certificate can be wrong. Source: X509_verify_cert_error_string(3). */
const untrusted = /CERT|ISSUER|SIGNATURE|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH/;

/** Both sides may find it first. */
const tlsVersion = /^ERR_SSL_.*(?:PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL)/;

/** What OpenSSL finds wrong before the connection stands, Node has in the message alone. */
function codeOf({ code = "", message }: AxiosError): string {
  const reason = /SSL routines:[^:]*:(?<reason>[^:]+):/.exec(message)?.groups?.reason;
  if (code !== "EPROTO" || reason === undefined) return code;
  return `ERR_SSL_${reason.toUpperCase().replaceAll(" ", "_")}`;
}

function failed(error: AxiosError, isLate: boolean, isAborted: boolean): Outcome {
  const code = codeOf(error);
  if (isLate) return { kind: "failed", reason: "timeout", detail: "no whole answer in time" };
  if (isAborted) return { kind: "failed", reason: "aborted", detail: "" };
  if (tlsVersion.test(code)) return { kind: "failed", reason: "tls_version", detail: code };
  const isAlert = code.startsWith("ERR_SSL_") && code.includes("ALERT");
  if (isAlert) return { kind: "failed", reason: "certificate_refused", detail: code };
  const reason = reasons[code] ?? (untrusted.test(code) ? "untrusted" : "network");
  return { kind: "failed", reason, detail: code };
}
