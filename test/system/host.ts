import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AgentStatus } from "#model/status.ts";
import { footprint } from "#product/footprint.ts";
import { SpoolReader } from "#spool/reader.ts";
import type { Suite } from "#test/support/debian-root.ts";
import type { Vm } from "#test/support/vm.ts";
import { machine, type Stage } from "./machines.ts";

/** An event as `linuxguard events --json` tells it, as far as the tests look. */
export interface Told {
  readonly "@timestamp": string;
  readonly event: {
    readonly id: string;
    readonly kind: string;
    readonly sequence: number;
    readonly action?: string;
    readonly outcome?: string;
  };
  readonly auditd?: { readonly message?: Readonly<Record<string, string>> };
}

const { account } = footprint;
const asAgent = `setpriv --reuid ${account.name} --regid ${account.group} --init-groups`;
const state = "/var/lib/linuxguard";
const statusFile = "/run/linuxguard/status.json";
/** Waits until the agent says that no log is before it. Asking with programs would make more of it. */
const hasRead = `: >/root/asked
until [ ${statusFile} -nt /root/asked ] && read -r status <${statusFile} &&
  [ "\${status#*'"bytesBehind":0,'}" != "$status" ]; do sleep 1; done`;
const apt = "DEBIAN_FRONTEND=noninteractive apt-get -qy";

/** A virtual machine with a release of Debian, on which the package is installed, or will be. */
export class Host implements AsyncDisposable {
  readonly vm: Vm;
  readonly #work = mkdtempSync(join(tmpdir(), "linuxguard-host-"));
  #marks = 0;

  private constructor(vm: Vm) {
    this.vm = vm;
  }

  /** One that runs, with the repository at hand. */
  static async at(suite: Suite, stage: Stage): Promise<Host> {
    return new Host(await machine(suite, stage));
  }

  /** Runs lines of shell as a person who logged in. */
  async asPerson(script: string, timeoutMs?: number): Promise<string> {
    return await this.vm.must(`ssh dev@127.0.0.1 'sh -eu' 2>&1 <<'END'\n${script}\nEND`, timeoutMs);
  }

  /** Installs a version of the package, an earlier one than is there, too. */
  async install(version: string): Promise<void> {
    await this.vm.must(`${apt} --allow-downgrades install linuxguard=${version}`, 600_000);
  }

  /** Removes or purges the package. */
  async drop(act: "remove" | "purge"): Promise<void> {
    await this.vm.must(`${apt} ${act} linuxguard`, 600_000);
  }

  /** Every event that is kept and that the filters let pass. */
  async events(...filters: readonly string[]): Promise<readonly Told[]> {
    const words = filters.map((filter) => `'${filter}'`).join(" ");
    const text = await this.vm.must(`${asAgent} linuxguard events --json ${words}`);
    return parseDocuments(text);
  }

  /** Copies the spool out of it, as it is now, and returns its folder, which the next copy replaces. */
  async copySpool(): Promise<string> {
    const archive = await this.vm.must(`tar -C ${state} -c spool | base64 --wrap=0`);
    rmSync(join(this.#work, "spool"), { recursive: true, force: true });
    execFileSync("tar", ["-C", this.#work, "-x"], { input: Buffer.from(archive, "base64") });
    return join(this.#work, "spool");
  }

  /** Every event that the spool holds; to have them from the host itself takes a hundred times as long. */
  async told(): Promise<readonly Told[]> {
    if ((await this.vm.run(`test -d ${state}/spool`)).status !== 0) return [];
    const reader = SpoolReader.open({ directory: await this.copySpool() });
    return [...reader.batches()].flatMap((batch) =>
      parseDocuments(Buffer.from(batch.documents()).toString()),
    );
  }

  /** What the agent tells of itself. */
  async status(): Promise<AgentStatus> {
    return JSON.parse(await this.vm.until(`cat ${statusFile}`)) as AgentStatus;
  }

  /** Waits until the agent has told of all that happened before, and returns all that it told; it may take its time to start. */
  async caughtUp(): Promise<readonly Told[]> {
    this.#marks += 1;
    const mark = `caught-up-${process.pid}-${this.#marks}`;
    await this.vm.must(`auditctl -m ${mark}`);
    for (const end = performance.now() + 600_000; performance.now() < end; ) {
      await this.vm.must(hasRead, 600_000);
      const told = await this.told();
      if (told.some(({ auditd }) => auditd?.message?.text === mark)) return told;
    }
    throw new Error(`The agent has not told of ${mark} after ten minutes`);
  }

  /**
   * Proves that all that the log holds is told, and nothing twice; returns what is told. After a loss
   * of power, a line may begin with what the disk had not been told: such a one is no record.
   */
  async proveComplete(): Promise<readonly Told[]> {
    const stamps = await this.vm.must(
      "sed -n 's/^type=[A-Z0-9_]* msg=audit(\\([0-9.]*:[0-9]*\\)).*/\\1/p' /var/log/audit/audit.log* | sort -u",
    );
    const told = await this.caughtUp();
    const ids = told.map(({ event }) => event.id);
    assert.equal(ids.length - new Set(ids).size, 0, "doubled events");
    const known = new Set(told.map(stampOf));
    const untold = stamps.split("\n").filter((stamp) => stamp !== "" && !known.has(stamp));
    if (untold.length > 0) {
      const named = untold.map((stamp) => `-e '(${stamp})'`).join(" ");
      const lines = await this.vm.must(`grep -ahF ${named} /var/log/audit/audit.log* | cat -v`);
      assert.fail(`Not told, but in the log: ${untold.join(", ")}\n${lines}`);
    }
    return told;
  }

  /** What is there of accounts, files, access and rules that the package must leave as it was. */
  async look(): Promise<readonly string[]> {
    const text = await this.vm.must(`
find /etc -xdev -printf '%p %y %u:%g %m %l ' \\( -type f -exec sha256sum {} \\; -o -printf '\\n' \\) | sort
getent passwd | sed 's/^/passwd /'
getent group | sed 's/^/group /'
getfacl -p /var/log/audit /var/log/audit/audit.log | sed 's/^/acl /'
auditctl -l | sed 's/^/rule /'`);
    return text.trimEnd().split("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.vm[Symbol.asyncDispose]();
    rmSync(this.#work, { recursive: true });
  }
}

function parseDocuments(text: string): readonly Told[] {
  return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Told]));
}

/** The stamp of an event, as auditd writes it. */
function stampOf({ "@timestamp": time, event }: Told): string {
  return `${(Date.parse(time) / 1_000).toFixed(3)}:${event.sequence}`;
}
