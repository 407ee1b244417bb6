import {
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { listChain } from "#sources/chain.ts";
import type { LogFolder } from "./log-folder.ts";

/** What is done to a log. */
export type WriterStep =
  | { readonly kind: "append"; readonly lines: number; readonly width: number }
  | { readonly kind: "rotate" }
  /** Cuts it in place to so many of its lines. */
  | { readonly kind: "truncate"; readonly lines: number }
  /** Puts another file in its place. */
  | { readonly kind: "replace" };

/** Writes numbered lines to a log, and knows what became of them. */
export class LogModel {
  readonly #log: LogFolder;
  readonly #numLogs: number;
  /** Every file ever made stays open, so that no inode comes back within a tick of the clock. */
  readonly #held: number[] = [];
  readonly #destroyed = new Set<number>();
  #written = 0;
  #removals = 0;

  constructor(log: LogFolder, numLogs: number) {
    this.#log = log;
    this.#numLogs = numLogs;
    this.#make();
  }

  /** How many lines were written; they are numbered from 0. */
  get written(): number {
    return this.#written;
  }

  /** How often something was done that a reader may have to tell a gap for. */
  get removals(): number {
    return this.#removals;
  }

  /** The lines that are in the files now, by number, oldest first. */
  get present(): readonly number[] {
    return listChain(this.#log.path).flatMap(({ path }) => linesOf(path).map(numberOf));
  }

  /** Whether a line was cut off in place, or was in a file that was replaced. */
  isDestroyed(line: number): boolean {
    return this.#destroyed.has(line);
  }

  take(step: WriterStep): void {
    switch (step.kind) {
      case "append":
        for (let count = 0; count < step.lines; count++) this.#append(step.width);
        return;
      case "rotate":
        if (listChain(this.#log.path).length >= this.#numLogs) this.#removals++;
        this.#log.rotate(this.#numLogs);
        this.#hold();
        return;
      case "truncate":
        this.#truncate(step.lines);
        return;
      case "replace":
        this.#destroy(linesOf(this.#log.path));
        this.#make();
        return;
      default:
        step satisfies never;
    }
  }

  close(): void {
    for (const fd of this.#held) closeSync(fd);
  }

  #append(width: number): void {
    this.#log.append(`${this.#written} ${"x".repeat(width)}\n`);
    this.#written++;
  }

  #truncate(lines: number): void {
    const all = linesOf(this.#log.path);
    const kept = all.slice(0, lines);
    truncateSync(
      this.#log.path,
      kept.reduce((sum, line) => sum + line.length + 1, 0),
    );
    if (kept.length < all.length) this.#destroy(all.slice(lines));
  }

  #destroy(lines: readonly string[]): void {
    this.#removals++;
    for (const line of lines) this.#destroyed.add(numberOf(line));
  }

  #make(): void {
    const path = `${this.#log.folder}/made`;
    writeFileSync(path, "");
    renameSync(path, this.#log.path);
    this.#hold();
  }

  #hold(): void {
    this.#held.push(openSync(this.#log.path, "r"));
  }
}

/** The number of a line that the model wrote. */
export function numberOf(line: string): number {
  return Number(line.slice(0, line.indexOf(" ")));
}

function linesOf(path: string): readonly string[] {
  return readFileSync(path, "latin1").split("\n").slice(0, -1);
}
