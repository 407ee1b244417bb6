import assert from "node:assert/strict";
import { test } from "node:test";
import { createRecordRedactor } from "#redact/record-redactor.ts";
import { Redactor } from "#redact/redactor.ts";

const key = Buffer.alloc(32, 7);

/** Redacts lines as the records of one event. */
function redact(...lines: readonly string[]): readonly string[] {
  const records = createRecordRedactor(new Redactor(key));
  const bytes = lines.map((line) => Buffer.from(line, "latin1"));
  return records
    .redact(bytes)
    .map((line, index) =>
      line === undefined ? (lines[index] ?? "") : Buffer.from(line).toString("latin1"),
    );
}

function hex(text: string): string {
  return Buffer.from(text, "latin1").toString("hex").toUpperCase();
}

const head = "type=EXECVE msg=audit(1.000:1):";

test("An argument that is a secret stays quoted, and one with a space in it stays hexadecimal", () => {
  const [line = ""] = redact(`${head} argc=3 a0="mysql" a1="-pHunter2" a2=${hex("-pmy word")}`);

  assert.match(line, /a0="mysql" a1="-p<redacted:[0-9a-f]{12}>" a2="-p<redacted:[0-9a-f]{12}>"$/);
});

test("A secret in the argument behind its option is found in the next record", () => {
  const lines = redact(`${head} argc=2 a0="tool" a1="--password"`, `${head} a2="Hunter2"`);

  assert.match(lines[1] ?? "", /a2="<redacted:[0-9a-f]{12}>"$/);
});

test("An argument that is split over records becomes one fragment with its length told right", () => {
  const lines = redact(
    `${head} argc=2 a0="tool" a1_len=22 a1[0]=${hex("--tok")}`,
    `${head} a1[1]="en=ab" a1[2]=${hex("cd")}`,
  );

  assert.match(lines[0] ?? "", /a1_len=(\d+) a1\[0\]="--token=<redacted:[0-9a-f]{12}>"$/);
  assert.match(lines[0] ?? "", /a1_len=31 /);
  assert.equal(lines[1], head);
});

test("A title that was cut within a secret has the digest of the whole one", () => {
  const secret = "S3cret-with-some-length";
  const title = `curl\0${"x".repeat(100)}\0--password\0${secret}`.slice(0, 127);
  const [exec = "", line = ""] = redact(
    `${head} argc=4 a0="curl" a1="${"x".repeat(100)}" a2="--password" a3="${secret}"`,
    `type=PROCTITLE msg=audit(1.000:1): proctitle=${hex(title)}`,
  );

  const [digest = ""] = /<redacted:[0-9a-f]{12}>/.exec(exec) ?? [];
  assert.ok(title.length === 127 && digest !== "");
  assert.ok(line.endsWith(hex(`\0${digest}`)), line);
});

test("A command of sudo and what was typed on a terminal are looked into", () => {
  const [command = ""] = redact(
    `type=USER_CMD msg=audit(1.000:1): pid=1 msg='cwd="/" cmd=${hex("mysql -pa;b$c -u root")} terminal=? res=success'`,
  );
  const [typed = ""] = redact(
    `type=TTY msg=audit(1.000:1): tty pid=1 data=${hex("export TOKEN=abc123\rsudo ls\rHunter2\rls -l\r")}`,
  );

  assert.match(command, /cmd=[0-9A-F]+ terminal/);
  assert.match(decoded(command), /mysql -p<redacted:[0-9a-f]{12}> -u root/);
  assert.match(decoded(typed), /^export TOKEN=<[^>]+>\rsudo ls\r<[^>]+>\rls -l\r$/);
});

function decoded(line: string): string {
  const [, digits = ""] = /(?:cmd|data)=([0-9A-F]+)/.exec(line) ?? [];
  return Buffer.from(digits, "hex").toString("latin1");
}

test("A file that has its name from an address with a secret has it replaced, too", () => {
  const [, line = ""] = redact(
    `${head} argc=2 a0="wget" a1="https://h/f?access_token=Hunter2Hunter2"`,
    'type=PATH msg=audit(1.000:1): item=0 name="f?access_token=Hunter2Hunter2" inode=1 nametype=CREATE',
  );

  assert.match(line, /name="f\?access_token=<redacted:[0-9a-f]{12}>" inode=1 nametype=CREATE$/);
});
