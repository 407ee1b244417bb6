import { execFile } from "node:child_process";

/** What a program of the host answered. */
export interface CommandResult {
  /** Its exit code; `undefined` if it was ended: by a signal, for its time or for its output. */
  readonly status: number | undefined;
  /** What it wrote, as far as the limit. */
  readonly stdout: string;
  readonly stderr: string;
}

/** The programs of the host stand here, whatever the caller's own PATH says. */
const environment = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" };

/**
 * Runs a program of the host without a shell, in a clean environment, with nothing on its standard
 * input, for so long and for so many bytes of output at most. Gives `undefined` if there is no such
 * program that may be run.
 */
export function runCommand(
  program: string,
  args: readonly string[],
  options: { readonly timeoutMs: number; readonly maxBytes: number },
): Promise<CommandResult | undefined> {
  const limits = {
    timeout: options.timeoutMs,
    maxBuffer: options.maxBytes,
    killSignal: "SIGKILL",
    encoding: "buffer",
    env: environment,
    cwd: "/",
  } as const;
  return new Promise((resolve, reject) => {
    try {
      const child = execFile(program, [...args], limits, (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        if (isRefusal(code)) return resolve(undefined);
        const status = typeof code === "number" ? code : undefined;
        resolve({ status, stdout: stdout.toString(), stderr: stderr.toString() });
      });
      child.stdin?.end();
    } catch (error) {
      // What Node finds no ordinary answer to is thrown before the program would begin.
      if (error instanceof Error && "code" in error && isRefusal(error.code)) resolve(undefined);
      else reject(error);
    }
  });
}

/** ERR_ACCESS_DENIED: by Node's own permissions. */
function isRefusal(code: unknown): boolean {
  return ["ENOENT", "EACCES", "EPERM", "ERR_ACCESS_DENIED"].includes(String(code));
}
