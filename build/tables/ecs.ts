import { existsSync, readFileSync } from "node:fs";
import { generatedMark, wrap } from "./render.ts";

const source = "node_modules/@elastic/ecs/generated";

/** The fields of the Elastic Common Schema, for the tests, from Elastic's own package of its types. */
export function ecsFiles(): ReadonlyMap<string, string> {
  if (!existsSync(source)) {
    throw new Error("Cannot find the package @elastic/ecs\nRun: make setup");
  }
  const index = readFileSync(`${source}/index.ts`, "utf8");
  const sets = [...index.matchAll(FIELD_SET)].map(([, name = ""]) => name);
  const words = [
    ...wordsOf("base"),
    ...wordsOf("tracing"),
    ...sets.flatMap((name) => [`${name}{`, ...wordsOf(name), "}"]),
  ];
  const text = `${generatedMark}

/**
 * The fields of ECS ${ecsVersion()} as a tree: \`name\` is a keyword, \`name:ip\` of another type, and
 * \`[]\` after it says that it may be a list; \`name{ … }\` has fields of its own.
 */
export const ecsFields = \`
${wrap(words).join("\n")}
\`;
`;
  return new Map([["test/support/ecs-fields.ts", text]]);
}

/** A set of fields at the root of a document, in the type of whole documents. */
const FIELD_SET = /^ {4}(\w+)\??: Ecs\w+;$/gm;
const LINE = /^\s*(?:'?(?<name>[@\w]+)'?\??: (?<type>.+)|(?<close>\};?))$/;

function ecsVersion(): string {
  return /version: '(?<version>[\d.]+)'/.exec(readSet("ecs"))?.groups?.version ?? "";
}

function readSet(name: string): string {
  return readFileSync(`${source}/${name}.ts`, "utf8").replaceAll(/\/\*.*?\*\//gs, "");
}

/** The fields of a set, in the order of its interface, without the brace that ends it. */
function wordsOf(set: string): readonly string[] {
  const text = readSet(set);
  const lines = text.slice(text.indexOf("export interface")).split("\n").slice(1);
  const words = lines.flatMap((line) => {
    const groups = LINE.exec(line)?.groups;
    if (groups === undefined) return [];
    return groups.close === undefined ? [wordOf(groups.name ?? "", groups.type ?? "")] : ["}"];
  });
  return words.slice(0, words.lastIndexOf("}"));
}

/** The package has no fields for what is an object in Elastic's index. */
const terminal = "tty{ char_device{ major:long minor:long } columns:long rows:long }";

function wordOf(name: string, type: string): string {
  if (type === "{") return `${name}{`;
  if (name === "tty") return terminal;
  const list = type.includes("Array<") ? "[]" : "";
  const kind = kindOf(name, type);
  return kind === "keyword" ? name + list : `${name}:${kind}${list}`;
}

/** TypeScript has one type for several of Elastic's; the names tell them apart. */
const addresses = new Set(["ip", "resolved_ip", "forwarded_ip"]);
const dates = new Set(
  (
    "@timestamp accessed created creation_date ctime delivery_timestamp end first_seen ingested " +
    "installed last_activity last_seen last_seen_timestamp modified_at mtime not_after not_before " +
    "origination_timestamp start timestamp"
  ).split(" "),
);
const floats = new Set(
  (
    "base calculated_score calculated_score_norm environmental frequency_penalty presence_penalty " +
    "risk_score risk_score_norm static_score static_score_norm temperature temporal top_k top_p usage"
  ).split(" "),
);

function kindOf(name: string, type: string): string {
  if (type.startsWith("Record<")) return "object";
  if (type.startsWith("{ lat")) return "geo_point";
  if (type.startsWith("boolean")) return "boolean";
  if (type.startsWith("number")) return floats.has(name) ? "float" : "long";
  if (addresses.has(name)) return "ip";
  return dates.has(name) ? "date" : "keyword";
}
