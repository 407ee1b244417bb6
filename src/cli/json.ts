/** A value of JSON. */
type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** An object of JSON, such as a document. */
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/** Reads a document that the engine wrote; one that is no object has no fields. */
export function parseDocument(line: string): JsonObject {
  const value = JSON.parse(line) as JsonValue;
  return isObject(value) ? value : {};
}

/**
 * The plain values at a dotted path, as text. Lists are looked into, so there may be many;
 * a path that leads nowhere has none.
 */
export function valuesAt(document: JsonObject, path: string): readonly string[] {
  let values: readonly JsonValue[] = [document];
  for (const name of path.split(".")) {
    values = values.flatMap(flatten).flatMap((value) => member(value, name));
  }
  return values.flatMap(flatten).flatMap((value) => (isObject(value) ? [] : [String(value)]));
}

/** The first value at a dotted path as text, or `undefined` if there is none. */
export function firstAt(document: JsonObject, path: string): string | undefined {
  return valuesAt(document, path)[0];
}

function flatten(value: JsonValue): readonly JsonValue[] {
  return isList(value) ? value.flatMap(flatten) : [value];
}

function member(value: JsonValue, name: string): readonly JsonValue[] {
  if (!isObject(value) || !Object.hasOwn(value, name)) return [];
  const found = value[name];
  return found === undefined || found === null ? [] : [found];
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !isList(value);
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
