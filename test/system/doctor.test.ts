import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { suites } from "#test/support/debian-root.ts";
import { keepEvidence } from "#test/support/evidence.ts";
import type { Vm } from "#test/support/vm.ts";
import { machine } from "./machines.ts";

const slowMs = 300_000;
const config = "/etc/audit/auditd.conf";
const journal = "systemd-journald-audit.socket";

/** What `linuxguard doctor --json` writes of one question, as far as it is looked at. */
interface Finding {
  readonly id: string;
  readonly state: string;
  readonly what: string;
  readonly cause?: string;
  readonly risk?: string;
  readonly command?: string;
}

/** What is done to the running host, and the faults that it must be. Their own commands must repair it. */
interface Trouble {
  readonly what: string;
  readonly spoil: string;
  readonly faults: readonly string[];
  /** What no command can do for a person. */
  readonly byHand?: string;
}

const troubles: readonly Trouble[] = [
  {
    what: "an auditd that was stopped",
    spoil: "systemctl stop auditd 2>&1 || auditctl --signal TERM; sleep 2",
    faults: ["auditd.running"],
  },
  {
    what: "a kernel's audit that is off and a rule -a task,never, which a file has too",
    spoil: `printf '%s\n' '-a task,never' >/etc/audit/rules.d/00-quiet.rules
      auditctl -a task,never; auditctl -e 0`,
    faults: ["kernel.audit", "kernel.task-never"],
  },
  {
    what: "deleted rules",
    spoil: "auditctl -D",
    faults: ["kernel.rules"],
  },
  {
    what: "an auditd that is down for its group is gone",
    spoil: `sed -i 's/^log_group.*/log_group = gone/' ${config}
      systemctl restart auditd 2>&1 || auditctl --signal TERM || :`,
    faults: ["auditd.running", "auditd.group"],
  },
  {
    what: "a log that is shut for the agent, which is stopped",
    spoil: "setfacl -b -k /var/log/audit /var/log/audit/*; systemctl stop linuxguard",
    faults: ["access.log", "agent.running"],
  },
  {
    what: "an auditd that has suspended its log, as the disk is full",
    spoil: `sed -i 's/^\\(disk_full_action\\|disk_error_action\\|admin_space_left_action\\) .*/\\1 = SUSPEND/' ${config}
      mkdir /root/log; cp -a /var/log/audit/. /root/log
      mount -t tmpfs -o size=200m,mode=750 tmpfs /var/log/audit; cp -a /root/log/. /var/log/audit
      auditctl --signal HUP; sleep 2
      fallocate -l $(df --output=avail -B1 /var/log/audit | tail -1) /var/log/audit/filler
      for number in 1 2 3; do auditctl -m filling-$number; sleep 1; done`,
    faults: ["log.space"],
    byHand: "rm /var/log/audit/filler",
  },
];

for (const suite of suites) {
  describe(`On ${suite.release}, linuxguard doctor`, { concurrency: false }, () => {
    let vm: Vm;
    const shown: string[] = [];

    before(async () => {
      vm = await machine(suite, "installed");
    });
    after(async () => {
      await vm[Symbol.asyncDispose]();
      keepEvidence(`${suite.release} doctor`, shown.join("\n"));
    });

    /** What it finds besides what is fine, and its exit code. */
    async function look(): Promise<{ status: number; findings: readonly Finding[] }> {
      const { status, stdout, stderr } = await vm.run("linuxguard doctor --json", {
        timeoutMs: slowMs,
      });
      assert.equal(stderr, "");
      const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] };
      return { status, findings: findings.filter(({ state }) => state !== "fine") };
    }

    /** Keeps what is found, with all that a finding must say and one command. */
    function keep(what: string, findings: readonly Finding[]): void {
      shown.push(`# ${what}`);
      for (const { id, state, what: found, cause, risk, command } of findings) {
        assert.ok(cause && risk && command, `${id} says too little`);
        assert.doesNotMatch(command, /[\n;]/, `${id} names more than one command`);
        shown.push(`${state} ${id}: ${found}`, `  because ${cause}`, `  so ${risk}`);
        shown.push(`  run: ${command}`);
      }
    }

    /** Runs the command of the first fault until there is none, or eight were of no use. */
    async function followAdvice(): Promise<readonly Finding[]> {
      for (let turn = 0; ; turn++) {
        const faulty = (await look()).findings.filter(({ state }) => state === "fault");
        const [first] = faulty;
        if (first === undefined || turn === 8) return faulty;
        await vm.run(`${first.command}\nsleep 3`, { timeoutMs: slowMs });
      }
    }

    test("ends with 0 on a fresh installation, with notes of what its owner may decide", async () => {
      // A machine in software that just went on lets the agent wait for its turn.
      await vm.until("linuxguard doctor");
      const { findings, status } = await look();

      keep("a fresh installation", findings);
      const notes = findings.map(({ id, state }) => `${state} ${id}`);
      assert.ok(notes.includes("note console.link"), JSON.stringify(findings));
      assert.deepEqual(
        notes.filter((note) => note !== "note auditd.journal" && note !== "note console.link"),
        [],
        JSON.stringify(findings),
      );
      assert.equal(status, 0);
    });

    test("notes a journal that copies the records, and its command ends that", async () => {
      await vm.must(`systemctl is-active ${journal} || {
        systemctl stop systemd-journald.socket systemd-journald-dev-log.socket systemd-journald
        systemctl start ${journal} systemd-journald; }`);

      const { findings } = await look();

      const note = findings.find(({ id }) => id === "auditd.journal");
      keep("a journal that copies the records", note === undefined ? [] : [note]);
      assert.equal(note?.state, "note");
      await vm.must(note.command ?? "");
      const left = (await look()).findings.map(({ id }) => id);
      assert.ok(!left.includes("auditd.journal"), left.join());
    });

    // Each takes half a minute; what differs between the releases is how auditd is stopped and started.
    const ours =
      suite === suites.at(-1)
        ? troubles
        : troubles.filter(({ faults }) => faults.includes("auditd.running"));
    for (const { what, spoil, faults, byHand } of ours) {
      test(`finds ${what}, and its commands repair it`, async () => {
        await vm.must(spoil, slowMs);
        const { findings, status } = await look();
        if (byHand !== undefined) await vm.must(byHand);

        keep(what, findings);
        assert.equal(status, 1);
        const found = findings.filter(({ state }) => state === "fault").map(({ id }) => id);
        for (const id of faults) assert.ok(found.includes(id), JSON.stringify(findings));
        assert.deepEqual(await followAdvice(), []);
      });
    }

    test("finds rules that are locked without ours, and the boot that it names cures that", async () => {
      await vm.must("auditctl -D; auditctl -a always,exit -S personality -k other; auditctl -e 2");

      const { findings } = await look();

      keep("rules that are locked without ours", findings);
      const found = findings.find(({ id }) => id === "kernel.locked");
      assert.deepEqual([found?.state, found?.command], ["warning", "systemctl reboot"]);
      await vm.reboot();
      const left = (await look()).findings.map(({ id }) => id);
      assert.ok(!left.some((id) => id.startsWith("kernel.")), left.join());
    });
  });
}
