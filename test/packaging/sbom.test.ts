import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { bases } from "#build/binary/base.ts";
import { bundle } from "#build/binary/bundle.ts";
import { parseChangelog } from "#build/package/changelog.ts";
import { loaderLibraries, patchProgram } from "#build/package/loader.ts";
import { makeSbom } from "#build/package/sbom.ts";

/** Any program stands for the agent. */
const agentFile = "/bin/true";
const jitlessFile = "/bin/false";

interface Component {
  readonly type: string;
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly { license?: { id: string }; expression?: string }[];
  readonly cpe?: string;
  readonly purl?: string;
}

interface Sbom {
  readonly serialNumber: string;
  readonly metadata: { readonly timestamp: string; readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

for (const base of bases) {
  describe(`The list of parts for ${base.debianArch}`, () => {
    const folder = mkdtempSync(join(tmpdir(), "linuxguard-sbom-"));
    let file = "";
    let text = "";
    let sbom: Sbom;

    before(async () => {
      file = await makeSbom({ base, agentFile, jitlessFile, folder });
      text = readFileSync(file, "utf8");
      sbom = JSON.parse(text) as Sbom;
    });
    after(() => {
      rmSync(folder, { recursive: true });
    });

    test("has what CycloneDX 1.6 asks for, and nothing that it does not know", () => {
      const { metadata, components, dependencies, ...head } = sbom;

      const release = parseChangelog(readFileSync("debian/changelog", "utf8"));
      assert.match(file, /\/linuxguard_\d+\.\d+\.\d+_(?:amd64|arm64)\.cdx\.json$/);
      const hex = "[0-9a-f]";
      const uuid = `${hex}{8}-${hex}{4}-8${hex}{3}-[89ab]${hex}{3}-${hex}{12}`;
      assert.match(head.serialNumber, new RegExp(`^urn:uuid:${uuid}$`));
      const { serialNumber } = head;
      assert.deepEqual(head, {
        bomFormat: "CycloneDX",
        specVersion: "1.6",
        serialNumber,
        version: 1,
      });
      assert.deepEqual(metadata, {
        timestamp: new Date(release.time * 1_000).toISOString(),
        lifecycles: [{ phase: "build" }],
        component: metadata.component,
        manufacturer: { name: "LinuxGuard", url: ["https://linuxguard.io"] },
      });
      for (const component of [metadata.component, ...components]) requireForm(component);
      const refs = [metadata.component, ...components].map((each) => each["bom-ref"]);
      assert.equal(new Set(refs).size, refs.length, "A reference is there twice");
      for (const { ref, dependsOn } of dependencies) {
        assert.deepEqual(
          [ref, ...dependsOn].filter((each) => !refs.includes(each)),
          [],
        );
      }
      const reached = new Set(dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]));
      assert.deepEqual(
        refs.filter((each) => !reached.has(each)),
        [],
      );
    });

    test("has every package of the bundle with what the lock says of it, and no other", async () => {
      const { sources } = await bundle("src/main.ts");

      const folders = new Set(
        sources.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
      );
      const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
        packages: Record<string, { version: string; license: string; integrity: string }>;
      };
      const expected = [...folders].map((folder) => {
        const { version, license, integrity } = lock.packages[folder] ?? assert.fail(folder);
        const name = folder.replace(/^.*node_modules\//, "");
        return `${name} ${version} ${license} ${integrity}`;
      });
      const listed = sbom.components
        .filter((each) => each["bom-ref"].startsWith("pkg:npm/") && each.name !== "node")
        .map(({ name, version, hashes, licenses }) => {
          const digest = Buffer.from(hashes?.[0]?.content ?? "", "hex").toString("base64");
          return `${name} ${version} ${licenses?.[0]?.license?.id} sha512-${digest}`;
        });
      assert.ok(listed.length > 50);
      assert.deepEqual(listed.toSorted(), [...new Set(expected)].toSorted());
    });

    test("has the programs, Node with what is in it, and the libraries of the package for apk", () => {
      const sums = (name: string) =>
        [sbom.metadata.component, ...sbom.components]
          .filter((each) => each.name === name)
          .map(({ hashes }) => hashes?.[0]?.content);

      assert.deepEqual(sums("linuxguard-agent"), [
        sha256(readFileSync(agentFile)),
        sha256(patchProgram(agentFile, base)),
      ]);
      assert.deepEqual(sums("linuxguard-agent-jitless"), [sha256(readFileSync(jitlessFile))]);
      assert.deepEqual(sums("node"), [base.sha256]);
      const { openssl, zlib, v8, sqlite } = process.versions;
      for (const [name, version] of Object.entries({ openssl, zlib, v8, sqlite })) {
        const found = sbom.components.find((each) =>
          each["bom-ref"].startsWith(`node:pkg:generic/${name}@`),
        );
        assert.equal(found?.version, version, name);
      }
      const libraries = loaderLibraries(base);
      assert.equal(libraries.length, 8);
      for (const { name, sha256: sum } of libraries) assert.deepEqual(sums(name), [sum]);
    });

    test("is the same text each time, with another number for another program", async () => {
      const again = readFileSync(await makeSbom({ base, agentFile, jitlessFile, folder }), "utf8");
      const other = readFileSync(
        await makeSbom({ base, agentFile: "/bin/cat", jitlessFile, folder }),
        "utf8",
      );

      assert.equal(again, text);
      assert.notEqual((JSON.parse(other) as Sbom).serialNumber, sbom.serialNumber);
    });
  });
}

const known = [
  "type",
  "bom-ref",
  "name",
  "version",
  "description",
  "hashes",
  "licenses",
  "cpe",
  "purl",
];
const digests: Readonly<Record<string, number>> = { "SHA-256": 64, "SHA-512": 128 };
/** Of the list of SPDX, those that are seen here; a new one is looked up there. */
const licences = [
  "0BSD",
  "Apache-2.0",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "ISC",
  "MIT",
  "LGPL-2.1-or-later",
];

function requireForm(component: Component): void {
  const { type, name, version, hashes = [], licenses = [], cpe, purl } = component;
  assert.deepEqual(
    Object.keys(component).filter((each) => !known.includes(each)),
    [],
  );
  assert.match(type, /^(?:application|library|data)$/);
  for (const each of [component["bom-ref"], name, version]) assert.match(each, /^\S+$/);
  for (const { alg, content } of hashes) {
    assert.match(content, /^[0-9a-f]+$/);
    assert.equal(content.length, digests[alg], name);
  }
  for (const { license, expression } of licenses) {
    const id = license?.id ?? expression ?? "";
    assert.ok(licences.includes(id) || id === "GPL-3.0-or-later WITH GCC-exception-3.1", id);
  }
  if (cpe !== undefined) assert.match(cpe, /^cpe:2\.3:a(?::[^:\s]+){10}$/);
  const form = /^pkg:(?:npm|generic|deb)\/(?:[\w.%-]+\/)?[\w.%-]+@[\w.%-]+(?:\?arch=\w+)?$/;
  if (purl !== undefined) assert.match(purl, form);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
