/** Renders the four bytes of an IPv4 address. */
export function renderIpv4(bytes: Uint8Array): string {
  return bytes.join(".");
}

/** Renders the 16 bytes of an IPv6 address as RFC 5952 has it; a v4-mapped one ends in dots. */
export function renderIpv6(bytes: Uint8Array): string {
  const mapped = mappedIpv4(bytes);
  if (mapped !== undefined) return `::ffff:${mapped}`;
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  const run = longestZeroRun(groups);
  if (run.length < 2) return groups.join(":");
  const head = groups.slice(0, run.start).join(":");
  const tail = groups.slice(run.start + run.length).join(":");
  return `${head}::${tail}`;
}

/** Returns the IPv4 address in a v4-mapped IPv6 one (`::ffff:1.2.3.4`), or `undefined`. */
export function mappedIpv4(bytes: Uint8Array): string | undefined {
  const isMapped = bytes.subarray(0, 12).every((byte, i) => byte === (i < 10 ? 0 : 0xff));
  return isMapped ? renderIpv4(bytes.subarray(12, 16)) : undefined;
}

/** The first of the longest runs of zero groups. */
function longestZeroRun(groups: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== "0") start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  }
  return best;
}
