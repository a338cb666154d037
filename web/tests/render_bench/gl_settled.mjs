/** When a WebGL2 context has done all that it was given. */

/** Asks a fence in one task after the other: waiting for it is not allowed in a page, and timers are too coarse. */
export function glSettled(context) {
  const fence = context.fenceSync(context.SYNC_GPU_COMMANDS_COMPLETE, 0);
  context.flush();
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      if (context.getSyncParameter(fence, context.SYNC_STATUS) === context.SIGNALED) {
        context.deleteSync(fence);
        port1.close();
        resolve();
      } else {
        port2.postMessage(null);
      }
    };
    port2.postMessage(null);
  });
}
