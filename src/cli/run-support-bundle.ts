import { randomBytes } from "node:crypto";
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { create } from "tar";
import { Failure } from "#base/failure.ts";
import { escapeUnprintable } from "#base/printable.ts";
import { parseSizeBytes } from "#base/units.ts";
import { Redactor } from "#redact/redactor.ts";
import { findInText } from "#redact/text-secrets.ts";
import { type Handler, type Invocation, textOption } from "./command.ts";
import { fromLineStart, gatherParts, type SupportPart } from "./support-parts.ts";

const usualSize = "8MiB";
const fileMode = 0o600;

/** One part as it goes into the file. */
interface PackedPart {
  readonly name: string;
  readonly text: string;
  readonly redacted: number;
  readonly cutBytes: number;
}

/** Gathers, redacts, cuts to size and writes the bundle, and tells what is in it. */
export const runSupportBundle: Handler = async (invocation, io) => {
  const isPreview = invocation.options.has("preview");
  const limitBytes = readLimit(invocation);
  const time = new Date(io.now()).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const output = textOption(invocation, "output") ?? nameOf(time);
  if (!isPreview) requireAbsent(output);
  const parts = await gatherParts(invocation.program, textOption(invocation, "config"), io);
  const packed = cutToSize(parts.map(redact), limitBytes);
  await io.stdout.write(render(packed));
  if (isPreview) return 0;
  await write(output, time, packed);
  await io.stdout.write(
    `${escapeUnprintable(output)} is written. Look through it, then hand it on\n`,
  );
  return 0;
};

function readLimit(invocation: Invocation): number {
  const text = textOption(invocation, "max-size") ?? usualSize;
  const sizeBytes = parseSizeBytes(text);
  if (sizeBytes !== undefined && sizeBytes > 0) return sizeBytes;
  throw new Failure("usage.invalid", `Cannot read option --max-size: current value is "${text}"`, {
    hint: "Give a size such as 512KiB or 4MiB.",
  });
}

function nameOf(time: string): string {
  return `linuxguard-support-${hostname().replaceAll(/[^\w.-]/g, "_")}-${time}.tar.gz`;
}

function requireAbsent(path: string): void {
  if (!existsSync(path)) return;
  throw new Failure("output.unwritable", `Cannot write ${path}: it is there already`, {
    hint: "Give another name with --output, or remove it.",
  });
}

/** Equal secrets stay equal within one bundle; its key is kept nowhere. */
const redactor = new Redactor(randomBytes(32));

function redact({ name, text, isLog }: SupportPart): SupportPart & { readonly redacted: number } {
  const before = redactor.count;
  const bytes = Buffer.from(text).toString("latin1");
  const replaced = redactor.replace(bytes, findInText(bytes)) ?? bytes;
  const redacted = redactor.count - before;
  return { name, text: Buffer.from(replaced, "latin1").toString(), isLog, redacted };
}

/** Cuts logs at their beginning, the oldest first, until all fits; what is no log stays. */
function cutToSize(
  parts: readonly (SupportPart & { readonly redacted: number })[],
  limitBytes: number,
): readonly PackedPart[] {
  let excess = parts.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0) - limitBytes;
  const packed = parts.toReversed().map(({ name, text, isLog, redacted }) => {
    const size = Buffer.byteLength(text);
    if (!isLog || excess <= 0) return { name, text, redacted, cutBytes: 0 };
    const kept = excess >= size ? "" : fromLineStart(Buffer.from(text).toString("utf8", excess));
    const cutBytes = size - Buffer.byteLength(kept);
    excess -= cutBytes;
    return { name, text: kept, redacted, cutBytes };
  });
  return packed.toReversed();
}

function render(parts: readonly PackedPart[]): string {
  const rows = parts.map(({ name, text, redacted, cutBytes }) => {
    const notes = [
      `${Buffer.byteLength(text)} bytes`,
      ...(redacted === 0 ? [] : [`${redacted} credentials replaced`]),
      ...(cutBytes === 0 ? [] : [`${cutBytes} bytes of its beginning left out`]),
    ];
    return `${name.padEnd(28)}${notes.join(", ")}\n`;
  });
  const redacted = parts.reduce((sum, each) => sum + each.redacted, 0);
  return `${rows.join("")}${parts.length} files, ${redacted} credentials replaced\n`;
}

async function write(output: string, time: string, parts: readonly PackedPart[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "linuxguard-support-"));
  const root = `linuxguard-support-${time}`;
  try {
    const report = { name: "report.txt", text: render(parts) };
    for (const { name, text } of [...parts, report]) {
      const path = join(folder, root, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text, { mode: fileMode });
    }
    const archive = create({ gzip: true, cwd: folder, portable: true }, [root]);
    await pipeline(archive, createWriteStream(output, { flags: "wx", mode: fileMode }));
  } catch (cause) {
    throw unwritable(output, cause);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function unwritable(path: string, cause: unknown): Failure {
  if (!(cause instanceof Error && "code" in cause)) throw cause;
  return new Failure("output.unwritable", `Cannot write ${path}: ${String(cause.code)}`, {
    hint: "Give a file in a directory that this user may write, on a disk with free space.",
    cause,
  });
}
