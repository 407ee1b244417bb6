import type { LookupAddress } from "node:dns";
import { lookup as systemLookup } from "node:dns/promises";
import type { LookupFunction } from "node:net";

/** Asks the name service for all addresses of a name. */
export type AskName = (name: string) => Promise<readonly LookupAddress[]>;

const deadlineMs = 10_000;

/**
 * Makes a way to look up names that asks for one name at a time. A question that hangs holds one of
 * the few threads that files need, too, so it is waited for again instead of being asked again.
 */
export function createLookup(
  ask: AskName = async (name) => await systemLookup(name, { all: true }),
  longestMs = deadlineMs,
): LookupFunction {
  const asked = new Map<string, Promise<readonly LookupAddress[]>>();
  return (name, { all = false }, answer) => {
    const pending = asked.get(name) ?? ask(name);
    asked.set(name, pending);
    const forget = () => asked.delete(name);
    pending.then(forget, forget);
    inTime(pending, longestMs).then(
      (found) => {
        const [first] = found;
        if (first === undefined) answer(noAnswer("ENOTFOUND"), "", 0);
        else if (all) answer(null, [...found]);
        else answer(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => answer(error, "", 0),
    );
  };
}

async function inTime<T>(pending: Promise<T>, longestMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(noAnswer("EAI_AGAIN")), longestMs);
  try {
    return await Promise.race([pending, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function noAnswer(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error("No answer from the name service"), { code });
}
