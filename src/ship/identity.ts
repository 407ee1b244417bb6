import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "#base/failure.ts";
import { type Form, hasForm } from "#base/form.ts";
import { makeDirectories } from "#base/make-directories.ts";
import { replaceFile } from "#base/replace-file.ts";

/** Who an agent is to its console. */
export interface Identity {
  readonly agentId: string;
  /** Of the console that gave it. */
  readonly url: string;
  /** Its own certificate first, then those above it. */
  readonly certificatePem: string;
  /** Made on this host, or handed over by the service manager; it never leaves the host. */
  readonly keyPem: string;
  /** Whom the console's certificate must come from; `undefined` for the system's authorities. */
  readonly authorityPem: string | undefined;
  /** When a new certificate is due, and when this one ends, in milliseconds of the epoch. */
  readonly renewAfterMs: number;
  readonly notAfterMs: number;
}

const fileName = "identity.json";
const fileMode = 0o600;
const directoryMode = 0o750;
/** Far more than certificates and a key take. */
const longestFile = 262_144;
const form: Form = {
  agentId: "string",
  url: "string",
  certificatePem: "string",
  renewAfterMs: "number",
  notAfterMs: "number",
};

/** The file in the state directory that an identity is kept in: all of it, so that it is never half a one. */
export function identityFile(stateDirectory: string): string {
  return join(stateDirectory, fileName);
}

/**
 * Reads the identity of this host's agent; `undefined` if it was not let in yet. Throws
 * `identity.damaged` for a file that is none, also for one without a key where none is handed over.
 */
export function readIdentity(stateDirectory: string, handedKeyPem?: string): Identity | undefined {
  const path = identityFile(stateDirectory);
  const text = readPlain(path);
  if (text === undefined) return undefined;
  const identity = parseIdentity(text);
  const keyPem = identity?.keyPem ?? handedKeyPem;
  if (identity !== undefined && keyPem !== undefined) return { ...identity, keyPem };
  if (identity !== undefined) throw keyless(path);
  throw new Failure("identity.damaged", `Cannot read ${path}: it holds no identity`, {
    hint: "Remove it, and let this host in again with a new token: linuxguard enroll.",
  });
}

/**
 * Keeps an identity in the place of the one before; a key that is handed over is not written down.
 * Throws the system's error.
 */
export function writeIdentity(
  stateDirectory: string,
  whole: Identity,
  handedKeyPem?: string,
): void {
  makeDirectories(stateDirectory, directoryMode);
  const { keyPem, ...rest } = whole;
  const identity = keyPem === handedKeyPem ? rest : whole;
  replaceFile(
    identityFile(stateDirectory),
    `${JSON.stringify(identity, undefined, 2)}\n`,
    fileMode,
  );
}

/** Reads an identity, with its key if that is in it. */
function parseIdentity(text: string): (Omit<Identity, "keyPem"> & Partial<Identity>) | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!hasForm(value, form)) return undefined;
    const identity = value as Identity;
    const optional: readonly unknown[] = [identity.authorityPem, identity.keyPem];
    const isWhole = optional.every((each) => each === undefined || typeof each === "string");
    return isWhole ? identity : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function keyless(path: string): Failure {
  return new Failure(
    "identity.damaged",
    `Cannot read ${path}: its key is handed over, but not here`,
    {
      hint: "systemd hands the key to the service alone. Hand it to this command, too, with systemd-run --pipe -p User=linuxguard -p LoadCredential=client.key:FILE, with the FILE of the service.",
    },
  );
}

/**
 * Reads the key that the service manager hands over from a file that only root can read: the credential
 * `client.key`. `undefined` if it hands over none. Source: systemd.exec(5), `LoadCredential=`.
 */
export function readHandedKey(directory: string | undefined): string | undefined {
  return directory === undefined ? undefined : readPlain(join(directory, "client.key"));
}

/** The text of a plain file that is not too long; of anything else, nothing that an identity has. */
function readPlain(path: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
    if (code === undefined) throw cause;
    if (code === "ENOENT") return undefined;
    throw unreadable(path, code, cause);
  }
  try {
    const { size } = fstatSync(fd);
    return fstatSync(fd).isFile() && size <= longestFile ? readFileSync(fd, "utf8") : "";
  } finally {
    closeSync(fd);
  }
}

function unreadable(path: string, code: string, cause: unknown): Failure {
  return new Failure("identity.damaged", `Cannot read ${path}: ${code}`, {
    hint: "It must be a plain file of the agent's account.",
    cause,
  });
}
