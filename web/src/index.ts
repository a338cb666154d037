/**
 * `@sightline/xr`: camera tracking, AR sessions and shared rooms for web pages.
 *
 * The smallest embed is the element, which importing this module defines:
 * ```html
 * <script type="module" src="sightline.js"></script>
 * <sightline-scene room="ABC123"></sightline-scene>
 * ```
 * The parts below it can be used on their own:
 * ```ts
 * const stage = await Stage.open(document.body, await detectCapabilities());
 * const room = await Room.create(stage.artefact, { name: "Ada" });
 * new RoomMode(stage, room, { onFloor: (position) => room.placePin(position, "here") });
 * ```
 * Models without a room:
 * ```ts
 * const view = await ModelView.open(canvas);
 * const chair = await view.add("chair.glb");
 * view.place([{ model: chair, worldFromModel }]);
 * view.draw({ projectionFromView, viewFromWorld });
 * ```
 * A video that a poor connection has spoilt, made better:
 * ```ts
 * const view = await StreamView.open(canvas);
 * view.adjust({ ...view.poorStream, exposureStops: 0.5 });
 * view.follow(video);
 * ```
 */

export { type Camera, closeCamera, openCamera } from "./camera/camera";
export { CameraMode, type CameraModeEvents, type NoPlace, type Shown } from "./camera/camera_mode";
export type { CameraPin } from "./camera/camera_pins";
export { cameraSource } from "./camera/camera_source";
export type { Advice } from "./camera/coach";
export { MotionSensor } from "./camera/motion";
export { Replay, type ReplayFrame, type ReplayOptions } from "./camera/replay";
export type { PictureSource } from "./camera/source";
export { type Capabilities, chooseView, detectCapabilities, type ViewBackend } from "./capabilities";
export { SightlineScene } from "./element";
export { SightlineError } from "./errors";
export {
  type ModelAnimation,
  type ModelFrame,
  type ModelLight,
  ModelView,
  type ModelViewOptions,
  type Placed,
  type ShownModel,
} from "./model_view";
export { PackedModel, type ReadModelOptions, readModel } from "./models";
export { loadModule, type Progress, setArtefactBase } from "./modules";
export { Orbit } from "./room/orbit";
export { type Joined, Relay, type RelayInfo } from "./room/relay";
export { Room, type RoomOptions } from "./room/room";
export { RoomMode, type RoomModeEvents } from "./room/room_mode";
export type {
  Annotation,
  Author,
  ChatMessage,
  Connection,
  DirectMessage,
  Held,
  Member,
  Role,
  RoomState,
  Settings,
} from "./room/state";
export { ArSession, type SessionEvent } from "./session";
export { Stage, type StageOptions } from "./stage";
export type { CameraStats } from "./stats";
export { type StreamAdjustments, StreamView, type StreamViewOptions } from "./stream_view";
export { Tracker, type TrackerOptions } from "./tracker";
export type {
  Intrinsics,
  Pose,
  PositionKind,
  Tracking,
  TrackingReason,
  TrackingState,
  WorldHit,
} from "./tracker_protocol";
export type { PassTimes, PipelineTimes, ViewDescription } from "./wasm";
