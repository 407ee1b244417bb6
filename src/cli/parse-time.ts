import { parseDurationMs } from "#base/units.ts";

const dayMs = 86_400_000;

/**
 * Reads a time as people give it, in milliseconds of the epoch, or `undefined` if it is none: `now`, `today`,
 * `yesterday`, `10m` for ten minutes ago, `@1364481363`, `2026-11-23`, `2026-11-23 03:19`, or with seconds,
 * a fraction and a zone. Without a zone it is the local one.
 */
export function parseTimeMs(text: string, nowMs: number): number | undefined {
  switch (text) {
    case "now":
      return nowMs;
    case "today":
      return startOfDay(nowMs);
    case "yesterday":
      // Noon of the day before is in it, also where a day has 23 hours.
      return startOfDay(startOfDay(nowMs) - dayMs / 2);
    default:
      return parseAgo(text, nowMs) ?? parseEpoch(text) ?? parseDate(text);
  }
}

function startOfDay(timeMs: number): number {
  return new Date(timeMs).setHours(0, 0, 0, 0);
}

function parseAgo(text: string, nowMs: number): number | undefined {
  const durationMs = parseDurationMs(text.replace(/^-/, ""));
  return durationMs === undefined ? undefined : nowMs - durationMs;
}

function parseEpoch(text: string): number | undefined {
  return /^@\d{1,11}(?:\.\d{1,3})?$/.test(text)
    ? Math.round(Number(text.slice(1)) * 1_000)
    : undefined;
}

function parseDate(text: string): number | undefined {
  const pattern =
    /^(?<date>\d{4}-\d\d-\d\d)(?:[T ](?<time>\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(?<zone>Z|[+-]\d\d:\d\d)?)?$/;
  const groups = pattern.exec(text)?.groups;
  if (groups === undefined) return;
  const { date = "", time = "00:00", zone = "" } = groups;
  const timeMs = Date.parse(`${date}T${time}${zone}`);
  return Number.isNaN(timeMs) || !isDay(date) ? undefined : timeMs;
}

/** Date.parse takes 30 February for a day of March. */
function isDay(date: string): boolean {
  const timeMs = Date.parse(`${date}T00:00Z`);
  return !Number.isNaN(timeMs) && new Date(timeMs).toISOString().startsWith(date);
}
