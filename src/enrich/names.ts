import { readFileSync, statSync } from "node:fs";
import { isAccountId, type NamesById, parseAccounts } from "./accounts.ts";

const checkEveryMs = 1_000;
const keepMs = 1_800_000;
const retryMs = 60_000;
/** How many ids wait to be asked for, go into one question, and are remembered. */
const waitingIds = 1_024;
const idsInQuestion = 64;
const rememberedIds = 16_384;

/**
 * Asks for the names of accounts elsewhere; `undefined` if there was no answer, and `"refused"` if
 * there never will be one.
 */
type NameService = (
  database: "passwd" | "group",
  ids: readonly number[],
) => Promise<NamesById | "refused" | undefined>;

export interface NamesOptions {
  readonly database: "passwd" | "group";
  /** The file of local accounts. */
  readonly path: string;
  /** Asked for ids that the file does not have. */
  readonly ask?: NameService;
}

interface Answer {
  readonly name: string | undefined;
  readonly validUntilMs: number;
}

/**
 * The names of one host's users, or of its groups. An answer comes at once: it is what is known now.
 * What is not known is asked for at the next `tick`, and known some time after.
 */
export class Names {
  readonly #database: NamesOptions["database"];
  readonly #path: string;
  #ask: NameService | undefined;
  readonly #answers = new Map<number, Answer>();
  readonly #waiting = new Set<number>();
  #local: NamesById = new Map();
  #version = "";
  #nowMs = 0;
  #checkedMs = Number.NEGATIVE_INFINITY;
  #isAsking = false;
  /** Counts up when answers on their way have become worthless. */
  #generation = 0;
  #mayReload = true;

  constructor({ database, path, ask }: NamesOptions) {
    this.#database = database;
    this.#path = path;
    this.#ask = ask;
    this.#reload();
  }

  /** The name of an id, or `undefined` if it has none or it is not known yet. */
  name(id: number): string | undefined {
    const local = this.#local.get(id);
    if (local !== undefined) return local;
    const answer = this.#answers.get(id);
    const isDue = answer === undefined || this.#nowMs >= answer.validUntilMs;
    if (isDue && isAccountId(id) && this.#waiting.size < waitingIds) this.#waiting.add(id);
    return answer?.name;
  }

  /** To be called every second or oftener: takes a changed file, and asks for what is missing. */
  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#mayReload = true;
    if (Math.abs(nowMs - this.#checkedMs) >= checkEveryMs) {
      this.#checkedMs = nowMs;
      this.#reload();
    }
    if (this.#waiting.size > 0 && !this.#isAsking) void this.#askForWaiting();
  }

  /** Accounts have changed. The file is read at once, but once between two ticks at most. */
  invalidate(): void {
    this.#answers.clear();
    this.#generation++;
    this.#checkedMs = Number.NEGATIVE_INFINITY;
    if (this.#mayReload) this.#reload();
    this.#mayReload = false;
  }

  #reload(): void {
    const version = versionOf(this.#path);
    if (version === this.#version) return;
    this.#version = version;
    this.#local = version === "" ? new Map() : parseAccounts(readText(this.#path));
    this.#answers.clear();
    this.#generation++;
  }

  async #askForWaiting(): Promise<void> {
    const ids = [...this.#waiting].slice(0, idsInQuestion);
    for (const id of ids) this.#waiting.delete(id);
    if (this.#ask === undefined) return;
    this.#isAsking = true;
    const generation = this.#generation;
    const names = await this.#ask(this.#database, ids);
    this.#isAsking = false;
    if (names === "refused") {
      this.#ask = undefined;
      return;
    }
    if (generation !== this.#generation) return;
    if (this.#answers.size + ids.length > rememberedIds) this.#answers.clear();
    const validUntilMs = this.#nowMs + (names === undefined ? retryMs : keepMs);
    for (const id of ids) {
      const name = names === undefined ? this.#answers.get(id)?.name : names.get(id);
      this.#answers.set(id, { name, validUntilMs });
    }
  }
}

/** Changes when the file does; empty if there is none. */
function versionOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? "" : `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}`;
}

/** The file may be replaced at any time; the next check takes what came after. */
function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}
