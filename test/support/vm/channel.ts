import type { Readable, Writable } from "node:stream";

/** How a command in a virtual machine ended. */
export interface CommandEnd {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The host's side of what guest-agent.sh speaks. Nobody else may read the stream. */
export class Channel {
  readonly #input: Writable;
  #received = Buffer.alloc(0);
  #wake: () => void = () => {};

  constructor(output: Readable, input: Writable) {
    this.#input = input;
    output.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    // A machine that ended is told by its process.
    input.on("error", () => {});
  }

  /** Resolves once the guest has booted, whatever it had not said before. */
  async ready(): Promise<void> {
    while (!(await this.#line()).startsWith("ready "));
  }

  /** Runs lines of shell under `sh -eu`, with an input. */
  async run(script: string, input: Uint8Array): Promise<CommandEnd> {
    const text = Buffer.from(script);
    this.#input.write(`run ${text.length} ${input.length}\n`);
    this.#input.write(text);
    this.#input.write(input);
    const [, status, output, error] = (await this.#line()).split(" ");
    const stdout = (await this.#bytes(Number(output))).toString();
    const stderr = (await this.#bytes(Number(error))).toString();
    return { status: Number(status), stdout, stderr };
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#received.indexOf("\n");
      if (end >= 0) return (await this.#bytes(end + 1)).toString("latin1").trimEnd();
      await this.#more();
    }
  }

  async #bytes(count: number): Promise<Buffer> {
    while (this.#received.length < count) await this.#more();
    const bytes = this.#received.subarray(0, count);
    this.#received = this.#received.subarray(count);
    return bytes;
  }

  async #more(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }
}
