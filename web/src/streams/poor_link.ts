/**
 * A real connection within the page: a canvas goes in, is coded by the browser at a bit rate of the caller's choice, sent
 * to a second end and decoded there. No server takes part, and no picture leaves the device.
 */

/** What a link did lately. */
export interface LinkFigures {
  kbitPerSec: number;
  framesPerSec: number;
  /** Such as `VP8`; empty until it is known. */
  codec: string;
  widthPx: number;
  heightPx: number;
}

export interface PoorLinkOptions {
  kbitPerSec: number;
  /** Use this codec where the browser has it, such as `VP9`. */
  codec?: string;
  /** Which addresses the ends may use; any unless said otherwise. */
  takes?: (candidate: RTCIceCandidate) => boolean;
}

/** How long the two ends may take to find each other. */
const CONNECT_MILLIS = 15_000;

/** Whether this browser has what a link takes. */
export function canLink(): boolean {
  return (
    typeof RTCPeerConnection === "function" && typeof HTMLCanvasElement.prototype.captureStream === "function"
  );
}

export class PoorLink {
  #last: { at: number; bytes: number; frames: number } | undefined;

  private constructor(
    private readonly near: RTCPeerConnection,
    private readonly far: RTCPeerConnection,
    private readonly sender: RTCRtpSender,
    /** What comes out at the far end. */
    readonly received: MediaStream,
  ) {}

  /**
   * Connects the two ends. The track stays the caller's.
   *
   * @throws Error when they do not find each other.
   */
  static async open(track: MediaStreamTrack, options: PoorLinkOptions): Promise<PoorLink> {
    const [near, far] = [new RTCPeerConnection(), new RTCPeerConnection()];
    try {
      const received = new Promise<MediaStream>((resolve) => {
        far.ontrack = ({ track: arrived }) => resolve(new MediaStream([arrived]));
      });
      introduce(near, far, options.takes);
      introduce(far, near, options.takes);
      const sender = near.addTrack(track, new MediaStream([track]));
      if (options.codec) prefer(near, options.codec);
      await near.setLocalDescription();
      await far.setRemoteDescription(near.localDescription as RTCSessionDescription);
      await far.setLocalDescription();
      await near.setRemoteDescription(far.localDescription as RTCSessionDescription);
      const link = new PoorLink(near, far, sender, await received);
      await link.setRate(options.kbitPerSec);
      await connected(far);
      return link;
    } catch (thrown) {
      near.close();
      far.close();
      throw thrown;
    }
  }

  /** No more than so much is sent from now on. The pictures keep their size: poor means coarse, not small. */
  async setRate(kbitPerSec: number): Promise<void> {
    const parameters = this.sender.getParameters();
    (parameters as { degradationPreference?: string }).degradationPreference = "maintain-resolution";
    for (const encoding of parameters.encodings) encoding.maxBitrate = kbitPerSec * 1000;
    await this.sender.setParameters(parameters);
  }

  /** What came since this was asked the last time. */
  async figures(): Promise<LinkFigures> {
    const report: Map<string, Record<string, unknown>> = (await this.far.getStats()) as never;
    const all = [...report.values()];
    const video = all.find(({ type, kind }) => type === "inbound-rtp" && kind === "video") ?? {};
    const now = {
      at: performance.now(),
      bytes: numberOf(video.bytesReceived),
      frames: numberOf(video.framesDecoded),
    };
    const last = this.#last ?? { ...now, at: now.at - 1 };
    this.#last = now;
    const secs = (now.at - last.at) / 1000;
    return {
      kbitPerSec: ((now.bytes - last.bytes) * 8) / 1000 / secs,
      framesPerSec: (now.frames - last.frames) / secs,
      codec: String(report.get(String(video.codecId))?.mimeType ?? "").replace("video/", ""),
      widthPx: numberOf(video.frameWidth),
      heightPx: numberOf(video.frameHeight),
    };
  }

  close(): void {
    this.near.close();
    this.far.close();
  }
}

/** Tells one end the addresses of the other as they are found; a candidate that one side refuses is left to the others. */
function introduce(
  from: RTCPeerConnection,
  to: RTCPeerConnection,
  takes: PoorLinkOptions["takes"] = () => true,
): void {
  from.onicecandidate = ({ candidate }) => {
    if (candidate && takes(candidate)) void to.addIceCandidate(candidate).catch(() => {});
  };
}

function prefer(connection: RTCPeerConnection, codec: string): void {
  const all = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
  const is = (found: { mimeType: string }) => found.mimeType.toLowerCase() === `video/${codec.toLowerCase()}`;
  const [transceiver] = connection.getTransceivers();
  if (all.some(is)) {
    transceiver?.setCodecPreferences([...all.filter(is), ...all.filter((found) => !is(found))]);
  }
}

function connected(connection: RTCPeerConnection): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error("The two ends did not find each other.")),
      CONNECT_MILLIS,
    );
    const look = () => {
      if (connection.connectionState !== "connected" && connection.connectionState !== "failed") return;
      clearTimeout(timer);
      if (connection.connectionState === "connected") resolve();
      else reject(new Error("The connection between the two ends failed."));
    };
    connection.onconnectionstatechange = look;
    look();
  });
}

const numberOf = (value: unknown): number => (typeof value === "number" ? value : 0);
