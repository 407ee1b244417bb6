import type { Core } from "#audit/core/core.ts";
import type { AccountNames } from "#model/enrich.ts";
import { parseSmall } from "./field-values.ts";
import { key } from "./writer.ts";

/** What parts auditd's trailer from what the kernel wrote. */
const separator = "\x1d";

/** An id, and where auditd's trailer has the name of it. */
interface Named {
  readonly id: number;
  readonly name: number;
  readonly trailerKey: string;
}

const users = "uid auid euid suid fsuid ouid".split(" ").map(named);
const groups = "gid egid sgid fsgid ogid".split(" ").map(named);
const tell = [key("AUID"), key("OUID")];

/**
 * Makes the trailer that auditd leaves out where auditd.conf says `log_format = RAW`: `UID="root" …`.
 * Empty if the record has one, or nothing is known.
 */
export function renderNames(core: Core, group: number, names: AccountNames): string {
  if (tell.some((each) => core.slot(group, each) !== 0)) return "";
  const found = [
    ...render(core, group, users, (id) => names.userName(id)),
    ...render(core, group, groups, (id) => names.groupName(id)),
  ];
  return found.length === 0 ? "" : `${separator}${found.join(" ")}`;
}

function render(
  core: Core,
  group: number,
  all: readonly Named[],
  nameOf: (id: number) => string | undefined,
): readonly string[] {
  return all.flatMap(({ id, name, trailerKey }) => {
    const number = core.slot(group, name) === 0 ? parseSmall(core, core.slot(group, id), 10) : -1;
    const found = number < 0 ? undefined : nameOf(number);
    return found === undefined || found.includes('"') ? [] : [`${trailerKey}="${found}"`];
  });
}

function named(id: string): Named {
  const trailerKey = id.toUpperCase();
  return { id: key(id), name: key(trailerKey), trailerKey };
}
