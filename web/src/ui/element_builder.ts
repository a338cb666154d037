/** Makes DOM elements: `h("button", { class: "button", onclick: go }, icon(x), "Go")`. */

export type Child = Node | string | undefined | null | false;

type Value = string | number | boolean | undefined | ((event: never) => void);

/** An element with attributes (`true` for an empty one, `false` and `undefined` for none) and listeners (`on...`). */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, Value> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value as EventListener);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  append(element, children);
  return element;
}

/** Appends what is there to append. */
export function append(parent: ParentNode, children: readonly Child[]): void {
  for (const child of children)
    if (child !== undefined && child !== null && child !== false) parent.append(child);
}

/** An SVG element out of its text, hidden from screen readers: words stand beside it or in a label. */
export function svg(text: string, className?: string): SVGSVGElement {
  const holder = document.createElement("template");
  holder.innerHTML = text.slice(text.indexOf("<svg"));
  const element = holder.content.firstElementChild as SVGSVGElement;
  element.setAttribute("aria-hidden", "true");
  if (className) element.setAttribute("class", className);
  return element;
}

/** Sets a text only where it changed, so that screen readers are not told twice. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
