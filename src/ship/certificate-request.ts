import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { PemConverter, Pkcs10CertificateRequestGenerator } from "@peculiar/x509";

/** A new key, and what asks the console to certify it. */
export interface CertificateRequest {
  /** PKCS #8; it never leaves the host. */
  readonly keyPem: string;
  /** PKCS #10. */
  readonly requestPem: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** Makes a key on this host and a request for a certificate with this common name. */
export async function createCertificateRequest(commonName: string): Promise<CertificateRequest> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
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
