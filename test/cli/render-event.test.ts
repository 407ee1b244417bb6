import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { parseDocument } from "#cli/json.ts";
import { renderEvent } from "#cli/render-event.ts";

const base = {
  "@timestamp": "2026-11-23T03:19:20.411Z",
  host: { name: "web1" },
  event: { action: "executed", outcome: "success" },
  process: { executable: "/usr/bin/id", pid: 7, args: ["id", "a b"] },
  user: {
    id: "1000",
    name: "alice",
    effective: { id: "0", name: "root" },
    audit: { id: "1000", name: "alice" },
  },
};

test("renderEvent() tells time, host, action, user, process, object and outcome", () => {
  assert.equal(
    renderEvent(base, { color: false }),
    "2026-11-23 03:19:20.411Z web1 executed alice→root /usr/bin/id[7] id 'a b' success",
  );
});

const objects: readonly (readonly [fields: Readonly<Record<string, object>>, shown: string])[] = [
  [{ file: { path: "/etc/shadow" } }, "/etc/shadow"],
  [{ file: { path: "/b", Ext: { original: { path: "/a" } } } }, "/a → /b"],
  [{ destination: { ip: "127.0.0.1", port: 443 } }, "to 127.0.0.1:443"],
  [{ destination: { ip: "::1", port: 443 } }, "to [::1]:443"],
  [{ source: { address: "10.0.0.1" } }, "from 10.0.0.1"],
  [{ user: { target: { name: "bob" } } }, "bob"],
  [{ auditd: { data: { syscall: "unshare" } } }, "unshare()"],
  [
    { auditd: { data: { syscall: "execve" }, paths: [{ name: "/usr/sbin/tar" }] } },
    "execve() /usr/sbin/tar",
  ],
  [{ auditd: { record_types: ["AVC"] } }, "AVC"],
];

for (const [fields, shown] of objects) {
  test(`renderEvent() names the object of ${JSON.stringify(fields)}`, () => {
    const { "@timestamp": time, event } = base;

    const line = renderEvent({ "@timestamp": time, event, ...fields }, { color: false });

    assert.equal(line, `2026-11-23 03:19:20.411Z executed ${shown} success`);
  });
}

test("renderEvent() shows a line that is no record", () => {
  const event = { kind: "pipeline_error", original: "rubbish\u0007" };

  const line = renderEvent({ "@timestamp": base["@timestamp"], event }, { color: false });

  assert.equal(line, "2026-11-23 03:19:20.411Z pipeline_error rubbish\\x07");
});

test("renderEvent() colours by outcome", () => {
  const event = { action: "opened-file", outcome: "failure" };

  const line = renderEvent({ event }, { color: true });

  assert.equal(line, "\u001b[31mopened-file\u001b[39m \u001b[31mfailure\u001b[39m");
});

test("renderEvent() lets nothing of an event act on a terminal", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const process = { executable: text, args: [text, text], pid: 1 };
      const user = { name: text };
      const event = { action: text, outcome: text };

      const line = renderEvent(
        { "@timestamp": text, host: { name: text }, event, process, user },
        { color: true },
      );

      assert.doesNotMatch(stripVTControlCharacters(line), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
});

test("renderEvent() renders every document of the fixtures as one line with an action", () => {
  const files = globSync("test/fixtures/*/expected.ndjson");
  const lines = files.flatMap((file) => readFileSync(file, "utf8").trimEnd().split("\n"));
  assert.ok(lines.length > 100);

  for (const line of lines) {
    assert.match(
      renderEvent(parseDocument(line), { color: false }),
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z .* (?:success|failure|unknown)$|^\S+ \S+ pipeline_error /,
    );
  }
});
