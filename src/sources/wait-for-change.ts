import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";

/** Changes come in bursts; this long after the first one they are read together. */
const gatherMs = 20;

/**
 * Waits until a file changes or gets its name, at most so long. `hasChanged` is asked once the watch
 * is on, as what came before rings no bell.
 */
export async function waitForChange(
  path: string,
  timeoutMs: number,
  hasChanged: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = () => resolve();
  let gathering: NodeJS.Timeout | undefined;
  const ring = () => {
    gathering ??= setTimeout(stop, Math.min(gatherMs, timeoutMs));
  };
  const timer = setTimeout(stop, timeoutMs);
  signal.addEventListener("abort", stop, { once: true });
  const watcher = watchFile(path, ring);
  try {
    if (hasChanged()) ring();
    await promise;
  } finally {
    watcher?.close();
    signal.removeEventListener("abort", stop);
    clearTimeout(timer);
    clearTimeout(gathering);
  }
}

/** A directory that cannot be watched is only looked at from time to time. */
function watchFile(path: string, ring: () => void): FSWatcher | undefined {
  const name = basename(path);
  try {
    const watcher = watch(dirname(path), (event, changed) => {
      if (event === "rename" || changed === null || changed === name) ring();
    });
    return watcher.on("error", () => watcher.close());
  } catch {
    return undefined;
  }
}
