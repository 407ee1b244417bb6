import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundle } from "#build/binary/bundle.ts";
import { nodeOptions } from "#build/binary/options.ts";
import { createCertificateRequest } from "#ship/certificate-request.ts";
import type { Identity } from "#ship/identity.ts";
import { SpoolReader } from "#spool/reader.ts";
import { Authority, readRequest } from "#test/support/console/authority.ts";
import { renderBatchHeaders } from "#wire/batch-headers.ts";
import { type Cost, measure, median, print } from "./measure.ts";
import { fillSpool } from "./shipping-spool.ts";
import { measureSteady } from "./shipping-steady.ts";

const rounds = 3;
const dayMs = 86_400_000;

/**
 * Measures delivery: a spool over loopback beside curl, which sends the same bytes to the same server,
 * and the whole agent at 1,000 events a second. At length:
 * `node bench/shipping.ts --megabytes 1000 --minutes 5`.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: "1" },
      megabytes: { type: "string", default: "250" },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), "linuxguard-shipping-"));
  try {
    await compareWithCurl(folder, Number(values.megabytes));
  } finally {
    rmSync(folder, { recursive: true });
  }
  await measureSteady(Number(values.minutes) * 60);
}

async function compareWithCurl(folder: string, megabytes: number): Promise<void> {
  const spool = join(folder, "spool");
  fillSpool(spool, megabytes * 1_000_000);
  const identity = await makeIdentity(folder);
  const server = spawn(
    process.execPath,
    ["bench/shipping-server.ts", folder, join(folder, "stored")],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const ended = once(server, "exit");
  try {
    const [port] = (await Promise.race([once(server.stdout, "data"), ended])) as unknown[];
    const url = `https://localhost:${Number(port)}/v1/`;
    const identityFile = join(folder, "identity.json");
    writeFileSync(identityFile, JSON.stringify({ ...identity, url }), { mode: 0o600 });
    const script = join(folder, "agent.cjs");
    writeFileSync(script, (await bundle("bench/shipping-agent.ts")).text);
    const agent = [process.execPath, ...nodeOptions, script, spool, identityFile];
    const curl = ["curl", "--config", writeCurlConfig(folder, { ...identity, url })];
    const costs: { readonly agent: Cost; readonly curl: Cost }[] = [];
    for (let round = 1; round <= rounds; round++) {
      costs.push({ agent: measure(agent), curl: measure(curl) });
      process.stderr.write(`round ${round}\n`);
    }
    report(costs, megabytes);
  } finally {
    server.kill();
    await ended;
  }
}

function report(
  costs: readonly { readonly agent: Cost; readonly curl: Cost }[],
  megabytes: number,
) {
  const of = (who: "agent" | "curl", what: keyof Cost) =>
    median(costs.map((cost) => cost[who][what]));
  print("ship/curl MB/s ratio", of("curl", "wallSeconds") / of("agent", "wallSeconds"));
  print("ship/curl cpu ratio", of("agent", "cpuSeconds") / of("curl", "cpuSeconds"));
  for (const who of ["agent", "curl"] as const) {
    const name = who === "agent" ? "ship" : "ship-curl";
    print(`${name} MB/s`, megabytes / of(who, "wallSeconds"));
    print(`${name} cpu-seconds`, of(who, "cpuSeconds"));
    print(`${name} peak-rss-MiB`, of(who, "peakRssKiB") / 1_024);
  }
}

/** An identity that the authority of the folder gave; the server makes the authority its own. */
async function makeIdentity(folder: string): Promise<Omit<Identity, "url">> {
  const nowMs = Date.now();
  const authority = await Authority.open(folder, nowMs);
  const { keyPem, requestPem } = await createCertificateRequest("bench");
  const key = await readRequest(requestPem);
  if (key === undefined) throw new Error("Cannot read our own certificate request");
  const validity = { fromMs: nowMs - dayMs, untilMs: nowMs + dayMs };
  return {
    agentId: "bench",
    certificatePem: await authority.certify("bench", key, validity),
    keyPem,
    authorityPem: authority.pem,
    renewAfterMs: validity.untilMs,
    notAfterMs: validity.untilMs,
  };
}

/** Has curl send every batch, one after the other over one connection, with the headers of ours. */
function writeCurlConfig(folder: string, identity: Identity): string {
  const bodies = join(folder, "bodies");
  mkdirSync(bodies);
  const files = {
    cert: identity.certificatePem,
    key: identity.keyPem,
    cacert: identity.authorityPem,
  };
  for (const [name, text = ""] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const own = Object.keys(files).map((name) => `${name} = "${join(folder, name)}"`);
  const common = [...own, "tlsv1.3", "fail", 'output = "/dev/null"', "silent", "show-error"];
  const sections: string[] = [];
  for (const batch of SpoolReader.open({ directory: join(folder, "spool") }).batches()) {
    const body = join(bodies, String(batch.sequence));
    writeFileSync(body, batch.body);
    const { header, noteHash } = batch.seal();
    const headers = renderBatchHeaders({
      ...batch,
      seal: Buffer.from(header).toString("base64"),
      noteHash,
    });
    const lines = Object.entries({ ...headers, expect: "" }).map(
      ([name, value]) => `header = "${name}:${value === "" ? "" : ` ${value}`}"`,
    );
    const where = [`url = "${identity.url}batches"`, `data-binary = "@${body}"`];
    sections.push([...common, ...lines, ...where].join("\n"));
  }
  const path = join(folder, "curl.conf");
  writeFileSync(path, sections.join("\nnext\n"));
  return path;
}

void main();
