import { hash } from "node:crypto";
import { threeDigits } from "#base/three-digits.ts";
import { type Stamp, textOfStamp } from "#model/stamp.ts";

/** An id has 32 hexadecimal digits. */
export const idDigits = 32;
/**
 * Of which so many stand for the host, its node and the second. The others are the milliseconds and the
 * part with three each, and the serial.
 */
export const secondDigits = 18;
const partLimit = 0x1000;

/**
 * The identities of documents: the same for the same host, node, stamp and part, whenever and however
 * often the log is read.
 */
export class EventIds {
  readonly #hostKey: string;
  #seconds = Number.NaN;
  #node = "";
  #second = "";

  constructor(hostKey: string) {
    this.#hostKey = hostKey;
  }

  /** The id of an event's document: what is the same for a second is hashed once, the rest is as it is. */
  ofEvent(stamp: Stamp, part: number): string {
    const { seconds, milliseconds, serial, node } = stamp;
    if (!this.isRegular(stamp, part)) return this.ofName(`${textOfStamp(stamp)} ${node}`, part);
    if (seconds !== this.#seconds || node !== this.#node) {
      this.#seconds = seconds;
      this.#node = node;
      this.#second = digits(`${this.#hostKey}\n${seconds}\n${node}`, secondDigits);
    }
    const time = this.#second + threeHexDigits(milliseconds) + threeHexDigits(part);
    return time + threeHexDigits(serial >>> 20) + fiveHexDigits(serial & 0xfffff);
  }

  /** Whether the id is made of digits, each group in its place. */
  isRegular({ oddText }: Stamp, part: number): boolean {
    return oddText === "" && part < partLimit;
  }

  /** The id of what has no stamp that could tell it apart. */
  ofName(name: string, part = 1): string {
    return digits(`${this.#hostKey}\n${name}\n${part}`, idDigits);
  }
}

function digits(text: string, count: number): string {
  return hash("sha256", text, "hex").slice(0, count);
}

const hexTexts = Array.from({ length: 0x1000 }, (_, number) =>
  number.toString(16).padStart(3, "0"),
);

function threeHexDigits(number: number): string {
  return hexTexts[number] ?? "";
}

function fiveHexDigits(number: number): string {
  return (0x100000 + number).toString(16).slice(1);
}

let renderedSeconds = Number.NaN;
let renderedDate = "";

/** The last second of the year 9999, for dates have four digits of years. */
const latestSeconds = 253_402_300_799;

/** A time has always as many characters. */
export const timeBytes = 24;

/** A time as ECS has it: `2026-11-23T03:19:20.411Z`. */
export function renderTime(seconds: number, milliseconds: number): string {
  if (seconds !== renderedSeconds) {
    renderedDate = new Date(Math.min(seconds, latestSeconds) * 1_000).toISOString().slice(0, -4);
    renderedSeconds = seconds;
  }
  return `${renderedDate}${threeDigits(milliseconds)}Z`;
}
