import { footprint } from "#product/footprint.ts";
import { renderDropIns } from "./drop-ins.ts";
import { renderOpenrcScript, renderOpenrcSettings } from "./openrc.ts";
import { renderService } from "./service.ts";

/** The service for systemd and for OpenRC, and what can be put beside it, by path. */
export function unitFiles(): ReadonlyMap<string, string> {
  const dropIns = [...renderDropIns()].map(
    ([name, text]) => [`etc/systemd/drop-ins/${name}`, text] as const,
  );
  return new Map([
    [`etc/systemd/${footprint.service}.service`, renderService()],
    ...dropIns,
    [`apk/${footprint.service}.initd`, renderOpenrcScript()],
    [`apk/${footprint.service}.confd`, renderOpenrcSettings()],
  ]);
}
