import { spawnSync } from "node:child_process";

/**
 * Runs a shell script whose first argument is a small file system of its own, seen by nobody else.
 * It is gone when the script ends. Options as in tmpfs(5): `size=40k,nr_inodes=12`.
 */
export function runOnTmpfs(
  options: string,
  script: string,
  args: readonly string[] = [],
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const setup = `mount -t tmpfs -o ${options} tmpfs /mnt\n`;
  const run = spawnSync(
    "unshare",
    ["--map-root-user", "--mount", "sh", "-euc", `${setup}${script}`, "sh", "/mnt", ...args],
    { encoding: "utf8" },
  );
  if (run.error !== undefined) {
    throw new Error("Cannot run unshare: apt-get install util-linux mount", { cause: run.error });
  }
  return { status: run.status, stdout: run.stdout, stderr: run.stderr };
}
