import fc from "fast-check";
import { type Room, templates } from "./planted-templates.ts";

/** One command line with a secret in it. */
export interface Planted {
  readonly template: string;
  readonly args: readonly string[];
  readonly secret: string;
}

/** Tokens that tell themselves: wherever they stand, in any argument. */
const tokens: readonly ((random: string) => string)[] = [
  (random) => `ghp_${random.repeat(3).slice(0, 36)}`,
  (random) => `github_pat_${random.repeat(5).slice(0, 60)}`,
  (random) => `gho_${random.repeat(3).slice(0, 36)}`,
  (random) => `glpat-${random.slice(0, 20)}`,
  (random) => `xoxb-1234567890-${random.slice(0, 20)}`,
  (random) => `AKIA${random.toUpperCase().slice(0, 16)}`,
  (random) => `sk_live_${random.slice(0, 24)}`,
  (random) => `AIza${random.repeat(2).slice(0, 35)}`,
  (random) => `eyJhbGciOi${random.slice(0, 10)}.eyJ${random.slice(4, 16)}.${random.slice(2, 20)}`,
  (random) => `npm_${random.repeat(2).slice(0, 36)}`,
  (random) => `pypi-AgEI${random.slice(0, 20)}`,
  (random) => `hvs.${random.slice(0, 24)}`,
  (random) => `dop_v1_${Buffer.from(random.repeat(2)).toString("hex").slice(0, 64)}`,
  (random) => `hf_${random.repeat(2).slice(0, 34)}`,
  (random) => `SG.${random.slice(0, 22)}.${random.slice(1, 23)}`,
  (random) => `dckr_pat_${random.slice(0, 24)}`,
  (random) => `glsa_${random.slice(0, 24)}`,
  (random) => `ya29.${random.slice(0, 24)}`,
  (random) => `-----BEGIN OPENSSH PRIVATE KEY-----\n${random}\n-----END OPENSSH PRIVATE KEY-----`,
  (random) => `https://hooks.slack.com/services/T01/B02/${random.slice(0, 24)}`,
];
const tokenPlaces = [
  "echo §",
  "git clone https://§@h/r",
  "tool run § now",
  "sh -c 'tool § > f'",
  "deploy --to=x:§",
];

/** How a secret may look; the random part makes any ten characters of it its own. */
const shapes: Readonly<Record<Room, readonly ((random: string) => string)[]>> = {
  any: [
    (random) => random.slice(0, 12),
    (random) => `${random.slice(0, 6)}&;|$!${random.slice(6, 16)}`,
    (random) => `${random.slice(0, 9)} ${random.slice(9, 18)}`,
    (random) => `pä${random.slice(0, 10)}ß"${random.slice(10, 20)}'`,
    (random) => `${random.slice(0, 10)}à${random.slice(10, 20)}`,
    (random) => random.repeat(2).slice(0, 40),
    (random) => `${random.slice(0, 8)}=/+${random.slice(8, 20)}==`,
  ],
  word: [
    (random) => random.slice(0, 12),
    (random) => `${random.slice(0, 8)}.-_${random.slice(8, 20)}`,
    (random) => `9${random.repeat(2).slice(0, 40)}`,
    (random) => `${random.slice(0, 8)}%2F%40${random.slice(8, 18)}`,
  ],
  basic: [
    (random) => Buffer.from(`bob:${random.slice(0, 14)}`).toString("base64"),
    (random) => Buffer.from(`admin:${random.slice(0, 21)}`).toString("base64"),
  ],
};
/** Of the shapes, each template gets as many. */
const shapesEach = 3;

/** The whole corpus, the same each time. */
export function plantSecrets(): readonly Planted[] {
  const planted: Planted[] = [];
  const rooms = Object.entries(templates) as [Room, string][];
  const next = createRandom();
  for (const [room, text] of rooms) {
    for (const [number, template] of linesOf(text).entries()) {
      const all = shapes[room];
      for (let turn = 0; turn < Math.min(shapesEach, all.length); turn++) {
        const shape = all[(number + turn) % all.length];
        if (shape !== undefined) planted.push(plant(template, shape(next())));
      }
    }
  }
  for (const token of tokens) {
    for (const place of tokenPlaces) planted.push(plant(place, token(next())));
  }
  return planted;
}

/** How many command lines were thought of by hand. */
export function countTemplates(): number {
  return Object.values(templates).flatMap(linesOf).length + tokenPlaces.length;
}

/** Splits a command line into its words as the lists here write them. */
export function wordsOf(line: string): readonly string[] {
  const words = line.match(/(?:'[^']*'|"[^"]*"|[^\s'"]+)+/g) ?? [];
  return words.map((word) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_, single?: string, double?: string) => {
      return single ?? double ?? "";
    }),
  );
}

function plant(template: string, secret: string): Planted {
  return {
    template,
    args: wordsOf(template).map((word) => word.replace("§", () => secret)),
    secret,
  };
}

function linesOf(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "");
}

/** Gives letters and digits, 24 at a time. */
function createRandom(): () => string {
  const letters = [..."abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"];
  const text = fc.array(fc.constantFrom(...letters), { minLength: 24, maxLength: 24 });
  const samples = fc.sample(text, { seed: 4, numRuns: 2_000 });
  let number = 0;
  return () => (samples[number++] ?? []).join("");
}
