const texts = Array.from({ length: 1_000 }, (_, number) => String(number).padStart(3, "0"));

/** A number below 1,000 with zeros in front: `7` → `"007"`. */
export function threeDigits(number: number): string {
  return texts[number] ?? String(number);
}
