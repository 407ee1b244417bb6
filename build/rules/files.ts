import { auditTiers, type Machine } from "#product/audit-rules.ts";
import { renderRulesPage } from "./page.ts";
import { renderTier } from "./render.ts";

const machines: readonly Machine[] = ["x86_64", "aarch64"];

/** The rule files of a Debian package, by machine and tier. */
export function ruleFiles(): ReadonlyMap<string, string> {
  const tiers = machines.flatMap((machine) =>
    auditTiers.map(
      ({ name }) =>
        [
          `rules.d/${machine}/${name}.rules`,
          renderTier(name, { machine, family: "debian" }),
        ] as const,
    ),
  );
  return new Map(tiers);
}

/** The page on the rules. */
export function rulePages(): ReadonlyMap<string, string> {
  return new Map([["docs/audit-rules.md", renderRulesPage()]]);
}
