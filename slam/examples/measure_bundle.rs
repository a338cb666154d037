//! Measures bundle adjustment on made-up problems of the sizes that a tracker has, on one thread.
//!
//! ```sh
//! cargo run --release -p slam --features simulator --example measure_bundle
//! ```

#![allow(clippy::print_stdout, reason = "the rows are the program's output")]

use std::error::Error;
use std::time::Instant;

use slam::bundle::scene::{SceneConfig, perturb};
use slam::bundle::{Adjuster, Config, Intrinsics};

const REPEATS: usize = 15;

fn main() -> Result<(), Box<dyn Error>> {
    let refine = |config: SceneConfig| Intrinsics::Refine {
        log_focal_sigma: 0.05,
        k1_sigma: 0.1,
        prior_camera: config.camera,
    };
    let (window, map) = (SceneConfig::window(), SceneConfig::whole_map());
    for (name, config, intrinsics) in [
        ("window", window, Intrinsics::Fixed),
        ("whole map", map, Intrinsics::Fixed),
        ("whole map with camera", map, refine(map)),
    ] {
        let mut problem = config.build();
        problem.intrinsics = intrinsics;
        perturb(&mut problem, 7, 0.01, 0.003, 0.03);
        let mut adjuster = Adjuster::new(Config::default());
        let (mut loads, mut steps, mut runs, mut iterations) = (vec![], vec![], vec![], 0);
        for _ in 0..REPEATS {
            let begin = Instant::now();
            adjuster.load(&problem)?;
            loads.push(begin.elapsed());
            iterations = 0;
            while adjuster.is_busy() {
                let begin = Instant::now();
                adjuster.step();
                steps.push(begin.elapsed());
                iterations += 1;
            }
            runs.push(begin.elapsed());
        }
        let median = |times: &mut Vec<std::time::Duration>| {
            times.sort();
            times[times.len() / 2].as_secs_f64() * 1e3
        };
        println!(
            "{name}: {} observations, load {:.2} ms, iteration {:.2} ms, {iterations} iterations, in all {:.1} ms",
            problem.observations.len(),
            median(&mut loads),
            median(&mut steps),
            median(&mut runs),
        );
    }
    Ok(())
}
