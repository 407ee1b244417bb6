/** The fields of one paragraph of debian/control, in their order. Source: deb-control(5). */
export type Paragraph = ReadonlyMap<string, string>;

/** What a binary package's control file says beyond debian/control. */
export interface Built {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** What is installed, in bytes. */
  readonly installedBytes: number;
}

/** Reads paragraphs of fields, such as debian/control; lines that begin with # are comments. */
export function parseParagraphs(text: string): readonly Paragraph[] {
  const lines = text.split("\n").filter((line) => !line.startsWith("#"));
  return lines
    .join("\n")
    .split(/\n{2,}/)
    .filter((part) => part.trim() !== "")
    .map(parseParagraph);
}

/** Renders the control file of a binary package. Source: deb-control(5). */
export function renderControl(paragraphs: readonly Paragraph[], built: Built): string {
  const [source, ...binaries] = paragraphs;
  const binary = binaries.find((each) => each.get("Package") === built.name);
  if (source === undefined || binary === undefined) {
    throw new Error(`Cannot find package ${built.name} in debian/control`);
  }
  const depends = (binary.get("Depends") ?? "").replace(/\$\{binary:Version\}/, built.version);
  const fields = new Map([
    ["Package", built.name],
    ["Source", source.get("Source") === built.name ? "" : (source.get("Source") ?? "")],
    ["Version", built.version],
    ["Architecture", built.architecture],
    ["Maintainer", source.get("Maintainer") ?? ""],
    ["Installed-Size", String(Math.ceil(built.installedBytes / 1_024))],
    ["Depends", joinLines(depends)],
    ["Section", source.get("Section") ?? ""],
    ["Priority", source.get("Priority") ?? ""],
    ["Multi-Arch", binary.get("Multi-Arch") ?? ""],
    ["Homepage", source.get("Homepage") ?? ""],
    ["Description", binary.get("Description") ?? ""],
  ]);
  const lines = [...fields].filter(([, value]) => value !== "");
  return lines.map(([name, value]) => `${name}: ${value}\n`).join("");
}

/** Further lines of a field begin with a space and stay as they are. */
function parseParagraph(text: string): Paragraph {
  const fields = text.split(/\n(?![ \t])/).filter((field) => field !== "");
  return new Map(
    fields.map((field) => {
      const at = field.indexOf(":");
      if (at < 1) throw new Error(`Cannot read a field of control: current value is "${field}"`);
      return [field.slice(0, at), field.slice(at + 1).trim()];
    }),
  );
}

function joinLines(value: string): string {
  return value.replace(/\s*\n\s+/g, " ");
}
