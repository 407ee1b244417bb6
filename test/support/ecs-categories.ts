/**
 * The types that ECS expects for each category.
 *
 * Source: the ECS reference, "ECS categorization field: event.category".
 */
export const expectedTypes: Readonly<Record<string, readonly string[]>> = {
  api: words("access admin allowed change creation deletion denied end info start user"),
  authentication: words("start end info"),
  configuration: words("access change creation deletion info"),
  database: words("access change info error"),
  driver: words("change end info start"),
  email: words("info"),
  file: words("access change creation deletion info"),
  host: words("access change end info start"),
  iam: words("admin change creation deletion group info user"),
  intrusion_detection: words("allowed denied info"),
  library: words("start"),
  malware: words("info"),
  network: words("access allowed connection denied end info protocol start"),
  package: words("access change deletion info installation start"),
  process: words("access change end info start"),
  registry: words("access change creation deletion"),
  session: words("start end info"),
  threat: words("indicator"),
  vulnerability: words("info"),
  web: words("access error info"),
};

/** The values that ECS allows or expects where it does not leave them to the author, by field. */
export const allowedValues: Readonly<Record<string, readonly string[]>> = {
  "event.kind": words("alert asset enrichment event metric state pipeline_error signal"),
  "event.category": Object.keys(expectedTypes),
  "event.type": words(
    "access admin allowed change connection creation deletion denied device end error group " +
      "indicator info installation protocol start user",
  ),
  "event.outcome": words("failure success unknown"),
  "network.direction": words("ingress egress inbound outbound internal external unknown"),
  "host.os.type": words("linux macos unix windows ios android"),
};

/** Says what is wrong with the categories and types of one event; each must have its counterpart. */
export function validateCategories(
  categories: readonly string[],
  types: readonly string[],
): readonly string[] {
  const orphans = types.filter(
    (type) => !categories.some((category) => expectedTypes[category]?.includes(type)),
  );
  const childless = categories.filter(
    (category) =>
      category in expectedTypes && !types.some((type) => expectedTypes[category]?.includes(type)),
  );
  return [
    ...orphans.map((type) => `event.type: "${type}" is not expected for ${categories.join(", ")}`),
    ...childless.map((category) => `event.category: "${category}" has no type of its own`),
  ];
}

function words(text: string): readonly string[] {
  return text.split(" ");
}
