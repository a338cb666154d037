/** Dialogs: join a room, share it, name a pin, change one's name. Escape and the close button leave each. */

import { codeOf, messageOf } from "../errors";
import type { RelayInfo } from "../room/relay";
import { normalizeCode, spokenCode } from "../room/state";
import { problemSentence, strings } from "../strings";
import { button, iconButton } from "./buttons";
import { type Child, h, svg } from "./element_builder";

/** What the room's wire takes, in characters. */
const LABEL_CHARS = 80;
const NAME_CHARS = 40;

/** Opens a modal dialog over the page; `glass` over a camera or the world. Settles when it closes. */
export function openDialog(
  host: HTMLElement,
  title: string,
  glass: boolean,
  body: (close: () => void) => Child[],
) {
  const dialog = h("dialog", { class: glass ? "glass" : undefined, "aria-label": title });
  const close = () => dialog.close();
  dialog.append(
    h(
      "div",
      { class: "dialog" },
      h(
        "div",
        { class: "dialog-head" },
        h("h2", {}, title),
        iconButton("close", strings.room.close, close, { kind: "bare" }),
      ),
      ...body(close).filter((child): child is Node | string => Boolean(child)),
    ),
  );
  host.append(dialog);
  dialog.showModal();
  const closed = new Promise<void>((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve();
    });
  });
  // A tap beside the dialog closes it.
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) close();
  });
  return { dialog, closed };
}

/** Asks for a code and a name. `join` throws what the relay answers; the dialog says it and stays open. */
export function joinDialog(
  host: HTMLElement,
  defaults: { name: string; code?: string },
  join: (code: string, name: string) => Promise<void>,
): void {
  const words = strings.join;
  openDialog(host, words.title, false, (close) => {
    const code = h("input", {
      class: "input code-input",
      id: "join-code",
      name: "code",
      value: defaults.code ?? "",
      placeholder: "ABC 2DF",
      autocomplete: "off",
      autocapitalize: "characters",
      spellcheck: "false",
      maxlength: 12,
      required: true,
      "aria-describedby": "join-hint join-error",
    });
    const name = h("input", {
      class: "input",
      id: "join-name",
      name: "name",
      value: defaults.name,
      maxlength: 40,
      autocomplete: "nickname",
    });
    const error = h("p", { class: "field-error", id: "join-error", role: "alert" });
    const submit = h("button", { class: "button button-primary", "data-action": "join" }, words.join);
    const form = h(
      "form",
      {
        novalidate: true,
        onsubmit: async (event: SubmitEvent) => {
          event.preventDefault();
          const clean = normalizeCode(code.value);
          if (!clean) {
            error.textContent = words.badCode;
            code.focus();
            return;
          }
          submit.disabled = true;
          try {
            await join(clean, name.value.trim() || defaults.name);
            close();
          } catch (thrown) {
            const problem = codeOf(thrown);
            error.textContent =
              problem === "room_not_found"
                ? words.notFound
                : problemSentence({ code: problem, message: messageOf(thrown) });
            submit.disabled = false;
            code.focus();
          }
        },
      },
      h(
        "div",
        { class: "field" },
        h("label", { class: "field-label", for: "join-code" }, words.code),
        code,
        h("span", { class: "field-hint", id: "join-hint" }, words.codeHint),
        error,
      ),
      h("div", { class: "field" }, h("label", { class: "field-label", for: "join-name" }, words.name), name),
      submit,
    );
    return [form];
  });
}

/** Shows how others come in: the code, the link, and its QR code. */
export function shareDialog(
  host: HTMLElement,
  glass: boolean,
  code: string,
  info: Promise<RelayInfo | undefined>,
): void {
  const words = strings.share;
  openDialog(host, words.title, glass, () => {
    const body = h("div", { class: "share-body" });
    const show = async () => {
      const known = await info;
      const link = shareLink(code, location.href, known?.lan_urls ?? []);
      const qr = await qrCode(link);
      body.replaceChildren(
        h("div", { class: "qr", role: "img", "aria-label": words.qr }, qr),
        h("p", {}, words.scan),
        h("p", { class: "share-code", "data-code": code }, spokenCode(code)),
        h("p", { class: "share-link" }, link),
        copyButton(link),
      );
      if (isLocal(link)) body.append(h("p", { class: "field-hint" }, words.localOnly));
      if (known?.trust_url && !isLocal(link)) {
        body.append(
          h(
            "p",
            { class: "field-hint" },
            `${words.trust} `,
            h("a", { href: known.trust_url }, known.trust_url),
          ),
        );
      }
    };
    void show();
    return [body];
  });
}

function copyButton(link: string): HTMLButtonElement {
  const words = strings.share;
  const copy = button(
    words.copy,
    async () => {
      const done = await navigator.clipboard?.writeText(link).then(
        () => true,
        () => false,
      );
      const label = copy.querySelector("span");
      if (done && label) label.textContent = words.copied;
    },
    { icon: "copy", action: "copy-link" },
  );
  return copy;
}

/** The link that brings others into a room: by an address that they reach, where this page's own is local. */
export function shareLink(code: string, pageHref: string, lanUrls: readonly string[]): string {
  const page = new URL(pageHref);
  const reachable = isLocal(pageHref) ? lanUrls[0] : undefined;
  const url = reachable ? new URL(reachable) : new URL(page.pathname, page.origin);
  url.hash = code;
  return url.href;
}

/** Whether only this computer can open an address. */
export function isLocal(href: string): boolean {
  const { hostname } = new URL(href);
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname.startsWith("127.") ||
    hostname === "[::1]"
  );
}

async function qrCode(link: string): Promise<SVGSVGElement> {
  const { default: qrcode } = await import("qrcode-generator");
  const code = qrcode(0, "M");
  code.addData(link);
  code.make();
  const size = code.getModuleCount();
  let path = "";
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) if (code.isDark(y, x)) path += `M${x} ${y}h1v1h-1z`;
  }
  return svg(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="currentColor" d="${path}"/></svg>`,
  );
}

/** Asks for one line of text. Settles with it, or with undefined when the person leaves. */
async function askText(
  host: HTMLElement,
  ask: { title: string; value: string; submit: string; glass: boolean; maxLength: number },
): Promise<string | undefined> {
  let answer: string | undefined;
  const { closed } = openDialog(host, ask.title, ask.glass, (close) => {
    const input = h("input", {
      class: "input",
      name: "text",
      value: ask.value,
      maxlength: ask.maxLength,
      "aria-label": ask.title,
      autocomplete: "off",
      autofocus: true,
    });
    queueMicrotask(() => input.select());
    return [
      h(
        "form",
        {
          onsubmit: (event: SubmitEvent) => {
            event.preventDefault();
            answer = input.value.trim();
            close();
          },
        },
        input,
        h("button", { class: "button button-primary", "data-action": "save" }, ask.submit),
      ),
    ];
  });
  await closed;
  return answer;
}

/** Asks what a pin is called; undefined when it is not said. */
export function askPinLabel(
  host: HTMLElement,
  value: string,
  submit: string,
  glass: boolean,
): Promise<string | undefined> {
  return askText(host, { title: strings.pins.label, value, submit, glass, maxLength: LABEL_CHARS });
}

/** Asks how others call who is here; undefined when it is not said. */
export function askOwnName(host: HTMLElement, value: string, glass: boolean): Promise<string | undefined> {
  const { name } = strings.people;
  return askText(host, { title: name, value, submit: strings.pins.save, glass, maxLength: NAME_CHARS });
}
