import type { Licence } from "#build/binary/licences.ts";

/**
 * Renders the package's copyright file: what debian/copyright says, and the paragraph of each
 * package that is part of the program. Source: the format's specification, 1.0.
 */
export function renderCopyright(head: string, licences: readonly Licence[]): string {
  return [head.trimEnd(), ...licences.map(renderParagraph)].join("\n\n").concat("\n");
}

/** The licence has the package's name in its own, for its text is that package's. */
function renderParagraph(licence: Licence): string {
  const name = licence.package.replace(/^@/, "").replaceAll("/", "-");
  return [
    `Files: node_modules/${licence.package}/*`,
    `Copyright: ${holdersOf(licence).join("\n           ")}`,
    `License: ${licence.name}-${name}`,
    ...licence.text.split(/\r?\n/).map(renderLine),
    `Comment: Version ${licence.version}.`,
  ].join("\n");
}

/** A line of a field that goes on: a space first, and a dot where there is nothing. */
function renderLine(line: string): string {
  const text = line.trimEnd();
  return text === "" ? " ." : ` ${text}`;
}

/** Whom the licence names; the first few, as the whole text follows. */
function holdersOf({ text, package: name }: Licence): readonly string[] {
  const lines = text.split("\n").map((line) => line.trim());
  const holders = lines.flatMap(
    (line) =>
      /^Copyright (?:\(c\) |© )?(?<rest>.*\d{4}.*|.*Contributors.*)$/i.exec(line)?.groups?.rest ??
      [],
  );
  return holders.length === 0 ? [`The authors of ${name}`] : [...new Set(holders)].slice(0, 5);
}
