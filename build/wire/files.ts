import { renderOpenApi } from "./openapi.ts";

/** The contract with the console, as an OpenAPI document. */
export function wireFiles(): ReadonlyMap<string, string> {
  return new Map([["docs/openapi.json", renderOpenApi()]]);
}
