import { isIP } from "node:net";
import { allowedValues, validateCategories } from "./ecs-categories.ts";
import { ecsFields } from "./ecs-fields.ts";

/** A field by its full name: its type, and whether it may be a list. */
interface Field {
  readonly type: string;
  readonly isList: boolean;
}

/** Where documents have what ECS has no fields for; `file.Ext` as Elastic's endpoint has it. */
const customRoots = new Set(["auditd", "linuxguard", "user.audit", "file.Ext"]);
const required = ["@timestamp", "ecs.version"];
const fields: ReadonlyMap<string, Field | "parent"> = parseFields(ecsFields);

/** Says in words what keeps a document from being ECS; an empty list if it is. */
export function validateEcs(document: unknown): string[] {
  if (!isObject(document)) return [`document: is no object but ${typeof document}`];
  return [
    ...required
      .filter((path) => valuesAt(document, path).length === 0)
      .map((path) => `${path}: is missing`),
    ...validateMembers(document, ""),
    ...validateCategories(stringsAt(document, "event.category"), stringsAt(document, "event.type")),
  ];
}

function validateMembers(members: Readonly<Record<string, unknown>>, parent: string): string[] {
  return Object.entries(members).flatMap(([key, value]) => {
    const path = parent === "" ? key : `${parent}.${key}`;
    if (customRoots.has(path)) return isObject(value) ? [] : [`${path}: is no object`];
    const field = key.includes(".") ? undefined : fields.get(path);
    if (field === undefined) return [`${path}: is no field of ECS`];
    if (field !== "parent") return validateField(value, path, field);
    return isObject(value) ? validateMembers(value, path) : [`${path}: is no object`];
  });
}

function validateField(value: unknown, path: string, { type, isList }: Field): string[] {
  if (Array.isArray(value) && !isList) return [`${path}: may not be a list`];
  return listed(value).flatMap((each: unknown) => {
    const text = JSON.stringify(each) ?? typeof each;
    if (checks[type]?.(each) !== true) return [`${path}: is no ${type} but ${text}`];
    const allowed = allowedValues[path];
    const isAllowed = allowed === undefined || (typeof each === "string" && allowed.includes(each));
    return isAllowed ? [] : [`${path}: has a value that is not allowed, ${text}`];
  });
}

const DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

const checks: Readonly<Record<string, (value: unknown) => boolean>> = {
  keyword: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  long: (value) => Number.isSafeInteger(value),
  float: (value) => Number.isFinite(value),
  ip: (value) => typeof value === "string" && isIP(value) !== 0 && !value.includes("%"),
  date: (value) =>
    typeof value === "string" && DATE.test(value) && !Number.isNaN(Date.parse(value)),
  geo_point: (value) => isObject(value) && Number.isFinite(value.lat) && Number.isFinite(value.lon),
  object: isObject,
};

function valuesAt(document: Readonly<Record<string, unknown>>, path: string): readonly unknown[] {
  let value: unknown = document;
  for (const key of path.split(".")) value = isObject(value) ? value[key] : undefined;
  return value === undefined ? [] : listed(value);
}

function stringsAt(document: Readonly<Record<string, unknown>>, path: string): readonly string[] {
  return valuesAt(document, path).filter((value) => typeof value === "string");
}

function listed(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads the tree of fields that `ecs-fields.ts` describes. */
function parseFields(tree: string): ReadonlyMap<string, Field | "parent"> {
  const found = new Map<string, Field | "parent">();
  const parents: string[] = [];
  for (const word of tree.trim().split(/\s+/)) {
    if (word === "}") {
      parents.pop();
    } else if (word.endsWith("{")) {
      parents.push(word.slice(0, -1));
      found.set(parents.join("."), "parent");
    } else {
      const isList = word.endsWith("[]");
      const [name = "", type = "keyword"] = (isList ? word.slice(0, -2) : word).split(":");
      found.set([...parents, name].join("."), { type, isList });
    }
  }
  return found;
}
