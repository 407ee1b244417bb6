import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";

/** What one append keeps: facts as JSON, and bytes as they came. */
export interface JournalEntry {
  readonly facts: unknown;
  readonly body: Uint8Array;
}

const headLength = 12;

/**
 * A file that only grows. An append is on disk when it resolves; one that a crash cut off is cut away
 * when the file is opened again. Each entry is the lengths of facts and body, a checksum, and the two.
 */
export class Journal {
  readonly #file: FileHandle;
  #end: number;

  private constructor(file: FileHandle, end: number) {
    this.#file = file;
    this.#end = end;
  }

  /** Opens a journal and hands out what it holds, oldest first. */
  static async open(path: string, onEntry: (entry: JournalEntry) => void): Promise<Journal> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(path, "a+", 0o600);
    let end = 0;
    for (;;) {
      const entry = await readEntry(file, end);
      if (entry === undefined) break;
      onEntry(entry);
      end = entry.end;
    }
    await file.truncate(end);
    await syncDirectory(dirname(path));
    return new Journal(file, end);
  }

  /** Appends an entry; rejects with the system's error, and then the file is as before. */
  async append({ facts, body }: JournalEntry): Promise<void> {
    const text = Buffer.from(JSON.stringify(facts));
    const head = Buffer.alloc(headLength);
    head.writeUInt32LE(text.length, 0);
    head.writeUInt32LE(body.length, 4);
    head.writeUInt32LE(crc32(body, crc32(text)), 8);
    const bytes = Buffer.concat([head, text, body]);
    try {
      // Unlike write(), it goes on after a short write.
      await this.#file.appendFile(bytes);
      await this.#file.datasync();
    } catch (error) {
      await this.#file.truncate(this.#end);
      throw error;
    }
    this.#end += bytes.length;
  }

  /** Reads all entries again, oldest first. */
  async *entries(): AsyncGenerator<JournalEntry, void, undefined> {
    for (let at = 0; at < this.#end; ) {
      const entry = await readEntry(this.#file, at);
      if (entry === undefined) throw new Error(`Journal is damaged at byte ${at}`);
      yield entry;
      at = entry.end;
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** Reads the entry at an offset, or `undefined` if there is no whole one. */
async function readEntry(
  file: FileHandle,
  at: number,
): Promise<(JournalEntry & { readonly end: number }) | undefined> {
  const head = await readAt(file, at, headLength);
  if (head === undefined) return undefined;
  const textLength = head.readUInt32LE(0);
  const bodyLength = head.readUInt32LE(4);
  const { size } = await file.stat();
  const end = at + headLength + textLength + bodyLength;
  if (end > size) return undefined;
  const bytes = await readAt(file, at + headLength, textLength + bodyLength);
  if (bytes === undefined || crc32(bytes) !== head.readUInt32LE(8)) return undefined;
  const facts: unknown = JSON.parse(bytes.toString("utf8", 0, textLength));
  return { facts, body: bytes.subarray(textLength), end };
}

async function readAt(file: FileHandle, at: number, length: number): Promise<Buffer | undefined> {
  const bytes = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await file.read(bytes, read, length - read, at + read);
    if (bytesRead === 0) return undefined;
    read += bytesRead;
  }
  return bytes;
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
