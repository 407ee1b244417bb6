import type { ChainLink } from "./chain.ts";
import { LogFile } from "./log-file.ts";
import { codeOf } from "./system-error.ts";

/** A file that was opened, and those before it that could not be. */
export interface OpenedFile {
  readonly file: LogFile;
  readonly link: ChainLink;
  readonly skipped: readonly ChainLink[];
  /** Why they could not. */
  readonly refusal: Error | undefined;
}

/** What does not pass by itself. */
const lastingCodes: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EIO"]);

/** Opens the first file that can be; throws if none can, or if it may be otherwise in a moment. */
export function openFirst(links: readonly ChainLink[]): OpenedFile | undefined {
  const skipped: ChainLink[] = [];
  let refusal: Error | undefined;
  for (const link of links) {
    try {
      return { file: LogFile.open(link), link, skipped, refusal };
    } catch (error) {
      if (!(error instanceof Error && isLasting(error))) throw error;
      refusal = error;
      skipped.push(link);
    }
  }
  if (refusal !== undefined) throw refusal;
  return undefined;
}

/** Whether an error stays until somebody does something about it. */
export function isLasting(error: unknown): boolean {
  return lastingCodes.has(codeOf(error));
}
