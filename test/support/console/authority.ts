import "reflect-metadata";
import {
  createHash,
  X509Certificate as NodeCertificate,
  randomBytes,
  webcrypto,
} from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  Pkcs10CertificateRequest,
  type PublicKey,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { replaceFile } from "#base/replace-file.ts";

/** A span of validity, in milliseconds of the epoch. */
export interface Validity {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A key that a host asks to have certified. */
export interface RequestedKey {
  readonly publicKey: PublicKey;
  /** SHA-256 of the SubjectPublicKeyInfo, in hexadecimal. */
  readonly hash: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const crypto = webcrypto as Crypto;
const dayMs = 86_400_000;

/** The console's certificate authority: made once, kept in its folder. */
export class Authority {
  readonly #certificate: X509Certificate;
  readonly #key: CryptoKey;

  private constructor(certificate: X509Certificate, key: CryptoKey) {
    this.#certificate = certificate;
    this.#key = key;
  }

  /** Opens the authority of a folder, or makes it. */
  static async open(folder: string, nowMs: number): Promise<Authority> {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, "authority.pem");
    const known = readIfThere(path);
    const text = known ?? (await createAuthority(nowMs));
    if (known === undefined) replaceFile(path, text, 0o600);
    const [key, certificate] = PemConverter.decode(text);
    if (key === undefined || certificate === undefined) throw new Error(`${path} is damaged`);
    return new Authority(
      new X509Certificate(certificate),
      await crypto.subtle.importKey("pkcs8", key, algorithm, false, ["sign"]),
    );
  }

  get pem(): string {
    return `${this.#certificate.toString("pem")}\n`;
  }

  /** SHA-256 of the authority's SubjectPublicKeyInfo, in hexadecimal: the pin of enrolment tokens. */
  get pin(): string {
    return hashOf(this.#certificate.publicKey.rawData);
  }

  /** Makes a key and a certificate for a server with these names or addresses, both as PEM. */
  async createServerIdentity(
    names: readonly string[],
    validity: Validity,
  ): Promise<{ readonly key: string; readonly cert: string }> {
    const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const cert = await this.#issue(names[0] ?? "console", keys.publicKey, validity, [
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(
        names.map((value) => ({ type: /^[\d.]+$/.test(value) ? "ip" : "dns", value })),
      ),
    ]);
    const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
    return { key: PemConverter.encode(key, "PRIVATE KEY"), cert };
  }

  /** Certifies the key of an agent; gives the chain, the agent's certificate first, as PEM. */
  async certify(agentId: string, key: RequestedKey, validity: Validity): Promise<string> {
    return await this.#issue(agentId, key.publicKey, validity, [
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
      new SubjectAlternativeNameExtension([
        { type: "url", value: `spiffe://linuxguard/agent/${agentId}` },
      ]),
    ]);
  }

  async #issue(
    name: string,
    publicKey: PublicKey | CryptoKey,
    { fromMs, untilMs }: Validity,
    extensions: readonly Extension[],
  ): Promise<string> {
    const certificate = await X509CertificateGenerator.create(
      {
        serialNumber: createSerial(),
        subject: [{ CN: [name] }],
        issuer: this.#certificate.subjectName,
        notBefore: new Date(fromMs),
        notAfter: new Date(untilMs),
        signingAlgorithm: algorithm,
        publicKey,
        signingKey: this.#key,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          ...extensions,
        ],
      },
      crypto,
    );
    return `${certificate.toString("pem")}\n${this.pem}`;
  }
}

/** Reads a PKCS #10 request; `undefined` if it is none, is not signed by its key, or that is not EC P-256. */
export async function readRequest(pem: string): Promise<RequestedKey | undefined> {
  try {
    const request = new Pkcs10CertificateRequest(pem);
    const { name, namedCurve } = request.publicKey.algorithm as Partial<webcrypto.EcKeyAlgorithm>;
    if (name !== "ECDSA" || namedCurve !== "P-256") return undefined;
    if (!(await request.verify(crypto))) return undefined;
    return { publicKey: request.publicKey, hash: hashOf(request.publicKey.rawData) };
  } catch (error) {
    // The library has no error of its own for what it cannot read.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** Names a certificate: the SHA-256 of the first one in a PEM, in hexadecimal. */
export function fingerprintOf(pem: string): string {
  return new NodeCertificate(pem).fingerprint256.replaceAll(":", "").toLowerCase();
}

async function createAuthority(nowMs: number): Promise<string> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: createSerial(),
      name: [{ CN: ["LinuxGuard console"] }],
      notBefore: new Date(nowMs - dayMs),
      notAfter: new Date(nowMs + 3_650 * dayMs),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
      ],
    },
    crypto,
  );
  const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return `${PemConverter.encode(key, "PRIVATE KEY")}\n${certificate.toString("pem")}\n`;
}

/** A random serial number, positive and of full length. */
function createSerial(): string {
  return `4${randomBytes(16).toString("hex").slice(1)}`;
}

function hashOf(bytes: ArrayBuffer): string {
  return createHash("sha256").update(new Uint8Array(bytes)).digest("hex");
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
