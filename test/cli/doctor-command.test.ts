import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { runOnTmpfs } from "#test/support/tmpfs.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "doctor-command-"));
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "spool"));
  writeConfig(`[spool]\ndirectory = ${folder}/spool\n[agent]\nruntime_directory = ${folder}\n`);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function writeConfig(text: string): void {
  writeFileSync(join(folder, "linuxguard.conf"), text);
}

interface Finding {
  readonly id: string;
  readonly state: string;
  readonly cause?: string;
  readonly command?: string;
}

function run(line: readonly string[], ...args: readonly string[]) {
  const command = ["src/main.ts", "doctor", `--config=${folder}/linuxguard.conf`, ...args];
  const [program = "", ...rest] = [...line, process.execPath, ...command];
  return spawnSync(program, rest, { encoding: "utf8", env: {} });
}

function findingsOf(stdout: string): ReadonlyMap<string, Finding> {
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] };
  return new Map(findings.map((finding) => [finding.id, finding]));
}

test("linuxguard doctor ends with 1 where something keeps events away, and names it", () => {
  const { status, stdout, stderr } = run([]);

  assert.deepEqual([status, stderr], [1, ""]);
  assert.match(stdout, /^kernel\n {2}\w+ +\S/);
  assert.match(stdout, /^ {2}fault {4}the agent is not installed\n {11}because there is no /m);
  assert.match(
    stdout,
    /^fault: \d+, warning: \d+, unknown: \d+, note: \d+, fine: \d+\. The last event is of /m,
  );
});

test("linuxguard doctor --json writes one object with every finding", () => {
  const { status, stdout } = run([], "--json");

  const found = findingsOf(stdout);
  assert.equal(status, 1);
  assert.equal(found.get("agent.service")?.state, "fault");
  assert.equal(found.get("agent.settings")?.state, "fine");
});

test("linuxguard doctor has colours only where they are asked for", () => {
  const plain = run([]);
  const coloured = run([], "--color=always");

  assert.equal(plain.stdout.includes("\u001b"), false);
  assert.ok(coloured.stdout.includes("\u001b[31mfault"));
});

test("linuxguard doctor without root does what it can and says what needs root", () => {
  const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

  const { stdout, stderr } = run(nobody, "--json");

  const found = findingsOf(stdout);
  assert.equal(stderr, "");
  const { cause, command, state } = found.get("kernel.audit") ?? {};
  assert.deepEqual([state, command], ["unknown", "sudo linuxguard doctor"]);
  assert.equal(cause, "only root may ask the kernel");
  assert.equal(found.get("agent.service")?.state, "fault");
});

test("linuxguard doctor names mistakes in the settings", () => {
  writeConfig("[spool]\nsizes = 1GiB\n");

  const { stdout } = run([], "--json");

  const { cause, state } = findingsOf(stdout).get("agent.settings") ?? {};
  assert.equal(state, "fault");
  assert.match(cause ?? "", /linuxguard\.conf:2: .*sizes/);
});

test("linuxguard doctor names full file systems of the log and of the spool", () => {
  const daemonConfig = join(folder, "auditd.conf");
  writeFileSync(daemonConfig, "log_file = /mnt/audit/audit.log\n");
  writeConfig("[spool]\ndirectory = /mnt\n[audit]\nlog_file = /mnt/audit/audit.log\n");
  const script = [
    'mount --bind "$2" /etc/audit/auditd.conf',
    "mkdir /mnt/audit; echo >/mnt/audit/audit.log",
    "dd if=/dev/zero of=/mnt/filler bs=4k 2>/dev/null || :",
    '"$3" src/main.ts doctor --json --config="$4" || [ $? = 1 ]',
  ].join("\n");
  const args = [daemonConfig, process.execPath, join(folder, "linuxguard.conf")];

  const { stderr, stdout } = runOnTmpfs("size=2m", script, args);

  assert.equal(stderr, "");
  const found = findingsOf(stdout);
  assert.equal(found.get("log.space")?.state, "fault");
  assert.equal(found.get("spool.space")?.state, "fault");
  // As in a container, whose kernel does not answer to its root.
  assert.equal(found.get("kernel.audit")?.state, "fault");
});

test("linuxguard doctor changes nothing", () => {
  const before = list();

  run([]);

  assert.equal(list(), before);
});

/** What is there, with sizes and times. */
function list(): string {
  const line =
    "find /etc/audit /var/log/audit \"$1\" -printf '%p %s %m %C@\\n' 2>/dev/null; auditctl -s | grep enabled; auditctl -l";
  return spawnSync("sh", ["-c", line, "sh", folder], { encoding: "utf8" }).stdout;
}
