//! Processing brings a poor video nearer to its source, by structural similarity.

use render::streams::StreamAdjustments;

use crate::generated::Video;
use crate::offscreen::on_every_backend;
use crate::ssim::ssim;

#[test]
fn sharpening_brings_a_blurred_picture_nearer_to_the_sharp_one() {
    on_every_backend(|offscreen| {
        let sharp = Video::scene([192, 128]);
        let blurred = sharp.blurred();
        let before = ssim(&blurred, &sharp);
        let mut last = before;
        for sharpness in [0.25, 0.5, 0.75] {
            let case = StreamAdjustments {
                sharpness,
                ..Default::default()
            };
            let after = ssim(&offscreen.processed_once(&blurred, &case), &sharp);
            println!("sharpness {sharpness}: {before:.4} to {after:.4}");
            assert!(after > last, "{sharpness}: {after} after {last}");
            last = after;
        }
        assert!(last > before + 0.008, "{before} to {last}");
    });
}

#[test]
fn deblocking_brings_a_coded_picture_nearer_to_its_source() {
    on_every_backend(|offscreen| {
        let source = Video::scene([192, 128]);
        for quality in [5, 10, 20, 40] {
            let coded = source.coded(quality);
            let nearness = |deblocking, sharpness| {
                let case = StreamAdjustments {
                    deblocking,
                    sharpness,
                    ..Default::default()
                };
                ssim(&offscreen.processed_once(&coded, &case), &source)
            };
            let plain = ssim(&coded, &source);
            let [deblocked, sharpened, both] = [(0.75, 0.0), (0.0, 0.7), (0.75, 0.7)]
                .map(|(deblocking, sharpness)| nearness(deblocking, sharpness));
            println!("{quality}: {plain:.4}, {deblocked:.4}, {sharpened:.4}, {both:.4}");
            assert!(
                deblocked > plain + 0.01,
                "{quality}: {plain} to {deblocked}"
            );
            // Sharpening alone makes blocks stand out; after deblocking it does not.
            assert!(both > sharpened + 0.02, "{quality}: {sharpened} to {both}");
            assert!(both > plain, "{quality}: {plain} to {both}");
        }
    });
}
