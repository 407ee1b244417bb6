import { createHmac, hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname, machine, release } from "node:os";
import { osFamily, parseOsRelease } from "./os-release.ts";

/** What documents say of the host, as the `host` of ECS. */
interface EcsHost {
  readonly id?: string;
  readonly name: string;
  readonly hostname: string;
  readonly architecture: string;
  readonly boot: { readonly id: string };
  readonly os: {
    readonly type: "linux";
    readonly family?: string;
    readonly platform?: string;
    readonly name?: string;
    readonly version?: string;
    readonly full?: string;
    readonly kernel: string;
  };
}

/** A host, as it is when the agent starts. */
export interface Host {
  readonly ecs: EcsHost;
  /** Stands for the host in ids; it is made from the machine id but does not give it away. */
  readonly key: string;
  readonly bootId: string;
}

/** Our own application id: made once at random, and never to be changed. */
const applicationId = Buffer.from("8bbad09541a2cc1982da9f3f59937015", "hex");

/** Reads what a host says of itself. A root other than `/` is for tests. */
export function readHost(root = "/"): Host {
  const osRelease = readFirst(root, "etc/os-release", "usr/lib/os-release") ?? "";
  const machineId = readFirst(root, "etc/machine-id", "var/lib/dbus/machine-id")?.trim();
  const bootId = readFirst(root, "proc/sys/kernel/random/boot_id")?.trim() ?? "";
  const id = hostId(machineId ?? "");
  return {
    ecs: describe(id, bootId, parseOsRelease(osRelease)),
    key: id ?? hash("sha256", `hostname\n${hostname()}`, "hex").slice(0, 32),
    bootId,
  };
}

/**
 * The id of a host for this application, or `undefined` if the machine has none yet. The machine id
 * itself is confidential.
 *
 * Source: machine-id(5); sd_id128_get_machine_app_specific(3): HMAC-SHA256 of the application's id
 * with the machine's as the key, cut to 128 bits and marked as a UUID of version 4.
 */
export function hostId(
  machineId: string,
  application: Uint8Array = applicationId,
): string | undefined {
  if (!/^[0-9a-f]{32}$/.test(machineId) || /^0+$/.test(machineId)) return undefined;
  const digest = createHmac("sha256", Buffer.from(machineId, "hex")).update(application).digest();
  const id = digest.subarray(0, 16);
  id[6] = ((id[6] ?? 0) & 0x0f) | 0x40;
  id[8] = ((id[8] ?? 0) & 0x3f) | 0x80;
  return id.toString("hex");
}

function describe(
  id: string | undefined,
  bootId: string,
  values: ReadonlyMap<string, string>,
): EcsHost {
  const platform = values.get("ID");
  const name = values.get("NAME");
  const version = values.get("VERSION_ID");
  const full = values.get("PRETTY_NAME");
  const family = platform && osFamily(platform, values.get("ID_LIKE") ?? "");
  return {
    ...(id === undefined ? {} : { id }),
    name: hostname().toLowerCase(),
    hostname: hostname(),
    architecture: machine(),
    boot: { id: bootId },
    os: {
      type: "linux",
      kernel: release(),
      ...(family ? { family } : {}),
      ...(platform ? { platform } : {}),
      ...(name ? { name } : {}),
      ...(version ? { version } : {}),
      ...(full ? { full } : {}),
    },
  };
}

/** The text of the first of some files that is there. */
function readFirst(root: string, ...paths: readonly string[]): string | undefined {
  for (const path of paths) {
    try {
      return readFileSync(`${root}/${path}`, "utf8");
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
  }
  return undefined;
}

function isAbsent(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    /^(?:ENOENT|ENOTDIR|EACCES)$/.test(String(error.code))
  );
}
