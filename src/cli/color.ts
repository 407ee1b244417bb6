import { styleText } from "node:util";
import { type Invocation, type Io, textOption } from "./command.ts";

/** Gives a text a look, or leaves it as it is. */
export type Paint = (look: Look, text: string) => string;
/** What a text is for. */
export type Look = "success" | "failure" | "unknown" | "minor";

const styles = { success: "green", failure: "red", unknown: "yellow", minor: "dim" } as const;

/** Paints with the terminal's colours if `color` is true. */
export function createPaint({ color }: { readonly color: boolean }): Paint {
  return (look, text) => (color ? styleText(styles[look], text, { validateStream: false }) : text);
}

/**
 * Decides whether a command's output has colours.
 *
 * Source: no-color.org, "when present and not an empty string".
 */
export function wantsColor(invocation: Invocation, io: Io): boolean {
  const when = textOption(invocation, "color") ?? "auto";
  if (when !== "auto") return when === "always";
  const { NO_COLOR, TERM } = io.environment;
  return io.stdout.isTerminal && (NO_COLOR ?? "") === "" && TERM !== "dumb";
}
