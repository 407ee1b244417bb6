import { readFileSync } from "node:fs";
import { Failure } from "#base/failure.ts";
import type { Ask, ConsoleAddress } from "./enrol.ts";
import type { Identity } from "./identity.ts";
import { fetchPinnedAuthority } from "./pinned-authority.ts";
import type { Transport, TransportSettings } from "./transport.ts";

/** What the settings say of the way to a console. */
export interface AccessSettings {
  /** Empty for none. */
  readonly proxy: string;
  readonly tlsMinimum: "1.3" | "1.2";
  readonly pins: readonly string[];
  /** Milliseconds that one request may take. */
  readonly deadline: number;
}

/** Where a token leads to, and whom to trust there. */
export async function findConsole(
  token: { readonly url: string | undefined; readonly caPin: string | undefined },
  configured: ConsoleAddress,
): Promise<ConsoleAddress> {
  const url = token.url ?? configured.url;
  if (token.caPin === undefined) return { url, authorityPem: configured.authorityPem };
  return { url, authorityPem: await fetchPinnedAuthority(url, token.caPin) };
}

/** How a console is reached by these settings. */
export function transportSettings(
  settings: AccessSettings,
  { url, authorityPem }: ConsoleAddress,
  identity: Identity | undefined,
): TransportSettings {
  return {
    url,
    authorityPem,
    ...(identity && { certificatePem: identity.certificatePem, keyPem: identity.keyPem }),
    proxy: settings.proxy === "" ? undefined : settings.proxy,
    minVersion: `TLSv${settings.tlsMinimum}`,
    pins: settings.pins,
    deadlineMs: settings.deadline,
  };
}

/** A way to ask for one thing, over a connection of its own. */
export function askAt(settings: TransportSettings): Ask {
  return async (path, json) => {
    const { Transport: Speaking } = await import("#ship/transport.ts");
    const transport: Transport = new Speaking(settings);
    try {
      return await transport.post({ path, body: json });
    } finally {
      transport.close();
    }
  };
}

/** The authority that the settings name; `undefined` for those of the system. */
export function readAuthority(file: string): string | undefined {
  if (file === "") return undefined;
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, cause: unknown): Failure {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
  return new Failure("config.invalid", `Cannot read console.ca_file: ${file}: ${code}`, {
    hint: "Give a file in PEM that the agent's account may read.",
    cause,
  });
}
