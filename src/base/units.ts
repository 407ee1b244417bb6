const millisecondsPer: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const bytesPer: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1_024,
  MiB: 1_048_576,
  GiB: 1_073_741_824,
};

/** Reads a duration such as `250ms`, `30s` or `5m`, in milliseconds, or `undefined` if it is none. */
export function parseDurationMs(text: string): number | undefined {
  return parseQuantity(text, millisecondsPer);
}

/** Reads a size such as `512KiB` or `64MiB`, in bytes, or `undefined` if it is none. */
export function parseSizeBytes(text: string): number | undefined {
  return parseQuantity(text, bytesPer);
}

/** Renders bytes in the largest unit that `parseSizeBytes` reads back without loss. */
export function renderSize(sizeBytes: number): string {
  return renderQuantity(sizeBytes, bytesPer);
}

/** Renders milliseconds in the largest unit that `parseDurationMs` reads back without loss. */
export function renderDuration(durationMs: number): string {
  return renderQuantity(durationMs, millisecondsPer);
}

function parseQuantity(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const groups = /^(?<count>\d{1,9})(?<unit>[A-Za-z]{1,3})$/.exec(text)?.groups;
  const factor = units[groups?.unit ?? ""];
  return factor === undefined ? undefined : Number(groups?.count) * factor;
}

function renderQuantity(value: number, units: Readonly<Record<string, number>>): string {
  const [smallest = ["", 1], ...larger] = Object.entries(units);
  const isWhole = ([, size]: [string, number]) => value >= size && value % size === 0;
  const [unit, factor] = larger.findLast(isWhole) ?? smallest;
  return `${value / factor}${unit}`;
}
