import { setTimeout as sleep } from "node:timers/promises";
import type { LogFields, Logger } from "#base/logger.ts";
import { Collector, type FlushSettings } from "#pipeline/collector.ts";
import { parseNote } from "#pipeline/note.ts";
import { AuditLog } from "#sources/audit-log.ts";
import { Spool, type SpoolSettings } from "#spool/spool.ts";
import { coreOf } from "#test/support/engine.ts";

/** How a collector is made; the rest is usual. */
export interface CollectingOptions {
  readonly logFile: string;
  readonly directory: string;
  readonly flush?: FlushSettings;
  readonly blockBytes?: number;
  /** How its spool is kept; or one that is open already, and stays so. */
  readonly spool?: Partial<SpoolSettings> | Spool;
}

/** A real collector between a real log and a real spool, in this process. */
export class Collecting {
  readonly collector: Collector;
  readonly spool: Spool;
  /** Messages and fields that it logged. */
  readonly logged: string[] = [];
  readonly #source: AuditLog;
  readonly #isOwnSpool: boolean;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor({ logFile, directory, flush, blockBytes, spool }: CollectingOptions) {
    this.#isOwnSpool = !(spool instanceof Spool);
    this.spool = spool instanceof Spool ? spool : openSpool(directory, spool);
    const note = this.spool.note === undefined ? undefined : parseNote(this.spool.note);
    this.#source = AuditLog.open({
      path: logFile,
      from: "oldest",
      ...(note?.position === undefined ? {} : { position: note.position }),
      ...(blockBytes === undefined ? {} : { blockBytes }),
    });
    this.collector = new Collector(
      {
        core: coreOf("webassembly"),
        engine: {
          hostKey: "host",
          envelope: "",
          enricher: undefined,
          records: "all",
          recordBytes: 65_536,
          quarantineLines: 1_000,
        },
        source: this.#source,
        spool: this.spool,
        log: this.#createLog(),
        note,
        losses: {},
        clock: () => performance.now(),
      },
      flush ?? { intervalMs: 1, sizeBytes: 1_048_576 },
    );
    this.#running = this.collector.run(this.#stop.signal);
  }

  /** Waits until so many bytes of the log were read, and all documents of them are in the spool. */
  async untilRead(bytes: number): Promise<void> {
    await this.until(`${bytes} bytes read`, () => {
      const { ledger } = this.collector.state;
      return ledger.read.bytes >= bytes && ledger.documents === this.spool.head.documents;
    });
  }

  /** Waits until something holds. */
  async until(what: string, holds: () => boolean): Promise<void> {
    for (let tries = 0; !holds(); tries++) {
      if (tries > 10_000) {
        throw new Error(`Waited in vain for ${what}: ${JSON.stringify(this.collector.state)}`);
      }
      await sleep(1);
    }
  }

  /** Stops as at SIGTERM. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.#source.close();
    if (this.#isOwnSpool) this.spool.close();
  }

  #createLog(): Logger {
    const log = (message: string, fields?: LogFields) => {
      this.logged.push(fields === undefined ? message : `${message} ${JSON.stringify(fields)}`);
    };
    return { error: log, warn: log, info: log, debug: log };
  }
}

function openSpool(directory: string, settings: Partial<SpoolSettings> = {}): Spool {
  return Spool.open({
    directory,
    maxBytes: 64 * 1_048_576,
    segmentBytes: 1_048_576,
    freeFloorBytes: 0,
    compressionLevel: 1,
    ...settings,
  });
}
