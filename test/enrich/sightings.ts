import type { ProcessSighting } from "#model/enrich.ts";

/** What a test says of an event; the rest is filled in. */
export interface SightingFacts {
  readonly pid: number;
  readonly ppid?: number;
  readonly exe?: string;
  readonly args?: readonly string[];
  readonly timeMs?: number;
  readonly serial?: number;
  readonly eventId?: string;
}

let lastSerial = 0;

/** An event of a process that is no exec. */
export function call(facts: SightingFacts): ProcessSighting {
  return sighting(facts, false);
}

/** A successful exec. */
export function exec(facts: SightingFacts): ProcessSighting {
  return sighting(facts, true);
}

function sighting(facts: SightingFacts, isExec: boolean): ProcessSighting {
  const { pid, ppid = -1, exe, args = [] } = facts;
  const serial = facts.serial ?? ++lastSerial;
  const name = `"name":${JSON.stringify((exe ?? "unknown").split("/").at(-1))}`;
  const program = exe === undefined ? name : `,"executable":${JSON.stringify(exe)},${name}`;
  const argumentMembers = `,"args":${JSON.stringify(args)},"args_count":${args.length}`;
  const before = Buffer.from('{"pid":1');
  const bytes = Buffer.concat([before, Buffer.from(program), Buffer.from(argumentMembers)]);
  const argumentsStart = before.length + Buffer.byteLength(program);
  return {
    pid,
    ppid,
    isExec,
    timeMs: facts.timeMs ?? 1_000_000 + serial,
    serial,
    eventId: facts.eventId ?? `event-${serial}`,
    bytes,
    descriptionStart: before.length,
    argumentsStart,
    descriptionEnd: isExec ? bytes.length : argumentsStart,
  };
}

/** What a fragment says, as an object. */
export function read(image: { readonly fragment: string } | undefined): unknown {
  return image === undefined
    ? undefined
    : JSON.parse(`{${Buffer.from(image.fragment, "latin1").toString("utf8")}}`);
}
