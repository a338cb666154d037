/** The pins that stand in the camera's world, as a list: to name them and to take them away, also without a pointer. */

import type { CameraMode } from "../camera/camera_mode";
import type { CameraPin } from "../camera/camera_pins";
import { strings } from "../strings";
import { iconButton } from "./buttons";
import { askPinLabel, openDialog } from "./dialogs";
import { h } from "./element_builder";
import { icon } from "./icons";

interface CameraPinsActions {
  pins: () => readonly CameraPin[];
  rename: (pin: CameraPin) => Promise<void>;
  remove: (pin: CameraPin) => void;
}

/** Shows the list; it closes when the last pin is gone. `first` stands at the top: the pin that was tapped. */
function cameraPinsDialog(host: HTMLElement, actions: CameraPinsActions, first?: CameraPin): void {
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

/** Opens the list over camera mode's pins; `first` is the one in focus. */
export function showCameraPins(ui: HTMLElement, camera: CameraMode, first?: CameraPin): void {
  cameraPinsDialog(
    ui,
    {
      pins: () => camera.pins.all,
      rename: (pin) => nameCameraPin(ui, camera, pin),
      remove: (pin) => camera.remove(pin.id),
    },
    first,
  );
}

/** Asks for a pin's name; an answer that is taken back leaves the name. */
export async function nameCameraPin(ui: HTMLElement, camera: CameraMode, pin: CameraPin): Promise<void> {
  const label = await askPinLabel(ui, pin.label, strings.pins.save, true);
  if (label !== undefined) camera.pins.rename(pin.id, label);
}
