import { posix } from "node:path";
import type { ReadApk } from "./read-apk.ts";

/** Renders what apk notes of an installed package. Source: apk-tools, database.c. */
export function renderApkDatabase({ info, identity, entries }: ReadApk): string {
  const lines = [`C:${identity}`, `P:${info.get("pkgname")?.[0]}`, `V:${info.get("pkgver")?.[0]}`];
  const files = entries.filter(({ type }) => type !== "5");
  for (const [folder, inside] of Map.groupBy(files, ({ path }) => posix.dirname(path))) {
    lines.push(`F:${folder}`);
    for (const { path, mode, sum } of inside) {
      const base64 = Buffer.from(sum ?? "", "hex").toString("base64");
      lines.push(`R:${posix.basename(path)}`, `a:0:0:${mode.toString(8)}`, `Z:Q1${base64}`);
    }
  }
  return `${lines.join("\n")}\n\n`;
}
