declare const brand: unique symbol;

/** An absolute path that needs no quoting anywhere: letters, digits and `.`, `_`, `-`, `/`; no `..`. */
export type AbsolutePath = string & { readonly [brand]: "AbsolutePath" };

/** Checks a path that stands in the program. Throws RangeError for one that is not as said above. */
export function absolutePath(text: string): AbsolutePath {
  if (!isAbsolutePath(text)) throw new RangeError(`Cannot use ${JSON.stringify(text)} as a path`);
  return text;
}

function isAbsolutePath(text: string): text is AbsolutePath {
  return /^(?:\/[A-Za-z0-9._-]+)+$/.test(text) && !/\/\.\.?(?:\/|$)/.test(text);
}
