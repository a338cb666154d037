//! What callers ask about the tracked world: planes, hit tests, anchors, all in the frame of the public poses.

use nalgebra::{Isometry3, Point3, Vector2, Vector3};

use super::{State, Tracker};
use crate::map::{KeyframeId, Map};
use crate::world::{Anchor, AnchorId, Hit, Plane, World, WorldInput, WorldPoint};

/// Landmarks seen by fewer keyframes are too uncertain for surfaces.
const FEWEST_OBSERVATIONS: usize = 3;

impl Tracker {
    /// The planes known now, the oldest first, in the public world.
    #[must_use]
    pub fn planes(&self) -> Vec<Plane> {
        let public_from_map = self.public.public_from_map();
        let public = |plane: &Plane| {
            let mut plane = plane.clone();
            plane.world_from_plane = public_from_map * plane.world_from_plane;
            plane.normal = public_from_map.rotation * plane.normal;
            plane
        };
        self.world.planes().iter().map(public).collect()
    }

    /// Where the ray through a pixel of the last frame meets the scene, the nearest first, in the public world; empty
    /// where nothing is known there, and while the position is not tracked.
    #[must_use]
    pub fn hit_test(&self, pixel: Vector2<f64>) -> Vec<Hit> {
        let ray = self.now.camera.and_then(|camera| camera.unproject(pixel));
        let (Some(ray), State::Tracking) = (ray, self.now.state) else {
            return Vec::new();
        };
        let world_from_camera = self.public.public_from_map() * self.now.world_from_camera;
        self.hit_test_ray(
            &world_from_camera.translation.vector,
            &(world_from_camera.rotation * ray),
        )
    }

    /// Where a ray of the public world meets the scene, the nearest first: for a pixel of an earlier frame, whose pose
    /// the caller has kept. The direction need not be of length 1.
    #[must_use]
    pub fn hit_test_ray(&self, origin: &Vector3<f64>, direction: &Vector3<f64>) -> Vec<Hit> {
        let public_from_map = self.public.public_from_map();
        let origin = public_from_map.inverse_transform_point(&Point3::from(*origin));
        let direction = public_from_map.inverse_transform_vector(direction);
        let mut hits = self.world.hit_test(&origin.coords, &direction);
        for hit in &mut hits {
            hit.world_from_hit = public_from_map * hit.world_from_hit;
        }
        hits
    }

    /// Makes an anchor at a pose of the public world. It stays with the scene when the map is corrected.
    pub fn add_anchor(&mut self, world_from_anchor: Isometry3<f64>) -> AnchorId {
        let map_from_public = self.public.public_from_map().inverse();
        self.world.add_anchor(map_from_public * world_from_anchor)
    }

    /// An anchor as it is now, in the public world; none if it was removed.
    #[must_use]
    pub fn anchor(&self, id: AnchorId) -> Option<Anchor> {
        let mut anchor = self.world.anchor(id)?;
        anchor.world_from_anchor = self.public.public_from_map() * anchor.world_from_anchor;
        Some(anchor)
    }

    /// Forgets an anchor; whether there was one.
    pub fn remove_anchor(&mut self, id: AnchorId) -> bool {
        self.world.remove_anchor(id)
    }
}

/// What a world is made from the map with, kept between updates.
#[derive(Debug, Default)]
pub(super) struct WorldBuffers {
    points: Vec<WorldPoint>,
    keyframes: Vec<(KeyframeId, Isometry3<f64>)>,
}

impl WorldBuffers {
    /// Tells the world how the map stands; the units of work done. Of `about` all but points and keyframes counts.
    pub(super) fn update(&mut self, map: &Map, world: &mut World, about: WorldInput<'_>) -> u32 {
        world.update(&self.gather(map, about))
    }

    /// Tells the world that the map was corrected; the units of work done.
    pub(super) fn follow(&mut self, map: &Map, world: &mut World, about: WorldInput<'_>) -> u32 {
        world.follow(&self.gather(map, about))
    }

    fn gather<'a>(&'a mut self, map: &Map, about: WorldInput<'a>) -> WorldInput<'a> {
        self.points.clear();
        let trusted = map
            .landmarks()
            .iter()
            .filter(|l| l.observations.len() >= FEWEST_OBSERVATIONS);
        self.points.extend(trusted.map(WorldPoint::from));
        // By their ids: the order in the map depends on what was removed.
        self.points.sort_unstable_by_key(|point| point.id);
        self.keyframes.clear();
        let poses = map.keyframes().iter().map(|k| (k.id, k.world_from_camera));
        self.keyframes.extend(poses);
        WorldInput {
            points: &self.points,
            keyframes: &self.keyframes,
            ..about
        }
    }
}
