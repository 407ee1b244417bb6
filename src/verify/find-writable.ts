import { footprint } from "#product/footprint.ts";
import type { Fact } from "./fact.ts";
import { type Host, linesOf, listThere } from "./host.ts";

const { account, directories } = footprint;

/** What is walked, but for the agent's own directories. */
const walked = ["/boot", "/etc", "/opt", "/root", "/run", "/srv", "/usr", "/var"];
const timeoutMs = 60_000;
/** What the search says when it comes to /etc: without it, there was none. */
const mark = "looked";

/**
 * Has the account itself look for what it may write to or owns outside its directories. What
 * everybody may use by design is left out: links, sockets, and directories where each may remove only
 * what is its own.
 *
 * Source: find(1), option -writable: it asks the kernel, so lists and mounts are heeded.
 */
export async function findWritable(
  host: Host,
  uid: number | undefined,
): Promise<Fact<readonly string[]>> {
  if (uid === undefined) return { why: `there is no account ${account.name}` };
  if (host.uid !== 0 && host.uid !== uid) return { why: "only root may look as another account" };
  const tops = listThere(host, walked);
  if ("why" in tops) return tops;
  const become = ["--reuid", account.name, "--regid", account.group, "--init-groups", "--"];
  const args = [...tops.value, ...search()];
  const result =
    host.uid === 0
      ? await host.run("setpriv", [...become, "find", ...args], timeoutMs)
      : await host.run("find", args, timeoutMs);
  if ("why" in result) return result;
  const lines = linesOf(result.value.stdout);
  const found = lines.filter((line) => line !== mark);
  if (found.length > 0) return { value: found };
  if (!lines.includes(mark))
    return { why: "find(1) or setpriv(1) here cannot look as the account" };
  // Its status is 1 where a folder may not be read: nothing in it can be reached either.
  return result.value.status === undefined ? { why: "the search took too long" } : { value: [] };
}

function search(): readonly string[] {
  const own = directories.flatMap(({ path }) => ["-o", "-path", path]).slice(1);
  const shared = ["-type", "d", "-perm", "-1002"];
  const open = ["!", "-type", "l", "!", "-type", "s", "!", "(", ...shared, ")"];
  const wanted = ["(", "-writable", "-o", "-user", account.name, ")"];
  const say = ["-path", "/etc", "-printf", `${mark}\\n`, ","];
  return ["-xdev", ...say, "(", ...own, ")", "-prune", "-o", ...open, ...wanted, "-print"];
}
