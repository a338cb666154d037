//! Structural similarity of two pictures' luma: Wang et al. 2004, "Image quality assessment: from
//! error visibility to structural similarity", section III.B: a Gaussian window of 11 x 11 with a
//! deviation of 1.5, K1 = 0.01, K2 = 0.03, L = 255, the mean over all whole windows.

use crate::generated::Video;

const SIZE: usize = 11;
const C1: f64 = (0.01 * 255.0) * (0.01 * 255.0);
const C2: f64 = (0.03 * 255.0) * (0.03 * 255.0);

pub(crate) fn ssim(first: &Video, second: &Video) -> f64 {
    assert_eq!(first.size_px, second.size_px);
    let [width, height] = first.size_px.map(|size| size as usize);
    let (a, b) = (luma(first), luma(second));
    let product = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).collect::<Vec<_>>();
    let mean = |values: &[f64]| windowed(values, width, height);
    let (mean_a, mean_b) = (mean(&a), mean(&b));
    let (square_a, square_b) = (mean(&product(&a, &a)), mean(&product(&b, &b)));
    let both = mean(&product(&a, &b));
    let sum: f64 = (0..mean_a.len())
        .map(|i| {
            let (x, y) = (mean_a[i], mean_b[i]);
            let (variance_a, variance_b) = (square_a[i] - x * x, square_b[i] - y * y);
            let covariance = both[i] - x * y;
            (2.0 * x * y + C1) * (2.0 * covariance + C2)
                / ((x * x + y * y + C1) * (variance_a + variance_b + C2))
        })
        .sum();
    sum / mean_a.len() as f64
}

fn luma(video: &Video) -> Vec<f64> {
    video
        .rgba
        .chunks_exact(4)
        .map(|pixel| {
            let [red, green, blue] = [pixel[0], pixel[1], pixel[2]].map(f64::from);
            0.2126 * red + 0.7152 * green + 0.0722 * blue
        })
        .collect()
}

/// The weighted means of all windows that lie within the picture.
fn windowed(values: &[f64], width: usize, height: usize) -> Vec<f64> {
    let bell: [f64; SIZE] = std::array::from_fn(|i| (-(i as f64 - 5.0).powi(2) / 4.5).exp());
    let total: f64 = bell.iter().sum();
    let weighted =
        |at: &dyn Fn(usize) -> f64| (0..SIZE).map(|i| bell[i] * at(i)).sum::<f64>() / total;
    let columns = width - SIZE + 1;
    let rows: Vec<f64> = (0..height)
        .flat_map(|y| (0..columns).map(move |x| y * width + x))
        .map(|start| weighted(&|i| values[start + i]))
        .collect();
    (0..(height - SIZE + 1) * columns)
        .map(|start| weighted(&|i| rows[start + i * columns]))
        .collect()
}

#[test]
fn like_pictures_are_alike() {
    let scene = Video::scene([64, 48]);
    assert!((ssim(&scene, &scene) - 1.0).abs() < 1e-9);
    let noise = Video::noise([64, 48]);
    assert!(ssim(&scene, &noise) < 0.1);
    let flat = |value| Video::new([16, 16], move |_, _| [value; 3]);
    // Without structure only the means count: (2 x y + C1) / (x x + y y + C1).
    let expected = (2.0 * 100.0 * 150.0 + C1) / (100.0 * 100.0 + 150.0 * 150.0 + C1);
    assert!((ssim(&flat(100), &flat(150)) - expected).abs() < 1e-6);
}
