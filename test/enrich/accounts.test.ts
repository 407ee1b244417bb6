import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isAccountId, parseAccounts } from "#enrich/accounts.ts";

test("parseAccounts() reads passwd and group lines, the first of each number", () => {
  const text =
    "root:x:0:0:root:/root:/bin/bash\ntoor:x:0:0::/:/bin/sh\nalice:x:1000:1000:A,:/h:/s\n";

  assert.deepEqual(
    [...parseAccounts(text)],
    [
      [0, "root"],
      [1_000, "alice"],
    ],
  );
  assert.deepEqual(
    [...parseAccounts("adm:x:4:alice,bob\nLDAP users:*:70000:")],
    [
      [4, "adm"],
      [70_000, "LDAP users"],
    ],
  );
});

test("parseAccounts() passes over what is no account", () => {
  const text =
    "# a:x:1:\n+::::::\n+nis:x:5:\n-bob:x:6:\nx\nx:x\nx:x:\nx:x:-1:\nx:x:1e3:\nx:x:4294967295:\n:x:7:\n";

  assert.deepEqual([...parseAccounts(text)], []);
});

test("parseAccounts() gives names to ids that accounts can have, whatever the text", () => {
  const text = fc
    .array(fc.oneof(fc.string(), fc.constantFrom(":", "\n", "0", "a")))
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, (each) => {
      for (const [id, name] of parseAccounts(each)) assert.ok(isAccountId(id) && name !== "");
    }),
  );
});
