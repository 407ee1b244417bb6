/** Strings, and the marks that tell where an object begins and ends and what is a key. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

/** Parses JSON text; throws as well where an object has a key twice, which JSON.parse would hide. */
export function parseStrictly(text: string): unknown {
  const value: unknown = JSON.parse(text);
  const open: Set<string>[] = [];
  let last = "";
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    else if (token === ":") addKey(open.at(-1), last);
    last = token;
  }
  return value;
}

function addKey(keys: Set<string> | undefined, token: string): void {
  const key = String(JSON.parse(token));
  if (keys?.has(key) === true) throw new SyntaxError(`A key stands twice in one object: ${key}`);
  keys?.add(key);
}
