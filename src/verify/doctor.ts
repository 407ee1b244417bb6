import { accessDiagnoses } from "./doctor-access.ts";
import { agentDiagnoses } from "./doctor-agent.ts";
import { consoleDiagnoses } from "./doctor-console.ts";
import { daemonDiagnoses } from "./doctor-daemon.ts";
import type { DoctorFacts } from "./doctor-facts.ts";
import type { Diagnosis, Finding, Verdict } from "./doctor-finding.ts";
import { kernelDiagnoses } from "./doctor-kernel.ts";
import { localCommand } from "./doctor-local.ts";
import { logDiagnoses } from "./doctor-log.ts";

/** Every question, in the order of an event's way. */
export const diagnoses: readonly Diagnosis[] = [
  ...kernelDiagnoses,
  ...daemonDiagnoses,
  ...logDiagnoses,
  ...accessDiagnoses,
  ...agentDiagnoses,
  ...consoleDiagnoses,
];

/** Answers all questions that come up. */
export function diagnose(facts: DoctorFacts): readonly Finding[] {
  return diagnoses.flatMap((diagnosis) => {
    const verdict = diagnosis.judge(facts);
    return verdict === undefined ? [] : [tell(diagnosis, verdict, facts)];
  });
}

function tell({ id, asks }: Diagnosis, verdict: Verdict, facts: DoctorFacts): Finding {
  switch (verdict.state) {
    case "fine":
      return { id, ...verdict };
    case "unknown":
      return {
        id,
        what: asks,
        ...verdict,
        ...(!facts.isRoot && { command: "sudo linuxguard doctor" }),
      };
    case "fault":
    case "warning":
    case "note":
      return { id, ...verdict, command: localCommand(verdict.command, facts) };
    default:
      return verdict satisfies never;
  }
}
