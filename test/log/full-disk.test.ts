import assert from "node:assert/strict";
import { test } from "node:test";
import { runOnTmpfs } from "#test/support/tmpfs.ts";

interface Line {
  readonly message: string;
  readonly fields?: { readonly lines?: number };
}

const fill = `
  import { rmSync, writeFileSync } from "node:fs";
  import { createLog } from "#log/create-log.ts";
  const [directory] = process.argv.slice(1);
  const log = createLog({ level: "info", directory, sizeBytes: 30000, files: 2 });
  writeFileSync(directory + "/ballast", Buffer.alloc(12288));
  for (let number = 0; number < 500; number++) log.info("counted", { number });
  rmSync(directory + "/ballast");
  log.info("after");`;

test("createLog() keeps whole lines and lives on a full disk", () => {
  const run = runOnTmpfs(
    "size=16k",
    '"$2" --input-type=module --eval "$3" "$1" >&2; cat "$1"/*.log',
    [process.execPath, fill],
  );

  assert.equal(run.status, 0, run.stderr);
  const lines = run.stdout.trimEnd().split("\n");
  const parsed = lines.map((line): Line => JSON.parse(line));
  const gap = parsed.find(({ message }) => message === "log lines were not written");
  assert.equal(parsed.at(-1)?.message, "after");
  assert.equal((gap?.fields?.lines ?? 0) + parsed.length - 2, 500);
});
