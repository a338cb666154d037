//! The world outside and things that grew: the view from the window, paintings of it, leaves, soil, a globe.

use super::super::noise::{fractal_noise, hash_unit, smooth_step, value_noise};
use super::super::texture::{Rgb, srgb};
use super::blend;

/// What stands 9 m outside the window, 24 by 12 m: sky, trees, a row of houses.
pub(super) fn outside() -> impl Fn(f32, f32) -> Rgb {
    let zenith = srgb(0x9cc3e6);
    let haze = srgb(0xe8f0f4);
    let cloud = srgb(0xffffff);
    let roofs = [0xa4604a, 0x8a5a4c, 0x6f5f5a, 0xb07a56].map(srgb);
    let fronts = [0xe9dcc4, 0xd9c4a4, 0xc9d2cf, 0xe3cdbb].map(srgb);
    move |x, y| {
        let mut color = blend(zenith, haze, y / 6.5);
        let puff = fractal_noise(x * 0.35, y * 0.9, 5, 141);
        color = blend(color, cloud, smooth_step(0.5, 0.75, puff));
        // Hills.
        let hill = 6.1 + 0.9 * (fractal_noise(x * 0.22, 1.0, 3, 142) - 0.5);
        if y > hill {
            color = blend(srgb(0x9db8a6), srgb(0x7e9f86), (y - hill) / 0.9);
        }
        // Houses.
        let plot = (x / 2.6).floor();
        let k = plot as i32;
        let in_plot = x - plot * 2.6;
        let eaves = 6.3 + 0.8 * hash_unit(k, 0, 143);
        let gable = eaves - 0.9 + 0.75 * (in_plot - 1.2).abs();
        if (0.1..2.3).contains(&in_plot) && y > gable {
            color = if y < eaves {
                let tiles = (y / 0.08).floor() as i32;
                roofs[(hash_unit(k, 1, 143) * 4.0) as usize]
                    * (0.85 + 0.3 * hash_unit(k, tiles, 144))
            } else {
                let pane_x = in_plot / 0.55 - (in_plot / 0.55).floor();
                let pane_y = (y - eaves) / 0.8 - ((y - eaves) / 0.8).floor();
                if (0.3..0.7).contains(&pane_x) && (0.25..0.75).contains(&pane_y) {
                    srgb(0x5b7186)
                } else {
                    fronts[(hash_unit(k, 2, 143) * 4.0) as usize]
                }
            };
        }
        // Trees in front.
        let crown = 7.2
            + 1.5 * (fractal_noise(x * 0.7, 3.0, 4, 145) - 0.5)
            + 0.3 * (value_noise(x * 5.0, y * 5.0, 146) - 0.5);
        if y > crown {
            let leaf = fractal_noise(x * 4.0, y * 4.0, 4, 147);
            color = blend(srgb(0x3f6a35), srgb(0x9db85a), leaf * 1.5 - 0.3);
        }
        color
    }
}

/// An oil painting of hills and a lake.
pub(super) fn landscape() -> impl Fn(f32, f32) -> Rgb {
    move |x, y| {
        let brush = fractal_noise(x * 70.0 + y * 20.0, y * 140.0, 2, 151);
        let drift = 0.02 * (fractal_noise(x * 30.0, y * 30.0, 2, 152) - 0.5);
        let mut color = blend(srgb(0x5b86b5), srgb(0xf6d9a8), (y + drift) / 0.27);
        let puff = fractal_noise(x * 6.0, y * 15.0, 4, 153);
        color = blend(color, srgb(0xfff4e2), smooth_step(0.52, 0.72, puff));
        for layer in 0..4 {
            let depth = layer as f32;
            let ridge = 0.20
                + 0.055 * depth
                + 0.13 * (fractal_noise(x * (3.0 + depth), depth * 7.0, 4, 154) - 0.5);
            if y + drift > ridge {
                color = blend(srgb(0x8fa6bd), srgb(0x35502c), depth / 3.0);
            }
        }
        if y > 0.42 {
            let ripple = value_noise(x * 14.0, y * 160.0, 155);
            color = blend(srgb(0x34567a), srgb(0xe7c9a0), ripple * 1.3 - 0.35);
        }
        let bank = 0.52 - 0.16 * smooth_step(0.35, 0.0, x) + drift;
        if y > bank {
            let grass = value_noise(x * 90.0, y * 30.0, 156);
            color = blend(srgb(0x2f4a22), srgb(0xb0a24a), grass);
        }
        color * (0.72 + 0.5 * brush)
    }
}

