import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "#base/failure.ts";

/** Who the agent is here, and how its programs are started. */
export interface Unprivileged {
  readonly uid: number;
  readonly gid: number;
  /** The repository as these programs see it. */
  readonly root: string;
  /** What stands before their command lines. */
  readonly prefix: readonly string[];
  undo(): void;
}

/** The user that runs this already. Its programs end with this process. */
export function stayUnprivileged(root: string): Unprivileged {
  const prefix = ["/usr/bin/setpriv", "--pdeathsig", "TERM", "--no-new-privs", "--"];
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  return { uid, gid, root, prefix, undo: () => undefined };
}

/**
 * A user that does not exist, with a group of its own and at most one more, and no capability.
 * Where it cannot reach the repository, as below a home that is closed to it, its programs get a
 * place in a mount namespace of their own.
 */
export function becomeUnprivileged(root: string, program: string, group?: string): Unprivileged {
  const uid = findFreeId();
  const ids = [`--reuid=${uid}`, `--regid=${uid}`];
  const groups = group === undefined ? "--clear-groups" : `--groups=${group}`;
  const limits = ["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"];
  const prefix = ["/usr/bin/setpriv", ...ids, groups, ...limits, "--pdeathsig", "TERM", "--"];
  const own = { uid, gid: uid };
  if (reaches(prefix, root, program)) return { ...own, root, prefix, undo: () => undefined };
  const place = mkdtempSync(join(tmpdir(), "linuxguard-run-"));
  const undo = () => rmdirSync(place);
  const bind = `mount --rbind "$1" "$2" && cd "$2" && shift 2 && exec "$@"`;
  const bound = ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", `chmod 755 "$2" && ${bind}`, "sh"];
  const withPlace = [...bound, root, place, ...prefix];
  if (reaches(withPlace, place, program)) return { ...own, root: place, prefix: withPlace, undo };
  undo();
  throw new Failure("run.refused", `Cannot reach ${root} as an unprivileged user`, {
    hint: `Run: chmod -R o+rX '${root}'`,
  });
}

/** Whether a program so started can run Node and read the sources. */
function reaches(prefix: readonly string[], root: string, program: string): boolean {
  const [command = "", ...args] = [...prefix, "test", "-r", join(root, "src/main.ts")];
  const node = [...prefix.slice(1), join(root, program), "--version"];
  return (
    spawnSync(command, args, { stdio: "ignore" }).status === 0 &&
    spawnSync(command, node, { stdio: "ignore" }).status === 0
  );
}

/** A number that is no user's and no group's. Source: systemd's ranges, of ids made while running. */
function findFreeId(): number {
  for (let id = 61_184; id <= 65_519; id += 1) {
    if (!isTaken("passwd", id) && !isTaken("group", id)) return id;
  }
  throw new Error("Cannot find a user id that is free");
}

function isTaken(database: string, id: number): boolean {
  return spawnSync("getent", [database, String(id)], { stdio: "ignore" }).status === 0;
}

/** The group of the user nobody, by name: it is there on every system, and owns nothing. */
export function nobodysGroup(): string {
  return execFileSync("id", ["-gn", "nobody"], { encoding: "utf8" }).trim();
}
