const baseMs = 1_000;
const capMs = 300_000;
const leastRetryMs = 1_000;
const mostRetryMs = 3_600_000;

/**
 * How long to wait before the next try: anything up to a limit that doubles with each failure, so that
 * agents which failed together do not come back together. When the console has just gone, all agents see
 * it at once: the first wait has the spread besides. `random` is from 0 to 1.
 *
 * Source: the spread must be taken after the limit, or it is cut off just where it matters.
 */
export function backoffMs(failures: number, random: number, spreadMs = 120_000): number {
  const limitMs = Math.min(capMs, baseMs * 2 ** Math.min(failures, 30));
  const spread = failures === 1 ? random * spreadMs : 0;
  return leastRetryMs + random * limitMs + spread;
}

/**
 * Reads a Retry-After header, in seconds or as a date, as milliseconds to wait: a second at least, an
 * hour at most. `undefined` for anything else. Source: RFC 9110, 10.2.3.
 */
export function parseRetryAfter(text: unknown, timeMs: number): number | undefined {
  if (typeof text !== "string") return undefined;
  const waitMs = /^\d{1,12}$/.test(text) ? Number(text) * 1_000 : parseDate(text) - timeMs;
  if (Number.isNaN(waitMs)) return undefined;
  return Math.min(Math.max(waitMs, leastRetryMs), mostRetryMs);
}

/** The one form of dates that is to be sent: `Sun, 06 Nov 1994 08:49:37 GMT`. */
function parseDate(text: string): number {
  return /^\w{3}, \d{2} \w{3} \d{4} [\d:]{8} GMT$/.test(text) ? Date.parse(text) : Number.NaN;
}
