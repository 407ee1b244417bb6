import * as argumentFunctions from "./arguments.ts";
import * as fieldFunctions from "./fields.ts";
import * as jsonFunctions from "./json.ts";
import * as lineFunctions from "./lines.ts";
import { memory } from "./memory.ts";
import * as pathFunctions from "./paths.ts";
import * as recordFunctions from "./records.ts";
import * as socketFunctions from "./sockets.ts";
import * as templateFunctions from "./template.ts";
import * as valueFunctions from "./values.ts";
import { wasmBase64 } from "./wasm.ts";

/** The functions that the engine calls. Places are addresses in the core's memory, sizes are bytes. */
const plain = {
  scanLines: lineFunctions.scanLines,
  scanLine: lineFunctions.scanLine,
  scanEnd: lineFunctions.scanEnd,
  decimal: lineFunctions.decimal,
  beginEvent: fieldFunctions.beginEvent,
  splitBody: fieldFunctions.splitBody,
  slot: fieldFunctions.slot,
  decodeValue: valueFunctions.decodeValue,
  textStart: valueFunctions.textStart,
  textSize: valueFunctions.textSize,
  resolvePath: pathFunctions.resolvePath,
  decodeSocket: socketFunctions.decodeSocket,
  socketPort: socketFunctions.socketPort,
  countArguments: argumentFunctions.countArguments,
  writeArguments: argumentFunctions.writeArguments,
  writeCommandLine: argumentFunctions.writeCommandLine,
  decodeTitle: argumentFunctions.decodeTitle,
  prepareArguments: argumentFunctions.prepareArguments,
  writeTemplate: templateFunctions.writeTemplate,
  writeFields: recordFunctions.writeFields,
  outputEnd: jsonFunctions.outputEnd,
  setOutputEnd: jsonFunctions.setOutputEnd,
  beginDocument: jsonFunctions.beginDocument,
  takeLossy: jsonFunctions.takeLossy,
  open: jsonFunctions.open,
  close: jsonFunctions.close,
  closeKept: jsonFunctions.closeKept,
  writeMember: jsonFunctions.writeMember,
  writeBytes: jsonFunctions.writeBytes,
  writeByte: jsonFunctions.writeByte,
  writeString: jsonFunctions.writeString,
  writeRecord: jsonFunctions.writeRecord,
  writeText: jsonFunctions.writeText,
  separate: jsonFunctions.separate,
} as const;

type CoreFunctions = {
  readonly [Name in keyof typeof plain]: (typeof plain)[Name] extends (
    ...args: infer Arguments
  ) => infer Result
    ? // WebAssembly gives 0 and 1 where TypeScript gives false and true; both are only tested.
      (...args: { [I in keyof Arguments]: Arguments[I] }) => Result
    : never;
};

/** WebAssembly where the process may use it; the typed-array form under `--jitless`. */
export type CoreForm = "webassembly" | "plain";

/**
 * The byte core: one linear memory and the functions over it. It keeps nothing between two blocks
 * of input, so all engines of a process share one.
 */
export interface Core extends CoreFunctions {
  readonly form: CoreForm;
  readonly bytes: Buffer;
  readonly words: Int32Array;
}

/** Makes the core in the form asked for, or in the fastest that this process may use. */
export function createCore(form: CoreForm = fastestForm()): Core {
  if (form === "plain") {
    const { buffer } = memory;
    return { ...plain, form, bytes: Buffer.from(buffer), words: new Int32Array(buffer) };
  }
  const pages = memory.byteLength / 65_536;
  const linear = new WebAssembly.Memory({ initial: pages });
  const module = new WebAssembly.Module(Buffer.from(wasmBase64, "base64"));
  const { exports } = new WebAssembly.Instance(module, { env: { memory: linear } });
  return {
    ...(exports as unknown as CoreFunctions),
    form,
    bytes: Buffer.from(linear.buffer),
    words: new Int32Array(linear.buffer),
  };
}

function fastestForm(): CoreForm {
  return typeof WebAssembly === "undefined" ? "plain" : "webassembly";
}
