import type { RecordBody } from "./message.ts";
import { firstField, type RawField } from "./raw-field.ts";
import { latin1 } from "./scan.ts";
import { decodeText } from "./text.ts";
import { decodeValue } from "./value.ts";

/** What a security module decided. */
export type AccessDecision =
  | SelinuxDecision
  | AppArmorDecision
  /** News of the module itself: `received policyload notice`. */
  | { readonly kind: "notice"; readonly text: string };

/** The text form: `avc:  denied  { read } for …`. */
interface SelinuxDecision {
  readonly kind: "selinux";
  /** `denied` or `granted`. */
  readonly result: string;
  readonly permissions: readonly string[];
  readonly sourceContext: string | undefined;
  readonly targetContext: string | undefined;
  readonly targetClass: string | undefined;
  /** Whether it was let through though denied; `undefined` if it is not said. */
  readonly permissive: boolean | undefined;
}

/** The form in keys: `apparmor="DENIED" operation="open" …`. */
interface AppArmorDecision {
  readonly kind: "apparmor";
  /** `DENIED`, `ALLOWED`, `AUDIT`, `STATUS`, `HINT`, `ERROR` or `KILLED`. */
  readonly result: string;
  readonly operation: string | undefined;
  readonly profile: string | undefined;
  readonly name: string | undefined;
  readonly requestedMask: string | undefined;
  readonly deniedMask: string | undefined;
  readonly info: string | undefined;
}

/**
 * Reads an AVC, also one that a program decided (USER_AVC, inside `msg='…'`), or returns `undefined`
 * if the body holds none.
 */
export function parseAvc(body: RecordBody): AccessDecision | undefined {
  return (
    parseScope(body.innerWords, body.inner, "USER_AVC") ??
    parseScope(body.outerWords, body.outer, "AVC")
  );
}

function parseScope(
  words: readonly Uint8Array[],
  fields: readonly RawField[],
  recordType: string,
): AccessDecision | undefined {
  const textOf = (key: string): string | undefined => {
    const field = firstField(fields, key);
    const value = field && decodeValue(key, recordType, field);
    return value?.kind === "text" ? decodeText(value.bytes).text : undefined;
  };
  const result = textOf("apparmor");
  if (result !== undefined) {
    return {
      kind: "apparmor",
      result,
      operation: textOf("operation"),
      profile: textOf("profile"),
      name: textOf("name"),
      requestedMask: textOf("requested_mask"),
      deniedMask: textOf("denied_mask"),
      info: textOf("info"),
    };
  }
  const said = saidByAvc(words);
  if (said === undefined) return undefined;
  const [, verdict, permissions] = /^(\S+) \{ ?([^{}]*)\}/.exec(said) ?? [];
  if (verdict === undefined) return { kind: "notice", text: said };
  return {
    kind: "selinux",
    result: verdict,
    permissions: permissions?.split(" ").filter((word) => word !== "") ?? [],
    sourceContext: textOf("scontext"),
    targetContext: textOf("tcontext"),
    targetClass: textOf("tclass"),
    permissive: parseFlag(firstField(fields, "permissive")),
  };
}

/** Returns the words behind `avc:`, parted by single spaces. */
function saidByAvc(words: readonly Uint8Array[]): string | undefined {
  const texts = words.map(latin1);
  const start = texts.indexOf("avc:");
  return start < 0 ? undefined : texts.slice(start + 1).join(" ");
}

function parseFlag(field: RawField | undefined): boolean | undefined {
  switch (field ? latin1(field.value) : "") {
    case "1":
      return true;
    case "0":
      return false;
    default:
      return undefined;
  }
}
