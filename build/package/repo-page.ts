import { keyringName, keyringPath, sourcesPath } from "./sources.ts";

/** What the page tells of a repository. */
export interface RepositoryFacts {
  readonly url: string;
  readonly fingerprint: string;
  /** `NAME VERSION ARCHITECTURE` of each package, sorted. */
  readonly packages: readonly string[];
}

/** Renders the page that tells how to add the repository to a host. */
export function renderPage({ url, fingerprint, packages }: RepositoryFacts): string {
  const commands = [
    `sudo curl -fsSo ${keyringPath} ${url}${keyringName}.gpg`,
    `sudo curl -fsSo ${sourcesPath} ${url}linuxguard.sources`,
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
<p>For Debian 12 and 13 and their relatives, on ${architecturesOf(packages)}.</p>
<h2>Install</h2>
<pre>${commands.map(escapeHtml).join("\n")}</pre>
<p>The key is trusted for this repository only, and is kept current by the package
<code>${keyringName}</code>. Its fingerprint is</p>
<pre>${fingerprint.replace(/.{4}(?=.)/g, "$& ")}</pre>
<p>which is what this shows:</p>
<pre>gpg --show-keys --with-fingerprint ${keyringPath}</pre>
<h2>What is in it</h2>
<ul>
${packages.map((text) => `<li>${escapeHtml(text)}</li>`).join("\n")}
</ul>
</html>
`;
}

function architecturesOf(packages: readonly string[]): string {
  const names = packages.map((text) => text.split(" ").at(-1) ?? "");
  return [...new Set(names.filter((name) => name !== "all"))].toSorted().join(" and ");
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
