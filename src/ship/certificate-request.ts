import "reflect-metadata";
import { createPrivateKey, createPublicKey, webcrypto } from "node:crypto";
import { PemConverter, Pkcs10CertificateRequestGenerator } from "@peculiar/x509";

/** A new key, and what asks the console to certify it. */
export interface CertificateRequest {
  /** PKCS #8; it never leaves the host. */
  readonly keyPem: string;
  /** PKCS #10. */
  readonly requestPem: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/**
 * Makes a request for a certificate with this common name, for a key that is made on this host, or for
 * the one given: EC P-256 in PEM. Throws for a key of another kind.
 */
export async function createCertificateRequest(
  commonName: string,
  givenKeyPem?: string,
): Promise<CertificateRequest> {
  const keys = await (givenKeyPem === undefined ? createKeys() : readKeys(givenKeyPem));
  const request = await Pkcs10CertificateRequestGenerator.create(
    { name: [{ CN: [commonName] }], keys, signingAlgorithm: algorithm },
    webcrypto as Crypto,
  );
  const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    keyPem: `${PemConverter.encode(key, "PRIVATE KEY")}\n`,
    requestPem: `${request.toString("pem")}\n`,
  };
}

async function createKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

async function readKeys(pem: string): Promise<webcrypto.CryptoKeyPair> {
  const key = createPrivateKey(pem);
  const der = key.export({ type: "pkcs8", format: "der" });
  const publicDer = createPublicKey(key).export({ type: "spki", format: "der" });
  const { subtle } = webcrypto;
  return {
    privateKey: await subtle.importKey("pkcs8", der, algorithm, true, ["sign"]),
    publicKey: await subtle.importKey("spki", publicDer, algorithm, true, ["verify"]),
  };
}
