import { firstField, type RawField } from "./raw-field.ts";
import { bytesOf, latin1 } from "./scan.ts";
import { type DecodedValue, decodeValue, numberOf } from "./value.ts";

/** What the kernel says of a PATH: the file itself, its directory, or what became of it. */
type NameType = "NORMAL" | "PARENT" | "DELETE" | "CREATE" | "UNKNOWN";

/** One PATH record. */
export interface PathRecord {
  readonly item: number;
  /** The name as it was given to the syscall, or `undefined` if the kernel had none. */
  readonly name: Uint8Array | undefined;
  readonly nameType: NameType;
}

/** Where the start of an absolute path came from. */
type Resolution = "absolute" | "cwd" | "parent" | "no";

/** A PATH record with its path. */
export interface ResolvedPath extends PathRecord {
  /** The absolute path without `.`, `..` and `//`; the name as it is if `resolved` is `no`. */
  readonly path: Uint8Array | undefined;
  readonly resolved: Resolution;
}

/** What an event says about its paths. */
export interface PathContext {
  /** In any order. */
  readonly paths: readonly PathRecord[];
  /** From the CWD record, or `undefined` without one. */
  readonly cwd: Uint8Array | undefined;
  /** The syscall by name, or `undefined` if it is not known. */
  readonly syscall: string | undefined;
  /** `a0` to `a3`, as logged. */
  readonly args: readonly (string | undefined)[];
}

/** Reads what resolving needs of a PATH record. A missing `item` counts as 0. */
export function parsePath(fields: readonly RawField[]): PathRecord {
  const name = decoded(fields, "name");
  const nameType = latin1(firstField(fields, "nametype")?.value ?? new Uint8Array());
  return {
    item: Number(numberOf(decoded(fields, "item")) ?? 0n),
    name: name.kind === "text" ? name.bytes : undefined,
    nameType: isNameType(nameType) ? nameType : oldNameType(fields),
  };
}

/**
 * Gives each PATH its absolute path, by text alone: links stay as they are. The result is in the order
 * of `item`.
 *
 * A relative name starts at the working directory, unless the syscall was given another directory
 * by descriptor: then only the PARENT of a created or deleted name can tell it. For a name without a
 * directory part the kernel writes the working directory for PARENT, whatever the descriptor was
 * (its inode is right), so that a PARENT that is the working directory tells nothing there. The
 * text of a symbolic link (UNKNOWN of symlink and symlinkat) is no name of this event.
 *
 * Source: audit_log_name in the kernel's auditsc.c.
 */
export function resolvePaths(context: PathContext): readonly ResolvedPath[] {
  const paths = context.paths.toSorted((a, b) => a.item - b.item);
  const parents = paths.filter(({ nameType }) => nameType === "PARENT");
  return paths.map((path) => {
    const side = sideOf(path, paths, context.syscall);
    const parent = side === "source" ? parents[0] : parents.at(-1);
    const descriptor = takesDescriptor(context, side);
    return { ...path, ...resolve(path, parent, context.cwd, descriptor) };
  });
}

/**
 * Picks the path that a syscall is about, and for a rename or a link the path it had before.
 * Only an event without PATH records has none.
 */
export function objectOf<P extends PathRecord>(
  syscall: string | undefined,
  paths: readonly P[],
): { readonly object: P | undefined; readonly original: P | undefined } {
  const first = (type: NameType): P | undefined => paths.find(({ nameType }) => nameType === type);
  const created = paths.findLast(({ nameType }) => nameType === "CREATE");
  const object =
    created ?? first("DELETE") ?? paths.find(({ nameType }) => nameType !== "PARENT") ?? paths[0];
  if (/^rename/.test(syscall ?? "")) return { object, original: first("DELETE") };
  if (/^link(?:at)?$/.test(syscall ?? "")) return { object, original: first("NORMAL") };
  return { object, original: undefined };
}

/**
 * Gives the path that a new link leads to; `undefined` if the syscall makes none. The text of a symbolic
 * link starts at the link's directory; where that is not known, it is given as it is.
 */
export function targetOf(
  syscall: string | undefined,
  paths: readonly ResolvedPath[],
): Uint8Array | undefined {
  const { object, original } = objectOf(syscall, paths);
  if (/^link(?:at)?$/.test(syscall ?? "")) return original?.path;
  if (!/^symlink(?:at)?$/.test(syscall ?? "")) return undefined;
  const text = paths.find(({ nameType }) => nameType === "UNKNOWN")?.name;
  if (text === undefined || text.length === 0) return undefined;
  if (isAbsolute(text)) return normalisePath(text);
  if (object?.path === undefined || object.resolved === "no") return text;
  return join(object.path.subarray(0, object.path.lastIndexOf(slashByte) + 1), text);
}

