/** Starts workers of this package, from wherever its files lie. */

/** A worker of a script beside this one. */
export function openWorker(script: string): Worker {
  const url = new URL(`./${script}`, import.meta.url);
  if (url.origin === location.origin) return new Worker(url, { type: "module" });
  // A page that embeds this package from elsewhere may not start a worker from there: one line of its own may.
  const trampoline = new Blob([`import ${JSON.stringify(url.href)};`], { type: "text/javascript" });
  const trampolineUrl = URL.createObjectURL(trampoline);
  const worker = new Worker(trampolineUrl, { type: "module" });
  setTimeout(() => URL.revokeObjectURL(trampolineUrl), 10_000);
  return worker;
}
