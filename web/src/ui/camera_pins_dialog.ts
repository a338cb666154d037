/** The pins that stand in the camera's world, as a list: to name them and to take them away, also without a pointer. */

import type { CameraPin } from "../camera/camera_pins";
import { strings } from "../strings";
import { iconButton } from "./buttons";
import { openDialog } from "./dialogs";
import { h } from "./element_builder";
import { icon } from "./icons";

export interface CameraPinsActions {
  pins: () => readonly CameraPin[];
  rename: (pin: CameraPin) => Promise<void>;
  remove: (pin: CameraPin) => void;
}

/** Shows the list; it closes when the last pin is gone. `first` stands at the top: the pin that was tapped. */
export function cameraPinsDialog(host: HTMLElement, actions: CameraPinsActions, first?: CameraPin): void {
  openDialog(host, strings.camera.pinsTitle, true, (close) => {
    const list = h("ul", { class: "camera-pins" });
    const show = () => {
      const pins = [...actions.pins()].sort((a, b) => Number(b === first) - Number(a === first));
      if (pins.length === 0) close();
      list.replaceChildren(...pins.map(row));
    };
    const row = (pin: CameraPin) => {
      const words = strings.pins;
      const name = pin.label || words.unnamed;
      return h(
        "li",
        { class: "list-row", "data-camera-pin": String(pin.id) },
        h("span", { class: "camera-pin-mark" }, icon("pin")),
        h("span", { class: "list-words" }, h("b", {}, name)),
        iconButton("edit", `${words.rename}: ${name}`, () => void actions.rename(pin).then(show), {
          kind: "bare",
          action: "rename-pin",
        }),
        iconButton(
          "remove",
          `${words.remove}: ${name}`,
          () => {
            actions.remove(pin);
            show();
          },
          { kind: "bare", action: "remove-pin" },
        ),
      );
    };
    show();
    return [list];
  });
}
