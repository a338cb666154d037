/** How to allow the camera again, in the words of the browser at hand. The user agent picks words only. */

import { strings } from "../strings";

export function permissionHelp(userAgent: string): string {
  const words = strings.states.denied;
  if (/Firefox|FxiOS/.test(userAgent)) return words.firefox;
  if (/Chrome|CriOS|Edg/.test(userAgent)) {
    return /Android/.test(userAgent) ? words.chromeAndroid : words.chrome;
  }
  if (/Safari/.test(userAgent)) return words.safari;
  return words.other;
}
