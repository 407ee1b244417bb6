import { INNER, OUTER } from "#audit/core/fields.ts";
import { ID } from "#audit/core/values.ts";
import { parseAvc } from "#audit/decode/avc.ts";
import { fieldKindRows } from "#audit/decode/field-kinds.ts";
import { renderHex } from "#audit/decode/hex.ts";
import { seccompAction } from "#audit/decode/interpret.ts";
import { firstField, type RawField } from "#audit/decode/raw-field.ts";
import { latin1 } from "#audit/decode/scan.ts";
import { decodeText } from "#audit/decode/text.ts";
import { type DecodedValue, decodeValue } from "#audit/decode/value.ts";
import { keyKinds } from "#audit/keys.ts";
import { architectureOf } from "#audit/tables/arch.ts";
import { syscallName } from "#audit/tables/syscalls.ts";
import type { FieldRange } from "./event-view.ts";
import { rawBody, rawFields } from "./raw-fields.ts";
import type { Writer } from "./writer.ts";

/** Record types with a row of their own that only says what the core does anyway. */
const likeTheRest = new Set(["SYSCALL", "SOCKETCALL", "PATH", "SOCKADDR", "BPRM_FCAPS", "MMAP"]);
/** Record types that give some field another kind than the rest have. */
const ownKinds = new Set(
  fieldKindRows
    .flatMap(({ types }) => types?.split(" ") ?? [])
    .filter((type) => !likeTheRest.has(type)),
);
/** Where the types that hold decisions of security modules say them. */
const decisionScopes: ReadonlyMap<string, number> = new Map([
  ["AVC", OUTER],
  ["USER_AVC", INNER],
]);

/** Writes the fields of one record in one scope, as members of their own names. */
export function writeRecordFields(
  writer: Writer,
  typeName: string,
  range: FieldRange,
  scope: number,
): void {
  if (!ownKinds.has(typeName)) {
    writer.core.writeFields(range.from, range.to, scope);
    return;
  }
  const seen = new Set<string>();
  if (decisionScopes.get(typeName) === scope) writeDecision(writer, range, seen);
  const fields = rawFields(writer.core, range, scope);
  for (const field of fields) {
    const { key } = field;
    if (seen.has(key)) continue;
    seen.add(key);
    const json =
      renderMeaning(typeName, field, fields) ?? renderValue(key, decodeValue(key, typeName, field));
    if (json !== undefined) writeField(writer, key, json);
  }
}

/** What SELinux decided stands in words, not in fields; these are auparse's names for it. */
function writeDecision(writer: Writer, range: FieldRange, seen: Set<string>): void {
  const decision = parseAvc(rawBody(writer.core, range));
  if (decision?.kind !== "selinux") return;
  writeField(writer, "seresult", JSON.stringify(decision.result));
  writeField(writer, "seperms", JSON.stringify(decision.permissions));
  seen.add("seresult").add("seperms");
}

function writeField(writer: Writer, key: string, json: string): void {
  writer.member(`${JSON.stringify(key)}:`);
  writer.value(json);
}

/** The name of what a number of SECCOMP stands for, as `auditd.data` of a SYSCALL has it. */
function renderMeaning(
  typeName: string,
  { key, value }: RawField,
  fields: readonly RawField[],
): string | undefined {
  if (typeName !== "SECCOMP") return undefined;
  const name = seccompMeaning(
    key,
    latin1(value),
    latin1(firstField(fields, "arch")?.value ?? none),
  );
  return name && JSON.stringify(name);
}

function seccompMeaning(key: string, logged: string, arch: string): string | undefined {
  const architecture = architectureOf(Number.parseInt(arch, 16))?.name;
  switch (key) {
    case "arch":
      return architecture;
    case "syscall":
      return architecture && syscallName(architecture, Number(logged));
    case "code":
      return seccompAction(logged);
    default:
      return undefined;
  }
}

const none = new Uint8Array();
/** What a JSON reader holds exactly. */
const plainNumber = /^(?:0|-?[1-9]\d{0,14})$/;

function renderValue(key: string, value: DecodedValue): string | undefined {
  switch (value.kind) {
    case "none":
    case "unset":
      return undefined;
    case "text":
      return JSON.stringify(decodeText(value.bytes).text);
    case "list":
      return JSON.stringify(value.items.map((item) => decodeText(item).text));
    case "bytes":
      return `"${renderHex(value.bytes)}"`;
    case "number":
      return value.base === 10 && plainNumber.test(value.text) && keyKinds.get(key) !== ID
        ? value.text
        : `"${value.text}"`;
    case "device":
      return `"${value.major}:${value.minor}"`;
    default:
      return value satisfies never;
  }
}
