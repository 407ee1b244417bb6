import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parsePackage } from "#audit/decode/package.ts";

const cases: readonly (readonly [type: string, software: string, ...parts: string[]])[] = [
  ["rpm", "bash-5.1.8-6.el9.x86_64", "bash", "5.1.8-6.el9", "x86_64"],
  ["rpm", "gcc-c++-0:11.4.1-2.el9.aarch64", "gcc-c++", "0:11.4.1-2.el9", "aarch64"],
  ["rpm", "gpg-pubkey-fd431d51-4ae0493b", "gpg-pubkey-fd431d51-4ae0493b"],
  ["rpm", "bash", "bash"],
  ["pip", "requests-2.32.0", "requests", "2.32.0"],
  ["pip", "typing-extensions==4.12", "typing-extensions", "4.12"],
  ["gem", "x-y", "x-y"],
  ["?", "", ""],
];

for (const [type, software, name, version, architecture] of cases) {
  test(`parsePackage() reads ${software} of ${type}`, () => {
    assert.deepEqual(
      { version, architecture, ...parsePackage(software, type) },
      {
        name,
        version,
        architecture,
      },
    );
  });
}

test("parsePackage() takes any text, and names are never empty", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.constantFrom("rpm", "pip"), (software, type) => {
      const { name } = parsePackage(software, type);

      assert.ok(name !== "" && software.startsWith(name));
    }),
  );
});
