/** Members' marks: one of eight hues, and one of eight shapes, so that colour alone never tells people apart. */

import { strings } from "../strings";
import { h, svg } from "./element_builder";

const SHAPES = [
  '<circle cx="16" cy="16" r="14"/>',
  '<rect x="3.5" y="3.5" width="25" height="25" rx="5"/>',
  '<path d="M16 2.5 30 27.5a1.6 1.6 0 0 1-1.4 2.4H3.4A1.6 1.6 0 0 1 2 27.5Z" transform="translate(0 -2)"/>',
  '<path d="M16 1.5 30.5 16 16 30.5 1.5 16Z" stroke-linejoin="round"/>',
  '<path d="M16 1.5 30.5 12.5 25 29.500H7L1.5 12.500Z"/>',
  '<path d="M8.5 3h15L31 16l-7.5 13h-15L1 16Z"/>',
  '<path d="M10.5 2h11v8.500H30v11h-8.500V30h-11v-8.500H2v-11h8.500Z"/>',
  '<path d="M16 1l4 6.5 7.5-1.6-1.6 7.500L32 16l-6.1 3.6 1.6 7.5-7.5-1.600L16 31l-4-5.5-7.5 1.6 1.6-7.500L0 16l6.1-2.600L4.5 5.9 12 7.500Z"/>',
];

/** Where the letter stands in each shape. */
const LETTER_Y = [20.5, 20.5, 23, 20.5, 21, 20.5, 20.5, 20.5];

export interface Person {
  name: string;
  hue: number;
}

export function avatar({ name, hue }: Person): SVGSVGElement {
  const index = ((hue % SHAPES.length) + SHAPES.length) % SHAPES.length;
  const element = svg(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><g class="avatar-shape">${SHAPES[index]}</g>
      <text x="16" y="${LETTER_Y[index]}"></text></svg>`,
    "avatar",
  );
  element.dataset.hue = String(index);
  const letter = element.querySelector("text");
  if (letter) letter.textContent = ([...name.trim()][0] ?? "?").toUpperCase();
  return element;
}

/** A few avatars side by side, with their names for screen readers. */
export function avatarRow(people: readonly Person[], most: number): HTMLElement {
  const shown = people.slice(0, most);
  return h(
    "span",
    { class: "avatars", role: "img", "aria-label": people.map((person) => nameOf(person)).join(", ") },
    ...shown.map(avatar),
  );
}

/** The name to show for somebody, also where it is not known. */
export function nameOf({ name }: Pick<Person, "name">): string {
  return name || strings.chat.unknown;
}
