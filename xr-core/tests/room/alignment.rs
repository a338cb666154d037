//! Two devices with different origins share one place.

use glam::DVec3;
use xr_core::{
    placement::{device_from_object, pins_in_device, room_from_object},
    pose::Rigid,
    random::Random,
    room::AlignmentEvent,
};

use crate::simulated_relay::{World, device, seen, state};

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
        let point = place.in_device(index, spot);
        let (client, now) = device(world, index);
        client.touch_spot(point, now).unwrap();
    }
}

fn events(world: &mut World, index: usize) -> Vec<AlignmentEvent> {
    let (client, _) = device(world, index);
    std::iter::from_fn(|| client.take_alignment_event()).collect()
}

fn world(seed: u64) -> (World, Place) {
    let mut world = World::new(2, seed);
    for index in 0..2 {
        let (client, now) = device(&mut world, index);
        client.begin_device_frame(now);
    }
    world.settle(1000);
    let place = Place::random(&mut Random::new(seed));
    (world, place)
}

/// How far the other device draws the pin from where it is.
fn error_of_the_other(world: &World, place: &Place, truth: DVec3) -> f64 {
    let client = seen(world, 1);
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
        let (client, now) = device(&mut world, 0);
        client.place_pin_in_device(pin, "here", now).unwrap();
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
        let (client, now) = device(&mut world, 0);
        let id = client.place_pin_in_device(pin, "early", now).unwrap();
        world.settle(1000);
        let client = seen(&world, 0);
        let own = device_from_object(client.scene(), &id, &client.device_view()).unwrap();
        assert!(own.translation_m.distance(pin.translation_m) < 1e-12);
        let other = seen(&world, 1);
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
        let (client, now) = device(&mut world, 0);
        client.place_pin_in_device(pin, "both", now).unwrap();
        world.settle(5000);
        let error = error_of_the_other(&world, &place, truth);
        assert!(error < 1e-6, "seed {seed}: {error}");
        let mine = [0, 1].map(|index| {
            let state = state(&world, index);
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
    let (client, now) = device(&mut world, 0);
    let id = client.place_pin_in_device(pin, "", now).unwrap();
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
    assert_eq!(seen(&world, 0).alignment(), None);
    for index in 0..2 {
        assert_eq!(room_from_object(seen(&world, index).scene(), &id), None);
    }
}

#[test]
fn spots_on_top_of_each_other_are_refused_and_asked_for_again() {
    let (mut world, place) = world(400);
    let (client, now) = device(&mut world, 0);
    client.touch_spot(DVec3::ZERO, now).unwrap();
    client.touch_spot(DVec3::new(0.0, 1.0, 0.1), now).unwrap();
    assert!(matches!(
        events(&mut world, 0).last(),
        Some(AlignmentEvent::Refused(error)) if error.code() == "degenerate-spots"
    ));
    touch(&mut world, &place, 0);
    assert!(seen(&world, 0).alignment().is_some());
}

#[test]
fn a_new_session_is_unaligned_again() {
    let (mut world, place) = world(500);
    touch(&mut world, &place, 0);
    world.settle(1000);
    let pin = Rigid::from_yaw(0.0, DVec3::X);
    let (client, now) = device(&mut world, 0);
    client.place_pin_in_device(pin, "", now).unwrap();
    client.begin_device_frame(now);
    let client = seen(&world, 0);
    assert_eq!(client.alignment(), None);
    let view = client.device_view();
    assert_eq!(pins_in_device(client.scene(), &view).count(), 0);
    let state = state(&world, 0);
    assert_eq!(state["alignment"]["state"], "unaligned");
    assert_eq!(state["alignment"]["definedByOther"], false);
    assert_eq!(state["annotations"][0]["placed"], true);
}

#[test]
fn an_anchor_whose_spots_turn_out_wrong_loses_its_place_for_everybody() {
    let (mut world, place) = world(600);
    touch(&mut world, &place, 1);
    world.settle(1000);
    let (client, now) = device(&mut world, 0);
    let pin = Rigid::from_yaw(0.0, DVec3::X);
    let id = client.place_pin_in_device(pin, "", now).unwrap();
    touch(&mut world, &place, 0);
    world.settle(1000);
    assert!(room_from_object(seen(&world, 1).scene(), &id).is_some());
    let elsewhere = Place {
        spots: [place.spots[0], place.spots[1] + DVec3::new(2.0, 0.0, 0.0)],
        ..place
    };
    touch(&mut world, &elsewhere, 0);
    world.settle(1000);
    assert_eq!(seen(&world, 0).alignment(), None);
    for index in 0..2 {
        assert_eq!(room_from_object(seen(&world, index).scene(), &id), None);
    }
}

#[test]
fn a_frame_from_a_snapshot_aligns_too() {
    let (mut world, place) = world(700);
    touch(&mut world, &place, 0);
    world.settle(1000);
    world.relay.snapshot_over = 0;
    world.devices[1].stored = None;
    world.reload(1);
    let (client, now) = device(&mut world, 1);
    client.begin_device_frame(now);
    world.settle(1000);
    touch(&mut world, &place, 1);
    assert!(seen(&world, 1).alignment().is_some());
    assert_eq!(state(&world, 1)["alignment"]["definedByOther"], true);
}
