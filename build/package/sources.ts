/** The name of the repository's key and of the package that brings it. */
export const keyringName = "linuxguard-archive-keyring";
/** Where the key lies on a host. */
export const keyringPath = `/usr/share/keyrings/${keyringName}.gpg`;
/** Where the source entry lies on a host. */
export const sourcesPath = "/etc/apt/sources.list.d/linuxguard.sources";
/** The one suite and the one component of the repository. */
export const suite = "stable";
export const component = "main";

/** Renders the source entry of the repository, which trusts its one key and no other. Source: sources.list(5). */
export function renderSources(url: string): string {
  return `# Packages of LinuxGuard. The key below is trusted for this source only.
Types: deb
URIs: ${url}
Suites: ${suite}
Components: ${component}
Signed-By: ${keyringPath}
`;
}
