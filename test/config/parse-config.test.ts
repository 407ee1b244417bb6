import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Failure } from "#base/failure.ts";
import { checkConfig, namedSettings, parseConfig, renderProblem } from "#config/parse-config.ts";
import { renderSample } from "#config/sample.ts";

const file = "/etc/linuxguard/linuxguard.conf";

test("parseConfig() gives every setting its default where nothing is set", () => {
  const { config, places } = parseConfig([]);

  assert.equal(config.spool.size, 1_073_741_824);
  assert.equal(config.spool.flushInterval, 100);
  assert.equal(config.audit.logFile, "/var/log/audit/audit.log");
  assert.equal(config.enrich.names, true);
  assert.equal(config.records.keep, "all");
  assert.equal(places.size, 0);
});

test("parseConfig() reads quotes, comments and units, and tells where each setting stands", () => {
  const text = `# head\r\n[audit] ; where\nlog_file = "/var/log/a b#c.log"\n[spool]\n size=64MiB # unit\n`;

  const { config, places } = parseConfig([{ file, text }]);

  assert.equal(config.audit.logFile, "/var/log/a b#c.log");
  assert.equal(config.spool.size, 64 * 1_048_576);
  assert.deepEqual(places.get("spool.size"), { file, line: 5 });
});

test("parseConfig() lets a later file win", () => {
  const dropIn = "/etc/linuxguard/conf.d/50-small.conf";

  const { config, places } = parseConfig([
    { file, text: "[spool]\nsize = 64MiB\nflush_interval = 1s" },
    { file: dropIn, text: "[spool]\nsize = 128MiB" },
  ]);

  assert.deepEqual([config.spool.size, config.spool.flushInterval], [128 * 1_048_576, 1_000]);
  assert.deepEqual(places.get("spool.size"), { file: dropIn, line: 2 });
});

test("parseConfig() gives the console's address one form, to which others are added", () => {
  const text = "[console]\nurl = HTTPS://Console.Example:443/v1\n";

  const { config } = parseConfig([{ file, text }]);

  assert.equal(config.console.url, "https://console.example/v1/");
});

test("parseConfig() freezes what it returns", () => {
  const { config } = parseConfig([]);

  assert.ok(Object.isFrozen(config));
  assert.ok(Object.values(config).every((settings) => Object.isFrozen(settings)));
});

const mistakes: readonly (readonly [name: string, text: string, problem: string])[] = [
  [
    "a wrong unit",
    "[spool]\nflush_interval = 5KiB",
    'f:2: Cannot read setting spool.flush_interval: current value is "5KiB". Give a duration from 10ms to 1m, such as 100ms.',
  ],
  [
    "a missing unit",
    "\n\n[spool]\nsize = 5",
    'f:4: Cannot read setting spool.size: current value is "5". Give a size from 64MiB to 1024GiB, such as 1GiB.',
  ],
  [
    "a value out of range",
    "[spool]\ncompression_level = 20",
    'f:2: Cannot read setting spool.compression_level: current value is "20". Give a whole number from 1 to 19.',
  ],
  [
    "another word",
    "[enrich]\nnames = true",
    'f:2: Cannot read setting enrich.names: current value is "true". Give yes or no.',
  ],
  [
    "a relative path",
    "[log]\ndirectory = log",
    'f:2: Cannot read setting log.directory: current value is "log". Give an absolute path, such as /var/log/linuxguard.',
  ],
  [
    "an address without encryption",
    "[console]\nurl = http://api.linuxguard.io/v1/",
    'f:2: Cannot read setting console.url: current value is "http://api.linuxguard.io/v1/". Give an https:// address without user name, query and fragment, such as https://api.linuxguard.io/v1/.',
  ],
  [
    "a typo in a key",
    "[audit]\nlogfile = /a",
    'f:2: Cannot know setting: current value is "audit.logfile". Did you mean "log_file"?',
  ],
  [
    "a key of another section",
    "[audit]\nfree_floor = 1MiB",
    'f:2: Cannot know setting: current value is "audit.free_floor". Did you mean "spool.free_floor"?',
  ],
  [
    "an unknown key",
    "[audit]\npassword = x",
    'f:2: Cannot know setting: current value is "audit.password". Settings of audit are log_file.',
  ],
  [
    "a typo in a section",
    "[spol]\nsize = 1GiB",
    'f:1: Cannot know section: current value is "spol". Did you mean "spool"?',
  ],
  [
    "a key twice",
    "[log]\nlevel = info\n[spool]\n[log]\nlevel = warn",
    'f:5: Cannot set log.level twice: current value is "warn". Remove this line or line 2.',
  ],
  [
    "a key outside a section",
    "log_file = /a",
    'f:1: Cannot read setting "log_file" outside a section. Put it under [audit].',
  ],
  [
    "a line that is none",
    "[log]\nlevel info",
    'f:2: Cannot read line: current value is "level info". Write [section], key = value or # comment.',
  ],
  [
    "a control character",
    "[log]\nlevel = info\u001b[0m",
    'f:2: Cannot read line: current value is "level = info\\x1b[0m". Write [section], key = value or # comment.',
  ],
  [
    "a comment after quotes",
    '[log]\ndirectory = "/a" # b',
    'f:2: Cannot read line: current value is "directory = "/a" # b". Write [section], key = value or # comment.',
  ],
  [
    "a list",
    "[log]\nlevel[] = info",
    'f:2: Cannot read line: current value is "level[] = info". Write [section], key = value or # comment.',
  ],
];

for (const [name, text, problem] of mistakes) {
  test(`checkConfig() reports ${name} with file, line and remedy`, () => {
    const { problems } = checkConfig([{ file: "f", text }]);

    assert.deepEqual(problems.map(renderProblem), [problem]);
  });
}

test("parseConfig() throws all problems of all files at once", () => {
  const texts = [
    { file: "a", text: "[log]\nlevel = loud\nfiles = none" },
    { file: "b", text: "[nothing]" },
  ];

  assert.throws(
    () => parseConfig(texts),
    (error) =>
      error instanceof Failure &&
      error.code === "config.invalid" &&
      error.message
        .split("\n")
        .map((line) => line.slice(0, 4))
        .join() === "a:2:,a:3:,b:1:",
  );
});

test("checkConfig() never throws and finds each setting or a problem, whatever the text", () => {
  const word = fc.constantFrom(
    "[",
    "]",
    "log",
    "level",
    "=",
    " ",
    "\n",
    "info",
    "__proto__",
    '"',
    "'",
  );
  const text = fc.array(fc.oneof(word, fc.string({ unit: "binary", maxLength: 3 })));
  fc.assert(
    fc.property(text, (parts) => {
      const { config } = checkConfig([{ file: "f", text: parts.join("") }]);

      assert.ok(["info", "error"].includes(config.log.level));
    }),
    { numRuns: 2_000 },
  );
});

test("parseConfig() reads the sample as it is and with each setting uncommented", () => {
  const sample = renderSample();
  const uncommented = sample.replace(/^#(?=[a-z])/gm, "");

  const plain = parseConfig([{ file, text: sample }]);
  const full = parseConfig([{ file, text: uncommented }]);

  assert.equal(plain.places.size, 0);
  assert.equal(full.places.size, namedSettings.length);
  assert.deepEqual(full.config, plain.config);
});
