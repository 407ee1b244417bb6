import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { replaceFile } from "#base/replace-file.ts";
import { startConsole } from "#test/support/console/console.ts";

/** Long enough for a machine in software to be slow in, short enough to be waited for. */
const certificateLifeMs = 90_000;

/** A program that is a console, keeps its all in a folder, and says there how it stands. */
async function main([folder = ""]: readonly string[]): Promise<void> {
  const console = await startConsole({ folder: `${folder}/state`, certificateLifeMs });
  writeFileSync(`${folder}/authority.pem`, console.ca);
  for (;;) {
    const agents = console.store.agentIds.map((agentId) => {
      const { totals, heartbeatCount } = console.store.of(agentId);
      return { agentId, heartbeats: heartbeatCount, ...totals };
    });
    // The last part of a token is its secret; without the rest, the settings say where the console is.
    const secret = console.issueToken().split(".").at(-1);
    replaceFile(`${folder}/told.json`, JSON.stringify({ url: console.url, secret, agents }), 0o600);
    await sleep(2_000);
  }
}

void main(process.argv.slice(2));
