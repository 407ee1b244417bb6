import type { ArgumentProblem } from "#audit/decode/execve.ts";
import type { Enricher, ProcessContext, ProcessImage, ProcessSighting } from "#model/enrich.ts";
import { noStamp, type Stamp } from "#model/stamp.ts";
import { ArgumentWriter } from "./arguments.ts";
import { type EventView, groups } from "./event-view.ts";
import { firstByte, parseSmall } from "./field-values.ts";
import type { EventIds } from "./prefix.ts";
import {
  parentPidRows,
  pidRows,
  processIdRows,
  processRows,
  userRows,
  workingDirectoryRows,
} from "./templates.ts";
import { key, type Writer } from "./writer.ts";

const keys = {
  pid: key("pid"),
  ppid: key("ppid"),
  proctitle: key("proctitle"),
  success: key("success"),
};

/** Writes who did it: `process` with its parent, and `user`. */
export class ProcessWriter {
  readonly #writer: Writer;
  readonly #enricher: Enricher | undefined;
  readonly #arguments: ArgumentWriter;
  readonly #templates;
  readonly #literals;
  /** One object for all events: it is made for none of them. */
  readonly #sighting: Sighting;

  constructor(writer: Writer, ids: EventIds, enricher: Enricher | undefined) {
    this.#writer = writer;
    this.#enricher = enricher;
    this.#arguments = new ArgumentWriter(writer);
    this.#templates = {
      pid: writer.template(pidRows),
      parentPid: writer.template(parentPidRows),
      process: writer.template(processRows),
      ids: writer.template(processIdRows),
      user: writer.template(userRows),
      workingDirectory: writer.template(workingDirectoryRows),
    };
    this.#literals = {
      process: writer.literal('"process":{'),
      parent: writer.literal('"parent":{'),
      title: writer.literal('"title":'),
      entityId: writer.literal('"entity_id":"'),
    };
    this.#sighting = new Sighting(writer.core.bytes, ids);
  }

  /** Writes them and tells what is missing. */
  write(view: EventView, stamp: Stamp, part: number): readonly ArgumentProblem[] {
    const writer = this.#writer;
    const { core } = writer;
    const { execveFrom, execveTo } = view;
    writer.openLiteral(this.#literals.process);
    core.writeTemplate(this.#templates.pid, groups.main);
    const descriptionStart = core.outputEnd();
    core.writeTemplate(this.#templates.process, groups.main);
    const argumentsStart = core.outputEnd();
    const problems =
      execveTo > execveFrom ? this.#arguments.write({ from: execveFrom, to: execveTo }) : none;
    this.#sighting.stamp = stamp;
    this.#sighting.part = part;
    const context = this.#observe(view, descriptionStart, argumentsStart);
    if (context !== undefined) this.#writeEntity(context.entityId);
    if (view.hasTitle) this.#writeTitle();
    if (view.hasCwd) core.writeTemplate(this.#templates.workingDirectory, groups.cwd);
    core.writeTemplate(this.#templates.ids, groups.main);
    this.#writeParent(context?.parent);
    writer.close();
    core.writeTemplate(this.#templates.user, groups.main);
    if (context?.containerId !== undefined) this.#writeContainer(context.containerId);
    return problems;
  }

  /** Shows the process to the enricher, with the members just written as its description. */
  #observe(
    view: EventView,
    descriptionStart: number,
    argumentsStart: number,
  ): ProcessContext | undefined {
    const enricher = this.#enricher;
    const sighting = this.#sighting;
    const { core } = this.#writer;
    if (enricher === undefined || !view.hasSyscall || !enricher.isOwn(sighting.stamp.node))
      return undefined;
    sighting.pid = parseSmall(core, core.slot(groups.main, keys.pid), 10);
    if (sighting.pid < 0) return undefined;
    sighting.ppid = Math.max(parseSmall(core, core.slot(groups.main, keys.ppid), 10), -1);
    sighting.isExec =
      view.execveTo > view.execveFrom &&
      firstByte(core, core.slot(groups.main, keys.success)) === letterY;
    sighting.descriptionStart = descriptionStart;
    sighting.argumentsStart = argumentsStart;
    sighting.descriptionEnd = core.outputEnd();
    return enricher.observe(sighting);
  }

  #writeEntity(id: string): void {
    this.#writer.memberLiteral(this.#literals.entityId);
    this.#writer.ascii(id);
    this.#writer.core.writeByte(0x22);
  }

  #writeTitle(): void {
    const { core } = this.#writer;
    const field = core.slot(groups.title, keys.proctitle);
    if (field === 0 || !core.decodeTitle(field)) return;
    this.#writer.memberLiteral(this.#literals.title);
    core.writeString(core.textStart(), core.textSize());
  }

  #writeParent(parent: ProcessImage | undefined): void {
    const { core } = this.#writer;
    this.#writer.openLiteral(this.#literals.parent);
    if (parent === undefined) core.writeTemplate(this.#templates.parentPid, groups.main);
    else this.#writer.latin1Members(parent.fragment);
    this.#writer.close();
  }

  #writeContainer(id: string): void {
    this.#writer.open('"container":{');
    this.#writer.member('"id":');
    this.#writer.string(Buffer.from(id));
    this.#writer.close();
  }
}

const none: readonly ArgumentProblem[] = [];
/** First letter of `yes`. */
const letterY = 0x79;

/** The process of the event in work. Its id as text is made only for who asks for it. */
class Sighting implements ProcessSighting {
  pid = 0;
  ppid = -1;
  isExec = false;
  stamp: Stamp = noStamp;
  part = 1;
  readonly bytes: Uint8Array;
  descriptionStart = 0;
  argumentsStart = 0;
  descriptionEnd = 0;
  readonly #ids: EventIds;

  constructor(bytes: Uint8Array, ids: EventIds) {
    this.bytes = bytes;
    this.#ids = ids;
  }

  get timeMs(): number {
    return this.stamp.seconds * 1_000 + this.stamp.milliseconds;
  }

  get serial(): number {
    return this.stamp.serial;
  }

  get eventId(): string {
    return this.#ids.ofEvent(this.stamp, this.part);
  }
}
