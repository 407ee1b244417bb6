import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "#base/logger.ts";
import { makeDirectories } from "#base/make-directories.ts";
import { replaceFile } from "#base/replace-file.ts";

const fileName = "installation.key";
const keyBytes = 32;

/**
 * Reads the secret of this installation from its state directory, or makes it there, for nobody else
 * to read. One that cannot be written serves until the agent ends.
 */
export function readInstallationKey(stateDirectory: string, log: Logger): Uint8Array {
  const path = join(stateDirectory, fileName);
  const known = readKey(path);
  if (known !== undefined) return known;
  const key = randomBytes(keyBytes);
  try {
    makeDirectories(stateDirectory, 0o750);
    replaceFile(path, `${key.toString("hex")}\n`, 0o600);
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    log.warn("cannot keep the key for digests; the next start makes another", {
      path,
      reason: error.message,
    });
  }
  return key;
}

/** `undefined` if there is no whole key. */
function readKey(path: string): Uint8Array | undefined {
  let text: string;
  try {
    text = readFileSync(path, "latin1");
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
  const [digits] = /^[0-9a-f]{64}(?=\n$)/.exec(text) ?? [];
  return digits === undefined ? undefined : Buffer.from(digits, "hex");
}
