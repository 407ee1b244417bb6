import { plan } from "#build/steps/plan.ts";
import { failureOf, type Step } from "#build/steps/step.ts";
import { footprint } from "#product/footprint.ts";
import { apkCommands, apkFunctions } from "./apk-functions.ts";
import { renderScript } from "./deb-scripts.ts";
import { renderFunctions, renderLibrary } from "./library.ts";
import { quote } from "./quote.ts";
import { type Format, renderSteps } from "./render-step.ts";
import { renderSetupScript } from "./setup-script.ts";

const { files, service } = footprint;

/**
 * The scripts of the package for apk, which runs those of the new version at an upgrade and only
 * those. Where one fails, apk says so and marks the package, which stays. Source: apk-package(5).
 */
export function renderApkScripts(): ReadonlyMap<string, string> {
  const before = renderSteps(plan["before-install"], installing);
  return new Map([
    ["pre-install", render("pre-install", before)],
    ["post-install", render("post-install", renderSteps(plan["after-install"], installing))],
    ["pre-upgrade", render("pre-upgrade", before)],
    ["post-upgrade", render("post-upgrade", renderSteps(plan["after-install"], upgrading))],
    ["pre-deinstall", render("pre-deinstall", renderSteps(plan["before-remove"], installing))],
    ["trigger", render("trigger", renderSteps(plan["audit-changed"], upgrading))],
  ]);
}

/** Renders linuxguard-setup for a host of busybox. */
export function renderApkSetupScript(): string {
  return renderSetupScript(render);
}

function render(name: string, body: string): string {
  return renderScript(name, body, (script) => {
    const library = renderLibrary(script, apkFunctions);
    const isCalled = ([command]: readonly [string, string]) =>
      new RegExp(`\\b${command} `).test(library + script);
    return `${renderFunctions(Object.entries(apkCommands).filter(isCalled))}\n${library}`;
  });
}

const serviceLines = {
  enable: `if lg_have rc-update; then
  rc-update -q add ${service} default || lg_say 'the service could not be enabled; to try again run: rc-update add ${service}'
fi
`,
  start: `if [ -e /run/openrc/softlevel ] && lg_live; then
  rc-service ${service} start || lg_say 'the service did not start; see: rc-service ${service} status'
fi
`,
  stop: `if [ -e /run/openrc/softlevel ] && lg_live; then rc-service --ifstarted ${service} stop || :; fi
if lg_have rc-update; then rc-update -q del ${service} default || :; fi
`,
  disable: "",
  "reload-manager": "",
  forget: "",
} as const;

const restart = `if [ -e /run/openrc/softlevel ] && lg_live; then
  rc-service --ifstarted ${service} restart || lg_say 'the service did not start again; see: rc-service ${service} status'
fi
`;

// apk asks nothing: what was chosen with linuxguard-setup holds, and else what holds without a choice.
const installing: Format = {
  service: (act) => serviceLines[act],
  questions: () => "",
  tell: (text) => `lg_say ${quote(text)}`,
  retry,
  answers: {
    journal: "keep",
    access: '"$(lg_wanted_access)"',
    tiers: '"$(lg_wanted_tiers)"',
  },
};

/** What is not undone at a removal has nothing left on the host that could undo it. */
function retry(step: Step): string {
  if (failureOf(step) === "say") return `to try again run: ${files.setup.path} apply`;
  return "act" in step && step.act !== "join"
    ? "undo it by hand"
    : `put that right and run: apk fix ${service}`;
}

/** A service that an administrator took from the boot stays so; one that runs is started anew. */
const upgrading: Format = {
  ...installing,
  service: (act) => (act === "start" ? restart : ""),
};
