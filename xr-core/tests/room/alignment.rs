//! Two devices with different origins share one place.

use glam::DVec3;
use xr_core::{
    placement::{device_from_object, pins_in_device, room_from_object},
    pose::Rigid,
    random::Random,
    room::AlignmentEvent,
};

use crate::simulated_relay::World;

/// Where two devices' origins are in a building, and two spots there.
struct Place {
    building_from_device: [Rigid; 2],
    spots: [DVec3; 2],
}

impl Place {
    fn random(random: &mut Random) -> Place {
        let mut origin = || {
            Rigid::from_yaw(
                random.between(-3.1, 3.1),
                DVec3::new(
                    random.between(-3.0, 3.0),
                    random.between(-1.5, 1.5),
                    random.between(-3.0, 3.0),
                ),
            )
        };
        Place {
            building_from_device: [origin(), origin()],
            spots: [DVec3::new(0.4, 0.7, -1.0), DVec3::new(1.5, 0.9, -0.2)],
        }
    }

    fn in_device(&self, index: usize, point: DVec3) -> DVec3 {
        self.building_from_device[index]
            .inverse()
            .transform_point(point)
    }
}

fn touch(world: &mut World, place: &Place, index: usize) {
    for spot in place.spots {
        let now = world.now();
        let point = place.in_device(index, spot);
        world.devices[index].client.touch_spot(point, now).unwrap();
    }
}

fn events(world: &mut World, index: usize) -> Vec<AlignmentEvent> {
    std::iter::from_fn(|| world.devices[index].client.take_alignment_event()).collect()
}

fn world(seed: u64) -> (World, Place) {
    let mut world = World::new(2, seed);
    for index in 0..2 {
        let now = world.now();
        world.devices[index].client.begin_device_frame(now);
    }
    world.settle(1000);
    let place = Place::random(&mut Random::new(seed));
    (world, place)
}

/// How far the other device draws the pin from where it is.
fn error_of_the_other(world: &World, place: &Place, truth: DVec3) -> f64 {
    let client = &world.devices[1].client;
    let view = client.device_view();
    let pin = pins_in_device(client.scene(), &view)
        .next()
        .expect("the pin has a place");
    pin.frame_from_pin
        .translation_m
        .distance(place.in_device(1, truth))
}

#[test]
fn a_pin_of_one_lands_where_it_is_for_the_other() {
    for seed in 0..50 {
        let (mut world, place) = world(seed);
        touch(&mut world, &place, 0);
        assert!(matches!(
            events(&mut world, 0)[..],
            [
                AlignmentEvent::Spot { index: 0, .. },
                AlignmentEvent::Spot { index: 1, .. },
                AlignmentEvent::Aligned { defined: true, residual_m }
            ] if residual_m < 1e-9
        ));
        world.settle(1000);
        touch(&mut world, &place, 1);
        assert!(matches!(
            events(&mut world, 1).last(),
            Some(AlignmentEvent::Aligned { defined: false, residual_m }) if *residual_m < 1e-9
        ));
        let truth = DVec3::new(2.0, 0.3, -2.5);
        let pin = Rigid::on_surface(place.in_device(0, truth), DVec3::Y, DVec3::ZERO);
        let now = world.now();
        world.devices[0]
            .client
            .place_pin_in_device(pin, "here", now)
            .unwrap();
        world.settle(1000);
        let error = error_of_the_other(&world, &place, truth);
        assert!(error < 1e-6, "seed {seed}: {error}");
    }
}

#[test]
fn what_was_placed_before_alignment_gets_its_place_for_everybody() {
    for seed in 100..130 {
        let (mut world, place) = world(seed);
        touch(&mut world, &place, 1);
        world.settle(1000);
        let truth = DVec3::new(-1.0, 1.1, 0.4);
        let pin = Rigid::on_surface(place.in_device(0, truth), DVec3::Y, DVec3::ZERO);
        let now = world.now();
        let id = world.devices[0]
            .client
            .place_pin_in_device(pin, "early", now)
            .unwrap();
        world.settle(1000);
        let client = &world.devices[0].client;
        let own = device_from_object(client.scene(), &id, &client.device_view()).unwrap();
        assert!(own.translation_m.distance(pin.translation_m) < 1e-12);
        let other = &world.devices[1].client;
        assert_eq!(
            room_from_object(other.scene(), &id),
            None,
            "drawn before it has a place"
        );
        touch(&mut world, &place, 0);
        world.settle(1000);
        let error = error_of_the_other(&world, &place, truth);
        assert!(error < 1e-6, "seed {seed}: {error}");
    }
}