/// A pressed plant on paper.
pub(super) fn botanical() -> impl Fn(f32, f32) -> Rgb {
    let paper = srgb(0xf5efdf);
    let leaf = srgb(0x4d7a4a);
    let stem = srgb(0x6b5634);
    move |x, y| {
        let mut color = paper * (0.95 + 0.08 * fractal_noise(x * 60.0, y * 60.0, 2, 161));
        let (px, py) = (x - 0.2, 0.46 - y);
        if (0.0..0.38).contains(&py) {
            let bend = 0.05 * py * (1.0 - py);
            if (px - bend).abs() < 0.0028 {
                color = stem;
            }
            for k in 0..10 {
                let side = if k % 2 == 0 { 1.0 } else { -1.0 };
                let root = 0.04 + 0.034 * k as f32;
                let (dx, dy) = ((px - bend) * side, py - root);
                let (along, across) = (0.77 * dx + 0.64 * dy, -0.64 * dx + 0.77 * dy);
                let length = 0.105 - 0.006 * k as f32;
                let t = along / length;
                if (0.0..1.0).contains(&t) && across.abs() < 0.07 * t * (1.0 - t) {
                    let rib = smooth_step(0.0, 0.002, across.abs());
                    let shade = 0.7 + 0.6 * value_noise(along * 160.0, across * 60.0, 162);
                    color = blend(stem, leaf * shade, rib);
                }
            }
        }
        if (0.50..0.512).contains(&y) && (x - 0.2).abs() < 0.07 && ((x * 160.0) as i32) % 3 != 0 {
            color = stem;
        }
        color
    }
}

/// One leaf, its tip at the top.
pub(super) fn leaf() -> impl Fn(f32, f32) -> Rgb {
    let green = srgb(0x3f7d3c);
    let light = srgb(0x8fc06a);
    move |x, y| {
        let across = (x - 0.05).abs();
        let ribs = (y - 0.8 * across) / 0.022;
        let rib = (ribs - ribs.floor() - 0.5).abs() * 2.0;
        let mottle = fractal_noise(x * 60.0, y * 40.0, 2, 171);
        let blade = blend(
            green,
            light,
            0.45 * mottle + 0.25 * smooth_step(0.75, 1.0, rib),
        );
        blend(light, blade, smooth_step(0.001, 0.004, across))
    }
}

pub(super) fn globe() -> impl Fn(f32, f32) -> Rgb {
    let sea = srgb(0x2f6690);
    let lands = [0xd9c58b, 0x9aab6a, 0xc98f5a].map(srgb);
    move |x, y| {
        let height = fractal_noise(x * 7.0, y * 7.0, 5, 181);
        let grid = (x / 0.0783 - (x / 0.0783).floor() < 0.03)
            || (y / 0.0783 - (y / 0.0783).floor() < 0.03);
        let color = if height > 0.53 {
            lands[((height * 40.0) as usize) % 3]
        } else {
            sea * (0.8 + 0.4 * height)
        };
        if grid { color * 0.7 } else { color }
    }
}

pub(super) fn soil(x: f32, y: f32) -> Rgb {
    let clod = fractal_noise(x * 50.0, y * 50.0, 4, 191);
    srgb(0x4a3626) * (0.3 + 1.5 * clod)
}
