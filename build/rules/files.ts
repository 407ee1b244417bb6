import { auditTiers, type Machine } from "#product/audit-rules.ts";
import { renderTier } from "./render.ts";

const machines: readonly Machine[] = ["x86_64", "aarch64"];

/** The rule files of a Debian package, by machine and tier. */
export function ruleFiles(): ReadonlyMap<string, string> {
  return new Map(
    machines.flatMap((machine) =>
      auditTiers.map(({ name }) => [
        `rules.d/${machine}/${name}.rules`,
        renderTier(name, { machine, family: "debian" }),
      ]),
    ),
  );
}
