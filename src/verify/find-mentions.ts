import { footprint } from "#product/footprint.ts";
import { all, type Fact, map } from "./fact.ts";
import type { AccountFacts } from "./facts.ts";
import { type Host, listNames, look, readText } from "./host.ts";

const { account, groups } = footprint;
const names = [...new Set([account.name, ...groups])].join("|");
/** The name of the account or of a group of its own, not as a part of a path or of another name. */
const named = new RegExp(String.raw`(?<![\w./-])(?:${names})(?![\w.-])`);
/** crontab(5), as in /etc/cron.d: five times or a word with @, then the account. */
const asCronUser = new RegExp(String.raw`^\s*(?:@\w+|(?:[^\s#]\S*\s+){4}\S+)\s+(?:${names})\s`);

/** Files, and folders of files, that say who may do what. */
const grants = ["/etc/sudoers", "/etc/doas.conf", "/etc/at.allow", "/etc/cron.allow"];
const grantFolders = [
  "/etc/sudoers.d",
  "/etc/doas.d",
  "/etc/polkit-1/rules.d",
  "/etc/polkit-1/localauthority/50-local.d",
  "/usr/share/polkit-1/rules.d",
];
const cronFolder = "/etc/cron.d";
/** Files in the name of an account. */
const cronTables = ["/var/spool/cron/crontabs", "/var/spool/cron", "/etc/crontabs"];
/** Jobs of at(1), which belong to whom they run as. */
const jobFolders = ["/var/spool/cron/atjobs", "/var/spool/at", "/var/spool/atjobs"];

/**
 * Finds what gives the account rights or has work done as it: sudo, doas, polkit, cron, at.
 *
 * Source: sudoers(5), doas.conf(5), polkit(8), crontab(5), at(1).
 */
export function findMentions(host: Host, uid: number | undefined): AccountFacts["mentions"] {
  const granting = map(inFolders(host, grantFolders), (files) => [...grants, ...files]);
  const byCron = map(inFolders(host, [cronFolder]), (files) => ["/etc/crontab", ...files]);
  const found = all([
    readAll(host, granting, (line) => isGrant(line, uid)),
    readAll(host, byCron, (line) => asCronUser.test(line)),
    ownFiles(host, uid),
  ]);
  return map(found, (parts) => ({
    lines: parts.flatMap(({ lines }) => lines),
    files: parts.reduce((sum, { files }) => sum + files, 0),
  }));
}

interface Mentions {
  readonly lines: readonly string[];
  readonly files: number;
}

function inFolders(host: Host, folders: readonly string[]): Fact<readonly string[]> {
  const listed = folders.map((folder) =>
    map(listNames(host, folder), (found) => found.map((name) => `${folder}/${name}`)),
  );
  return map(all(listed), (files) => files.flat());
}

function readAll(
  host: Host,
  files: Fact<readonly string[]>,
  isMention: (line: string) => boolean,
): Fact<Mentions> {
  if ("why" in files) return files;
  const texts = files.value.map((file) => map(readText(host, file), (text) => ({ file, text })));
  return map(all(texts), (read) => ({
    lines: read.flatMap(({ file, text = "" }) =>
      text.split("\n").flatMap((line, index) => (isMention(line) ? [`${file}:${index + 1}`] : [])),
    ),
    files: read.filter(({ text }) => text !== undefined).length,
  }));
}

/** sudoers(5) names an account by its number as #UID; any other # begins a comment. */
function isGrant(line: string, uid: number | undefined): boolean {
  if (uid !== undefined && new RegExp(String.raw`(?<!\w)#${uid}(?!\d)`).test(line)) return true;
  return !/^\s*(?:#|\/\/)/.test(line) && named.test(line);
}

function ownFiles(host: Host, uid: number | undefined): Fact<Mentions> {
  const tables = cronTables.map((folder) => `${folder}/${account.name}`);
  const jobs = inFolders(host, jobFolders);
  if ("why" in jobs) return jobs;
  const seen = all([...tables, ...jobs.value].map((path) => look(host, path)));
  return map(seen, (entries) => {
    const there = entries.filter((entry) => entry !== undefined);
    const ours = there.filter((entry) => tables.includes(entry.path) || entry.uid === uid);
    return { lines: ours.map(({ path }) => path), files: there.length };
  });
}
