import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldKind, fieldKindRows } from "#audit/decode/field-kinds.ts";

const cases: readonly (readonly [key: string, type: string, kind: string])[] = [
  ["comm", "SYSCALL", "encoded"],
  ["a0", "SYSCALL", "hex"],
  ["a0", "EXECVE", "encoded"],
  ["a4", "EXECVE", "encoded"],
  ["a12[3]", "EXECVE", "encoded"],
  ["a12_len", "EXECVE", "decimal"],
  ["argc", "EXECVE", "decimal"],
  ["a4", "SYSCALL", "plain"],
  ["a5", "SOCKETCALL", "hex"],
  ["proctitle", "PROCTITLE", "proctitle"],
  ["saddr", "SOCKADDR", "hex-bytes"],
  ["saddr", "AVC", "plain"],
  ["saddr", "NETFILTER_PKT", "plain"],
  ["data", "TTY", "hex-bytes"],
  ["data", "USER_AVC", "plain"],
  ["id", "USER_LOGIN", "uid"],
  ["id", "ADD_GROUP", "gid"],
  ["dev", "PATH", "device"],
  ["dev", "AVC", "plain"],
  ["fp", "BPRM_FCAPS", "hex"],
  ["fp", "CRYPTO_KEY_USER", "plain"],
  ["anything", "TRUSTED_APP", "encoded"],
  ["prog-id", "BPF", "decimal"],
  ["fan_info", "FANOTIFY", "hex"],
  ["GID", "SYSCALL", "encoded"],
  ["subj", "SYSCALL", "plain"],
  ["ses", "LOGIN", "session"],
];

for (const [key, type, kind] of cases) {
  test(`fieldKind() takes ${key} of ${type} for ${kind}`, () => {
    assert.equal(fieldKind(key, type), kind);
  });
}

test("fieldKindRows give every pair of type and key once", () => {
  const pairs = fieldKindRows.flatMap(({ keys, types = "" }) =>
    types.split(" ").flatMap((type) => keys.split(" ").map((key) => `${type} ${key}`)),
  );

  assert.deepEqual(
    pairs.filter((pair, index) => pairs.indexOf(pair) !== index),
    [],
  );
});
