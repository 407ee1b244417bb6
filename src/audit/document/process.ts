import type { ArgumentProblem } from "#audit/decode/execve.ts";
import type { Enricher, ProcessContext } from "#model/enrich.ts";
import type { Stamp } from "#model/stamp.ts";
import { ArgumentWriter } from "./arguments.ts";
import { fieldText, parseSmall } from "./call.ts";
import { type EventView, groups } from "./event-view.ts";
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

  constructor(writer: Writer, enricher: Enricher | undefined) {
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
  }

  /** Writes them and tells what is missing. */
  write(view: EventView, eventId: string, stamp: Stamp): readonly ArgumentProblem[] {
    const writer = this.#writer;
    const { core } = writer;
    writer.open('"process":{');
    core.writeTemplate(this.#templates.pid, groups.main);
    const from = core.outputEnd();
    core.writeTemplate(this.#templates.process, groups.main);
    const withoutArguments = core.outputEnd();
    const problems = view.execve === undefined ? [] : this.#arguments.write(view.execve);
    const context = this.#observe(view, eventId, stamp, from, withoutArguments);
    if (view.hasTitle) this.#writeTitle();
    if (view.hasCwd) core.writeTemplate(this.#templates.workingDirectory, groups.cwd);
    core.writeTemplate(this.#templates.ids, groups.main);
    this.#writeParent(context);
    writer.close();
    core.writeTemplate(this.#templates.user, groups.main);
    return problems;
  }

  /**
   * Shows the process to the enricher. What it keeps of it, for the events of its children, are the
   * members just written: program and arguments.
   */
  #observe(
    view: EventView,
    eventId: string,
    stamp: Stamp,
    from: number,
    withoutArguments: number,
  ): ProcessContext | undefined {
    const enricher = this.#enricher;
    const { core } = this.#writer;
    if (enricher === undefined || !view.hasSyscall) return undefined;
    const pid = this.#number(keys.pid);
    if (pid < 0) return undefined;
    const isExec =
      view.execve !== undefined && fieldText(core, core.slot(groups.main, keys.success)) === "yes";
    const context = enricher.observe({
      pid,
      ppid: this.#number(keys.ppid),
      isExec,
      timeMs: stamp.seconds * 1_000 + stamp.milliseconds,
      eventId,
    });
    return context;
  }

  #writeTitle(): void {
    const { core } = this.#writer;
    const field = core.slot(groups.title, keys.proctitle);
    if (field === 0 || !core.decodeTitle(field)) return;
    this.#writer.member('"title":');
    core.writeString(core.textStart(), core.textSize());
  }

  #writeParent(context: ProcessContext | undefined): void {
    const { core } = this.#writer;
    this.#writer.open('"parent":{');
    core.writeTemplate(this.#templates.parentPid, groups.main);
    this.#writer.close();
  }

  /** A small decimal number of the SYSCALL record; negative if it has none. */
  #number(id: number): number {
    return parseSmall(this.#writer.core, this.#writer.core.slot(groups.main, id), 10);
  }
}
