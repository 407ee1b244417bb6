import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Base } from "#build/binary/base.ts";
import { bundle } from "#build/binary/bundle.ts";
import { readLocked } from "#build/binary/fetch-package.ts";
import { listLicences, packageFolders } from "#build/binary/licences.ts";
import { identity } from "#product/identity.ts";
import { parseChangelog } from "./changelog.ts";
import { loaderLibraries, patchProgram } from "./loader.ts";

/** Of which program the parts are listed. */
export interface SbomOrder {
  readonly base: Base;
  /** The agent's program. */
  readonly agentFile: string;
  /** The one without a compiler, of the same parts. */
  readonly jitlessFile: string;
  readonly folder: string;
}

/** A component as CycloneDX has it. Source: CycloneDX 1.6, ECMA-424, `components`. */
interface Component {
  readonly type: "application" | "library" | "data";
  /** What `dependencies` call it. */
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly hashes?: readonly { readonly alg: "SHA-256" | "SHA-512"; readonly content: string }[];
  readonly licenses?: readonly (
    | { readonly license: { readonly id: string } }
    | { readonly expression: string }
  )[];
  readonly cpe?: string;
  readonly purl?: string;
}

/** Writes the list of all that is in the program, as CycloneDX JSON, and returns its file. */
export async function makeSbom(order: SbomOrder): Promise<string> {
  const { base, agentFile, folder } = order;
  const { version, time } = parseChangelog(readFileSync("debian/changelog", "utf8"));
  const agent = programComponent(identity.agent, version, agentFile);
  const jitless = programComponent(identity.jitlessAgent, version, order.jitlessFile);
  const node = nodeComponent(base);
  const embedded = embeddedComponents(base);
  const bundled = await bundledComponents();
  const apk = apkComponents(agent, patchProgram(agentFile, base), base);
  const refs = (components: readonly Component[]) => components.map((each) => each["bom-ref"]);
  const content = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      timestamp: new Date(time * 1_000).toISOString(),
      lifecycles: [{ phase: "build" }],
      component: agent,
      manufacturer: { name: "LinuxGuard", url: ["https://linuxguard.io"] },
    },
    components: [jitless, node, ...embedded, ...bundled, apk.agent, ...apk.libraries],
    dependencies: [
      { ref: agent["bom-ref"], dependsOn: refs([node, ...bundled]) },
      { ref: jitless["bom-ref"], dependsOn: refs([node, ...bundled]) },
      { ref: node["bom-ref"], dependsOn: refs(embedded) },
      { ref: apk.agent["bom-ref"], dependsOn: refs([agent, ...apk.libraries]) },
    ],
  };
  const { bomFormat, specVersion, ...rest } = content;
  const serialNumber = serialNumberOf(JSON.stringify(content));
  const text = JSON.stringify({ bomFormat, specVersion, serialNumber, ...rest }, undefined, 2);
  const file = join(folder, `${identity.package}_${version}_${base.debianArch}.cdx.json`);
  writeFileSync(file, `${text}\n`);
  return file;
}

function programComponent(name: string, version: string, file: string): Component {
  return {
    type: "application",
    "bom-ref": name,
    name,
    version,
    hashes: [{ alg: "SHA-256", content: hexOf("sha256", readFileSync(file)) }],
    licenses: [{ license: { id: "Apache-2.0" } }],
  };
}

/** What the packages for apk have instead: the program with another loader, and that with its libraries. */
function apkComponents(agent: Component, program: Uint8Array, base: Base) {
  const libraries = loaderLibraries(base).map((library): Component => {
    const { name, version, licence, sha256 } = library;
    const purl = `pkg:deb/debian/${encodeURIComponent(library.package)}@${encodeURIComponent(version)}`;
    return {
      type: "library",
      "bom-ref": `apk:${name}`,
      name,
      version,
      hashes: [{ alg: "SHA-256", content: sha256 }],
      licenses: [licence.includes(" ") ? { expression: licence } : { license: { id: licence } }],
      purl: `${purl}?arch=${base.debianArch}`,
    };
  });
  const description =
    "The same program, in the package for apk: it is told to use the libraries there";
  const hashes = [{ alg: "SHA-256", content: hexOf("sha256", program) }] as const;
  return { agent: { ...agent, "bom-ref": `apk:${agent.name}`, description, hashes }, libraries };
}

function nodeComponent(base: Base): Component {
  const { version, license } = readLocked(`node-linux-${base.arch}`);
  const purl = purlOf("npm", `node-linux-${base.arch}`, version);
  return {
    type: "application",
    "bom-ref": purl,
    name: "node",
    version,
    description: "The program that the agent is put into; the hash is of it before it is stripped",
    hashes: [{ alg: "SHA-256", content: base.sha256 }],
    licenses: [{ license: { id: license } }],
    cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`,
    purl,
  };
}

/** Numbers of interfaces, which are no parts. */
const interfaces = ["modules", "napi"];
const tables = ["cldr", "tz", "unicode"];
const scripts = ["acorn", "amaro", "undici"];

/** What the Node that runs this has in it, by its own word; it must be of the base's version. */
function embeddedComponents(base: Base): readonly Component[] {
  const { node, ...versions } = process.versions;
  if (node !== base.version) {
    throw new Error(`Cannot tell by Node ${node} what is in Node ${base.version}`);
  }
  return Object.entries(versions).flatMap(([name, version = ""]) => {
    if (version === "" || interfaces.includes(name)) return [];
    const purl = purlOf(scripts.includes(name) ? "npm" : "generic", name, version);
    const type = tables.includes(name) ? "data" : "library";
    // The same package may be among the bundled ones, too.
    return [{ type, "bom-ref": `node:${purl}`, name, version, purl } as const];
  });
}

/** The packages that the agent's script is made of, with the digest by which the lock knows them. */
async function bundledComponents(): Promise<readonly Component[]> {
  const { sources } = await bundle("src/main.ts");
  const components = packageFolders(sources).map((folder): Component => {
    const [licence] = listLicences([], [folder]);
    const { version, integrity } = readLocked(folder.replace("node_modules/", ""));
    if (licence?.version !== version) {
      throw new Error(`Cannot list ${folder}: it is not of the version ${version} of the lock`);
    }
    const purl = purlOf("npm", licence.package, version);
    const content = Buffer.from(integrity.replace(/^sha512-/, ""), "base64").toString("hex");
    return {
      type: "library",
      "bom-ref": purl,
      name: licence.package,
      version,
      hashes: [{ alg: "SHA-512", content }],
      licenses: [{ license: { id: licence.name } }],
      purl,
    };
  });
  return [...new Map(components.map((each) => [each["bom-ref"], each])).values()];
}

/** Source: the specification of package URLs; each part between the slashes is percent-encoded. */
function purlOf(type: "npm" | "generic", name: string, version: string): string {
  const path = name.split("/").map(encodeURIComponent).join("/");
  return `pkg:${type}/${path}@${encodeURIComponent(version)}`;
}

/** A UUID made of a text, so that the same parts have the same. Source: RFC 9562, version 8. */
function serialNumberOf(text: string): string {
  const hex = hexOf("sha256", text);
  const variant = "89ab".charAt(Number.parseInt(hex.charAt(16), 16) % 4);
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return `urn:uuid:${parts.join("-")}`;
}

function hexOf(algorithm: string, bytes: Uint8Array | string): string {
  return createHash(algorithm).update(bytes).digest("hex");
}
