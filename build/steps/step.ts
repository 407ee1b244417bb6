import type { Membership } from "#product/footprint.ts";
import type { GroupName } from "#product/name.ts";
import type { AbsolutePath } from "#product/path.ts";

/** One act of a maintainer script. Each can be repeated, and each that changes the host has its undo. */
export type Step =
  /** Refuses an account of our name that is no system account. */
  | { readonly kind: "check-account" }
  /** Refuses a path that is a link or no directory. */
  | { readonly kind: "check-directory"; readonly path: AbsolutePath }
  | { readonly kind: "group"; readonly group: GroupName }
  | { readonly kind: "account" }
  | {
      readonly kind: "membership";
      readonly act: "join" | "leave";
      readonly group: GroupName;
      readonly need: Membership["need"];
    }
  | { readonly kind: "directory"; readonly path: AbsolutePath; readonly mode: number }
  /** Has the agent's account write the answers into its own configuration. */
  | { readonly kind: "configure" }
  | { readonly kind: "audit-access"; readonly act: "grant" | "revoke" }
  | { readonly kind: "audit-rules"; readonly act: "activate" | "withdraw" }
  | {
      readonly kind: "service";
      readonly act: "enable" | "start" | "stop" | "disable" | "reload-manager" | "forget";
    }
  | { readonly kind: "questions"; readonly act: "ask" | "forget" }
  /** Removes a directory of ours with all that is in it. */
  | { readonly kind: "erase"; readonly path: AbsolutePath };

/** When a step is done, in words that fit each package format. */
export type Phase =
  | "before-install"
  | "after-install"
  | "audit-changed"
  | "before-remove"
  | "remove-failed"
  | "after-remove"
  | "after-purge";

/** What a step's failure does: `stop` fails the script, `say` tells of it and goes on. */
type OnFailure = "stop" | "say";

/**
 * How a step fails: what the rest needs stops the script, and so does an undo, as the package is
 * removed only once it is undone; what can be repaired later is told.
 */
export function failureOf(step: Step): OnFailure {
  return "act" in step && undos.includes(step.act) ? "stop" : failures[step.kind];
}

const undos: readonly string[] = ["leave", "revoke", "withdraw"];

const failures: Readonly<Record<Step["kind"], OnFailure>> = {
  "check-account": "stop",
  "check-directory": "stop",
  group: "stop",
  account: "stop",
  membership: "stop",
  directory: "stop",
  configure: "say",
  "audit-access": "say",
  "audit-rules": "say",
  service: "say",
  questions: "say",
  erase: "say",
};
