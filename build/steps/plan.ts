import { footprint } from "#product/footprint.ts";
import type { Phase, Step } from "./step.ts";

const own = footprint.directories.filter(({ isVolatile }) => !isVolatile);

const checks: readonly Step[] = [
  { kind: "check-account" },
  ...own.map(({ path }): Step => ({ kind: "check-directory", path })),
];

const joining = footprint.memberships.map(
  ({ group, need }): Step => ({ kind: "membership", act: "join", group, need }),
);
const leaving = footprint.memberships.map(
  ({ group, need }): Step => ({ kind: "membership", act: "leave", group, need }),
);

const audit: readonly Step[] = [
  { kind: "audit-access", act: "grant" },
  { kind: "audit-rules", act: "activate" },
];

const running: readonly Step[] = [
  { kind: "service", act: "enable" },
  { kind: "service", act: "start" },
];

/**
 * What is done when, on every format: check, groups, account, memberships, directories,
 * configuration, access, rules, service; the other way round on removal. Accounts and groups stay:
 * files elsewhere may be theirs, and an auditd.conf that names a missing group stops auditd.
 */
export const plan: Readonly<Record<Phase, readonly Step[]>> = {
  "before-install": checks,
  "after-install": [
    ...checks,
    ...footprint.groups.map((group): Step => ({ kind: "group", group })),
    { kind: "account" },
    ...joining,
    ...own.map(({ path, mode }): Step => ({ kind: "directory", path, mode })),
    { kind: "configure" },
    ...audit,
    ...running,
  ],
  "audit-changed": audit,
  "before-remove": [
    { kind: "service", act: "stop" },
    { kind: "audit-rules", act: "withdraw" },
    { kind: "audit-access", act: "revoke" },
    ...leaving,
  ],
  "remove-failed": [...joining, ...audit, ...running],
  "after-remove": [{ kind: "service", act: "reload-manager" }],
  "after-purge": [
    ...own.toReversed().map(({ path }): Step => ({ kind: "erase", path })),
    { kind: "erase", path: footprint.receipts },
    { kind: "service", act: "forget" },
    { kind: "questions", act: "forget" },
  ],
};
