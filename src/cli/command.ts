/** What may stand for a value on a command line. */
export interface ValueForm {
  /** Shown in help, in capitals: `FILE`. */
  readonly name: string;
  /** The only values there are. */
  readonly choices?: readonly string[];
  readonly isFile?: boolean;
}

/** An option, such as `--since=TIME`; without `value` it is a switch. */
export interface Option {
  readonly name: string;
  readonly short?: string;
  readonly value?: ValueForm;
  readonly help: string;
}

/** What stands on a command line beside options. */
export interface Argument extends ValueForm {
  readonly help: string;
  readonly isRequired?: boolean;
  readonly isRepeated?: boolean;
}

/** A command line and what it does. */
interface Example {
  readonly line: string;
  readonly help: string;
}

/** What a handler is given of the command line. */
export interface Invocation {
  readonly program: Command;
  /** By name: `true` for a switch that is set, else the value. */
  readonly options: ReadonlyMap<string, string | true>;
  readonly arguments: readonly string[];
}

/** Does what a command is for, and returns the exit code. */
export type Handler = (invocation: Invocation, io: Io) => number | Promise<number>;

/** A command as data: parsing, help, man pages and completions come from it. */
export interface Command {
  readonly name: string;
  /** A phrase without a full stop. */
  readonly summary: string;
  /** Paragraphs of whole sentences. */
  readonly description: readonly string[];
  readonly options?: readonly Option[];
  readonly arguments?: readonly Argument[];
  /** Those besides 0 and the ones that all commands have. */
  readonly exitCodes?: Readonly<Record<number, string>>;
  readonly examples?: readonly Example[];
  /** With subcommands, a command does nothing itself. */
  readonly commands?: readonly Command[];
  readonly run?: Handler;
}

/** Where text goes. */
export interface Sink {
  readonly isTerminal: boolean;
  /** Resolves when more may be written. */
  write(text: string | Uint8Array): Promise<void>;
}

/** The world of a command. */
export interface Io {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Gives the time, in milliseconds of the epoch. */
  readonly now: () => number;
}

/** The options that every command has. */
const commonOptions: readonly Option[] = [{ name: "help", short: "h", help: "Shows this help." }];

/** The option of commands that show settings or need them. */
export const configOption: Option = {
  name: "config",
  short: "c",
  value: { name: "FILE", isFile: true },
  help: "Reads settings from FILE and from conf.d beside it.",
};

/** The option of commands that have an output for programs. */
export const jsonOption: Option = { name: "json", help: "Writes JSON, one object a line." };

/** The option of commands that write colours. */
export const colorOption: Option = {
  name: "color",
  value: { name: "WHEN", choices: ["auto", "always", "never"] },
  help: "Colours the output; auto, the default, does on a terminal unless NO_COLOR is set.",
};

/** All options of a command, those that every command has included. */
export function optionsOf(command: Command): readonly Option[] {
  return [...(command.options ?? []), ...commonOptions];
}

/** A command and all below it, each with the names that lead to it. */
export function listCommands(
  command: Command,
  parents: readonly string[] = [],
): readonly { readonly path: readonly string[]; readonly command: Command }[] {
  const path = [...parents, command.name];
  const below = (command.commands ?? []).flatMap((each) => listCommands(each, path));
  return [{ path, command }, ...below];
}

/** The value of an option as text; `undefined` if it is not given. */
export function textOption({ options }: Invocation, name: string): string | undefined {
  const value = options.get(name);
  return value === true ? undefined : value;
}
