import { identity } from "#product/identity.ts";
import { namedSettings } from "./parse-config.ts";
import { type Section, sections } from "./settings.ts";

const widthColumns = 78;

/** Renders the sample file: every setting with its help, commented out at its default. */
export function renderSample(): string {
  const head = comment(
    `Settings of ${identity.agent}. Every line below shows a default; remove the # to change it. Files in conf.d beside this one are read after it, in the order of their names. See linuxguard.conf(5); check with: ${identity.cli} config check`,
  );
  const table: Readonly<Record<string, Section>> = sections;
  const parts = Object.entries(table).map(([name, { help }]) =>
    [`[${name}]`, ...comment(help), ...renderSettings(name)].join("\n"),
  );
  return `${[head.join("\n"), ...parts].join("\n\n")}\n`;
}

function renderSettings(section: string): readonly string[] {
  return namedSettings
    .filter((row) => row.section === section)
    .flatMap(({ key, setting: { help, fallback, parser } }) => [
      "",
      ...comment(`${help} Give ${parser.form}.`),
      `#${key} = ${parser.render(fallback)}`.trimEnd(),
    ]);
}

/** Breaks a text into comment lines. */
function comment(text: string): readonly string[] {
  const lines: string[] = [];
  let line = "#";
  for (const word of text.split(" ")) {
    if (line.length + 1 + word.length > widthColumns) {
      lines.push(line);
      line = "#";
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
