import { execFile } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, normalize } from "node:path";
import { keyringName, keyringPath } from "#build/package/sources.ts";

/** What a run of apt-get left. */
export interface AptEnd {
  readonly code: number;
  /** What it said, both outputs. */
  readonly said: string;
}

/**
 * An apt of its own: it knows one source, and keeps lists, downloads and state in a folder. It sees
 * what this machine has installed, and changes none of it.
 */
export class PrivateApt {
  readonly downloads: string;
  readonly #config: string;

  /** Takes key and source entry as they lie in the repository. */
  constructor(folder: string, repository: string) {
    rmSync(folder, { recursive: true, force: true });
    for (const name of ["lists/partial", "archives/partial", "etc/sources.list.d", "log"]) {
      mkdirSync(join(folder, name), { recursive: true });
    }
    const key = join(folder, `${keyringName}.gpg`);
    copyFileSync(join(repository, `${keyringName}.gpg`), key);
    const sources = readFileSync(join(repository, "linuxguard.sources"), "utf8");
    writeFileSync(
      join(folder, "etc/sources.list.d/linuxguard.sources"),
      sources.replace(keyringPath, key),
    );
    cpSync("/var/lib/dpkg/status", join(folder, "status"));
    this.downloads = join(folder, "archives");
    this.#config = join(folder, "apt.conf");
    writeFileSync(
      this.#config,
      `Dir::Etc "${folder}/etc";
Dir::State "${folder}";
Dir::State::status "${folder}/status";
Dir::Cache "${folder}";
Dir::Log "${folder}/log";
#clear APT::Update::Post-Invoke;
#clear DPkg::Post-Invoke;
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "0";
`,
    );
  }

  /** Runs apt-get; `update` fails if any of its source fails. */
  async run(...args: readonly string[]): Promise<AptEnd> {
    const options = ["-qy", "-o", "APT::Update::Error-Mode=any", ...args];
    const env = { ...process.env, APT_CONFIG: this.#config, LC_ALL: "C.UTF-8" };
    return await new Promise((resolve) => {
      execFile("apt-get", options, { env }, (error, stdout, stderr) => {
        resolve({ code: Number(error?.code ?? 0), said: `${stdout}${stderr}` });
      });
    });
  }
}

/** Serves a folder over HTTP on loopback, and keeps which paths were asked for. */
export class FolderServer implements AsyncDisposable {
  readonly asked: string[] = [];
  readonly #server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
    this.asked.push(path);
    try {
      response.end(readFileSync(join(this.folder, path)));
    } catch {
      response.writeHead(404).end();
    }
  });
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Listens, and resolves with the address of the folder. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
