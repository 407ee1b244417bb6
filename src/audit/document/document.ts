import type { Completion, OpenEvent } from "#audit/assembler.ts";
import type { Literal } from "#audit/core/constants.ts";
import type { Core } from "#audit/core/core.ts";
import { placeRedacted, redactLines } from "#audit/redaction.ts";
import type { AccountNames, Enricher } from "#model/enrich.ts";
import type { RecordRedactor } from "#model/redact.ts";
import type { Stamp } from "#model/stamp.ts";
import { ActionWriter } from "./action.ts";
import { BlockWriter } from "./block.ts";
import { Calls } from "./call.ts";
import { EventView } from "./event-view.ts";
import { HeadWriter } from "./head.ts";
import { incompleteReasons } from "./incomplete.ts";
import { ObjectWriter } from "./object.ts";
import { EventIds } from "./prefix.ts";
import { ProcessWriter } from "./process.ts";
import { RelatedWriter } from "./related.ts";
import { SocketWriter } from "./socket.ts";
import { UserRecordWriter } from "./user-record.ts";
import { Writer } from "./writer.ts";

const makesAccounts: ReadonlySet<string> = new Set(["ADD_USER", "ADD_GROUP"]);
const changesAccounts: ReadonlySet<string> = new Set([
  "USER_MGMT",
  "GRP_MGMT",
  "DEL_USER",
  "DEL_GROUP",
]);

/** What goes into documents besides the event itself. */
export interface DocumentOptions {
  /** Stands for the host in event ids; not the machine id itself. */
  readonly hostKey: string;
  /** JSON members that every document has, such as `"host":{…}`; empty for none. */
  readonly envelope: string;
  readonly enricher: Enricher | undefined;
  /** Which events carry their records as logged. */
  readonly records: "all" | "odd" | "none";
  /** The most bytes of records that one document carries. */
  readonly recordBytes: number;
  /** Replaces secrets before anything is made of a record; absent to show what was logged. */
  readonly redactor?: RecordRedactor | undefined;
}

/** Writes events as ECS documents, one a line, into the core's output. */
export class DocumentWriter {
  readonly #core: Core;
  readonly #options: DocumentOptions;
  readonly #ids: EventIds;
  readonly #writer: Writer;
  readonly #head: HeadWriter;
  readonly #view: EventView;
  readonly #calls: Calls;
  readonly #action: ActionWriter;
  readonly #process: ProcessWriter;
  readonly #object: ObjectWriter;
  readonly #userRecord: UserRecordWriter;
  readonly #related: RelatedWriter;
  readonly #block: BlockWriter;
  readonly #end: Literal;

  constructor(core: Core, options: DocumentOptions) {
    this.#core = core;
    this.#options = options;
    this.#ids = new EventIds(options.hostKey);
    this.#writer = new Writer(core);
    this.#view = new EventView(core);
    this.#calls = new Calls(core);
    this.#action = new ActionWriter(this.#writer);
    this.#head = new HeadWriter(this.#writer, this.#ids, options.envelope);
    this.#process = new ProcessWriter(this.#writer, this.#ids, options.enricher);
    const socket = new SocketWriter(this.#writer);
    this.#object = new ObjectWriter(this.#writer, socket);
    this.#userRecord = new UserRecordWriter(this.#writer);
    this.#related = new RelatedWriter(this.#writer, socket);
    this.#block = new BlockWriter(this.#writer, options, socket);
    this.#end = this.#writer.literal("}\n");
  }

  /** Writes the document of one event. */
  write(event: OpenEvent, how: Completion): void {
    const writer = this.#writer;
    const view = this.#view;
    redactLines(this.#core, event.lines, this.#options.redactor);
    const names = this.#namesFor(event);
    view.show(event, names);
    if (changesAccounts.has(view.primaryTypeName)) names?.invalidate();
    const call = view.hasSyscall ? this.#calls.call() : undefined;
    this.#head.writeEvent(event.stamp, event.part);
    const action = this.#action.write(view, call);
    const { node } = event.stamp;
    if (node !== "" && this.#options.envelope === "") this.#writeNode(node);
    const reasons: string[] = incompleteReasons(this.#core, event, view, call, how);
    const told = view.isUserRecord ? view.telling : undefined;
    let ip = "";
    if (told !== undefined) ip = this.#userRecord.write(told, action);
    else reasons.push(...this.#process.write(view, event.stamp, event.part));
    this.#object.write(view, call, action);
    if (told !== undefined) this.#related.writeTold(told, action, ip);
    else this.#related.write(view, call);
    this.#block.write(event, view, call, reasons);
    writer.valueLiteral(this.#end);
  }

  /** The names for an event of this host; what it says was made has its name from now on. */
  #namesFor({ stamp, lines }: OpenEvent): AccountNames | undefined {
    const { enricher } = this.#options;
    if (enricher?.names === undefined || !enricher.isOwn(stamp.node)) return undefined;
    if (makesAccounts.has(lines[0]?.typeName ?? "")) enricher.names.invalidate();
    return enricher.names;
  }

  /** Writes a line that is no record, at the time of the record before it. */
  writeRaw(stamp: Stamp, name: string, from: number, to: number): void {
    const core = this.#core;
    const [start, end] = placeRedacted(core, from, to, this.#options.redactor);
    this.#head.writeNamed(stamp, this.#ids.ofName(name));
    this.#writer.value(
      `,"kind":"pipeline_error","module":"auditd","dataset":"linuxguard.audit","original":`,
    );
    core.takeLossy();
    core.writeString(start, end - start);
    this.#writer.value('},"error":{"message":"This line is no audit record"}');
    if (core.takeLossy()) {
      this.#writer.value(
        `,"linuxguard":{"original_base64":"${core.bytes.toString("base64", start, end)}"}`,
      );
    }
    this.#writer.value("}\n");
  }

  #writeNode(node: string): void {
    this.#writer.open('"host":{');
    this.#writer.member('"name":');
    this.#writer.string(Buffer.from(node, "latin1"));
    this.#writer.close();
  }
}
