import type { Ledger, LossEntry } from "#model/ledger.ts";
import { noStamp, type Stamp, textOfStamp } from "#model/stamp.ts";
import { Assembler, type AssemblerClock, type AssemblerLimits, OpenEvent } from "./assembler.ts";
import type { Core } from "./core/core.ts";
import { INPUT, INPUT_BYTES, LINE_ROW_BYTES, LINES, OUTPUT } from "./core/layout.ts";
import * as scan from "./core/lines.ts";
import { type DocumentOptions, DocumentWriter } from "./document/document.ts";
import type { EngineState } from "./engine-state.ts";
import { type Line, LinePool } from "./line.ts";
import { LineBooks } from "./line-books.ts";
import { readLine, readNode, readStamp } from "./line-rows.ts";
import { Quarantine } from "./quarantine.ts";
import { isDaemonType } from "./record-class.ts";
import { SerialTracker } from "./serials.ts";

const longestLine = scan.LONGEST_LINE;
/** Documents are handed on when there are this many bytes of them. */
const handOverBytes = 1_048_576;
/** The most bytes taken in one go, so that they fit behind the beginning of a line. */
const blockBytes = INPUT_BYTES - longestLine - 1;

export interface EngineOptions extends DocumentOptions {
  readonly limits?: AssemblerLimits;
  /** How many lines that are no records are delivered as they are, in each minute. */
  readonly quarantineLines: number;
}

/** Takes documents: NDJSON, valid until the call returns, and how many they are. */
export type DocumentSink = (documents: Uint8Array, count: number) => void;

/**
 * Turns the bytes of an audit log into documents. It does no I/O and keeps no clock. Hostile input
 * never makes it throw: what is no record is delivered as it is or counted.
 */
export class AuditEngine {
  readonly #core: Core;
  readonly #sink: DocumentSink;
  readonly #assembler: Assembler;
  readonly #documents: DocumentWriter;
  readonly #quarantine: Quarantine;
  readonly #serials = new SerialTracker();
  readonly #books = new LineBooks();
  readonly #lines = new LinePool();
  #partial: Buffer = Buffer.alloc(0);
  #current: OpenEvent | undefined;
  #lastStamp: Stamp = noStamp;
  /** While lines of events that were open come once more. */
  #resumed: AssemblerClock | undefined;
  #unsent = 0;
  #nowMs = 0;

