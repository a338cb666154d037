//! Descriptors and index by themselves, and recognition of simulated views with exact truth.

#[cfg(feature = "simulator")]
mod recognition;

use super::*;
use crate::map::KeyframeId;
use crate::pyramid::Pyramid;
use crate::test_texture::picture;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// Descriptors without any likeness.
fn random(count: usize, seed: u64) -> Vec<Descriptor> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    (0..count)
        .map(|_| Descriptor(std::array::from_fn(|_| next())))
        .collect()
}

/// With the first `bits` bits flipped.
fn changed(descriptor: &Descriptor, bits: u32) -> Descriptor {
    let mut changed = *descriptor;
    for bit in 0..bits {
        changed.0[(bit / 64) as usize] ^= 1 << (bit % 64);
    }
    changed
}

fn entries(descriptors: &[Descriptor], first: u32) -> Vec<(LandmarkId, Descriptor)> {
    (first..)
        .map(LandmarkId)
        .zip(descriptors.iter().copied())
        .collect()
}

#[test]
fn the_right_keyframe_is_found_among_many() {
    let mut index = RelocalizationIndex::default();
    let seen: Vec<_> = (0..100).map(|k| random(100, k)).collect();
    for (k, descriptors) in (0..).zip(&seen) {
        index.insert(KeyframeId(k), &entries(descriptors, 100 * k));
    }
    assert_eq!(index.descriptor_count(), 10_000);
    let mut asked = random(400, 1000);
    for (i, descriptor) in seen[42].iter().enumerate().step_by(2) {
        asked[4 * i] = changed(descriptor, 40);
    }
    let found = index.query(&asked);
    assert_eq!(found.len(), 1, "unrelated keyframes have no clear matches");
    assert_eq!(found[0].keyframe, KeyframeId(42));
    assert_eq!(found[0].matches.len(), 50);
    for found in &found[0].matches {
        assert_eq!(
            (found.landmark.0, found.distance),
            (4200 + found.query / 4, 40)
        );
    }
    index.remove_keyframe(KeyframeId(42));
    assert_eq!(index.query(&asked), []);
}

#[test]
fn what_is_ambiguous_or_taken_does_not_match() {
    let mut index = RelocalizationIndex::new(IndexConfig {
        min_matches: 0,
        ..IndexConfig::default()
    });
    let [a, b, c] = random(3, 7)[..] else {
        unreachable!()
    };
    let id = LandmarkId;
    // Two landmarks that look alike; one landmark with two looks; one alone.
    index.insert(
        KeyframeId(0),
        &[
            (id(1), a),
            (id(2), changed(&a, 3)),
            (id(3), b),
            (id(3), changed(&b, 3)),
            (id(4), c),
        ],
    );
    let found = index.query(&[
        changed(&a, 30),
        changed(&b, 2),
        b,
        changed(&c, 65),
        changed(&c, 64),
    ]);
    let pairs: Vec<_> = found[0]
        .matches
        .iter()
        .map(|m| (m.query, m.landmark, m.distance))
        .collect();
    assert_eq!(pairs, [(2, id(3), 0), (4, id(4), 64)]);
    index.remove_landmarks(&[id(3)]);
    assert_eq!(index.descriptor_count(), 3);
    assert!(index.query(&[b]).is_empty());
    assert!(index.query(&[]).is_empty());
}

#[test]
fn memory_is_bounded() {
    let mut index = RelocalizationIndex::new(IndexConfig {
        max_keyframes: 3,
        max_descriptors: 10,
        ..IndexConfig::default()
    });
    for k in 0..5 {
        index.insert(KeyframeId(k), &entries(&random(20, u64::from(k)), 0));
    }
    assert_eq!(index.descriptor_count(), 30);
    index.insert(KeyframeId(4), &entries(&random(5, 1), 0));
    assert_eq!(index.descriptor_count(), 25);
    index.clear();
    assert_eq!(index.descriptor_count(), 0);
}

#[test]
fn descriptions_turn_with_the_picture() {
    let upright = picture(240, 240, |[x, y]| [x, y]);
    let pyramid = |image: &crate::GrayImage| Pyramid::of(&image.view(), 4).unwrap();
    let upright = pyramid(&upright);
    for degrees in [20.0_f64, 77.0, 145.0, -100.0] {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let turned = |[x, y]: [f64; 2]| {
            let [x, y] = [x - 120.0, y - 120.0];
            [cos * x - sin * y + 120.0, sin * x + cos * y + 120.0]
        };
        let other = pyramid(&picture(240, 240, turned));
        let mut distances = Vec::new();
        for i in 0..100 {
            let there = [
                80.0 + 8.3 * f64::from(i % 10),
                80.0 + 8.7 * f64::from(i / 10),
            ];
            let here = turned(there);
            let at =
                |p: &Pyramid, [x, y]: [f64; 2]| describe(p, [x as f32, y as f32], 0.0).unwrap();
            distances.push(at(&upright, here).distance(&at(&other, there)));
        }
        distances.sort_unstable();
        // Half of what is still taken for a match.
        assert!(
            distances[50] < IndexConfig::default().max_distance / 2,
            "{distances:?}"
        );
    }
}

#[test]
fn nothing_is_described_outside_of_the_picture() {
    let pyramid = Pyramid::of(&picture(100, 80, |p| p).view(), 4).unwrap();
    assert!(describe(&pyramid, [50.0, 40.0], 0.0).is_some());
    for (at, octave) in [
        ([5.0, 40.0], 0.0),
        ([50.0, 75.0], 0.0),
        ([50.0, 40.0], 3.0),
        ([f32::NAN, 40.0], 0.0),
        ([f32::INFINITY, 40.0], 0.0),
        ([50.0, 40.0], f32::NAN),
        ([50.0, 40.0], 1e9),
        ([50.0, 40.0], -1e9),
    ] {
        assert_eq!(describe(&pyramid, at, octave), None, "{at:?} {octave}");
    }
    assert_eq!(describe(&Pyramid::new(3).unwrap(), [50.0, 40.0], 0.0), None);
    let mut describer = Describer::new(DescriberConfig::default()).unwrap();
    assert!(describer.features(&Pyramid::new(3).unwrap()).is_empty());
    let refused = DescriberConfig {
        max_corners: 0,
        ..DescriberConfig::default()
    };
    assert!(Describer::new(refused).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, rng_seed: RngSeed::Fixed(2), failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn distances_count_bits(a: [u64; 4], b: [u64; 4], limit in 0_u32..257) {
        let bits = |w: [u64; 4]| (0..256).map(move |i| w[i / 64] >> (i % 64) & 1);
        let truth = bits(a).zip(bits(b)).filter(|(a, b)| a != b).count() as u32;
        let [a, b] = [a, b].map(Descriptor);
        prop_assert_eq!(a.distance(&b), truth);
        prop_assert_eq!(a.distance_below(&b, limit), (truth < limit).then_some(truth));
    }
}
