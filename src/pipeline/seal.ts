import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

const cipher = "aes-256-gcm";
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/**
 * Keeps log in flight from anyone but this installation: it lies in the spool before its secrets can
 * be told, as the rest of its line or event has not come.
 */
export class Seal {
  readonly #key: Uint8Array;

  /** `key` is the installation's; what is sealed has a key of its own that comes of it. */
  constructor(key: Uint8Array) {
    this.#key = new Uint8Array(hkdfSync("sha256", key, "", "linuxguard log in flight", keyBytes));
  }

  close(bytes: Uint8Array): Uint8Array {
    const nonce = randomBytes(nonceBytes);
    const sealing = createCipheriv(cipher, this.#key, nonce, { authTagLength: tagBytes });
    const sealed = Buffer.concat([sealing.update(bytes), sealing.final()]);
    return Buffer.concat([nonce, sealing.getAuthTag(), sealed]);
  }

  /** `undefined` for what another installation sealed, and for what was changed. */
  open(bytes: Uint8Array): Uint8Array | undefined {
    const sealed = bytes.subarray(nonceBytes + tagBytes);
    const nonce = bytes.subarray(0, nonceBytes);
    const tag = bytes.subarray(nonceBytes, nonceBytes + tagBytes);
    if (tag.length < tagBytes) return undefined;
    const opening = createDecipheriv(cipher, this.#key, nonce, { authTagLength: tagBytes });
    opening.setAuthTag(tag);
    try {
      // Its own memory, as the lines in it are kept.
      return new Uint8Array(Buffer.concat([opening.update(sealed), opening.final()]));
    } catch (error) {
      // Node gives this error no code: the tag is not that of the bytes.
      if (error instanceof Error) return undefined;
      throw error;
    }
  }
}