/** Removes `.`, `..` and `//` from an absolute path by text alone, and a `/` at its end. */
export function normalisePath(path: Uint8Array): Uint8Array {
  const kept: string[] = [];
  for (const component of latin1(path).split("/")) {
    if (component === "..") kept.pop();
    else if (component !== "" && component !== ".") kept.push(component);
  }
  return bytesOf(`/${kept.join("/")}`);
}

const slashByte = 0x2f;
const SLASH = Uint8Array.of(slashByte);

type Side = "source" | "target" | "text";

/** By syscall: which argument holds a directory's descriptor, for either name. */
const descriptorArguments: ReadonlyMap<string, Readonly<Partial<Record<Side, number>>>> = new Map([
  ...rowsOf(
    "openat openat2 mkdirat mknodat fchownat futimesat newfstatat fstatat64 unlinkat readlinkat " +
      "fchmodat fchmodat2 faccessat faccessat2 utimensat utimensat_time64 name_to_handle_at " +
      "execveat statx open_tree mount_setattr fspick setxattrat getxattrat listxattrat " +
      "removexattrat file_getattr file_setattr",
    { source: 0, target: 0 },
  ),
  ...rowsOf("renameat renameat2 linkat move_mount", { source: 0, target: 2 }),
  ...rowsOf("symlinkat", { target: 1 }),
]);

function rowsOf<V>(keys: string, value: V): readonly (readonly [string, V])[] {
  return keys.split(" ").map((key) => [key, value]);
}

/** Tells whether names on this side start at a descriptor that the log cannot resolve. */
function takesDescriptor({ syscall, args }: PathContext, side: Side): boolean {
  if (side === "text") return true;
  const index = descriptorArguments.get(syscall ?? "")?.[side];
  if (index === undefined) return false;
  // AT_FDCWD, -100, in 32 or 64 bits.
  return !/^(?:f{8})?ffffff9c$/i.test(args[index] ?? "");
}

/** Tells which of a syscall's two names a record belongs to. */
function sideOf(path: PathRecord, paths: readonly PathRecord[], syscall = ""): Side {
  switch (path.nameType) {
    case "CREATE":
      return "target";
    case "PARENT":
    case "DELETE": {
      // A rename has two parents; if it overwrites, it deletes twice: the old name, then the new.
      const same = paths.filter(({ nameType }) => nameType === path.nameType);
      return syscall.startsWith("rename") && path === same[0] ? "source" : "target";
    }
    case "UNKNOWN":
      return syscall.startsWith("symlink") ? "text" : "source";
    case "NORMAL":
      return "source";
    default:
      return path.nameType satisfies never;
  }
}

function resolve(
  { name, nameType }: PathRecord,
  parent: PathRecord | undefined,
  cwd: Uint8Array | undefined,
  descriptor: boolean,
): Pick<ResolvedPath, "path" | "resolved"> {
  if (name === undefined || name.length === 0) return { path: undefined, resolved: "no" };
  if (descriptor && nameType === "PARENT" && sameBytes(name, cwd)) {
    return { path: name, resolved: "no" };
  }
  if (isAbsolute(name)) return { path: normalisePath(name), resolved: "absolute" };
  if (isAbsolute(cwd) && !descriptor) return { path: join(cwd, name), resolved: "cwd" };
  const isChild = nameType === "CREATE" || nameType === "DELETE";
  if (isChild && isAbsolute(parent?.name) && !(descriptor && sameBytes(parent.name, cwd))) {
    return { path: join(parent.name, lastComponent(name)), resolved: "parent" };
  }
  return { path: name, resolved: "no" };
}

function isAbsolute(path: Uint8Array | undefined): path is Uint8Array {
  return path?.[0] === 0x2f;
}

function sameBytes(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && Buffer.compare(a, b) === 0;
}

function join(base: Uint8Array, name: Uint8Array): Uint8Array {
  return normalisePath(Buffer.concat([base, SLASH, name]));
}

function lastComponent(name: Uint8Array): Uint8Array {
  const end = name.findLastIndex((byte) => byte !== 0x2f) + 1;
  return name.subarray(name.subarray(0, end).lastIndexOf(0x2f) + 1, end);
}

function decoded(fields: readonly RawField[], key: string): DecodedValue {
  const field = firstField(fields, key);
  return field ? decodeValue(key, "PATH", field) : { kind: "none" };
}

function isNameType(text: string): text is NameType {
  return ["NORMAL", "PARENT", "DELETE", "CREATE", "UNKNOWN"].includes(text);
}

/** Older kernels wrote `objtype=`, still older ones nothing. */
function oldNameType(fields: readonly RawField[]): NameType {
  const text = latin1(firstField(fields, "objtype")?.value ?? new Uint8Array());
  return isNameType(text) ? text : "UNKNOWN";
}
