import { namedSettings } from "#config/parse-config.ts";
import { type Section, sections } from "#config/settings.ts";
import { identity } from "#product/identity.ts";
import { version } from "#product/version.ts";
import {
  escapeRoff,
  renderLines,
  renderParagraphs,
  renderReferences,
  renderSection,
  renderSubsection,
  renderTerm,
  renderTitle,
} from "./roff.ts";

const description = [
  `Settings of ${identity.agent} and ${identity.cli}. The file has sections and, in them, lines of the form key = value. A line that begins with # or ; is a comment. A value that holds # or ; stands in double quotes, with nothing after them. Sizes carry the unit B, KiB, MiB or GiB, durations ms, s, m, h or d.`,
  "All files in conf.d beside the file whose names end in .conf are read after it, in the order of their names; a later file wins.",
  `An unknown section or key, a key twice in one file and a value of another form are mistakes: the agent does not start, and says file, line and remedy of each. ${identity.cli} config check says the same beforehand. ${identity.cli} config list shows every setting and where it stands.`,
];

/** Renders the manual page of the settings from their table. */
export function renderConfigPage(): string {
  const table: Readonly<Record<string, Section>> = sections;
  const lines = [
    renderTitle("linuxguard.conf", 5, `LinuxGuard ${version}`),
    ...renderSection("NAME", [`linuxguard.conf \\- settings of ${escapeRoff(identity.agent)}`]),
    ...renderSection("SYNOPSIS", [`.I ${escapeRoff(identity.configFile)}`]),
    ...renderSection("DESCRIPTION", renderParagraphs(description)),
    ...renderSection(
      "SETTINGS",
      Object.entries(table).flatMap(([name, { help }]) => [
        renderSubsection(`[${name}]`),
        escapeRoff(help),
        ...renderSettings(name),
      ]),
    ),
    ...renderSection("EXAMPLES", [
      escapeRoff("A smaller spool, in a file of its own in conf.d:"),
      ...renderLines(["[spool]", "size = 256MiB"]),
    ]),
    ...renderSection(
      "SEE ALSO",
      renderReferences(["linuxguard(1)", "linuxguard-agent(8)", "auditd.conf(5)"]),
    ),
  ];
  return `${lines.join("\n")}\n`;
}

function renderSettings(section: string): readonly string[] {
  return namedSettings
    .filter((row) => row.section === section)
    .flatMap(({ key, setting: { help, fallback, parser } }) => {
      const text = parser.render(fallback);
      return renderTerm(
        `${key}=`,
        `${help} Give ${parser.form}. Default: ${text === "" ? "empty" : text}.`,
      );
    });
}
