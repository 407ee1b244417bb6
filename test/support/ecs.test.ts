import assert from "node:assert/strict";
import { test } from "node:test";
import { validateEcs } from "./ecs.ts";

/** A document with fields of every type. */
const valid = {
  "@timestamp": "2024-05-06T07:08:09.123Z",
  ecs: { version: "9.4.0" },
  event: {
    kind: "event",
    category: ["file", "process"],
    type: ["creation", "start"],
    outcome: "success",
    sequence: 4_294_967_295,
    risk_score: 1.5,
  },
  host: { name: "a", ip: ["192.0.2.1", "2001:db8::1"], os: { type: "linux" } },
  labels: { site: "b" },
  process: {
    pid: 1,
    args: ["a", ""],
    interactive: false,
    parent: { pid: 0 },
    tty: { char_device: { major: 136, minor: 1 } },
    thread: { capabilities: { effective: ["CAP_BPF"] } },
  },
  source: { ip: "192.0.2.2", port: 22, geo: { location: { lat: 1, lon: 2 } } },
  user: { id: "0", audit: { id: "1000", anything: [null] } },
  auditd: { records: [{ type: "SYSCALL" }] },
  linuxguard: { labels: [] },
};

test("validateEcs() finds nothing wrong with a document of ECS fields", () => {
  assert.deepEqual(validateEcs(valid), []);
});

const broken: readonly (readonly [title: string, part: object, problem: RegExp])[] = [
  ["an unknown root", { nonsense: 1 }, /^nonsense: is no field/],
  ["an unknown field", { process: { auid: "0" } }, /^process\.auid: is no field/],
  ["a set that ECS only reuses", { geo: { name: "a" } }, /^geo: is no field/],
  ["a name with a dot", { "process.pid": 1 }, /^process\.pid: is no field/],
  ["text for a number", { process: { pid: "1" } }, /^process\.pid: is no long but "1"/],
  ["a fraction for a whole number", { process: { pid: 1.5 } }, /^process\.pid: is no long/],
  ["a number that loses digits", { event: { sequence: 2 ** 53 } }, /^event\.sequence: is no long/],
  ["a number for text", { user: { id: 0 } }, /^user\.id: is no keyword but 0/],
  ["text for a truth value", { process: { interactive: "yes" } }, /interactive: is no boolean/],
  ["null", { process: { name: null } }, /^process\.name: is no keyword but null/],
  ["a list where there is one", { process: { pid: [1] } }, /^process\.pid: may not be a list/],
  ["a wrong element", { process: { args: ["a", 1] } }, /^process\.args: is no keyword but 1/],
  ["text for an object", { process: "init" }, /^process: is no object/],
  ["an object for text", { process: { name: {} } }, /^process\.name: is no keyword/],
  ["a custom root that is no object", { auditd: "raw" }, /^auditd: is no object/],
  ["an address with a port", { source: { ip: "192.0.2.1:22" } }, /^source\.ip: is no ip/],
  ["an address with a zone", { source: { ip: "fe80::1%eth0" } }, /^source\.ip: is no ip/],
  ["a time in seconds", { "@timestamp": 1_714_979_289 }, /^@timestamp: is no date/],
  ["a time that is none", { "@timestamp": "2024-13-01T00:00:00Z" }, /^@timestamp: is no date/],
  ["a place without longitude", { source: { geo: { location: { lat: 1 } } } }, /is no geo_point/],
  ["a kind that is none", { event: { kind: "log" } }, /^event\.kind: has a value that is not/],
  ["an outcome that is none", { event: { outcome: "ok" } }, /^event\.outcome: has a value/],
  ["a category that is none", { event: { category: ["audit"] } }, /^event\.category: has a value/],
  [
    "a type that its category does not have",
    { event: { category: ["process"], type: ["denied", "start"] } },
    /^event\.type: "denied" is not expected for process/,
  ],
  [
    "a category without a type of its own",
    { event: { category: ["process", "iam"], type: ["start"] } },
    /^event\.category: "iam" has no type of its own/,
  ],
  ["no version", { ecs: {} }, /^ecs\.version: is missing/],
  ["no time", { "@timestamp": undefined }, /^@timestamp: is missing/],
];

for (const [title, part, problem] of broken) {
  test(`validateEcs() reports ${title}`, () => {
    const document: unknown = JSON.parse(JSON.stringify({ ...valid, ...part }));

    const problems = validateEcs(document);

    assert.equal(problems.length, 1, problems.join("\n"));
    assert.match(problems[0] ?? "", problem);
  });
}

test("validateEcs() reports what is no document", () => {
  for (const document of [undefined, null, [], "{}", 1]) {
    assert.equal(validateEcs(document).length, 1);
  }
});
