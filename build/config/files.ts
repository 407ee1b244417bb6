import { renderSample } from "#config/sample.ts";
import { identity } from "#product/identity.ts";

/** The sample of the settings, at its place below the root of a host. */
export function configFiles(): ReadonlyMap<string, string> {
  return new Map([[identity.configFile.slice(1), renderSample()]]);
}
