import { hash } from "node:crypto";

/** How many hexadecimal digits of the SHA-256 make an event id: 128 bits. */
const idDigits = 32;

/**
 * The identity of a document: the same for the same host, node, stamp and part, whenever and however
 * often the log is read.
 */
export function eventId(hostKey: string, key: string, part: number): string {
  return hash("sha256", `${hostKey}\n${key}\n${part}`, "hex").slice(0, idDigits);
}

let renderedSeconds = Number.NaN;
let renderedDate = "";

/** The last second of the year 9999, for dates have four digits of years. */
const latestSeconds = 253_402_300_799;

/** A time as ECS has it: `2026-11-23T03:19:20.411Z`. */
export function renderTime(seconds: number, milliseconds: number): string {
  if (seconds !== renderedSeconds) {
    renderedDate = new Date(Math.min(seconds, latestSeconds) * 1_000).toISOString().slice(0, -4);
    renderedSeconds = seconds;
  }
  return `${renderedDate}${String(milliseconds).padStart(3, "0")}Z`;
}
