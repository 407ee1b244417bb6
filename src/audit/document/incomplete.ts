import type { Completion, OpenEvent } from "#audit/assembler.ts";
import type { Core } from "#audit/core/core.ts";
import { OTHER } from "#audit/core/lines.ts";
import type { Call } from "./call.ts";
import { type EventView, groups } from "./event-view.ts";
import { parseSmall } from "./field-values.ts";
import { key } from "./writer.ts";

/** Why a document does not show all of its event. */
export type IncompleteReason =
  /** Records that only come with a SYSCALL record came without one. */
  | "syscall_missing"
  /** The SYSCALL record tells of more PATH records than came. */
  | "paths_missing"
  /** The event held more bytes than one event may; its other records are counted in the ledger. */
  | "oversize"
  /** The event was completed early because too many were open. */
  | "overflow"
  /** There were more fields or paths than are looked into. */
  | "fields_cut"
  /** The records came after the event's first document was written. */
  | "late"
  /** A line ended before it was whole. */
  | "line_cut";

const keys = { items: key("items") };
/**
 * Calls whose directory is counted but not logged: it is the root of the queues' file system.
 * Source: audit_inode_parent_hidden in the kernel's ipc/mqueue.c.
 */
const hidesParent: ReadonlySet<string> = new Set(["mq_open", "mq_unlink"]);

/** Tells what is missing from an event, besides what its arguments tell. */
export function incompleteReasons(
  core: Core,
  event: OpenEvent,
  view: EventView,
  call: Call | undefined,
  how: Completion,
): IncompleteReason[] {
  const reasons: IncompleteReason[] = [];
  if (!view.hasSyscall && view.primaryType !== OTHER) reasons.push("syscall_missing");
  if (call !== undefined && isShortOfPaths(core, view, call)) reasons.push("paths_missing");
  if (event.omittedLines > 0) reasons.push("oversize");
  if (how === "overflow") reasons.push("overflow");
  if (view.isCut) reasons.push("fields_cut");
  if (event.part > 1) reasons.push("late");
  if (event.lines.some(({ isCut }) => isCut)) reasons.push("line_cut");
  return reasons;
}

function isShortOfPaths(core: Core, { pathCount, isCut }: EventView, { name }: Call): boolean {
  const items = parseSmall(core, core.slot(groups.main, keys.items), 10);
  if (items <= pathCount || isCut) return false;
  return items > pathCount + 1 || !hidesParent.has(name);
}