#[test]
fn two_that_define_the_frame_at_once_agree_on_the_first() {
    for seed in 200..230 {
        let (mut world, place) = world(seed);
        world.relay_up = false;
        world.cut_all();
        let truth = DVec3::new(0.2, 0.0, -3.0);
        for index in 0..2 {
            touch(&mut world, &place, index);
        }
        let pin = Rigid::on_surface(place.in_device(0, truth), DVec3::Y, DVec3::ZERO);
        let now = world.now();
        world.devices[0]
            .client
            .place_pin_in_device(pin, "both", now)
            .unwrap();
        world.settle(5000);
        let error = error_of_the_other(&world, &place, truth);
        assert!(error < 1e-6, "seed {seed}: {error}");
        let mine = [0, 1].map(|index| {
            let state = world.devices[index].client.state_json(world.now());
            let state: serde_json::Value = serde_json::from_str(&state).unwrap();
            assert_eq!(state["alignment"]["state"], "aligned");
            state["alignment"]["definedByOther"] == false
        });
        assert_ne!(mine[0], mine[1]);
    }
}

#[test]
fn a_frame_that_turns_out_to_be_of_other_spots_takes_the_place_back() {
    let (mut world, place) = world(300);
    world.relay_up = false;
    world.cut_all();
    // The first device's frame is offline; the other defines the room from spots a metre further apart.
    touch(&mut world, &place, 0);
    let pin = Rigid::on_surface(DVec3::new(0.0, 0.0, -1.0), DVec3::Y, DVec3::ZERO);
    let now = world.now();
    let id = world.devices[0]
        .client
        .place_pin_in_device(pin, "", now)
        .unwrap();
    // The first device is kept away until the other's frame is in the log.
    let other = Place {
        spots: [place.spots[0], place.spots[1] + DVec3::new(1.0, 0.0, 0.7)],
        ..Place::random(&mut Random::new(300))
    };
    touch(&mut world, &other, 1);
    world.relay_up = true;
    while world.relay.log.is_empty() {
        world.cut(0);
        world.step();
    }
    world.settle(5000);
    assert!(matches!(
        events(&mut world, 0).last(),
        Some(AlignmentEvent::Refused(error)) if error.code() == "spots-differ"
    ));
    assert_eq!(world.devices[0].client.alignment(), None);
    for device in &world.devices {
        assert_eq!(room_from_object(device.client.scene(), &id), None);
    }
}

#[test]
fn spots_on_top_of_each_other_are_refused_and_asked_for_again() {
    let (mut world, place) = world(400);
    let now = world.now();
    let client = &mut world.devices[0].client;
    client.touch_spot(DVec3::ZERO, now).unwrap();
    client.touch_spot(DVec3::new(0.0, 1.0, 0.1), now).unwrap();
    assert!(matches!(
        events(&mut world, 0).last(),
        Some(AlignmentEvent::Refused(error)) if error.code() == "degenerate-spots"
    ));
    touch(&mut world, &place, 0);
    assert!(world.devices[0].client.alignment().is_some());
}

#[test]
fn a_new_session_is_unaligned_again() {
    let (mut world, place) = world(500);
    touch(&mut world, &place, 0);
    world.settle(1000);
    let now = world.now();
    let pin = Rigid::from_yaw(0.0, DVec3::X);
    world.devices[0]
        .client
        .place_pin_in_device(pin, "", now)
        .unwrap();
    world.devices[0].client.begin_device_frame(now);
    let client = &world.devices[0].client;
    assert_eq!(client.alignment(), None);
    let view = client.device_view();
    assert_eq!(pins_in_device(client.scene(), &view).count(), 0);
    let state: serde_json::Value = serde_json::from_str(&client.state_json(now)).unwrap();
    assert_eq!(state["alignment"]["state"], "unaligned");
    assert_eq!(state["alignment"]["definedByOther"], false);
    assert_eq!(state["annotations"][0]["placed"], true);
}
