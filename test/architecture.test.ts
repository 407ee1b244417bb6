import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { test } from "node:test";

/** What each folder may import besides itself. Read top to bottom: nothing points up. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  "src/base": [],
  "src/product": ["src/base"],
  "src/model": ["src/base"],
  "src/config": ["src/base", "src/product", "src/model"],
  "src/log": ["src/base", "src/product", "src/model"],
  "src/audit": ["src/base", "src/product", "src/model"],
  "src/enrich": ["src/base", "src/product", "src/model"],
  "src/sources": ["src/base", "src/product", "src/model"],
  "src/spool": ["src/base", "src/product", "src/model"],
  "src/pipeline": [
    "src/base",
    "src/product",
    "src/model",
    "src/audit",
    "src/enrich",
    "src/sources",
    "src/spool",
  ],
  "src/agent": [
    "src/base",
    "src/product",
    "src/model",
    "src/config",
    "src/log",
    "src/audit",
    "src/enrich",
    "src/sources",
    "src/spool",
    "src/pipeline",
  ],
  "src/cli": [
    "src/base",
    "src/product",
    "src/model",
    "src/config",
    "src/audit",
    "src/enrich",
    "src/sources",
    "src/spool",
    "src/pipeline",
  ],
};

/** The one folder that may import each package. */
const packageHome: Readonly<Record<string, string>> = {
  ini: "src/config",
  winston: "src/log",
};

const IMPORT =
  /^(?:import|export)\b[^;]*?\bfrom "(?<from>[^"]+)"|^import "(?<effect>[^"]+)"|\bimport\("(?<dynamic>[^"]+)"\)/gm;

for (const file of globSync("{src,build}/**/*.ts").toSorted()) {
  test(`${file} imports only what its folder may`, () => {
    const home = folderOf(file);
    for (const { groups } of readFileSync(file, "utf8").matchAll(IMPORT)) {
      const name = groups?.from ?? groups?.effect ?? groups?.dynamic ?? "";
      const target = targetOf(name);
      const allowed =
        target === undefined
          ? packageHome[name] === home || isBuiltin(name)
          : target === home || mayImport[home]?.includes(target);
      assert.ok(allowed, `${home} may not import ${name}`);
    }
  });
}

/** `src/audit/stamp.ts` → `src/audit`. */
function folderOf(path: string): string {
  return path.split("/").slice(0, 2).join("/");
}

/** The folder that a `#` import names; `undefined` for a package or a built-in. */
function targetOf(name: string): string | undefined {
  if (!name.startsWith("#")) return undefined;
  const path = name.slice(1);
  return folderOf(path.startsWith("build/") ? path : `src/${path}`);
}
