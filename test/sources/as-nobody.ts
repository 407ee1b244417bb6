const nobody = 65_534;

/**
 * Runs something without the rights of root, which no permission stops. Needs root; the process has
 * its rights again afterwards.
 */
export function asNobody<Result>(run: () => Result): Result {
  const groups = process.getgroups?.() ?? [];
  process.setgroups?.([]);
  process.setegid?.(nobody);
  process.seteuid?.(nobody);
  try {
    return run();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
    process.setgroups?.(groups);
  }
}
