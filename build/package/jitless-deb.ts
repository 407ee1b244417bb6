import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { identity } from "#product/identity.ts";
import { parseChangelog } from "./changelog.ts";
import { compress } from "./contents.ts";
import { parseParagraphs, renderControl } from "./control.ts";
import { copyright, type Order } from "./deb.ts";
import { fileEntry } from "./entry.ts";
import { installedBytes, writeDeb } from "./write-deb.ts";

const name = "linuxguard-jitless";

/** Makes the package of the agent without a compiler, and returns its file. */
export async function makeJitlessDeb(order: Order): Promise<string> {
  const changelog = readFileSync("debian/changelog", "utf8");
  const release = parseChangelog(changelog);
  const version = order.version ?? release.version;
  const documents = `/usr/share/doc/${name}`;
  const manuals = "/usr/share/man/man8";
  const overrides = readFileSync("debian/lintian-overrides", "utf8")
    .replace(/^linuxguard:/gm, `${name}:`)
    .replaceAll(`usr/bin/${identity.agent}`, `usr/bin/${identity.jitlessAgent}`);
  const entries = [
    fileEntry(`/usr/bin/${identity.jitlessAgent}`, readFileSync(order.agentFile), 0o755),
    fileEntry(`${documents}/copyright`, await copyright()),
    fileEntry(
      `${documents}/changelog.gz`,
      compress(changelog.replace(/^linuxguard /gm, `${name} `)),
    ),
    fileEntry(`/usr/share/lintian/overrides/${name}`, overrides),
    {
      kind: "link" as const,
      path: `${manuals}/${identity.jitlessAgent}.8.gz`,
      target: `${identity.agent}.8.gz`,
    },
  ];
  const built = {
    name,
    version,
    architecture: order.base.debianArch,
    installedBytes: installedBytes(entries),
  };
  const paragraphs = parseParagraphs(readFileSync("debian/control", "utf8"));
  const control = new Map([["control", renderControl(paragraphs, built)]]);
  mkdirSync(order.folder, { recursive: true });
  const file = join(order.folder, `${name}_${version}_${built.architecture}.deb`);
  writeDeb({ file, entries, control, time: release.time, compression: order.compression });
  return file;
}
