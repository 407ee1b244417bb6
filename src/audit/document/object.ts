import type { EcsAction } from "#audit/actions.ts";
import { OUTER } from "#audit/core/fields.ts";
import { fileType } from "#audit/decode/file-mode.ts";
import {
  objectOf,
  parsePath,
  type ResolvedPath,
  resolvePaths,
  targetOf,
} from "#audit/decode/paths.ts";
import type { Call } from "./call.ts";
import { type EventView, groups } from "./event-view.ts";
import { fieldText, firstByte, parseSmall } from "./field-values.ts";
import { rawFields } from "./raw-fields.ts";
import type { SocketWriter } from "./socket.ts";
import { fileRows } from "./templates.ts";
import { key, type Writer } from "./writer.ts";

const keys = {
  name: key("name"),
  nametype: key("nametype"),
  cwd: key("cwd"),
  mode: key("mode"),
  a0: key("a0"),
  a1: key("a1"),
  a2: key("a2"),
  a3: key("a3"),
};
/** First letters of the name types `CREATE`, `DELETE`, `PARENT`, `NORMAL` and `UNKNOWN`. */
const letterC = 0x43;
const letterD = 0x44;
const letterP = 0x50;
const letterN = 0x4e;
const letterU = 0x55;
const quoteByte = 0x22;
const dotByte = 0x2e;
const slashByte = 0x2f;
/** `AT_FDCWD` as SYSCALL records log it, on 64 and 32 bits. */
const currentDirectory = new Set(["ffffff9c", "ffffffffffffff9c"]);

/** Writes what it was done to: a file, or the other end of a connection. */
export class ObjectWriter {
  readonly #writer: Writer;
  readonly #socket: SocketWriter;
  readonly #file: number;
  readonly #literals;

