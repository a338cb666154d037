/**
 * The page about streams. `?view=webgpu|webgl2` chooses what draws where there is a choice.
 *
 * For automation: `document.documentElement.dataset.state` says what the page shows, and `window.streams` is the page.
 */

import { StreamsPage } from "./page";

declare global {
  interface Window {
    streams: StreamsPage;
  }
}

const view = new URLSearchParams(location.search).get("view");
const host = document.getElementById("streams");
if (!host) throw new Error("the page lacks #streams");
window.streams = new StreamsPage(host, view === "webgpu" || view === "webgl2" ? view : undefined);
void window.streams.begin();
