/** How much an event matters where not all can be kept, the least first. */
export const severities = ["low", "ordinary", "high"] as const;
export type Severity = (typeof severities)[number];
