//! The choice of corners as a whole.

use super::*;
use crate::image::GrayImage;

/// Dark squares of 5 px on gray every `pitch` pixels, over the given part of a 320 x 240 image.
fn squares(pitch: usize, columns: std::ops::Range<usize>) -> Pyramid {
    let pixel = |i: usize| {
        let (x, y) = (i % 320, i / 320);
        let dark = x % pitch < 5 && y % pitch < 5 && columns.contains(&x);
        if dark { 40 } else { 150 }
    };
    let image = GrayImage::from_vec(320, 240, (0..320 * 240).map(pixel).collect()).unwrap();
    Pyramid::of(&image.view(), 1).unwrap()
}

fn detect(pyramid: &Pyramid, taken: &[[f32; 2]], wanted: usize) -> Vec<Corner> {
    let mut corners = Vec::new();
    let mut detector = CornerDetector::new(CornerConfig::default()).unwrap();
    detector.detect(pyramid, taken.iter().copied(), wanted, &mut corners);
    corners
}

fn nearest(corners: &[Corner], [x, y]: [f32; 2]) -> f32 {
    corners
        .iter()
        .map(|c| (c.position_px[0] - x).hypot(c.position_px[1] - y))
        .filter(|d| *d > 0.0)
        .fold(f32::MAX, f32::min)
}

#[test]
fn corners_fill_the_texture_and_keep_their_distance() {
    let corners = detect(&squares(16, 0..320), &[], 1200);
    // 18 x 13 cells lie whole inside of the margin.
    assert!(corners.len() >= 18 * 13, "{}", corners.len());
    for corner in &corners {
        assert!(nearest(&corners, corner.position_px) >= 8.0);
        let [x, y] = corner.position_px;
        assert!(x > 5.0 && y > 5.0 && x < 314.0 && y < 234.0);
    }
}

#[test]
fn nothing_is_found_near_taken_points_or_where_nothing_is() {
    let pyramid = squares(16, 0..160);
    let first = detect(&pyramid, &[], 1200);
    assert!(first.iter().all(|c| c.position_px[0] < 170.0));
    let taken: Vec<[f32; 2]> = first.iter().map(|c| c.position_px).collect();
    for corner in detect(&pyramid, &taken, 1200) {
        assert!(nearest(&first, corner.position_px) >= 8.0);
    }
    let black = Pyramid::of(&GrayImage::new(320, 240).unwrap().view(), 1).unwrap();
    assert_eq!(detect(&black, &[], 1200), []);
    assert_eq!(detect(&Pyramid::new(1).unwrap(), &[], 10), []);
}

#[test]
fn the_best_are_taken_when_few_are_wanted() {
    let pyramid = squares(16, 0..320);
    let all = detect(&pyramid, &[], 1200);
    let few = detect(&pyramid, &[], 10);
    assert_eq!(few.len(), 10);
    assert_eq!(few, all[..10]);
    assert!(few.windows(2).all(|pair| pair[0].score >= pair[1].score));
}

#[test]
fn tiny_images_have_no_corners() {
    for (width, height) in [(1, 1), (7, 7), (16, 16), (17, 3)] {
        let image = GrayImage::from_vec(
            width,
            height,
            (0..width * height).map(|i| (i * 97) as u8).collect(),
        );
        let pyramid = Pyramid::of(&image.unwrap().view(), 2).unwrap();
        assert_eq!(detect(&pyramid, &[[0.5, 0.5]], 100), []);
    }
}

#[test]
fn settings_out_of_range_are_refused() {
    let refused = [
        CornerConfig {
            cell_px: 7,
            ..CornerConfig::default()
        },
        CornerConfig {
            points_per_cell: 0,
            ..CornerConfig::default()
        },
        CornerConfig {
            min_distance_px: 16.5,
            ..CornerConfig::default()
        },
        CornerConfig {
            min_distance_px: f32::NAN,
            ..CornerConfig::default()
        },
        CornerConfig {
            margin_px: 3,
            ..CornerConfig::default()
        },
        CornerConfig {
            min_score: -1.0,
            ..CornerConfig::default()
        },
    ];
    for config in refused {
        assert!(CornerDetector::new(config).is_err());
    }
}

#[test]
fn a_cell_that_lost_a_point_rests() {
    let pyramid = squares(16, 0..320);
    let mut detector = CornerDetector::new(CornerConfig::default()).unwrap();
    let in_cell = |detector: &mut CornerDetector| {
        let mut corners = Vec::new();
        detector.detect(&pyramid, [], 1200, &mut corners);
        corners
            .iter()
            .filter(|c| c.position_px.map(|v| (v / 16.0) as i32) == [6, 6])
            .count()
    };
    assert!(in_cell(&mut detector) > 0);
    detector.rest([100.0, 100.0]);
    for _ in 0..CornerConfig::default().rest_images {
        assert_eq!(in_cell(&mut detector), 0);
    }
    assert!(in_cell(&mut detector) > 0);
}
