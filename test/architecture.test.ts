import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { test } from "node:test";

const ground = ["src/base", "src/product", "src/model"];
const stages = [
  "src/audit",
  "src/enrich",
  "src/redact",
  "src/ship",
  "src/sources",
  "src/spool",
  "src/verify",
];
const source = [...ground, "src/config", "src/log", "src/wire", ...stages, "src/pipeline"];

/** What each folder may import besides itself. Read top to bottom: nothing points up. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  "src/base": [],
  "src/product": ["src/base"],
  "src/model": ["src/base"],
  "src/config": ground,
  "src/log": ground,
  "src/wire": ground,
  "src/audit": ground,
  "src/enrich": ground,
  "src/redact": ground,
  "src/ship": [...ground, "src/wire"],
  "src/sources": ground,
  "src/spool": ground,
  "src/verify": ground,
  "src/pipeline": [...ground, "src/wire", ...stages],
  "src/agent": source,
  "src/cli": [...ground, "src/config", "src/wire", ...stages, "src/pipeline"],
  "src/main.ts": [...ground, "src/agent", "src/cli"],
  build: [...source, "src/agent", "src/cli", "src/main.ts"],
  bench: [...source, "src/agent", "build", "test"],
};

/** The folders that may import each package: one, but for archives, which are packages of apk too. */
const packageHomes: Readonly<Record<string, readonly string[]>> = {
  "@peculiar/x509": ["src/ship"],
  "@valibot/to-json-schema": ["build"],
  "@yao-pkg/pkg": ["build"],
  assemblyscript: ["build"],
  axios: ["src/ship"],
  esbuild: ["build"],
  "fast-check": ["bench"],
  ini: ["src/config"],
  "reflect-metadata": ["src/ship"],
  tar: ["build", "src/cli"],
  valibot: ["src/wire"],
  winston: ["src/log"],
};

const IMPORT =
  /^(?:import|export)\b[^;]*?\bfrom "(?<from>[^"]+)"|^import "(?<effect>[^"]+)"|\bimport\("(?<dynamic>[^"]+)"\)/gm;

const files = globSync("{src,build,bench}/**/*.ts").toSorted();

test("The architecture is checked against all of the sources", () => {
  const folders = new Set(files.map(homeOf));

  assert.ok(folders.has("src/audit") && folders.has("build"), "No file was found to look at");
  for (const folder of folders) assert.ok(folder in mayImport, `${folder} is not in the table`);
});

for (const file of files) {
  test(`${file} imports only what its folder may`, () => {
    const home = homeOf(file);
    for (const { groups } of readFileSync(file, "utf8").matchAll(IMPORT)) {
      const name = groups?.from ?? groups?.effect ?? groups?.dynamic ?? "";
      assert.ok(isAllowed(home, name), `${home} may not import ${name}`);
      assert.doesNotMatch(name, /^\.\.\//, "Another folder's file is named from the root");
    }
  });
}

/** `src/audit/stamp.ts` → `src/audit`, `build/run.ts` → `build`. */
function homeOf(path: string): string {
  const [top = "", next] = path.split("/");
  return top === "src" ? `${top}/${next}` : top;
}

function isAllowed(home: string, name: string): boolean {
  if (name.startsWith("./") || isBuiltin(name)) return true;
  if (!name.startsWith("#")) return packageHomes[packageOf(name)]?.includes(home) === true;
  const path = name.slice(1);
  const target = homeOf(/^(?:build|test)\//.test(path) ? path : `src/${path}`);
  return target === home || mayImport[home]?.includes(target) === true;
}

/** `@yao-pkg/pkg/lib/a.js` → `@yao-pkg/pkg`, `assemblyscript/asc` → `assemblyscript`. */
function packageOf(name: string): string {
  return name.split("/", name.startsWith("@") ? 2 : 1).join("/");
}
