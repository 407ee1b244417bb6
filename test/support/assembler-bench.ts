import {
  Assembler,
  type AssemblerLimits,
  assemblerLimits,
  type Completion,
  type OpenEvent,
} from "#audit/assembler.ts";
import { CWD, EOE, OTHER, PATH, PROCTITLE, SYSCALL } from "#audit/core/lines.ts";
import { Line } from "#audit/line.ts";
import type { Stamp } from "#model/stamp.ts";

const coreTypes: Readonly<Record<string, number>> = { SYSCALL, CWD, PATH, PROCTITLE, EOE };
/** The time of the first record of most tests, in seconds. */
export const start = 1_700_000_000;

/** An assembler whose completed events are noted as `serial.part how TYPE TYPE …`. */
export class Bench {
  readonly assembler: Assembler;
  readonly done: string[] = [];
  readonly omitted: number[] = [];
  nowMs = 0;

  constructor(limits: Partial<AssemblerLimits> = {}) {
    this.assembler = new Assembler((event, how) => this.#note(event, how), {
      ...assemblerLimits,
      ...limits,
    });
  }

  /** Takes one record; false if it was left out. */
  take(
    typeName: string,
    stamp: Partial<Stamp> & { readonly serial: number },
    bytes = 100,
  ): boolean {
    const full = stampOf(stamp);
    return this.assembler.add(this.assembler.eventOf(full, this.nowMs), lineOf(typeName, bytes));
  }

  tick(nowMs: number): void {
    this.nowMs = nowMs;
    this.assembler.tick(nowMs);
  }

  #note(event: OpenEvent, how: Completion): void {
    const types = event.lines.map(({ typeName }) => typeName).join(" ");
    this.done.push(`${event.stamp.serial}.${event.part} ${how} ${types}`);
    this.omitted.push(event.omittedLines);
  }
}

/** A record of so many bytes, with its line feed. */
export function lineOf(typeName: string, bytes: number): Line {
  return Object.assign(new Line(), {
    type: coreTypes[typeName] ?? OTHER,
    typeName,
    end: bytes - 1,
  });
}

/** A stamp; what is not said of it is usual. */
export function stampOf({
  serial,
  seconds = start,
  milliseconds = 0,
  node = "",
}: Partial<Stamp>): Stamp {
  return { seconds, milliseconds, serial: serial ?? 0, oddText: "", node };
}
