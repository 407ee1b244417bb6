import { footprint } from "#product/footprint.ts";
import { type Fact, map } from "./fact.ts";
import type { Account, AccountFacts, Group } from "./facts.ts";
import { findMentions } from "./find-mentions.ts";
import { type Host, readText } from "./host.ts";

const { account, receipts } = footprint;
/** getent(1): the key could not be found. */
const notFound = 2;
/** login.defs(5), where it is silent. */
const defaultUidMin = 1_000;

/** Asks for the account, its groups, and who names it. */
export async function gatherAccounts(host: Host): Promise<AccountFacts> {
  const own = map(await getent(host, "passwd", account.name), (text) => parseAccounts(text)[0]);
  const shadow: Fact<string> =
    host.uid === 0
      ? await getent(host, "shadow", account.name)
      : { why: "only root may read the shadow file" };
  const loginDefs = readText(host, "/etc/login.defs");
  const readers = readText(host, `${receipts}/readers`);
  return {
    own,
    all: map(await getent(host, "passwd"), parseAccounts),
    groups: map(await getent(host, "group"), parseGroups),
    password: readPassword(shadow),
    greatestSystemUid: parseGreatestSystemUid("why" in loginDefs ? "" : (loginDefs.value ?? "")),
    readers: map(readers, (text) => parseReaders(text ?? "")),
    mentions: findMentions(host, "why" in own ? undefined : own.value?.uid),
  };
}

/**
 * Looks into a database as getent(1) does, or into its file where there is no such program; the text
 * is empty where there is no such entry.
 */
export async function getent(host: Host, database: string, key?: string): Promise<Fact<string>> {
  const result = await host.run("getent", key === undefined ? [database] : [database, key]);
  if ("why" in result) return readDatabase(host, database, key);
  const { status, stdout } = result.value;
  if (status === 0) return { value: stdout };
  return status === notFound ? { value: "" } : { why: `getent ${database} failed` };
}

function readDatabase(host: Host, database: string, key: string | undefined): Fact<string> {
  return map(readText(host, `/etc/${database}`), (text = "") =>
    text
      .split("\n")
      .filter((line) => key === undefined || line.startsWith(`${key}:`))
      .join("\n"),
  );
}

/** Reads lines of passwd(5); what is no account is passed over. */
export function parseAccounts(text: string): readonly Account[] {
  return text.split("\n").flatMap((line) => {
    const [name = "", , uid = "", gid = "", , home = "", shell = ""] = line.split(":");
    if (name === "" || !isId(uid) || !isId(gid)) return [];
    return [{ name, uid: Number(uid), gid: Number(gid), home, shell }];
  });
}

/** Reads lines of group(5); what is no group is passed over. */
export function parseGroups(text: string): readonly Group[] {
  return text.split("\n").flatMap((line) => {
    const [name = "", , gid = "", members = ""] = line.split(":");
    if (name === "" || !isId(gid)) return [];
    return [{ name, gid: Number(gid), members: members.split(",").filter((each) => each !== "") }];
  });
}

function isId(text: string): boolean {
  return /^\d{1,10}$/.test(text);
}

/** shadow(5): what begins with ! or * is no result of crypt(3). */
function readPassword(shadow: Fact<string>): AccountFacts["password"] {
  if ("why" in shadow) return shadow;
  const [, password] = shadow.value.split(":");
  if (password === undefined) return { why: "it is not in the shadow file" };
  if (password === "") return { value: "empty" };
  return { value: /^[!*]/.test(password) ? "locked" : "set" };
}

/** login.defs(5): without SYS_UID_MAX it is one less than UID_MIN. */
function parseGreatestSystemUid(text: string): number {
  const read = (key: string) => {
    const found = new RegExp(`^\\s*${key}\\s+(?<value>\\d{1,10})\\s*$`, "m").exec(text);
    return found?.groups?.value;
  };
  return Number(read("SYS_UID_MAX") ?? Number(read("UID_MIN") ?? defaultUidMin) - 1);
}

/** Lines `reader=NAME`, as root wrote them down. */
function parseReaders(text: string): readonly string[] {
  return [...text.matchAll(/^reader=(?<name>[a-z_][a-z0-9_-]*)$/gm)].map(
    ({ groups: parts }) => parts?.name ?? "",
  );
}
