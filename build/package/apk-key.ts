import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ApkKey } from "./write-apk.ts";

/** A key that signs for apk, and its public part. */
export interface OpenApkKey {
  readonly key: ApkKey;
  /** As PEM, which hosts put into /etc/apk/keys. */
  readonly publicKey: string;
}

/** Opens a secret key of RSA from a file of PEM. Throws an Error that says what to do if it has none. */
export function openApkKey(file: string): OpenApkKey {
  const secret = readSecret(file);
  const publicKey = createPublicKey(secret).export({ type: "spki", format: "pem" }).toString();
  const sum = createHash("sha256").update(publicKey).digest("hex");
  return {
    key: {
      name: `packages@linuxguard.io-${sum.slice(0, 8)}.rsa.pub`,
      secret: secret.export({ type: "pkcs8", format: "pem" }).toString(),
    },
    publicKey,
  };
}

function readSecret(file: string): KeyObject {
  const hint = "make one by: openssl genrsa -out FILE 4096";
  let secret: KeyObject;
  try {
    secret = createPrivateKey(readFileSync(file));
  } catch (cause) {
    throw new Error(`Cannot read a secret key of ${file}: ${hint}`, { cause });
  }
  if (secret.asymmetricKeyType === "rsa") return secret;
  throw new Error(
    `Cannot sign for apk with ${file}: its key is of type ${secret.asymmetricKeyType}, not rsa; ${hint}`,
  );
}
