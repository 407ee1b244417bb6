import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { connect, type DetailedPeerCertificate } from "node:tls";
import { Failure } from "#base/failure.ts";
import { publicKeyPin } from "./public-key-pin.ts";

const deadlineMs = 15_000;
const longestChain = 8;

/**
 * Finds the console's certificate authority by the pin that the enrolment token carries, in PEM.
 *
 * Nothing is sent over this connection, and nothing that comes over it is believed but a certificate
 * whose public key has that hash: it is what every later connection is verified against.
 */
export async function fetchPinnedAuthority(url: string, pin: string): Promise<string> {
  const chain = await fetchChain(new URL(url));
  const authority = chain.find((each) => publicKeyPin(each) === pin);
  if (authority?.ca === true) return authority.toString();
  throw new Failure(
    "console.untrusted",
    `Cannot trust ${url}: no authority there has the pin "${pin}"`,
    {
      hint: "Check that the token is of this console. If it is, somebody stands between.",
    },
  );
}

async function fetchChain(url: URL): Promise<readonly X509Certificate[]> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const { promise, resolve, reject } = Promise.withResolvers<readonly X509Certificate[]>();
  const socket = connect({
    host,
    port: Number(url.port || 443),
    minVersion: "TLSv1.2",
    // What it shows is judged by the pin.
    rejectUnauthorized: false,
    ...(isIP(host) === 0 && { servername: host }),
  });
  const timer = setTimeout(() => socket.destroy(new Error("no answer in time")), deadlineMs);
  socket.once("secureConnect", () => resolve(chainOf(socket.getPeerCertificate(true))));
  socket.once("error", reject);
  try {
    return await promise;
  } catch (cause) {
    throw unreachable(url, cause);
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

/** The certificates that were shown, the server's first. A root is its own issuer. */
function chainOf(first: DetailedPeerCertificate): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  let each: DetailedPeerCertificate | undefined = first;
  while (each?.raw !== undefined && chain.length < longestChain) {
    chain.push(new X509Certificate(each.raw));
    each = each.issuerCertificate === each ? undefined : each.issuerCertificate;
  }
  return chain;
}

function unreachable({ href }: URL, cause: unknown): Failure {
  const reason = cause instanceof Error ? cause.message : "unknown";
  return new Failure("console.unreachable", `Cannot reach ${href}: ${reason}`, {
    hint: "Check the address, the name service and the way through firewalls.",
    cause,
  });
}
