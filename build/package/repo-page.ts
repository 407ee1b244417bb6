import { basename } from "node:path";
import { keyringName, keyringPath, sourcesPath } from "./sources.ts";

/** What the page tells of a repository. */
export interface RepositoryFacts {
  /** Where hosts will find it; ends with a slash. */
  readonly url: string;
  /** The fingerprint of the OpenPGP key. */
  readonly key: string;
  /** The file of the public key for apk, and its checksum. */
  readonly apkKey: { readonly name: string; readonly sha256: string };
  /** The packages and lists of parts, as paths in the repository. */
  readonly files: readonly string[];
}

const rpmKey = "/etc/pki/rpm-gpg/RPM-GPG-KEY-linuxguard";

/** What adds the repository to a host of apt, and installs from it. */
export function aptCommands(url: string): readonly string[] {
  return [
    `sudo curl -fsSo ${keyringPath} ${url}apt/${keyringName}.gpg`,
    `sudo curl -fsSo ${sourcesPath} ${url}apt/linuxguard.sources`,
    "sudo apt update",
    `sudo apt install ${keyringName} linuxguard`,
  ];
}

/** The same for dnf. */
export function dnfCommands(url: string): readonly string[] {
  return [
    `sudo curl -fsSo ${rpmKey} ${url}rpm/RPM-GPG-KEY-linuxguard`,
    `sudo curl -fsSo /etc/yum.repos.d/linuxguard.repo ${url}rpm/linuxguard.repo`,
    "sudo dnf install linuxguard-release linuxguard",
  ];
}

/** The same for apk, as root; `key` is the name of its public key. */
export function apkCommands(url: string, key: string): readonly string[] {
  return [
    `wget -P /etc/apk/keys ${url}apk/${key}`,
    `echo ${url}apk >>/etc/apk/repositories`,
    "apk update",
    "apk add linuxguard",
  ];
}

/** Renders the page that tells how to add the repository to a host. It loads nothing and runs nothing. */
export function renderPage({ url, key, apkKey, files }: RepositoryFacts): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Packages of LinuxGuard</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}pre{overflow:auto;padding:1rem;background:#8882}</style>
<h1>Packages of LinuxGuard</h1>
<p>Before the last command of each list, compare the key, as told below.</p>
<h2>Debian, Ubuntu</h2>
${renderCommands(aptCommands(url))}
<h2>Fedora, RHEL and relatives</h2>
${renderCommands(dnfCommands(url))}
<h2>Alpine</h2>
<p>As root:</p>
${renderCommands(apkCommands(url, apkKey.name))}
<h2>Keys</h2>
<p>The OpenPGP key, for all but Alpine, has the fingerprint</p>
<pre>${key.replace(/.{4}(?=.)/g, "$& ")}</pre>
<p>which is what one of these shows:</p>
${renderCommands([`gpg --show-keys --with-fingerprint ${keyringPath}`, `gpg --show-keys --with-fingerprint ${rpmKey}`])}
<p>The key for apk has the sha256</p>
<pre>${apkKey.sha256}</pre>
<p>which is what this shows:</p>
${renderCommands([`sha256sum /etc/apk/keys/${apkKey.name}`])}
<p>Every file here has its checksum in <a href="SHA256SUMS">SHA256SUMS</a>, which the OpenPGP key has
signed in <a href="SHA256SUMS.asc">SHA256SUMS.asc</a>.</p>
<h2>Packages, and the lists of their parts</h2>
<ul>
${files.toSorted().map(renderLink).join("\n")}
</ul>
</html>
`;
}

function renderCommands(lines: readonly string[]): string {
  return `<pre>${lines.map(escapeHtml).join("\n")}</pre>`;
}

function renderLink(path: string): string {
  return `<li><a href="${escapeHtml(path)}">${escapeHtml(basename(path))}</a></li>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
