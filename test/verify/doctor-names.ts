import assert from "node:assert/strict";
import { test } from "node:test";
import { diagnose } from "#verify/doctor.ts";
import type { DoctorFacts } from "#verify/doctor-facts.ts";
import { soundDoctor, soundStatus, unit } from "./doctor-sound.ts";

type Part = Exclude<keyof DoctorFacts, "isRoot" | "nowMs" | "manager" | "packages" | "units">;

/** The sound host with other facts in one part. */
export function but<P extends Part>(part: P, more: Partial<DoctorFacts[P]>): DoctorFacts {
  return { ...soundDoctor, [part]: { ...soundDoctor[part], ...more } };
}

/** The sound host with another unit. */
export function butUnit(name: string, more: Readonly<Record<string, string>>): DoctorFacts {
  const found = "value" in soundDoctor.units ? soundDoctor.units.value : new Map();
  return { ...soundDoctor, units: { value: new Map([...found, [name, unit(more)]]) } };
}

/** The sound host with another setting of auditd. */
export function butDaemon(...settings: readonly string[]): DoctorFacts {
  const pairs = settings.flatMap((key, at) =>
    at % 2 === 0 ? [[key, settings[at + 1] ?? ""] as const] : [],
  );
  return but("daemon", { config: { value: new Map(pairs) } });
}

/** The sound host where the agent tells something else. */
export function butStatus(more: Partial<typeof soundStatus>): DoctorFacts {
  return but("agent", { status: { value: { ...soundStatus, ...more } } });
}

/** An auditd that does not run. */
export const stopped = { ...soundDoctor.daemon, pid: { value: undefined } };

/** Tests that the doctor names a trouble: by which finding, and by which words of it. */
export function names(
  title: string,
  facts: DoctorFacts,
  id: string,
  state: "fault" | "warning" | "note",
  words: RegExp,
): void {
  test(`diagnose() names ${title}`, () => {
    const found = diagnose(facts).find((finding) => finding.id === id);

    assert.equal(found?.state, state);
    assert.match(`${found?.what}: ${found?.cause}; ${found?.risk}: ${found?.command}`, words);
    assert.match(found?.command ?? "", /^[^\n;]+$/, "One command");
  });
}
