import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { Failure } from "#base/failure.ts";
import type { Logger } from "#base/logger.ts";
import type { Problem } from "#model/status.ts";
import { version } from "#product/version.ts";
import { findConsole } from "#ship/console-access.ts";
import { type Ask, type ConsoleAddress, enrol, renew, requireToken } from "#ship/enrol.ts";
import { type Identity, identityFile, readIdentity, writeIdentity } from "#ship/identity.ts";
import type { EnrolRequest } from "#wire/shapes.ts";

/** How long a console that could not be asked, or refused, is left alone; the same for a damaged file. */
const retryMs = 60_000;
const longestToken = 8_192;

export interface EnrolmentParts {
  readonly stateDirectory: string;
  /** Where an installer or `linuxguard enroll` puts the token. */
  readonly tokenFile: string;
  /** Of the settings, for tokens that do not name a console. */
  readonly console: ConsoleAddress;
  readonly host: EnrolRequest["host"];
  readonly log: Logger;
  /** The key, where the service manager hands it over. */
  readonly handedKeyPem: string | undefined;
  /** Gives the way to a console, with the identity where there is one. */
  readonly askAt: (console: ConsoleAddress, identity: Identity | undefined) => Ask;
}

/**
 * Looks after the agent's identity: takes a token that lies ready, and has the certificate renewed in
 * time. What fails is told, and tried again later; the agent collects all the while.
 */
export class Enrolment {
  readonly #parts: EnrolmentParts;
  #identity: Identity | undefined;
  /** The file that it was read from or written to, as far as a change of it can be told. */
  #file = "";
  #problem: Problem | undefined;
  #isSaved = true;
  #isBusy = false;
  #nextMs = Number.NEGATIVE_INFINITY;

  constructor(parts: EnrolmentParts) {
    this.#parts = parts;
  }

  /** The identity as it is now. */
  get identity(): Identity | undefined {
    return this.#identity;
  }

  /** What keeps the host from being let in; `undefined` if nothing does, or nobody asked for it. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** To be called every second or so: `nowMs` never goes back, `timeMs` is the time of day. */
  async tick(nowMs: number, timeMs: number): Promise<void> {
    if (this.#isBusy || nowMs < this.#nextMs) return;
    this.#isBusy = true;
    try {
      await this.#look(timeMs);
      if (this.#problem !== undefined) this.#parts.log.info("the identity is well now");
      this.#problem = undefined;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#nextMs = nowMs + retryMs;
      this.#tell(error);
    } finally {
      this.#isBusy = false;
    }
  }

  async #look(timeMs: number): Promise<void> {
    if (this.#isSaved) this.#read();
    if (this.#identity === undefined) await this.#enrol();
    else if (!this.#isSaved) this.#save(this.#identity);
    else if (timeMs >= this.#identity.renewAfterMs) await this.#renew(this.#identity);
  }

  /** Takes the identity that lies there, also one that `linuxguard enroll` put in the place of ours. */
  #read(): void {
    const { handedKeyPem, stateDirectory } = this.#parts;
    const file = stampOf(identityFile(stateDirectory));
    if (file === this.#file || (file === "" && this.#identity !== undefined)) return;
    const before = this.#identity;
    this.#identity = readIdentity(stateDirectory, handedKeyPem);
    this.#file = file;
    if (before === undefined || this.#identity === undefined) return;
    const { agentId, url } = this.#identity;
    this.#parts.log.info("another identity was put in the place of ours", { agentId, url });
  }

  async #enrol(): Promise<void> {
    const { tokenFile, host, handedKeyPem, askAt, log } = this.#parts;
    const text = readToken(tokenFile);
    if (text === undefined) return;
    const token = requireToken(text);
    const console = await findConsole(token, this.#parts.console);
    const request = { token: token.secret, agent_version: version, host };
    const identity = await enrol(console, request, {
      ask: askAt(console, undefined),
      handedKeyPem,
    });
    this.#keep(identity);
    log.info("enrolled", { agentId: identity.agentId, url: identity.url });
  }

  async #renew(before: Identity): Promise<void> {
    const { askAt, handedKeyPem, log } = this.#parts;
    const console = { url: before.url, authorityPem: before.authorityPem };
    this.#keep(await renew(before, { ask: askAt(console, before), handedKeyPem }));
    log.info("certificate renewed", { agentId: before.agentId });
  }

  /** A token is good once, so what it gave is in force even while it cannot be written. */
  #keep(identity: Identity): void {
    this.#identity = identity;
    this.#isSaved = false;
    this.#save(identity);
  }

  #save(identity: Identity): void {
    const { handedKeyPem, stateDirectory, tokenFile } = this.#parts;
    try {
      writeIdentity(stateDirectory, identity, handedKeyPem);
      rmSync(tokenFile, { force: true });
      this.#isSaved = true;
      this.#file = stampOf(identityFile(stateDirectory));
    } catch (cause) {
      throw unwritable(stateDirectory, cause);
    }
  }

  #tell({ code, message, hint }: Failure): void {
    if (this.#problem?.message !== message) {
      this.#parts.log.error("the identity is not well", { reason: message, hint });
    }
    this.#problem = { code, message, hint };
  }
}

/** What changes when a file is replaced; empty if there is none. */
function stampOf(path: string): string {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats === undefined ? "" : `${stats.ino} ${stats.mtimeMs} ${stats.size}`;
}

/** The token that lies ready; `undefined` if there is none. */
function readToken(path: string): string | undefined {
  const fd = openToken(path);
  if (fd === undefined) return undefined;
  try {
    const stats = fstatSync(fd);
    return stats.isFile() && stats.size <= longestToken ? readFileSync(fd, "utf8") : "";
  } finally {
    closeSync(fd);
  }
}

function openToken(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
    if (code === undefined) throw cause;
    if (code === "ENOENT") return undefined;
    throw unreadable(path, code, cause);
  }
}

function unwritable(directory: string, cause: unknown): Failure {
  if (!(cause instanceof Error && "code" in cause)) throw cause;
  const message = `Cannot write the identity in ${directory}: ${String(cause.code)}`;
  return new Failure("output.unwritable", message, {
    hint: "Free some space there; the agent tries again. Do not stop it before: its token is spent.",
    cause,
  });
}

function unreadable(path: string, code: string, cause: unknown): Failure {
  return new Failure("identity.damaged", `Cannot read ${path}: ${code}`, {
    hint: "It must be a plain file of the agent's account.",
    cause,
  });
}
