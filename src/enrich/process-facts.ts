import { hash } from "node:crypto";
import type { ProcessSighting } from "#model/enrich.ts";
import { type Members, membersOf, noMembers, programOf } from "./fragment.ts";

const idDigits = 32;

/** What a process's cgroup and namespaces tell. */
export interface Containment {
  readonly containerId: string | undefined;
  readonly unit: string | undefined;
  readonly isContained: boolean;
}

/** What /proc tells of one running process. */
export interface ProcessFacts extends Containment {
  readonly pid: number;
  readonly ppid: number;
  /** Made by `runningEntityId`. */
  readonly entityId: string;
  /** Since boot, in clock ticks: with the pid, the identity of a process. */
  readonly startTicks: number;
  readonly startMs: number;
  /** It is pid 1 of its pid namespace. */
  readonly isInit: boolean;
  readonly comm: string;
  /** The process can write these itself: a claim. */
  readonly args: readonly string[];
}

/** The id of a process that no event began: the same as long as it runs. */
export function runningEntityId(
  hostKey: string,
  bootId: string,
  pid: number,
  startTicks: number,
): string {
  return shortHash(`${hostKey}\n${bootId}\n${pid}\n${startTicks}`);
}

/** The id of a process that only its child's event has told of. */
export function parentEntityId(childEventId: string, pid: number): string {
  return shortHash(`${childEventId}\nparent\n${pid}`);
}

/** The JSON members for what a process is called. */
export function programMembers(facts: ProcessFacts): Members {
  return membersOf(Buffer.from(`"name":${JSON.stringify(facts.comm)}`));
}

/** The JSON members for its arguments, none for a kernel thread. */
export function argumentMembers({ args }: ProcessFacts): Members {
  if (args.length === 0) return noMembers;
  const commandLine = JSON.stringify(args.join(" "));
  return membersOf(
    Buffer.from(
      `"args":${JSON.stringify(args)},"args_count":${args.length},"command_line":${commandLine}`,
    ),
  );
}

/** Whether an event calls a process what /proc calls it: then it runs the same program still. */
export function hasName(sighting: ProcessSighting, facts: ProcessFacts): boolean {
  const { bytes, start, end } = programOf(sighting);
  const name = programMembers(facts).bytes;
  const from = end - name.length;
  return from >= start && Buffer.compare(bytes.subarray(from, end), name) === 0;
}

function shortHash(text: string): string {
  return hash("sha256", text, "hex").slice(0, idDigits);
}
