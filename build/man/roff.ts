const special: Readonly<Record<string, string>> = {
  "\\": "\\e",
  "-": "\\-",
  "'": "\\(aq",
  "`": "\\(ga",
  "^": "\\(ha",
  "~": "\\(ti",
  '"': "\\(dq",
};

/**
 * Escapes a text so that roff shows every character as it is.
 *
 * Source: groff_char(7), groff_man(7).
 */
export function escapeRoff(text: string): string {
  const escaped = text.replace(/[\\\-'`^~"]/g, (character) => special[character] ?? character);
  return escaped.startsWith(".") ? `\\&${escaped}` : escaped;
}

/** Renders the first line of a page: its name and section, and what it belongs to. */
export function renderTitle(name: string, section: number, product: string): string {
  return `.TH "${escapeRoff(name.toUpperCase())}" ${section} "" "${escapeRoff(product)}"`;
}

/** Renders a section with its parts; nothing if there are none. */
export function renderSection(title: string, parts: readonly string[]): readonly string[] {
  return parts.length === 0 ? [] : [`.SH ${title}`, ...parts];
}

/** Renders the heading of a part of a section. */
export function renderSubsection(title: string): string {
  return `.SS "${escapeRoff(title)}"`;
}

/** Renders paragraphs; the first needs no space before it. */
export function renderParagraphs(paragraphs: readonly string[]): readonly string[] {
  return paragraphs.flatMap((text, index) => [...(index === 0 ? [] : [".PP"]), escapeRoff(text)]);
}

/** Renders a term in bold and its text, set in. */
export function renderTerm(term: string, text: string): readonly string[] {
  return [".TP", `.B "${escapeRoff(term)}"`, escapeRoff(text)];
}

/** Renders lines as they are, set in. */
export function renderLines(lines: readonly string[]): readonly string[] {
  return [".PP", ".RS 4", ".nf", ...lines.map(escapeRoff), ".fi", ".RE"];
}

/** Renders references to other pages: `auditd(8), ausearch(8)`. */
export function renderReferences(pages: readonly string[]): readonly string[] {
  return pages.map((page, index) => {
    const groups = /^(?<name>.+)(?<section>\(\d\))$/.exec(page)?.groups;
    const comma = index < pages.length - 1 ? "," : "";
    return `.BR ${escapeRoff(groups?.name ?? page)} ${groups?.section ?? ""}${comma}`;
  });
}
