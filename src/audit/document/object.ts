import type { EcsAction } from "#audit/actions.ts";
import { OUTER } from "#audit/core/fields.ts";
import { HOST } from "#audit/core/layout.ts";
import { FROM_CWD, UNRESOLVED } from "#audit/core/paths.ts";
import { fileType, parseMode } from "#audit/decode/file-mode.ts";
import { objectOf, parsePath, resolvePaths } from "#audit/decode/paths.ts";
import { type Call, fieldText, firstByte } from "./call.ts";
import { type EventView, groups } from "./event-view.ts";
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
/** First letters of the name types `CREATE`, `DELETE` and `PARENT`. */
const letterC = 0x43;
const letterD = 0x44;
const letterP = 0x50;
/** `AT_FDCWD` as SYSCALL records log it, on 64 and 32 bits. */
const currentDirectory = new Set(["ffffff9c", "ffffffffffffff9c"]);

/** Writes what it was done to: a file, or the other end of a connection. */
export class ObjectWriter {
  readonly #writer: Writer;
  readonly #socket: SocketWriter;
  readonly #file: number;

  constructor(writer: Writer, socket: SocketWriter) {
    this.#writer = writer;
    this.#socket = socket;
    this.#file = writer.template(fileRows);
  }

  write(view: EventView, call: Call | undefined, action: EcsAction): void {
    if (view.pathCount > 0 && action.category.includes("file")) this.#writeFile(view, call);
    if (view.hasSocket && call !== undefined) this.#socket.write(call, action);
  }

  #writeFile(view: EventView, call: Call | undefined): void {
    const path = this.#objectOf(view);
    const group = groups.path + path;
    const { core } = this.#writer;
    this.#writer.open('"file":{');
    this.#writePath(view, path, call);
    core.writeTemplate(this.#file, group);
    const mode = parseMode(fieldText(core, core.slot(group, keys.mode)));
    const type = mode === undefined ? undefined : fileType(mode);
    if (type !== undefined) this.#writer.member(`"type":"${type}"`);
    this.#writer.close();
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

  #writePath(view: EventView, path: number, call: Call | undefined): void {
    const { core } = this.#writer;
    const name = core.slot(groups.path + path, keys.name);
    if (call !== undefined && this.#needsContext(call)) {
      this.#writeInContext(view, call);
      return;
    }
    if (name === 0) return;
    const how = core.resolvePath(name, core.slot(groups.cwd, keys.cwd), FROM_CWD, false);
    const at = core.textStart();
    const size = core.textSize();
    if (size === 0) return;
    this.#writer.member('"path":');
    core.writeString(at, size);
    if (how !== UNRESOLVED) this.#writeParts(at, size);
  }

  /** Parts of an absolute path that stands in the core's memory. */
  #writeParts(at: number, size: number): void {
    const { core } = this.#writer;
    const slash = core.bytes.lastIndexOf(0x2f, at + size - 1);
    this.#writer.member('"name":');
    core.writeString(slash + 1, at + size - slash - 1);
    this.#writer.member('"directory":');
    core.writeString(at, Math.max(slash - at, 1));
  }

  /** Two names, or a directory given by descriptor: the other records must be asked as well. */
  #needsContext({ name }: Call): boolean {
    if (name.startsWith("rename") || name.startsWith("link")) return true;
    return name.includes("at") && !currentDirectory.has(this.#argument("a0"));
  }

  #writeInContext(view: EventView, call: Call): void {
    const { core } = this.#writer;
    const paths = view.paths.map((range) => parsePath(rawFields(core, range, OUTER)));
    const cwdField = core.slot(groups.cwd, keys.cwd);
    const cwd = cwdField !== 0 && core.decodeValue(cwdField) ? this.#text() : undefined;
    const args = (["a0", "a1", "a2", "a3"] as const).map((name) => this.#argument(name));
    const resolved = resolvePaths({ paths, cwd, syscall: call.name, args });
    const { object, original } = objectOf(call.name, resolved);
    if (object?.path !== undefined) {
      core.bytes.set(object.path, HOST);
      this.#writer.member('"path":');
      core.writeString(HOST, object.path.length);
      if (object.resolved !== "no") this.#writeParts(HOST, object.path.length);
    }
    if (original?.path === undefined) return;
    this.#writer.open('"Ext":{"original":{');
    this.#writer.member('"path":');
    this.#writer.string(original.path);
    this.#writer.close();
    core.writeByte(0x7d);
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
