import type { OpenEvent } from "#audit/assembler.ts";
import { INNER, OUTER, TRAILER } from "#audit/core/fields.ts";
import type { Line } from "#audit/line.ts";
import type { Call } from "./call.ts";
import { type EventView, groups, type OtherRecord } from "./event-view.ts";
import { writeRecordFields } from "./record-fields.ts";
import type { SocketWriter } from "./socket.ts";
import { pathRows, sessionRows, syscallRows } from "./templates.ts";
import { TypeTextsMaker } from "./type-texts.ts";
import { key, type Writer } from "./writer.ts";

/** What of the records as logged goes into a document. */
export interface RecordPolicy {
  readonly records: "all" | "odd" | "none";
  /** The most bytes of records that one document carries. */
  readonly recordBytes: number;
}

const keys = { key: key("key"), subj: key("subj") };
/** Separates the keys of several audit rules that matched. Source: linux/audit.h. */
const keySeparator = 1;
/** Writes `auditd`: the event in the log's own terms, and its records as logged. */
export class BlockWriter {
  readonly #writer: Writer;
  readonly #policy: RecordPolicy;
  readonly #socket: SocketWriter;
  readonly #texts: TypeTextsMaker;
  readonly #templates;
  readonly #literals;

  constructor(writer: Writer, policy: RecordPolicy, socket: SocketWriter) {
    this.#writer = writer;
    this.#policy = policy;
    this.#socket = socket;
    this.#texts = new TypeTextsMaker(writer);
    this.#templates = {
      session: writer.template(sessionRows),
      syscall: writer.template(syscallRows),
      path: writer.template(pathRows),
    };
    this.#literals = {
      block: writer.literal('"auditd":{'),
      recordTypes: writer.literal('"record_types":['),
      key: writer.literal('"key":['),
      data: writer.literal('"data":{'),
      paths: writer.literal('"paths":['),
      object: writer.literal("{"),
      records: writer.literal('"records":['),
    };
  }

  write(
    event: OpenEvent,
    view: EventView,
    call: Call | undefined,
    reasons: readonly string[],
  ): void {
    const writer = this.#writer;
    const { core } = writer;
    writer.openLiteral(this.#literals.block);
    this.#writeRecordTypes(event.lines);
    if (event.stamp.node !== "") {
      writer.member('"node":');
      writer.string(Buffer.from(event.stamp.node, "latin1"));
    }
    core.writeTemplate(this.#templates.session, groups.main);
    this.#writeKeys();
    if (call === undefined) this.#writeRecordData(view);
    else this.#writeCallData(call);
    if (view.pathCount > 0) this.#writePaths(view.pathCount);
    if (view.hasSocket) this.#socket.writeBlock(call?.littleEndian ?? true);
    if (view.others.length > 0) this.#writeOthers(view.others);
    if (event.part > 1) writer.member(`"part":${event.part}`);
    if (reasons.length > 0) writer.member(`"incomplete":${JSON.stringify(reasons)}`);
    if (this.#carriesRecords(event, reasons)) this.#writeRecords(event.lines);
    writer.close();
  }

  #writeRecordTypes(lines: readonly Line[]): void {
    this.#writer.openLiteral(this.#literals.recordTypes);
    for (const line of lines) this.#writer.memberPlaced(this.#texts.of(line).name);
    this.#writer.closeArray();
  }

  #writeKeys(): void {
    const { core } = this.#writer;
    const field = core.slot(groups.main, keys.key);
    if (field === 0 || !core.decodeValue(field)) return;
    const end = core.textStart() + core.textSize();
    let from = core.textStart();
    this.#writer.openLiteral(this.#literals.key);
    while (from <= end) {
      let stop = from;
      while (stop < end && core.bytes[stop] !== keySeparator) stop++;
      core.separate();
      core.writeString(from, stop - from);
      from = stop + 1;
    }
    this.#writer.closeArray();
  }

  #writeCallData(call: Call): void {
    const { core } = this.#writer;
    this.#writer.openLiteral(this.#literals.data);
    this.#writer.members(call.json);
    core.writeTemplate(this.#templates.syscall, groups.main);
    this.#writer.close();
  }

  #writeRecordData({ primaryTypeName, primaryFields }: EventView): void {
    this.#writer.open('"data":{');
    writeRecordFields(this.#writer, primaryTypeName, primaryFields, OUTER);
    this.#writer.close();
    this.#writer.open('"message":{');
    writeRecordFields(this.#writer, primaryTypeName, primaryFields, INNER);
    this.#writer.close();
    this.#writer.open('"names":{');
    writeRecordFields(this.#writer, primaryTypeName, primaryFields, TRAILER);
    this.#writer.close();
  }

  #writePaths(count: number): void {
    const { core } = this.#writer;
    this.#writer.openLiteral(this.#literals.paths);
    for (let path = 0; path < count; path++) {
      this.#writer.openLiteral(this.#literals.object);
      core.writeTemplate(this.#templates.path, groups.path + path);
      this.#writer.close();
    }
    this.#writer.closeArray();
  }

  /** Records besides the usual ones: OBJ_PID, BPRM_FCAPS, AVC and the like. */
  #writeOthers(others: readonly OtherRecord[]): void {
    this.#writer.open('"others":[');
    for (const other of others) {
      this.#writer.open("{");
      this.#writer.literalFor(other.typeName, renderType);
      this.#writer.open('"data":{');
      writeRecordFields(this.#writer, other.typeName, other, OUTER);
      this.#writer.close();
      this.#writer.open('"message":{');
      writeRecordFields(this.#writer, other.typeName, other, INNER);
      this.#writer.close();
      this.#writer.close();
    }
    this.#writer.closeArray();
  }

  #carriesRecords({ lines }: OpenEvent, reasons: readonly string[]): boolean {
    if (this.#policy.records !== "odd") return this.#policy.records === "all";
    return reasons.length > 0 || lines.some(({ isOdd }) => isOdd);
  }

  #writeRecords(lines: readonly Line[]): void {
    let leftBytes = this.#policy.recordBytes;
    let written = 0;
    this.#writer.openLiteral(this.#literals.records);
    for (const line of lines) {
      leftBytes -= line.end - line.start;
      if (leftBytes < 0) break;
      this.#writeRecord(line);
      written++;
    }
    this.#writer.closeArray();
    if (written < lines.length) {
      this.#writer.member(`"records_omitted":${lines.length - written}`);
    }
  }

  /** A line of the usual form is its type and body; of any other form it is all of the line. */
  #writeRecord(line: Line): void {
    const { core } = this.#writer;
    const end = line.end + line.shift;
    const start = (line.isOdd ? line.start : line.bodyStart) + line.shift;
    const { beginLine, beginRecord } = this.#texts.of(line);
    const { at, size } = this.#writer.locate(line.isOdd ? beginLine : beginRecord);
    if (!core.writeRecord(at, size, start, end - start)) return;
    this.#writer.member('"base64":');
    this.#writer.value(`"${core.bytes.toString("base64", start, end)}"}`);
  }
}

const renderType = (type: string) => `"record_type":"${type}"`;
