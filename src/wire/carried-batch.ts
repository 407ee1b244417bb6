/** What is sent beside a batch by somebody who carried it from a host without network. */
export interface CarriedHeaders {
  /** Number of the batch that goes before it: the console must have that one. */
  readonly after: number;
  /** The agent's certificate, DER in base64. */
  readonly certificate: string;
  /** Of {@link carriedText} by the certificate's key: ECDSA with SHA-256, DER in base64. */
  readonly signature: string;
}

/** Names of the headers. */
export const carriedHeaderNames = {
  after: "linuxguard-after",
  certificate: "linuxguard-certificate",
  signature: "linuxguard-signature",
} as const;

const base64 = /^[A-Za-z0-9+/]{1,8192}={0,2}$/;

export function renderCarriedHeaders(carried: CarriedHeaders): Readonly<Record<string, string>> {
  return {
    [carriedHeaderNames.after]: String(carried.after),
    [carriedHeaderNames.certificate]: carried.certificate,
    [carriedHeaderNames.signature]: carried.signature,
  };
}

/** Reads the headers, by their names in lower case; `undefined` if they are not as agreed. */
export function parseCarriedHeaders(
  headers: Readonly<Record<string, unknown>>,
): CarriedHeaders | undefined {
  const text = (name: keyof typeof carriedHeaderNames, form: RegExp) => {
    const value = headers[carriedHeaderNames[name]];
    return typeof value === "string" && form.test(value) ? value : undefined;
  };
  const after = text("after", /^\d{1,15}$/);
  const certificate = text("certificate", base64);
  const signature = text("signature", base64);
  if (after === undefined || certificate === undefined || signature === undefined) return undefined;
  return { after: Number(after), certificate, signature };
}

/**
 * What an agent signs of each batch that it hands out: that it is its own, and which one goes before it,
 * so that nobody on the way can leave one out.
 */
export function carriedText(
  agentId: string,
  { hash, after }: { readonly hash: string; readonly after: number },
): string {
  return ["linuxguard carried batch 1", agentId, hash, after].join("\n");
}

/** What an agent signs at the end of a file of batches: the SHA-256 of all that stands before. */
export function exportText(agentId: string, digest: string): string {
  return ["linuxguard export 1", agentId, digest].join("\n");
}

/** What a console signs for the host that a batch came from, by the key of its server certificate. */
export function receiptText(receipt: {
  readonly agent_id: string;
  readonly sequence: number;
  readonly hash: string;
}): string {
  return ["linuxguard receipt 1", receipt.agent_id, receipt.sequence, receipt.hash].join("\n");
}
