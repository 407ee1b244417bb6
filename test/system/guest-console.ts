import { copyFileSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "#build/binary/bundle.ts";
import type { Vm } from "#test/support/vm.ts";

/** What the console in a machine says of itself. */
interface Told {
  readonly url: string;
  /** A token that is good once. */
  readonly secret: string;
  readonly agents: readonly {
    readonly agentId: string;
    readonly heartbeats: number;
    readonly events: number;
    readonly missingEvents: number;
    readonly repeatedEvents: number;
  }[];
}

const folder = "/opt/console";

/** Makes a folder that holds all that a console takes, to be a disk of a machine. */
export async function makeConsoleFolder(): Promise<string> {
  const made = mkdtempSync(join(tmpdir(), "linuxguard-console-"));
  copyFileSync(process.execPath, join(made, "node"));
  const { text } = await bundle("test/system/guest-console-process.ts");
  writeFileSync(join(made, "console.cjs"), text);
  return made;
}

/** A console that runs in a machine, as it has no network, from the second disk that it was given. */
export class GuestConsole {
  /** Its authority, as PEM. */
  readonly authorityFile = `${folder}/authority.pem`;
  readonly #vm: Vm;

  private constructor(vm: Vm) {
    this.#vm = vm;
  }

  static async start(vm: Vm): Promise<GuestConsole> {
    await vm.must(`mkdir -p ${folder} ${folder}/disk; mount -o ro /dev/vdc ${folder}/disk
${folder}/disk/node ${folder}/disk/console.cjs ${folder} >${folder}/log 2>&1 </dev/null &`);
    await vm.until(`test -s ${folder}/told.json`);
    await vm.must(`chmod 0755 ${folder}; chmod 0644 ${folder}/authority.pem`);
    return new GuestConsole(vm);
  }

  async told(): Promise<Told> {
    return JSON.parse(await this.#vm.get(`${folder}/told.json`)) as Told;
  }
}
