import { Failure } from "#base/failure.ts";
import { type JsonObject, valuesAt } from "./json.ts";

/** What a field of a document must be, or must not be. */
export interface Filter {
  /** Dotted path, such as `user.audit.name`. */
  readonly field: string;
  readonly isNegated: boolean;
  /** The text between the wildcards; one element is the whole value. */
  readonly parts: readonly string[];
}

/** Reads `FIELD=VALUE` or `FIELD!=VALUE`, where `*` stands for any text; throws `usage.invalid` for anything else. */
export function parseFilter(text: string): Filter {
  const groups = /^(?<field>[^=!\s]+)(?<not>!?)=(?<value>.*)$/s.exec(text)?.groups;
  if (groups?.field === undefined || groups.value === undefined) {
    throw new Failure("usage.invalid", `Cannot read filter: current value is "${text}"`, {
      hint: "Give FIELD=VALUE or FIELD!=VALUE, such as event.action=executed.",
    });
  }
  return { field: groups.field, isNegated: groups.not === "!", parts: groups.value.split("*") };
}

/**
 * Tells whether a document passes every filter. `FIELD=*` asks that there is such a field. In a field with many
 * values one is enough, and `!=` asks that none is.
 */
export function matchesFilters(document: JsonObject, filters: readonly Filter[]): boolean {
  return filters.every(
    ({ field, isNegated, parts }) =>
      valuesAt(document, field).some((value) => matchesParts(value, parts)) !== isNegated,
  );
}

/** Looks for the parts one after the other, which takes time in proportion to the text. */
function matchesParts(value: string, parts: readonly string[]): boolean {
  const [first = "", ...others] = parts;
  const last = others.pop();
  if (last === undefined) return value === first;
  if (!value.startsWith(first)) return false;
  let from = first.length;
  for (const part of others) {
    const at = value.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return value.length - last.length >= from && value.endsWith(last);
}
