import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { ruleFiles } from "#build/rules/files.ts";
import { startAuditd } from "#test/support/auditd.ts";

test("Every rule of every tier loads into the kernel, the tiers one after the other", async () => {
  await using auditd = await startAuditd();

  for (const machine of ["x86_64", "aarch64"]) {
    const rules = [...ruleFiles()]
      .filter(([path]) => path.startsWith(`rules.d/${machine}/`))
      .map(([, text]) => (machine === "aarch64" ? asForeign(text) : text))
      .join("");
    const file = `${auditd.folder}/${machine}.rules`;
    writeFileSync(file, rules, { mode: 0o600 });

    await auditd.auditctl("-R", file);

    const listed = await auditd.auditctl("-l");
    assert.equal(countRules(listed), countRules(rules), machine);
    await auditd.deleteRules();
  }
});

/**
 * auditctl on x86_64 takes rules for other machines if they name them; it then looks up their calls.
 * Their PAM modules lie elsewhere.
 */
function asForeign(text: string): string {
  return text
    .replaceAll("arch=b64", "arch=aarch64")
    .replaceAll("arch=b32", "arch=arm")
    .replaceAll("/usr/lib/aarch64-linux-gnu/", "/usr/lib/x86_64-linux-gnu/");
}

function countRules(text: string): number {
  return [...text.matchAll(/^-[aw] /gm)].length;
}
