/** The icons, all of one set (Lucide), inlined when the page is built. */

import arrowUp from "lucide-static/icons/arrow-up.svg";
import box from "lucide-static/icons/box.svg";
import camera from "lucide-static/icons/camera.svg";
import check from "lucide-static/icons/check.svg";
import clock from "lucide-static/icons/clock.svg";
import copy from "lucide-static/icons/copy.svg";
import house from "lucide-static/icons/house.svg";
import info from "lucide-static/icons/info.svg";
import logIn from "lucide-static/icons/log-in.svg";
import mapPin from "lucide-static/icons/map-pin.svg";
import mapPinPlus from "lucide-static/icons/map-pin-plus.svg";
import messageCircle from "lucide-static/icons/message-circle.svg";
import moveHorizontal from "lucide-static/icons/move-horizontal.svg";
import pause from "lucide-static/icons/pause.svg";
import pencil from "lucide-static/icons/pencil.svg";
import pipette from "lucide-static/icons/pipette.svg";
import rotateCcw from "lucide-static/icons/rotate-ccw.svg";
import scan from "lucide-static/icons/scan.svg";
import share from "lucide-static/icons/share-2.svg";
import sparkles from "lucide-static/icons/sparkles.svg";
import trash from "lucide-static/icons/trash-2.svg";
import users from "lucide-static/icons/users.svg";
import x from "lucide-static/icons/x.svg";
import { svg } from "./element_builder";

const texts = {
  ar: scan,
  balance: sparkles,
  camera,
  chat: messageCircle,
  check,
  clock,
  close: x,
  compare: moveHorizontal,
  copy,
  edit: pencil,
  home: house,
  info,
  join: logIn,
  pause,
  people: users,
  pick: pipette,
  pin: mapPin,
  pinAdd: mapPinPlus,
  remove: trash,
  reset: rotateCcw,
  room3d: box,
  send: arrowUp,
  share,
};

export type IconName = keyof typeof texts;

export function icon(name: IconName): SVGSVGElement {
  const element = svg(texts[name], "icon");
  element.removeAttribute("stroke-width");
  return element;
}
