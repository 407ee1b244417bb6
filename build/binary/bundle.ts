import { type BuildResult, build } from "esbuild";

/** The agent as one script, and the files that it was made of. */
export interface Bundle {
  readonly text: string;
  /** Paths from the repository's root. */
  readonly sources: readonly string[];
}

/**
 * Bundles the agent and the packages it imports to one CommonJS script, which is what Node runs
 * from within its own program. Names stay as they are, so that traces can be read.
 */
export async function bundle(entry: string): Promise<Bundle> {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    platform: "node",
    target: "node26",
    format: "cjs",
    // node_modules may be a link elsewhere; no path of this machine may get in.
    preserveSymlinks: true,
    legalComments: "none",
    // The agent holds its script in memory: ASCII takes half of other text, and indents a tenth of it.
    charset: "ascii",
    minifyWhitespace: true,
    metafile: true,
    write: false,
    logLevel: "silent",
  });
  requireNoWarning(result);
  const [output] = result.outputFiles;
  if (output === undefined) throw new Error(`Cannot bundle ${entry}: nothing came out`);
  return { text: output.text, sources: Object.keys(result.metafile.inputs).toSorted() };
}

/** A warning tells of code that would behave differently in the bundle. */
function requireNoWarning({ warnings }: BuildResult): void {
  const [first] = warnings;
  if (first === undefined) return;
  const where = first.location === null ? "" : `${first.location.file}:${first.location.line}: `;
  throw new Error(`Cannot bundle faithfully: ${where}${first.text}`);
}
