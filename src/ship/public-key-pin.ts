import { createHash, type X509Certificate } from "node:crypto";

/** SHA-256 of a certificate's public key (SubjectPublicKeyInfo), in hexadecimal. */
export function publicKeyPin({ publicKey }: X509Certificate): string {
  const key = publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(key).digest("hex");
}
