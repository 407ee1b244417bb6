import { accessFunctions } from "./access-functions.ts";
import { baseFunctions } from "./base-functions.ts";
import { rulesFunctions } from "./rules-functions.ts";

const functions: ReadonlyMap<string, string> = new Map(
  Object.entries({ ...baseFunctions, ...accessFunctions, ...rulesFunctions }),
);

/**
 * The functions that a script calls, and those that they call, in the order of the library; `own` are
 * those that a format has in place of the library's.
 */
export function renderLibrary(script: string, own: Readonly<Record<string, string>> = {}): string {
  const bodies = new Map([...functions, ...Object.entries(own)]);
  const needed = new Set<string>();
  const waiting = [script];
  for (let text = waiting.pop(); text !== undefined; text = waiting.pop()) {
    for (const [name] of text.matchAll(/\blg_\w+/g)) {
      const body = bodies.get(name);
      if (body === undefined) throw new RangeError(`Cannot find shell function ${name}`);
      if (needed.has(name)) continue;
      needed.add(name);
      waiting.push(body);
    }
  }
  return renderFunctions([...bodies].filter(([name]) => needed.has(name)));
}

/** Functions of shell by name and body. */
export function renderFunctions(named: readonly (readonly [string, string])[]): string {
  return named.map(([name, body]) => `${name}() {${indent(body)}}\n`).join("\n");
}

function indent(body: string): string {
  return body.replace(/^(?=[^\n])/gm, "  ");
}
