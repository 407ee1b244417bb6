import { OUTER } from "#audit/core/fields.ts";
import { type ArgumentProblem, assembleArguments } from "#audit/decode/execve.ts";
import type { FieldRange } from "./event-view.ts";
import { groups } from "./event-view.ts";
import { rawFields } from "./raw-fields.ts";
import { argumentCountRows } from "./templates.ts";
import type { Writer } from "./writer.ts";

/** The most bytes that `process.command_line` repeats of the arguments. */
const commandLineBytes = 32_768;

/** Writes the arguments of an exec as `args`, `args_count` and `command_line`. */
export class ArgumentWriter {
  readonly #writer: Writer;
  readonly #count: number;

  constructor(writer: Writer) {
    this.#writer = writer;
    this.#count = writer.template(argumentCountRows);
  }

  /** Writes them and tells what is wrong with them. */
  write(range: FieldRange): readonly ArgumentProblem[] {
    const { core } = this.#writer;
    if (core.countArguments(range.from, range.to) < 0) return this.#writeOdd(range);
    this.#writer.open('"args":[');
    core.writeArguments(range.from, range.to);
    this.#writer.keepArray();
    core.writeTemplate(this.#count, groups.execve);
    this.#writer.member('"command_line":');
    core.writeByte(0x22);
    core.writeCommandLine(range.from, range.to, commandLineBytes);
    core.writeByte(0x22);
    return [];
  }

  /** The general way: fragments, arguments out of order or missing. */
  #writeOdd(range: FieldRange): readonly ArgumentProblem[] {
    const fields = rawFields(this.#writer.core, range, OUTER);
    const { args, argc, problems } = assembleArguments([fields]);
    this.#writer.open('"args":[');
    for (const arg of args) {
      this.#writer.core.separate();
      this.#writer.string(arg);
    }
    this.#writer.keepArray();
    this.#writer.member(`"args_count":`);
    this.#writer.value(String(argc ?? args.length));
    this.#writer.member('"command_line":');
    this.#writer.core.writeByte(0x22);
    this.#writeCommandLine(args);
    this.#writer.core.writeByte(0x22);
    return problems;
  }

  #writeCommandLine(args: readonly Uint8Array[]): void {
    let written = 0;
    for (const [index, arg] of args.entries()) {
      if (written + arg.length > commandLineBytes) return;
      if (index > 0) this.#writer.core.writeByte(0x20);
      this.#writer.text(arg);
      written += arg.length + 1;
    }
  }
}
