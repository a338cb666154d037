/**
 * The motion sensors, for the camera that looks away from the person: readings in the camera's axes (X right, Y down,
 * Z forward), whichever way the phone is held. Everything works without them.
 *
 * Browsers give the rate about the device's X, Y and Z axes (right, up, out of the screen, in its natural orientation)
 * as `alpha`, `beta` and `gamma`, in degrees a second, and the specific force along them; WebKit gives the force with
 * the opposite sign.
 */

type Vector = [number, number, number];

/** The events' class where it asks for permission, which WebKit's does. */
interface MotionEvents {
  requestPermission?: () => Promise<"granted" | "denied" | "default">;
}

/** Readings that are kept for one picture; 60 come in a second. */
const MOST_READINGS = 60;

/**
 * A vector of the device's axes in the axes of the camera on its back.
 *
 * @param angleDegrees `screen.orientation.angle`: by how much the picture is turned against the device
 */
export function cameraFromDevice([x, y, z]: Vector, angleDegrees: number): Vector {
  const angle = (angleDegrees * Math.PI) / 180;
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  // Right and up on the screen, then the camera's axes: down and into the screen.
  return [cos * x - sin * y, -(sin * x + cos * y), -z];
}

export class MotionSensor {
  #readings: number[] = [];
  #listening = false;
  #forceSign = 1;

  /**
   * Starts to listen. Call it in the person's gesture, before any `await`: WebKit asks for permission then, and only
   * then. Where it is refused, or there are no sensors, no readings come, and nothing else happens.
   */
  static open(): MotionSensor {
    const sensor = new MotionSensor();
    const events = (globalThis as { DeviceMotionEvent?: MotionEvents }).DeviceMotionEvent;
    if (!events) return sensor;
    if (typeof events.requestPermission !== "function") {
      sensor.#listen();
      return sensor;
    }
    sensor.#forceSign = -1;
    events.requestPermission().then(
      (answer) => answer === "granted" && sensor.#listen(),
      () => {}, // Not asked in a gesture.
    );
    return sensor;
  }

  /** The readings since the last call, seven numbers each: time in ms, then rad/s and m/s². */
  take(): Float64Array {
    const readings = Float64Array.from(this.#readings);
    this.#readings = [];
    return readings;
  }

  close(): void {
    this.#listening = false;
    removeEventListener("devicemotion", this.#moved);
  }

  #listen(): void {
    this.#listening = true;
    addEventListener("devicemotion", this.#moved);
  }

  readonly #moved = (event: DeviceMotionEvent) => {
    const { rotationRate: rate, accelerationIncludingGravity: force } = event;
    if (!this.#listening || rate?.alpha == null || rate.beta == null || rate.gamma == null) return;
    const angle = globalThis.screen?.orientation?.angle ?? 0;
    const radians = Math.PI / 180;
    const turn = cameraFromDevice([rate.alpha * radians, rate.beta * radians, rate.gamma * radians], angle);
    const pull = cameraFromDevice([force?.x ?? 0, force?.y ?? 0, force?.z ?? 0], angle);
    this.#readings.push(event.timeStamp, ...turn, ...pull.map((value) => value * this.#forceSign));
    if (this.#readings.length > MOST_READINGS * 7) this.#readings.splice(0, 7);
  };
}
