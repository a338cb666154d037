/** The name that others see: kept in this browser, and a friendly one until somebody chooses. */

const KEY = "sightline:name";

const FIRST = ["Quiet", "Bright", "Swift", "Gentle", "Clever", "Merry", "Brave", "Calm", "Curious", "Sunny"];
const SECOND = [
  "Heron",
  "Fox",
  "Otter",
  "Lynx",
  "Finch",
  "Badger",
  "Hare",
  "Owl",
  "Seal",
  "Wren",
  "Marten",
  "Crane",
];

/** The name chosen before, else one made by `random` (0 to 1, exclusive) and kept. */
export function ownName(random: () => number = Math.random): string {
  const kept = read();
  if (kept) return kept;
  const name = madeName(random);
  keepName(name);
  return name;
}

/** Keeps a chosen name. */
export function keepName(name: string): void {
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // Without storage the name lasts as long as the page.
  }
}

/** A name of two words. */
export function madeName(random: () => number): string {
  const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)] ?? "";
  return `${pick(FIRST)} ${pick(SECOND)}`;
}

function read(): string | undefined {
  try {
    return localStorage.getItem(KEY) ?? undefined;
  } catch {
    return undefined;
  }
}
