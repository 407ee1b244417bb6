import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Channel, type CommandEnd } from "./vm/channel.ts";
import type { Image } from "./vm/image.ts";

/** What a machine that was put aside is called in its own disk. */
const aside = "aside";
/** How long a machine may take to boot or to end, with others beside it. */
const bootMs = 600_000;
const commandMs = 300_000;

/**
 * A virtual machine in software, without a network. Its disk begins as the image's and keeps what
 * is written to it until the machine is disposed of.
 *
 * ```ts
 * await using vm = await Vm.boot(await debianImage(suite));
 * await vm.must("systemctl is-active auditd");
 * ```
 */
export class Vm implements AsyncDisposable {
  readonly #work = mkdtempSync(join(tmpdir(), "linuxguard-vm-"));
  readonly #image: Image;
  /** Disks made of folders. */
  readonly #disks: readonly string[];
  #qemu: ChildProcess | undefined;
  #channel: Channel | undefined;

  private constructor(image: Image, disks: (vm: Vm) => readonly string[]) {
    this.#image = image;
    this.#disks = disks(this);
  }

  /** Boots a machine. Folders become read-only disks, `/dev/vdb` and so on. */
  static async boot(image: Image, folders: readonly string[] = []): Promise<Vm> {
    const vm = new Vm(image, (own) => folders.map((folder, index) => own.#diskOf(folder, index)));
    const backing = ["-F", "raw", "-b", image.disk];
    execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", ...backing, vm.#path("disk")]);
    return await vm.#begin(() => vm.start());
  }

  /** Goes on where a machine of this image was put aside, in a fraction of the time that a boot takes. */
  static async resume(image: Image, folder: string): Promise<Vm> {
    const vm = new Vm(image, () => globSync(join(resolve(folder), "folder*")).toSorted());
    cpSync(join(folder, "disk"), vm.#path("disk"));
    return await vm.#begin(async () => {
      vm.#spawn(["-loadvm", aside]);
      await vm.must("true", bootMs);
    });
  }

  async #begin(how: () => Promise<void>): Promise<this> {
    try {
      await how();
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
    return this;
  }

  /** Ends it and puts it aside, with its memory, in a folder, from where any number may go on. */
  async putAside(folder: string): Promise<void> {
    const qemu = this.#qemu;
    if (qemu === undefined) throw new Error("The machine does not run");
    const ended = once(qemu, "close");
    connect(this.#path("monitor")).end(`stop\nsavevm ${aside}\nquit\n`);
    await this.#within("put aside", bootMs, ended, true);
    this.#qemu = undefined;
    this.#channel = undefined;
    mkdirSync(folder, { recursive: true });
    for (const file of [this.#path("disk"), ...this.#disks])
      cpSync(file, join(folder, basename(file)));
  }

  /** Boots it again after {@link stop} or {@link cut}. */
  async start(): Promise<void> {
    this.#spawn([]);
    await this.#within("boot", bootMs, this.#running().ready());
  }

  #spawn(more: readonly string[]): void {
    // Whatever becomes of this process, the machine goes with it.
    const program = ["--pdeathsig", "KILL", "qemu-system-x86_64"];
    const qemu = spawn("setpriv", [...program, ...this.#options(), ...more], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#qemu = qemu;
    this.#channel = new Channel(qemu.stdout, qemu.stdin);
  }

  /** Runs lines of shell in it, as root and under `sh -eu`, whatever their end. */
  async run(
    script: string,
    { timeoutMs = commandMs, input = Buffer.alloc(0) as Uint8Array } = {},
  ): Promise<CommandEnd> {
    if (this.#channel === undefined) throw new Error("The machine does not run");
    return await this.#within(script, timeoutMs, this.#channel.run(script, input));
  }

  /** Runs lines of shell in it that must end well, and returns what they printed. */
  async must(script: string, timeoutMs = commandMs): Promise<string> {
    const { status, stdout, stderr } = await this.run(script, { timeoutMs });
    if (status !== 0) {
      throw new Error(`In the machine, status ${status} of: ${script}\n${stdout}${stderr}`);
    }
    return stdout;
  }

  /** Waits until lines of shell end well, and returns what they printed. */
  async until(script: string, timeoutMs = commandMs): Promise<string> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const { status, stdout, stderr } = await this.run(script);
      if (status === 0) return stdout;
      if (performance.now() > end) {
        throw new Error(`In the machine, waited in vain for: ${script}\n${stdout}${stderr}`);
      }
      await sleep(1_000);
    }
  }

  /** Writes a file in it. */
  async put(bytes: Uint8Array | string, path: string): Promise<void> {
    const { status, stderr } = await this.run(`cat >'${path}'`, { input: Buffer.from(bytes) });
    if (status !== 0) throw new Error(`Cannot write ${path} in the machine: ${stderr}`);
  }

  /** Reads a text file of it. */
  async get(path: string): Promise<string> {
    return await this.must(`cat '${path}'`);
  }

  /** Reboots it in order, and waits until it is there again. */
  async reboot(): Promise<void> {
    await this.must(later("reboot"));
    await this.#within("reboot", bootMs, this.#running().ready());
  }

  /** Shuts it down in order. */
  async stop(): Promise<void> {
    const qemu = this.#qemu;
    if (qemu === undefined) return;
    await this.must(later("poweroff"));
    await this.#within("poweroff", bootMs, once(qemu, "close"), true);
    this.#qemu = undefined;
    this.#channel = undefined;
  }

  /** Cuts its power: what its disk had not been told to keep may be gone. */
  async cut(): Promise<void> {
    const qemu = this.#qemu;
    this.#qemu = undefined;
    this.#channel = undefined;
    if (qemu === undefined || qemu.exitCode !== null || qemu.signalCode !== null) return;
    const closed = once(qemu, "close");
    qemu.kill("SIGKILL");
    await closed;
  }

  /** The last lines that it wrote to its console. */
  consoleTail(): string {
    return readFileSync(this.#path("console"), "latin1")
      .replaceAll("\r", "")
      .split("\n")
      .slice(-30)
      .join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cut();
    rmSync(this.#work, { recursive: true, force: true });
  }

  #running(): Channel {
    if (this.#channel === undefined) throw new Error("The machine does not run");
    return this.#channel;
  }

  /** Waits for something of the machine, but not for ever, nor once the machine has ended. */
  async #within<T>(
    what: string,
    timeoutMs: number,
    wanted: Promise<T>,
    mayEnd = false,
  ): Promise<T> {
    const over = new AbortController();
    const { signal } = over;
    const late = sleep(timeoutMs, "took too long", { signal });
    const rivals: Promise<unknown>[] = [late];
    if (this.#qemu !== undefined && !mayEnd) {
      rivals.push(once(this.#qemu, "close", { signal }).then(() => "ended"));
    }
    const failed = Promise.race(rivals).then((how) => {
      throw new Error(`The machine ${how} during: ${what}\nIts console:\n${this.consoleTail()}`);
    });
    failed.catch(() => {});
    try {
      return await Promise.race([wanted, failed]);
    } finally {
      over.abort();
    }
  }

  #options(): readonly string[] {
    const drives = [
      `file=${this.#path("disk")},format=qcow2,if=virtio,cache=writeback`,
      ...this.#disks.map((file) => `file=${file},format=raw,if=virtio,readonly=on`),
    ];
    const command = [
      "root=/dev/vda rw console=ttyS0 quiet loglevel=3 systemd.show_status=0 net.ifnames=0",
      // What guards the kernel against real attackers takes a third of the time in software.
      "mitigations=off init_on_alloc=0 norandmaps randomize_kstack_offset=off no_timer_check",
    ].join(" ");
    return [
      ...["-nodefaults", "-no-user-config", "-display", "none", "-nic", "none"],
      // One processor: with two, this QEMU at times runs a kernel's code while it is being patched.
      ...["-accel", "tcg", "-cpu", "Nehalem", "-smp", "1", "-m", "1536"],
      ...["-kernel", this.#image.kernel, "-initrd", this.#image.initrd, "-append", command],
      ...drives.flatMap((drive) => ["-drive", drive]),
      ...["-serial", `file:${this.#path("console")}`, "-device", "virtio-serial-pci"],
      ...["-monitor", `unix:${this.#path("monitor")},server,nowait`],
      ...["-chardev", "stdio,id=commands,signal=off"],
      ...["-device", "virtserialport,chardev=commands,name=linuxguard.test"],
    ];
  }

  /** Makes a disk of a folder. */
  #diskOf(folder: string, index: number): string {
    const file = this.#path(`folder${index}`);
    const [mebibytes = "0"] = execFileSync("du", ["-sm", folder], { encoding: "utf8" }).split("\t");
    const size = `${Math.ceil(Number(mebibytes) * 1.1) + 16}M`;
    execFileSync("mkfs.ext4", ["-q", "-F", "-d", folder, file, size]);
    return file;
  }

  #path(name: string): string {
    return join(this.#work, name);
  }
}

/** Has the guest's agent tell of the command before it is ended by it. */
function later(command: string): string {
  return `(sleep 1; ${command}) >/dev/null 2>&1 </dev/null &`;
}
