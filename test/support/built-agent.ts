import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Base, binaryFolderOf } from "#build/binary/base.ts";
import { identity } from "#product/identity.ts";

/** Builds the agent's real program of the sources as they are, in a folder for that alone, and returns its file. */
export function buildAgent(folder: string, base: Base): string {
  mkdirSync(folder);
  for (const name of ["src", "build", "package.json", "package-lock.json"]) {
    cpSync(name, join(folder, name), { recursive: true });
  }
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  execFileSync(process.execPath, ["build/binary.ts", "--arch", base.debianArch], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return join(folder, binaryFolderOf(base), identity.agent);
}
