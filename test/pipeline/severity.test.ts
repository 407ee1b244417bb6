import assert from "node:assert/strict";
import { test } from "node:test";
import type { Severity } from "#model/severity.ts";
import { renderGap } from "#pipeline/gap-document.ts";
import { severityOf } from "#pipeline/severity.ts";
import { runLog } from "#test/support/engine.ts";
import { fixtureLogs } from "#test/support/fixture-logs.ts";

const stamp = "msg=audit(1700000000.000:7):";

/** The document that an engine makes of a log with one event. */
function documentOf(log: string): Buffer {
  const output = runLog(Buffer.from(log));
  assert.equal(output.indexOf("\n"), output.length - 1, "one document");
  return output;
}

function call(key: string, comm = '"sh"'): string {
  return `type=SYSCALL ${stamp} arch=c000003e syscall=59 success=yes exit=0 items=0 ppid=1 pid=2 auid=1000 uid=0 comm=${comm} exe="/usr/bin/dash" key=${key}\n`;
}

/** Two keys, as the kernel writes them. Source: linux/audit.h, AUDIT_KEY_SEPARATOR. */
const twoKeys = Buffer.from("lg_fork\u0001lg_module").toString("hex").toUpperCase();

const cases: readonly (readonly [what: string, severity: Severity, log: string])[] = [
  ["a process made", "low", call('"lg_fork"')],
  ["a connection", "low", call('"lg_net"')],
  ["a file removed", "low", call('"lg_delete"')],
  ["a program run", "ordinary", call('"lg_exec"')],
  ["what a rule of others asked for", "ordinary", call('"perm_mod"')],
  ["what a rule without a key asked for", "ordinary", call("(null)")],
  ["a program run with root's rights", "high", call('"lg_priv_exec"')],
  ["a kernel module", "high", call('"lg_module"')],
  ["the agent's own act", "high", call('"lg_agent"')],
  ["a fork that another rule asked for as well", "high", call(twoKeys)],
  [
    "a login",
    "high",
    `type=USER_LOGIN ${stamp} pid=1 uid=0 msg='op=login acct="root" res=failed'\n`,
  ],
  ["an account", "high", `type=ADD_USER ${stamp} pid=1 uid=0 msg='op=add-user id=5 res=success'\n`],
  ["a crash", "high", `type=ANOM_ABEND ${stamp} auid=0 uid=0 pid=1 comm="a" sig=11 res=1\n`],
  [
    "integrity",
    "high",
    `type=INTEGRITY_DATA ${stamp} pid=1 uid=0 op=appraise_data cause=hash res=0\n`,
  ],
  ["auditd that starts", "high", `type=DAEMON_START ${stamp} op=start ver=4.0 res=success\n`],
  [
    "rules that are changed",
    "high",
    `type=CONFIG_CHANGE ${stamp} op=add_rule key="lg_fork" res=1\n`,
  ],
  [
    "a denial, also within a call that a rule asked for",
    "high",
    `type=AVC ${stamp} apparmor="DENIED" operation="open" profile="a" name="/x" pid=2 comm="sh"\n${call('"lg_fork"')}`,
  ],
  ["a line that is no record", "high", "what is this\n"],
];

for (const [what, severity, log] of cases) {
  test(`severityOf() is ${severity} for ${what}`, () => {
    const document = documentOf(log);

    const found = severityOf(document);

    assert.equal(found, severity);
  });
}

test("severityOf() is high for log that was lost", () => {
  const loss = { count: 1, events: 0, bytes: 5, first: "a", last: "b" };

  const document = Buffer.from(
    renderGap("rotated_out", loss, { hostKey: "h", envelope: "", timeMs: 0 }),
  );

  assert.equal(severityOf(document), "high");
});

test("severityOf() does not listen to what a program calls itself", () => {
  const name = Buffer.from('","key":["lg_module"],"x":"').toString("hex").toUpperCase();

  const document = documentOf(call('"lg_fork"', name));

  assert.ok(document.includes("lg_module"));
  assert.equal(severityOf(document), "low");
});

test("severityOf() judges every real event by its bytes as by its meaning", () => {
  for (const log of fixtureLogs.values()) {
    for (const line of runLog(log).toString().split("\n").slice(0, -1)) {
      const { auditd = {} } = JSON.parse(line) as {
        auditd?: { record_types?: string[]; key?: string[] };
      };
      // Nearly all were recorded under a key that is not ours.
      const isBase = /^lg_(?!fixture)/.test(auditd.key?.[0] ?? "");
      const isOfRule = auditd.record_types?.[0] === "SYSCALL" && !isBase;

      assert.equal(severityOf(Buffer.from(line)), isOfRule ? "ordinary" : "high", line);
    }
  }
});
