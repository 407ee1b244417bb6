import { renderApkScripts, renderApkSetupScript } from "./apk-scripts.ts";
import { renderDebScripts } from "./deb-scripts.ts";
import { renderPrivileges, renderSysusers, renderTmpfiles } from "./declarations.ts";
import { renderRpmScripts } from "./rpm-scripts.ts";
import { renderSetupScript } from "./setup-script.ts";

/** The scripts and declarations that are made of the footprint and the plan, by path. */
export function footprintFiles(): ReadonlyMap<string, string> {
  return new Map([
    ...[...renderDebScripts()].map(([name, text]) => [`debian/${name}`, text] as const),
    ...[...renderApkScripts()].map(([name, text]) => [`apk/${name}`, text] as const),
    ...[...renderRpmScripts()].map(([name, text]) => [`rpm/${name}`, text] as const),
    ["apk/linuxguard-setup", renderApkSetupScript()],
    ["etc/linuxguard-setup", renderSetupScript()],
    ["etc/sysusers.d/linuxguard.conf", renderSysusers()],
    ["etc/tmpfiles.d/linuxguard.conf", renderTmpfiles()],
    ["etc/privileges.json", renderPrivileges()],
  ]);
}
