import { basename } from "node:path";
import { keyringName, keyringPath, sourcesPath } from "./sources.ts";

/** What the page tells of a repository. */
export interface RepositoryFacts {
  /** Where hosts will find it; ends with a slash. */
  readonly url: string;
  /** The fingerprint of the OpenPGP key. */
  readonly key: string;
  /** The packages, as paths in the repository. */
  readonly files: readonly string[];
}

/** Renders the page that tells how to add the repository to a host. It loads nothing and runs nothing. */
export function renderPage({ url, key, files }: RepositoryFacts): string {
  const apt = [
    `sudo curl -fsSo ${keyringPath} ${url}apt/${keyringName}.gpg`,
    `sudo curl -fsSo ${sourcesPath} ${url}apt/linuxguard.sources`,
    "sudo apt update",
    `sudo apt install ${keyringName} linuxguard`,
  ];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Packages of LinuxGuard</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}pre{overflow:auto;padding:1rem;background:#8882}</style>
<h1>Packages of LinuxGuard</h1>
<h2>Debian, Ubuntu</h2>
${renderCode(apt)}
<p>The key is trusted for this repository only. Before the last command, compare its fingerprint:</p>
${renderCode([`gpg --show-keys --with-fingerprint ${keyringPath}`])}
<h2>Keys</h2>
<p>The fingerprint of the OpenPGP key:</p>
${renderCode([key.replace(/.{4}(?=.)/g, "$& ")])}
<p>Every file here has its checksum in <a href="SHA256SUMS">SHA256SUMS</a>, which the OpenPGP key has signed in
<a href="SHA256SUMS.asc">SHA256SUMS.asc</a>.</p>
<h2>Packages</h2>
<ul>
${files.toSorted().map(renderLink).join("\n")}
</ul>
</html>
`;
}

function renderCode(lines: readonly string[]): string {
  return `<pre>${lines.map(escapeHtml).join("\n")}</pre>`;
}

function renderLink(path: string): string {
  return `<li><a href="${escapeHtml(path)}">${escapeHtml(basename(path))}</a></li>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
