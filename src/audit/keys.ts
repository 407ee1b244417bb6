import { fieldKindRows, trailerKeys } from "#audit/decode/field-kinds.ts";
import { KEY_MSG, KEY_OBJ, KEY_OP, KEY_SUBJ } from "./core/names.ts";
import { DECIMAL, ENCODED, HEX_BYTES, ID, PLAIN } from "./core/values.ts";

/** Fields that the normaliser asks for by name and whose values are plain text. */
const plainKeys =
  "SYSCALL ARCH SADDR syscall success exit a0 a1 a2 a3 tty nametype obj res op unit " +
  "terminal hostname addr table action reason result grantors direction fp type tclass old-auid laddr lport sw_type";

const coreKinds: Readonly<Record<string, number>> = {
  encoded: ENCODED,
  proctitle: ENCODED,
  key: ENCODED,
  acct: ENCODED,
  "hex-bytes": HEX_BYTES,
  decimal: DECIMAL,
  uid: ID,
  gid: ID,
  session: ID,
};

/** The kind of value that each known field has for the core, whatever its record's type. */
export const keyKinds: ReadonlyMap<string, number> = new Map(
  fieldKindRows
    .filter(({ types }) => types === undefined || types === "PATH" || types === "SOCKADDR")
    .flatMap(({ kind, keys }) => keys.split(" ").map((key) => [key, coreKinds[kind] ?? PLAIN])),
);

/** Numbers of the field names that the core knows. */
export const keyIds: ReadonlyMap<string, number> = numberKeys();

function numberKeys(): Map<string, number> {
  const ids = new Map([
    ["msg", KEY_MSG],
    ["subj", KEY_SUBJ],
    ["obj", KEY_OBJ],
    ["op", KEY_OP],
  ]);
  for (const key of [...trailerKeys].flatMap((key) => [key, key.toLowerCase()])) {
    if (!ids.has(key)) ids.set(key, ids.size + 1);
  }
  for (const key of [...plainKeys.split(" "), ...keyKinds.keys()]) {
    if (!ids.has(key)) ids.set(key, ids.size + 1);
  }
  return ids;
}