  constructor(writer: Writer, socket: SocketWriter) {
    this.#writer = writer;
    this.#socket = socket;
    this.#file = writer.template(fileRows);
    this.#literals = {
      file: writer.literal('"file":{'),
      path: writer.literal('"path":'),
      name: writer.literal('"name":'),
      directory: writer.literal('"directory":'),
      targetPath: writer.literal('"target_path":'),
    };
  }

  write(view: EventView, call: Call | undefined, action: EcsAction): void {
    if (view.pathCount > 0 && action.category.includes("file")) this.#writeFile(view, call);
    if (view.hasSocket && call !== undefined) this.#socket.write(call);
  }

  #writeFile(view: EventView, call: Call | undefined): void {
    const path = this.#objectOf(view);
    const { core } = this.#writer;
    this.#writer.openLiteral(this.#literals.file);
    if (call !== undefined && this.#needsContext(view, path, call)) {
      this.#writeInContext(view, call);
    } else {
      if (this.#writePath(path)) this.#writeParts();
      this.#writeOriginal(view, call);
      if (call?.name.startsWith("symlink")) this.#writeLinkText(view, path, call);
    }
    core.writeTemplate(this.#file, groups.path + path);
    this.#writeType(core.slot(groups.path + path, keys.mode));
    this.#writer.close();
  }

  #writeType(mode: number): void {
    const number = parseSmall(this.#writer.core, mode, 8);
    const type = number < 0 ? undefined : fileType(number);
    if (type !== undefined) this.#writer.literalFor(type, renderType);
  }

  /** What was made, the last of them; else the first taken away; else the first that is no parent. */
  #objectOf(view: EventView): number {
    const { core } = this.#writer;
    let created = -1;
    let deleted = -1;
    let other = -1;
    for (let path = view.pathCount - 1; path >= 0; path--) {
      const type = firstByte(core, core.slot(groups.path + path, keys.nametype));
      if (type === letterC && created < 0) created = path;
      else if (type === letterD) deleted = path;
      else if (type !== letterP) other = path;
    }
    return [created, deleted, other].find((path) => path >= 0) ?? 0;
  }

  /** Writes a name and tells whether it could be made absolute. */
  #writePath(path: number, member = this.#literals.path): boolean {
    const { core } = this.#writer;
    const name = core.slot(groups.path + path, keys.name);
    if (name === 0) return false;
    const isResolved = core.resolvePath(name, core.slot(groups.cwd, keys.cwd));
    if (core.textSize() === 0) return false;
    this.#writer.memberLiteral(member);
    core.writeString(core.textStart(), core.textSize());
    return Boolean(isResolved);
  }

  /** Last component and directory of the absolute path at hand. */
  #writeParts(): void {
    const { core } = this.#writer;
    const at = core.textStart();
    const end = at + core.textSize();
    const slash = core.bytes.lastIndexOf(0x2f, end - 1);
    this.#writer.memberLiteral(this.#literals.name);
    core.writeString(slash + 1, end - slash - 1);
    this.#writer.memberLiteral(this.#literals.directory);
    core.writeString(at, Math.max(slash - at, 1));
  }

  /** The name that a renamed or linked file had before. */
  #writeOriginal(view: EventView, call: Call | undefined): void {
    if (call === undefined || !call.takesTwoNames) return;
    const isRename = call.name.startsWith("rename");
    const original = this.#firstOf(view, isRename ? letterD : letterN);
    if (original < 0) return;
    if (!isRename) this.#writePath(original, this.#literals.targetPath);
    this.#writer.open('"Ext":{');
    this.#writer.open('"original":{');
    this.#writePath(original);
    this.#writer.close();
    this.#writer.close();
  }

  #firstOf({ pathCount }: EventView, letter: number): number {
    const { core } = this.#writer;
    for (let path = 0; path < pathCount; path++) {
      if (firstByte(core, core.slot(groups.path + path, keys.nametype)) === letter) return path;
    }
    return -1;
  }

  /**
   * A relative name may start at a directory given by descriptor: then the other records must be
   * asked as well.
   */
  #needsContext(view: EventView, path: number, call: Call): boolean {
    if (!call.takesDirectory) return false;
    if (!call.takesTwoNames) {
      return this.#isRelative(path) && !currentDirectory.has(this.#argument("a0"));
    }
    const isHere =
      currentDirectory.has(this.#argument("a0")) && currentDirectory.has(this.#argument("a2"));
    if (isHere) return false;
    for (let other = 0; other < view.pathCount; other++) if (this.#isRelative(other)) return true;
    return false;
  }

  #isRelative(path: number): boolean {
    const { core } = this.#writer;
    const name = core.slot(groups.path + path, keys.name);
    return (
      name !== 0 && Boolean(core.decodeValue(name)) && core.bytes[core.textStart()] !== slashByte
    );
  }

  /** Where a new symbolic link leads: its text, from its directory. */
  #writeLinkText(view: EventView, path: number, call: Call): void {
    const { core } = this.#writer;
    const original = this.#firstOf(view, letterU);
    const text = original < 0 ? 0 : core.slot(groups.path + original, keys.name);
    if (text === 0 || !core.decodeValue(text)) return;
    if (core.bytes[core.textStart()] === slashByte) {
      this.#writePath(original, this.#literals.targetPath);
      return;
    }
    const link = core.slot(groups.path + path, keys.name);
    const isResolved = link !== 0 && core.resolvePath(link, core.slot(groups.cwd, keys.cwd));
    const directory = core.textStart();
    const size = core.bytes.lastIndexOf(slashByte, directory + core.textSize() - 1) - directory + 1;
    core.decodeValue(text);
    if (!isResolved || !this.#isPlainName()) {
      this.#writeTarget(targetOf(call.name, this.#resolve(view, call)));
      return;
    }
    this.#writer.memberLiteral(this.#literals.targetPath);
    core.writeByte(quoteByte);
    core.writeText(directory, size);
    core.writeText(core.textStart(), core.textSize());
    core.writeByte(quoteByte);
  }

  /** Whether the text at hand has nothing that joining it to a directory would remove. */
  #isPlainName(): boolean {
    const { core } = this.#writer;
    const end = core.textStart() + core.textSize();
    let before = slashByte;
    for (let at = core.textStart(); at < end; at++) {
      const byte = core.bytes[at] ?? 0;
      if (before === slashByte && (byte === slashByte || byte === dotByte)) return false;
      before = byte;
    }
    return before !== slashByte;
  }

  #writeTarget(target: Uint8Array | undefined): void {
    if (target === undefined) return;
    this.#writer.memberLiteral(this.#literals.targetPath);
    this.#writer.string(target);
  }

  /** The general way, for all names of an event together. */
  #resolve(view: EventView, call: Call): readonly ResolvedPath[] {
    const { core } = this.#writer;
    const paths = view.paths.map((range) => parsePath(rawFields(core, range, OUTER)));
    const cwdField = core.slot(groups.cwd, keys.cwd);
    const cwd = cwdField !== 0 && core.decodeValue(cwdField) ? this.#text() : undefined;
    const args = (["a0", "a1", "a2", "a3"] as const).map((name) => this.#argument(name));
    return resolvePaths({ paths, cwd, syscall: call.name, args });
  }

  #writeInContext(view: EventView, call: Call): void {
    const resolved = this.#resolve(view, call);
    const { object, original } = objectOf(call.name, resolved);
    this.#writeTarget(targetOf(call.name, resolved));
    if (object?.path !== undefined) {
      this.#writer.member('"path":');
      this.#writer.string(object.path);
      if (object.resolved !== "no") this.#writePartsOf(object.path);
    }
    if (original?.path === undefined) return;
    this.#writer.open('"Ext":{');
    this.#writer.open('"original":{');
    this.#writer.member('"path":');
    this.#writer.string(original.path);
    this.#writer.close();
    this.#writer.close();
  }

  #writePartsOf(path: Uint8Array): void {
    const slash = path.lastIndexOf(slashByte);
    this.#writer.member('"name":');
    this.#writer.string(path.subarray(slash + 1));
    this.#writer.member('"directory":');
    this.#writer.string(path.subarray(0, Math.max(slash, 1)));
  }

  #text(): Uint8Array {
    const { core } = this.#writer;
    const start = core.textStart();
    return Uint8Array.prototype.slice.call(core.bytes, start, start + core.textSize());
  }

  #argument(name: "a0" | "a1" | "a2" | "a3"): string {
    const { core } = this.#writer;
    return fieldText(core, core.slot(groups.main, keys[name]));
  }
}

const renderType = (type: string) => `"type":"${type}"`;
