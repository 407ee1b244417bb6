/** What was found out, or why it could not be. */
export type Fact<T> = Known<T> | Unknown;

interface Known<T> {
  readonly value: T;
}

interface Unknown {
  readonly why: string;
}

/** What a look at the host gives, or why the system refuses it. */
export function attempt<T>(what: string, look: () => T): Fact<T> {
  try {
    return { value: look() };
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    const isRefused = code === "EACCES" || code === "EPERM";
    return { why: isRefused ? `only root may read ${what}` : `${what}: ${code}` };
  }
}

/** The same for what may not be there: then it is `undefined`. */
export function attemptIfThere<T>(what: string, look: () => T): Fact<T | undefined> {
  return attempt(what, () => {
    try {
      return look();
    } catch (error) {
      if (["ENOENT", "ENOTDIR"].includes(codeOf(error) ?? "")) return undefined;
      throw error;
    }
  });
}

/** A fact made of several: the first that is not known makes it unknown. */
export function all<T>(facts: readonly Fact<T>[]): Fact<readonly T[]> {
  const values: T[] = [];
  for (const fact of facts) {
    if ("why" in fact) return fact;
    values.push(fact.value);
  }
  return { value: values };
}

/** What is made of a fact, if it is known. */
export function map<T, U>(fact: Fact<T>, make: (value: T) => U): Fact<U> {
  return "why" in fact ? fact : { value: make(fact.value) };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