  constructor(core: Core, options: EngineOptions, sink: DocumentSink) {
    this.#core = core;
    this.#sink = sink;
    this.#documents = new DocumentWriter(core, options);
    this.#quarantine = new Quarantine(options.quarantineLines);
    this.#assembler = new Assembler((event, how) => {
      this.#documents.write(event, how);
      this.#books.count("delivered", event.lines.length, event.sizeBytes);
      this.#lines.giveBack(event.lines);
      this.#countDocument();
    }, options.limits);
  }

  /** Takes the next bytes of the log, in pieces of any size. */
  push(bytes: Uint8Array, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#books.read.bytes += bytes.length;
    for (let from = 0; from < bytes.length; from += blockBytes) {
      this.#takeBlock(bytes.subarray(from, from + blockBytes));
    }
    this.#settle();
  }

  /** The file is over: what came of its last line is all there is. */
  endFile(nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.#partial.length === 0) return;
    const end = INPUT + this.#partial.length;
    this.#core.bytes.set(this.#partial, INPUT);
    this.#core.bytes[end] = 0x0a;
    this.#partial = Buffer.alloc(0);
    this.#books.read.bytes++;
    this.#core.scanLines(INPUT, end + 1);
    this.#takeLine(LINES >> 2, true);
    this.#copyOpenLines();
    this.#settle();
  }

  /** Completes the events whose time is over by the wall clock. */
  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#assembler.tick(nowMs);
    this.#settle();
  }

  /** Completes all events: no more lines will come. */
  end(nowMs: number): void {
    this.endFile(nowMs);
    this.#assembler.end();
    this.#settle();
  }

  /** The stamp of the newest line, as logged. */
  get lastStamp(): string {
    return textOfStamp(this.#lastStamp);
  }

  /** What another engine needs to go on from here. */
  state(): EngineState {
    const lines = [...this.#assembler.openEvents()].flatMap((event) => event.lines);
    const { read, fates, documents } = this.#books;
    return {
      pending: Buffer.concat(lines.flatMap(({ copy }) => [copy ?? Buffer.alloc(0), lineFeed])),
      partial: Buffer.from(this.#partial),
      done: this.#assembler.doneLately(),
      clock: this.#assembler.clock(),
      lastStamp: this.#lastStamp,
      serials: this.#serials.state(),
      books: structuredClone({ read, fates, documents }),
    };
  }

  /** Goes on where another engine was when it gave its state. */
  restore(state: EngineState, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#assembler.rememberDone(state.done);
    this.#serials.restore(state.serials);
    this.#books.restore(state.books);
    this.#assembler.startClock(state.clock);
    this.#resumed = state.clock;
    for (let from = 0; from < state.pending.length; from += blockBytes) {
      this.#takeBlock(state.pending.subarray(from, from + blockBytes));
    }
    this.#resumed = undefined;
    this.#partial = Buffer.from(state.partial);
    this.#lastStamp = state.lastStamp;
    Object.assign(this.#books.read, state.books.read);
    this.#settle();
  }

  /** Where every line went; losses of events that never came are estimates from their serials. */
  ledger(): Ledger & { readonly losses: { readonly serial_gap?: LossEntry } } {
    const gap = this.#serials.lost();
    const { read, fates, documents } = structuredClone({ ...this.#books });
    const { lines, bytes } = this.#assembler.held();
    const inFlight = { lines, bytes: bytes + this.#partial.length };
    return {
      read,
      inFlight,
      fates,
      documents,
      losses: gap === undefined ? {} : { serial_gap: gap },
    };
  }

  #takeBlock(bytes: Uint8Array): void {
    const { bytes: memory } = this.#core;
    memory.set(this.#partial, INPUT);
    memory.set(bytes, INPUT + this.#partial.length);
    const end = INPUT + this.#partial.length + bytes.length;
    let from: number = INPUT;
    for (;;) {
      const count = this.#core.scanLines(from, end);
      for (let row = 0; row < count; row++)
        this.#takeLine((LINES + row * LINE_ROW_BYTES) >> 2, false);
      from = this.#core.scanEnd();
      if (count === 0) break;
    }
    this.#keepPartial(from, end);
    this.#copyOpenLines();
  }

  /** Keeps the beginning of a line; what is past the longest line is counted now and let go. */
  #keepPartial(from: number, end: number): void {
    const cut = Math.max(end - from - longestLine - 1, 0);
    this.#books.count("overlong", 0, cut);
    this.#partial = Buffer.from(this.#core.bytes.subarray(from, end - cut));
  }

  /** The block's memory is about to be used again. */
  #copyOpenLines(): void {
    for (const event of this.#assembler.openEvents()) {
      for (const line of event.lines) {
        line.copy ??= Buffer.from(this.#core.bytes.subarray(line.start, line.end));
      }
    }
  }

  #takeLine(row: number, isCut: boolean): void {
    const { words } = this.#core;
    const start = words[row + (scan.LINE_START >> 2)] ?? 0;
    let end = words[row + (scan.LINE_END >> 2)] ?? 0;
    const flags = words[row + (scan.LINE_FLAGS >> 2)] ?? 0;
    this.#books.read.lines++;
    if ((flags & scan.BLANK) !== 0) {
      this.#books.count("blank", 1, end - start + 1);
      return;
    }
    const isLong = end - start > longestLine;
    if (isLong) {
      this.#books.count("overlong", 0, end - start - longestLine);
      end = start + longestLine;
    }
    if ((flags & scan.MALFORMED) !== 0) this.#quarantineLine(start, end);
    else this.#addRecord(row, flags, start, end, isCut || isLong);
  }

  #addRecord(row: number, flags: number, start: number, end: number, isCut: boolean): void {
    const line = this.#lines.take();
    line.start = start;
    line.end = end;
    line.isCut = isCut;
    readLine(this.#core, row, line);
    if ((flags & scan.UNSTAMPED) !== 0) {
      this.#writeUnstamped(line, readNode(this.#core, row));
      return;
    }
    if (this.#resumed !== undefined) {
      this.#assembler.resume(readStamp(this.#core, row), line, this.#resumed, this.#nowMs);
      return;
    }
    const isSame = (flags & scan.SAME_EVENT) !== 0;
    const event = isSame && this.#current?.isOpen ? this.#current : this.#eventOf(row, line);
    this.#current = event;
    if (event === undefined) return;
    if (this.#assembler.add(event, line)) return;
    this.#books.countNamed("event_oversize", 1, end - start + 1, textOfStamp(event.stamp));
  }

  /** The event of a line, or `undefined` for the end mark of an event that is complete. */
  #eventOf(row: number, line: Line): OpenEvent | undefined {
    const stamp = readStamp(this.#core, row);
    if (line.type === scan.EOE && this.#assembler.isDone(stamp)) {
      this.#books.count("marker", 1, line.end - line.start + 1);
      return undefined;
    }
    this.#lastStamp = stamp;
    const event = this.#assembler.eventOf(stamp, this.#nowMs);
    if (line.typeName === "DAEMON_START") this.#serials.restart();
    if (event.part === 1 && event.lines.length === 0 && !isDaemonType(line.typeName)) {
      this.#serials.see(stamp);
    }
    return event;
  }

  /** A record without a stamp is an event by itself, at the time of the line before it. */
  #writeUnstamped(line: Line, node: string): void {
    const stamp = { ...this.#lastStamp, serial: 0, oddText: this.#lineName(), node };
    const event = new OpenEvent(stamp, 1, this.#nowMs, 0);
    event.lines.push(line);
    this.#books.count("delivered", 1, line.end - line.start + 1);
    this.#documents.write(event, "whole");
    this.#countDocument();
  }

  /** A line that is no record is delivered as it is, as long as the allowance lasts. */
  #quarantineLine(start: number, end: number): void {
    const name = this.#lineName();
    const isAdmitted = this.#quarantine.admit(this.#nowMs);
    const fate = isAdmitted ? "quarantined" : "quarantine_full";
    this.#books.countNamed(fate, 1, end - start + 1, name);
    if (!isAdmitted) return;
    this.#documents.writeRaw(this.#lastStamp, name, start, end);
    this.#countDocument();
  }

  /** Names a line that has no stamp of its own. */
  #lineName(): string {
    return `line ${this.#books.read.lines} after ${textOfStamp(this.#lastStamp)}`;
  }

  #countDocument(): void {
    this.#books.documents++;
    this.#unsent++;
    if (this.#core.outputEnd() - OUTPUT >= handOverBytes) this.#handOver();
  }

  #handOver(): void {
    if (this.#unsent > 0) {
      this.#sink(this.#core.bytes.subarray(OUTPUT, this.#core.outputEnd()), this.#unsent);
    }
    this.#unsent = 0;
    this.#core.setOutputEnd(OUTPUT);
  }

  /** Leaves nothing of this engine in the core. */
  #settle(): void {
    this.#current = undefined;
    this.#handOver();
  }
}

const lineFeed = Buffer.from("\n");
