import type { Form } from "#audit/core/constants.ts";
import type { Core } from "#audit/core/core.ts";
import type { Stamp } from "#model/stamp.ts";
import { type EventIds, idDigits, renderTime, secondDigits, timeBytes } from "./prefix.ts";
import type { Writer } from "./writer.ts";

const ecsVersion = "9.4.0";
/** The most digits that a serial has. */
const serialDigits = 10;
/** How much of a time is the same for all of its second: `2026-11-23T03:19:20.`. */
const secondBytes = 20;

/**
 * Writes the beginning of documents, up to the value of `event.sequence`. It stands in the core's memory
 * as a whole, and from event to event only its digits are changed.
 */
export class HeadWriter {
  readonly #core: Core;
  readonly #ids: EventIds;
  readonly #form: Form;
  readonly #timeAt: number;
  readonly #idAt: number;
  readonly #serialAt: number;
  /** The second and node that it was written for last. */
  #seconds = Number.NaN;
  #node = "";

  constructor(writer: Writer, ids: EventIds, envelope: string) {
    this.#core = writer.core;
    this.#ids = ids;
    const shared = envelope === "" ? "" : `,${envelope}`;
    const beforeTime = '{"@timestamp":"';
    const beforeId = `","ecs":{"version":"${ecsVersion}"}${shared},"event":{"id":"`;
    const beforeSerial = '","sequence":';
    const gaps = [timeBytes, idDigits, serialDigits].map((size) => "0".repeat(size));
    const text = `${beforeTime}${gaps[0]}${beforeId}${gaps[1]}${beforeSerial}${gaps[2]}`;
    this.#form = writer.form(text);
    this.#timeAt = this.#form.at + beforeTime.length;
    this.#serialAt = this.#form.at + Buffer.byteLength(text) - serialDigits;
    this.#idAt = this.#serialAt - beforeSerial.length - idDigits;
  }

  /** Begins the document of an event. */
  writeEvent(stamp: Stamp, part: number): void {
    const { seconds, milliseconds, serial, node } = stamp;
    if (!this.#ids.isRegular(stamp, part)) {
      this.writeNamed(stamp, this.#ids.ofEvent(stamp, part));
      return;
    }
    const isSame = seconds === this.#seconds && node === this.#node;
    if (!isSame || this.#form.owner !== this) {
      this.#place(stamp, this.#ids.ofEvent(stamp, part));
      this.#seconds = seconds;
      this.#node = node;
    }
    const { bytes } = this.#core;
    const millisecondsAt = this.#timeAt + secondBytes;
    bytes[millisecondsAt] = zero + Math.trunc(milliseconds / 100);
    bytes[millisecondsAt + 1] = zero + (Math.trunc(milliseconds / 10) % 10);
    bytes[millisecondsAt + 2] = zero + (milliseconds % 10);
    this.#putHex(this.#idAt + secondDigits, milliseconds, 3);
    this.#putHex(this.#idAt + secondDigits + 3, part, 3);
    this.#putHex(this.#idAt + secondDigits + 6, serial, 8);
    this.#begin(serial);
  }

  /** Begins a document whose id is not made of its stamp. */
  writeNamed(stamp: Stamp, id: string): void {
    this.#place(stamp, id);
    this.#seconds = Number.NaN;
    this.#begin(stamp.serial);
  }

  #place({ seconds, milliseconds }: Stamp, id: string): void {
    const { bytes } = this.#core;
    bytes.write(renderTime(seconds, milliseconds), this.#timeAt, "latin1");
    bytes.write(id, this.#idAt, "latin1");
    this.#form.owner = this;
  }

  #begin(serial: number): void {
    const { bytes } = this.#core;
    let end = this.#serialAt + 1;
    for (let rest = serial; rest >= 10; rest = Math.trunc(rest / 10)) end++;
    let rest = serial;
    for (let at = end - 1; at >= this.#serialAt; at--) {
      bytes[at] = zero + (rest % 10);
      rest = Math.trunc(rest / 10);
    }
    this.#core.beginDocument(this.#form.at, end - this.#form.at);
  }

  #putHex(start: number, number: number, digits: number): void {
    const { bytes } = this.#core;
    let rest = number;
    for (let at = start + digits - 1; at >= start; at--) {
      const digit = rest & 15;
      bytes[at] = digit < 10 ? zero + digit : letterBeforeA + digit - 9;
      rest >>>= 4;
    }
  }
}

const zero = 0x30;
/** So that 10 makes an `a`. */
const letterBeforeA = 0x60;
