import assert from "node:assert/strict";
import { test } from "node:test";
import { diagnose, diagnoses } from "#verify/doctor.ts";
import type { DoctorFacts } from "#verify/doctor-facts.ts";
import { stations } from "#verify/doctor-finding.ts";
import { but, stopped } from "./doctor-names.ts";
import { soundDoctor } from "./doctor-sound.ts";

const unseen = { why: "only root may look" };

test("diagnose() finds nothing on a sound host, and answers every question", () => {
  const findings = diagnose(soundDoctor);

  assert.deepEqual(
    findings.filter(({ state }) => state !== "fine"),
    [],
  );
  assert.deepEqual(
    findings.map(({ id }) => id),
    diagnoses.map(({ id }) => id),
  );
});

test("diagnose() follows the way of an event", () => {
  const order = diagnoses.map(({ id }) => stations.findIndex((each) => id.startsWith(`${each}.`)));

  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  );
});

test("diagnose() says which questions need root", () => {
  const { kernel, daemon, log } = soundDoctor;
  const found = diagnose({
    ...soundDoctor,
    isRoot: false,
    kernel: { ...kernel, status: unseen, rules: unseen, rulesFiles: unseen },
    daemon: { ...daemon, config: unseen, plugins: unseen },
    log: { ...log, tail: unseen, rotated: unseen },
  });

  const unknown = found.filter(({ state }) => state === "unknown");
  assert.ok(unknown.length >= 9);
  for (const { cause, command } of unknown) {
    assert.deepEqual([cause, command], ["only root may look", "sudo linuxguard doctor"]);
  }
});

test("diagnose() takes plugins that read along as what they are", () => {
  const found = diagnose(but("daemon", { plugins: { value: ["laurel"] } }));

  assert.deepEqual(
    found.find(({ id }) => id === "auditd.plugins"),
    {
      id: "auditd.plugins",
      state: "fine",
      what: "auditd hands the records to laurel, too, which does no harm",
    },
  );
});

test("diagnose() names the commands that a host has", () => {
  const alpine = { ...soundDoctor, manager: "openrc", packages: "apk" } as const;
  const command = (facts: DoctorFacts, id: string) =>
    diagnose(facts).find((finding) => finding.id === id)?.command;

  assert.equal(
    command({ ...alpine, daemon: stopped }, "auditd.running"),
    "rc-service auditd start",
  );
  assert.equal(
    command(
      { ...alpine, daemon: { ...stopped, isInstalled: { value: false } } },
      "auditd.installed",
    ),
    "apk add audit",
  );
});
