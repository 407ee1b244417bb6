/** proc_net(5): the state of a socket of TCP that takes connections. */
const tcpListen = "0A";
/** The flag of a socket of the host's own that takes connections: __SO_ACCEPTCON. */
const acceptsConnections = 0x1_0000;

/**
 * Finds, in a table of /proc/net, the sockets among `inodes` that take connections. Addresses are as
 * the kernel writes them, but for the port, which is decimal: `0100007F:631`.
 *
 * Source: proc_net(5).
 */
export function parseListening(
  kind: "tcp" | "tcp6" | "unix",
  text: string,
  inodes: ReadonlySet<string>,
): readonly string[] {
  const rows = text.split("\n").slice(1);
  return rows.flatMap((row) => {
    const columns = row.trim().split(/\s+/);
    return (kind === "unix" ? parseUnix(columns, inodes) : parseTcp(kind, columns, inodes)) ?? [];
  });
}

function parseTcp(
  kind: string,
  columns: readonly string[],
  inodes: ReadonlySet<string>,
): string | undefined {
  const [, local = "", , state, , , , , , inode = ""] = columns;
  if (state !== tcpListen || !inodes.has(inode)) return undefined;
  const [address = "", port = ""] = local.split(":");
  return `${kind} ${address}:${Number.parseInt(port, 16)}`;
}

function parseUnix(columns: readonly string[], inodes: ReadonlySet<string>): string | undefined {
  const [, , , flags = "0", , , inode = "", path = "without a name"] = columns;
  if ((Number.parseInt(flags, 16) & acceptsConnections) === 0 || !inodes.has(inode))
    return undefined;
  return `unix ${path}`;
}
