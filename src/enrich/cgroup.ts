/** What the control group of a process tells. */
export interface CgroupFacts {
  /** 64 hexadecimal digits, or the name of an LXC container. */
  readonly containerId: string | undefined;
  /** The innermost systemd service of the host that it runs in. */
  readonly unit: string | undefined;
}

const idAtStart = /^(?<id>[0-9a-f]{64})(?![0-9a-f])/;
const idAtEnd = /(?<![0-9a-f])(?<id>[0-9a-f]{64})$/;
const lxcPayload = /^lxc\.payload\.(?<id>.+)$/;
/** A monitor has its container's id in its name, but runs on the host: `libpod-conmon-….scope`. */
const monitor = /(?:^|-)conmon-/;

/**
 * Reads container and service from the text of /proc/<pid>/cgroup. Whoever a subtree is delegated to
 * names the groups in it, so a user can claim a container id.
 *
 * Source: cgroups(7), `hierarchy-ID:controller-list:cgroup-path`; systemd.unit(5) for the suffixes;
 * the names are those of docker, podman, containerd, CRI-O, kubelet and LXC.
 */
export function parseCgroup(text: string): CgroupFacts {
  let containerId: string | undefined;
  let unit: string | undefined;
  for (const line of text.split("\n")) {
    const groups = /^\d+:(?<controllers>[^:]*):(?<path>\/.*)$/.exec(line)?.groups;
    if (groups?.path === undefined) continue;
    const segments = groups.path.split("/");
    const at = segments.findIndex((segment, index) => idOf(segment, segments[index - 1]));
    containerId ??= at < 0 ? undefined : idOf(segments[at] ?? "", segments[at - 1]);
    const isSystemd = groups.controllers === "" || groups.controllers === "name=systemd";
    if (isSystemd) unit ??= serviceOf(at < 0 ? segments : segments.slice(0, at));
  }
  return { containerId, unit };
}

function idOf(segment: string, parent: string | undefined): string | undefined {
  const name = segment.endsWith(".scope") ? segment.slice(0, -".scope".length) : segment;
  if (monitor.test(name)) return undefined;
  if (parent === "lxc" && name !== "") return name;
  const match = idAtStart.exec(name) ?? idAtEnd.exec(name) ?? lxcPayload.exec(name);
  return match?.groups?.id;
}

function serviceOf(segments: readonly string[]): string | undefined {
  return segments.findLast((segment) => segment.endsWith(".service") && segment !== ".service");
}
