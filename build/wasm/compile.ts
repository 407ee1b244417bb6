import { readFileSync } from "node:fs";
import asc from "assemblyscript/asc";

const coreFolder = "src/audit/core";
/** Every file of the core that both forms share. */
const sources = [
  "arguments",
  "fields",
  "json",
  "lines",
  "names",
  "paths",
  "records",
  "sockets",
  "template",
  "value-ends",
  "values",
].map((name) => `${coreFolder}/${name}.ts`);

/** Compiles the byte core to WebAssembly; the same sources give the same bytes. */
export async function compileCore(): Promise<Uint8Array> {
  const messages: string[] = [];
  let binary: Uint8Array | undefined;
  const { error } = await asc.main([...sources, "--outFile", "core.wasm", ...options], {
    stderr: { write: (text: string) => messages.push(text) },
    readFile: (name) => readSource(name),
    writeFile: (name, contents) => {
      if (name === "core.wasm") binary = Buffer.from(contents);
    },
    listFiles: () => [],
  });
  if (error !== null || binary === undefined) {
    throw new Error(`Cannot compile the byte core: ${messages.join("")}`, { cause: error });
  }
  return binary;
}

const options = [
  "--runtime",
  "stub",
  "--optimizeLevel",
  "3",
  "--shrinkLevel",
  "0",
  "--converge",
  "--noAssert",
  "--enable",
  "simd",
  "--importMemory",
  "--initialMemory",
  "544",
  "--memoryBase",
  "64",
];

/** Reads a source; the typed-array primitives give way to those for linear memory. */
function readSource(name: string): string | null {
  const path = name.endsWith(`${coreFolder}/memory.ts`) ? "build/wasm/memory.assemblyscript" : name;
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
