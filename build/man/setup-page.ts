import { footprint } from "#product/footprint.ts";
import { version } from "#product/version.ts";
import {
  escapeRoff,
  renderParagraphs,
  renderReferences,
  renderSection,
  renderSubsection,
  renderTerm,
  renderTitle,
} from "./roff.ts";

const { account, directories, files, memberships, receipts } = footprint;

const commands: Readonly<Record<string, string>> = {
  plan: "Prints what apply would change on this host, and changes nothing.",
  apply:
    "Makes what is missing of the account, groups, memberships and directories, gives access to the audit log and activates the audit rules. It can be repeated; what is as it should be stays.",
  "audit-access MODE": `Chooses how the audit log may be read. auto: if auditd gives the log to a group already, an access control list adds ${footprint.auditGroup}, else log_group is set. log-group: log_group in auditd.conf is set. acl: an access control list is set. none: access is taken back.`,
  "rules [TIER]...": `Chooses tiers of audit rules: base, network, compliance, forks. They are loaded into the kernel first, and kept only if it takes them all. Without a tier, the rules are withdrawn.`,
  remove: `Withdraws the audit rules and puts access to the audit log back to what it was. The account, the groups and the agent's directories stay.`,
};

const description = [
  "Does with root's rights what the agent needs and must not do itself. The package does the same when it is installed and removed, so it is needed only to look at what will be done, to repair it, or to choose another way.",
  `What was there before is kept in ${receipts}, which belongs to root, and is put back by remove. No name inside a directory of the agent's is touched.`,
];

/** Renders the manual page of linuxguard-setup with what it makes, from the footprint. */
export function renderSetupPage(): string {
  const name = "linuxguard-setup";
  const lines = [
    renderTitle(name, 8, `LinuxGuard ${version}`),
    ...renderSection("NAME", [
      `${escapeRoff(name)} \\- ${escapeRoff("make, show and undo what LinuxGuard is on a host")}`,
    ]),
    ...renderSection("SYNOPSIS", renderSynopsis(name)),
    ...renderSection("DESCRIPTION", renderParagraphs(description)),
    ...renderSection("COMMANDS", renderTerms(Object.entries(commands))),
    ...renderSection("WHAT IT MAKES", [
      renderSubsection("Account and groups"),
      ...renderTerms([
        [
          account.name,
          `The account: ${account.comment}. Home ${account.home}, shell ${account.shell}.`,
        ],
        ...memberships.map(
          ({ group, need, purpose }) =>
            [
              group,
              `${purpose}. ${need === "always" ? "Made if it is not there." : "Only if it exists and was chosen."}`,
            ] as const,
        ),
      ]),
      renderSubsection("Directories of the agent"),
      ...renderTerms(
        directories.map(({ path, mode, purpose }) => [
          path,
          `${purpose}. Owner ${account.name}:${account.group}, mode 0${mode.toString(8)}.`,
        ]),
      ),
    ]),
    ...renderSection(
      "FILES",
      renderTerms([
        ...Object.values(files).map(({ path, purpose }) => [path, `${purpose}.`] as const),
        [footprint.audit.rules, "The audit rules, where augenrules(8) finds them."],
        [receipts, "What was there before."],
      ]),
    ),
    ...renderSection(
      "SEE ALSO",
      renderReferences(["linuxguard(1)", "linuxguard-agent(8)", "auditd.conf(5)", "augenrules(8)"]),
    ),
  ];
  return `${lines.join("\n")}\n`;
}

function renderSynopsis(name: string): readonly string[] {
  return Object.keys(commands).flatMap((command, index) => [
    ...(index === 0 ? [] : [".br"]),
    `.B "${escapeRoff(`${name} ${command}`)}"`,
  ]);
}

function renderTerms(terms: readonly (readonly [string, string])[]): readonly string[] {
  return terms.flatMap(([term, text]) => renderTerm(term, text));
}
