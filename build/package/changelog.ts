/** The newest entry of debian/changelog. Source: deb-changelog(5). */
export interface Release {
  readonly version: string;
  /** When it was made, in seconds of the epoch. */
  readonly time: number;
}

/** Reads the newest entry of a changelog. */
export function parseChangelog(text: string): Release {
  const version = /^\S+ \((?<version>[^)\s]+)\) /.exec(text)?.groups?.version;
  const date = /^ -- .+ {2}(?<date>.+)$/m.exec(text)?.groups?.date;
  const timeMs = Date.parse(date ?? "");
  if (version === undefined || Number.isNaN(timeMs)) {
    throw new Error("Cannot read version and date of the newest entry of debian/changelog");
  }
  return { version, time: timeMs / 1_000 };
}
