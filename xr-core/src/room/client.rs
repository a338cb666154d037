//! The relay's client and the frame of this device's AR session, kept in step.

use chat_relay_client as relay;
use chat_relay_protocol::{DeviceId, MemberId, Presence, Scene};

use super::{Effect, Moment, Options, PresenceChange, device_frame::DeviceFrame};

/// See the [module](super).
#[derive(Debug)]
pub struct Client {
    pub(super) relay: relay::Client,
    pub(super) frame: Option<DeviceFrame>,
    /// The scene that the alignment follows.
    followed: u64,
}

impl Client {
    /// A client that has what was stored, and is not connected. `seed` makes the waits between attempts differ from
    /// other devices'.
    pub fn new(options: Options, seed: u64, now: Moment) -> Client {
        let relay = relay::Client::new(options, seed, now);
        Client {
            followed: relay.scene_version(),
            relay,
            frame: None,
        }
    }

    /// The relay's client, to look at.
    pub fn relay(&self) -> &relay::Client {
        &self.relay
    }

    /// Does something with the relay's client; the alignment follows what comes of it.
    pub fn update<T>(
        &mut self,
        now: Moment,
        change: impl FnOnce(&mut relay::Client, Moment) -> T,
    ) -> T {
        let result = change(&mut self.relay, now);
        self.follow_scene(now);
        result
    }

    /// The next thing for the edge to do.
    pub fn take_effect(&mut self) -> Option<Effect> {
        self.relay.take_effect()
    }

    /// What this page does just now.
    pub fn change_presence(&mut self, change: PresenceChange, now: Moment) {
        self.set_presence(now, |presence| {
            presence.mode = change.mode.unwrap_or(presence.mode);
            presence.tracking = change.tracking.unwrap_or(presence.tracking);
            presence.typing = change.typing.unwrap_or(presence.typing);
        });
    }

    /// The scene with what is pending on top: what this device shows.
    pub fn scene(&self) -> &Scene {
        self.relay.scene()
    }

    /// This device.
    pub fn device(&self) -> &DeviceId {
        &self.relay.me().device
    }

    /// The member that this device is of.
    pub fn member(&self) -> &MemberId {
        &self.relay.me().member
    }

    /// The name and hue of a member, as far as they were ever heard.
    pub fn name_and_hue(&self, member: &MemberId) -> (&str, u8) {
        self.relay.name_and_hue(member)
    }

    pub(super) fn set_presence(&mut self, now: Moment, change: impl FnOnce(&mut Presence)) {
        let mut presence = self.relay.presence().clone();
        change(&mut presence);
        self.relay.set_presence(presence, now);
    }

    /// Lets the alignment follow the scene until it stands still: placing the origin anchor changes the scene.
    pub(super) fn follow_scene(&mut self, now: Moment) {
        while self.followed != self.relay.scene_version() {
            self.followed = self.relay.scene_version();
            self.follow_alignment(now);
        }
    }
}
