//! The choice on simulated devices: costs that grow with the points, noise, outliers, heat.

use super::*;
use crate::ransac::Rng;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// Milliseconds for no point and for each point.
#[derive(Debug, Clone, Copy)]
struct Cost {
    base: f64,
    a_point: f64,
}

impl Cost {
    fn of(self, points: usize) -> f64 {
        self.base + self.a_point * points as f64
    }
}

fn cost(base: f64, a_point: f64) -> Cost {
    Cost { base, a_point }
}

/// A device whose times are noisy, now and then by far too long.
struct Device {
    cpu: Cost,
    engine: Cost,
    pose: Cost,
    /// Times are off by up to this part, evenly.
    jitter: f64,
    /// How often a frame takes ten times as long.
    outliers: f64,
    rng: Rng,
}

impl Device {
    fn new(cpu: Cost, engine: Cost, seed: u64) -> Self {
        Self {
            cpu,
            engine,
            pose: cost(1.0, 0.001),
            jitter: 0.3,
            outliers: 0.02,
            rng: Rng::new(seed),
        }
    }

    fn noisy(&mut self, millis: f64) -> f64 {
        let outlier = if self.rng.unit() < self.outliers {
            10.0
        } else {
            1.0
        };
        millis * outlier * (1.0 + self.jitter * self.rng.range(-1.0, 1.0))
    }

    fn frame(&mut self, plan: Plan) -> FrameTimes {
        let cost = match plan.workplace {
            Workplace::Cpu => self.cpu,
            Workplace::Engine => self.engine,
        };
        FrameTimes {
            front_end_millis: self.noisy(cost.of(plan.max_points)),
            pose_millis: self.noisy(self.pose.of(plan.max_points)),
        }
    }
}

/// What happened in a run.
#[derive(Debug, Default)]
struct Run {
    /// Frames after which the present workplace was another.
    changes: Vec<usize>,
    /// Frames with which trials began.
    trials: Vec<usize>,
    /// Frames spent on trials.
    tried: usize,
    /// Frames after which the number of points of the present workplace was another.
    steps: Vec<usize>,
    /// Milliseconds of each frame in all.
    totals: Vec<f64>,
}

fn run(choice: &mut Choice, device: &mut Device, frames: usize) -> Run {
    let mut run = Run::default();
    for k in 0..frames {
        let (place, tried, points) = (
            choice.workplace,
            choice.trial.is_some(),
            choice.pace().points(),
        );
        let plan = choice.plan();
        let bounds = choice.config.least_points..=choice.config.most_points;
        assert!(bounds.contains(&plan.max_points));
        let times = device.frame(plan);
        run.totals.push(times.front_end_millis + times.pose_millis);
        run.tried += usize::from(tried);
        choice.measured(plan.workplace, plan.max_points, times);
        if choice.workplace != place {
            run.changes.push(k);
        } else if choice.pace().points() != points {
            run.steps.push(k);
        }
        if choice.trial.is_some() && !tried {
            run.trials.push(k);
        }
    }
    run
}

fn choice() -> Choice {
    Choice::new(ChoiceConfig::default(), true).unwrap()
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// As the CPU of a computer: 8.2 ms for all points.
const CPU: Cost = Cost {
    base: 1.0,
    a_point: 0.006,
};

#[test]
fn an_engine_that_is_faster_is_taken_and_kept() {
    for seed in 0..50 {
        let mut choice = choice();
        let mut device = Device::new(CPU, cost(2.5, 0.001), seed);
        let run = run(&mut choice, &mut device, 20_000);
        assert_eq!(run.changes.len(), 1, "{seed}: {run:?}");
        assert!(run.changes[0] < 100);
        assert_eq!(
            choice.plan().workplace,
            Workplace::Engine,
            "or in a trial at the end"
        );
        // Trials of the CPU become rare: all together cost less than a frame in 70.
        assert!(
            run.trials.len() <= 8 && run.tried < 300,
            "{}",
            run.trials.len()
        );
    }
}

#[test]
fn an_engine_that_is_slower_is_not_taken_and_tried_ever_more_seldom() {
    for seed in 0..50 {
        let mut choice = choice();
        let mut device = Device::new(CPU, cost(12.0, 0.002), seed);
        let run = run(&mut choice, &mut device, 40_000);
        assert_eq!(run.changes, [0_usize; 0], "{seed}");
        let gaps: Vec<_> = run
            .trials
            .windows(2)
            .map(|pair| pair[1] - pair[0])
            .collect();
        assert!((5..=9).contains(&gaps.len()), "{gaps:?}");
        for pair in gaps.windows(2) {
            let [before, after] = [pair[0], pair[1]];
            assert!(after > before || after >= 9600, "{gaps:?}");
        }
        assert!(gaps.iter().all(|&gap| gap < 9600 + 100), "{gaps:?}");
    }
}

#[test]
fn equal_costs_make_no_flutter() {
    let mut changes = 0;
    for seed in 0..200 {
        let mut choice = choice();
        let mut device = Device::new(CPU, CPU, seed);
        device.jitter = if seed % 2 == 0 { 0.3 } else { 0.1 };
        let run = run(&mut choice, &mut device, 20_000);
        assert!(run.changes.len() <= 1, "{seed}: {:?}", run.changes);
        assert!(run.trials.len() <= 12, "{seed}: {:?}", run.trials);
        changes += run.changes.len();
    }
    assert!(changes <= 10, "{changes}");
}

#[test]
fn within_the_gain_the_present_one_stays() {
    for seed in 0..50 {
        // Faster, but not by a quarter.
        let engine = cost(CPU.base * 0.92, CPU.a_point * 0.92);
        let mut choice = choice();
        let mut device = Device::new(CPU, engine, seed);
        device.jitter = 0.1;
        assert_eq!(
            run(&mut choice, &mut device, 20_000).changes,
            [0_usize; 0],
            "{seed}"
        );
    }
}

#[test]
fn a_clearly_bad_trial_is_broken_off() {
    let mut choice = choice();
    // A GPU that is imitated in software.
    let mut device = Device::new(CPU, cost(150.0, 0.1), 3);
    let run = run(&mut choice, &mut device, 20_000);
    assert_eq!(run.changes, [0_usize; 0]);
    assert_eq!(run.tried, BAD_FRAMES as usize * run.trials.len());
}

#[test]
fn a_trial_is_not_broken_off_where_everything_is_slow() {
    let mut choice = choice();
    let mut device = Device::new(cost(120.0, 0.05), cost(60.0, 0.01), 4);
    assert_eq!(run(&mut choice, &mut device, 1000).changes.len(), 1);
    assert_eq!(choice.workplace, Workplace::Engine);
}

#[test]
fn slow_first_frames_of_a_trial_do_not_count() {
    let mut choice = choice();
    let mut device = Device::new(CPU, cost(2.5, 0.001), 5);
    let mut since_change = 0;
    for _ in 0..200 {
        let plan = choice.plan();
        let mut times = device.frame(plan);
        let is_engine = plan.workplace == Workplace::Engine;
        since_change = if is_engine { since_change + 1 } else { 0 };
        // Two that compile, four that only wake up.
        times.front_end_millis += match (is_engine, since_change) {
            (true, 1..=2) => 400.0,
            (true, 3..=6) => 20.0,
            _ => 0.0,
        };
        choice.measured(plan.workplace, plan.max_points, times);
    }
    assert_eq!(choice.workplace, Workplace::Engine);
}

#[test]
fn a_cpu_that_throttles_hands_over_and_takes_back() {
    for seed in 0..50 {
        let mut choice = choice();
        let engine = cost(9.0, 0.002);
        let mut device = Device::new(CPU, engine, seed);
        device.jitter = 0.15;
        assert_eq!(
            run(&mut choice, &mut device, 5000).changes,
            [0_usize; 0],
            "{seed}"
        );

        device.cpu = cost(CPU.base * 2.0, CPU.a_point * 2.0);
        let hot = run(&mut choice, &mut device, 5000);
        assert_eq!(hot.changes.len(), 1, "{seed}: {hot:?}");
        // Not only when the next trial is due.
        assert!(hot.changes[0] < 200, "{seed}: {:?}", hot.changes);
        assert_eq!(choice.workplace, Workplace::Engine);

        device.cpu = CPU;
        let cooled = run(&mut choice, &mut device, 5000);
        assert_eq!(cooled.changes.len(), 1, "{seed}: {:?}", cooled.changes);
        assert_eq!(choice.workplace, Workplace::Cpu);
    }
}

#[test]
fn an_engine_that_slows_down_is_left_soon() {
    for seed in 0..50 {
        let mut choice = choice();
        let mut device = Device::new(CPU, cost(2.5, 0.001), seed);
        run(&mut choice, &mut device, 5000);
        assert_eq!(choice.workplace, Workplace::Engine);
        // Something else draws on the GPU.
        device.engine = cost(25.0, 0.002);
        let busy = run(&mut choice, &mut device, 1000);
        assert_eq!(busy.changes.len(), 1, "{seed}");
        assert!(busy.changes[0] < 200, "{seed}: {:?}", busy.changes);
    }
}

#[test]
fn changing_back_and_forth_becomes_rare() {
    let mut choice = choice();
    let mut device = Device::new(CPU, CPU, 9);
    let mut changes = 0;
    // Whoever works grows slow while it does: each trial of the other is won.
    for _ in 0..40_000 {
        let (slow, fast) = (cost(10.0, 0.0), cost(4.0, 0.0));
        (device.cpu, device.engine) = match choice.workplace {
            Workplace::Cpu => (slow, fast),
            Workplace::Engine => (fast, slow),
        };
        changes += run(&mut choice, &mut device, 1).changes.len();
    }
    assert!(changes <= 12, "{changes}");
}

#[test]
fn without_an_engine_all_stays_on_the_cpu() {
    let mut choice = Choice::new(ChoiceConfig::default(), false).unwrap();
    let mut device = Device::new(CPU, cost(1.0, 0.0), 1);
    let alone = run(&mut choice, &mut device, 5000);
    assert!(alone.trials.is_empty());
    choice.engine_came();
    assert_eq!(run(&mut choice, &mut device, 200).changes.len(), 1);
}

#[test]
fn a_lost_engine_is_left_at_once_and_for_good() {
    let mut choice = choice();
    let mut device = Device::new(CPU, cost(1.0, 0.0), 1);
    // Lost in its trial.
    while choice.trial.is_none() {
        run(&mut choice, &mut device, 1);
    }
    assert_eq!(choice.plan().workplace, Workplace::Engine);
    choice.engine_lost();
    assert_eq!(choice.plan().workplace, Workplace::Cpu);
    assert!(run(&mut choice, &mut device, 20_000).trials.is_empty());

    // A new one has its trial, but not the very next frame.
    choice.engine_came();
    run(&mut choice, &mut device, 2000);
    assert_eq!(choice.plan().workplace, Workplace::Engine);
    choice.engine_lost();
    assert_eq!(choice.plan().workplace, Workplace::Cpu);
    choice.engine_lost();
    assert_eq!(choice.plan().workplace, Workplace::Cpu);
    assert!(run(&mut choice, &mut device, 20_000).trials.is_empty());

    // Lost while the CPU has a trial.
    choice.engine_came();
    run(&mut choice, &mut device, 2000);
    while choice.trial.is_none() {
        run(&mut choice, &mut device, 1);
    }
    assert_eq!(choice.plan().workplace, Workplace::Cpu);
    choice.engine_lost();
    assert_eq!(choice.workplace, Workplace::Cpu);
    assert_eq!(choice.plan().workplace, Workplace::Cpu);
}

#[test]
fn an_engine_that_comes_again_and_again_waits_longer() {
    let mut choice = choice();
    let mut device = Device::new(CPU, cost(1.0, 0.0), 1);
    let mut waits = Vec::new();
    for _ in 0..4 {
        let mut frames = 0;
        while choice.trial.is_none() {
            run(&mut choice, &mut device, 1);
            frames += 1;
        }
        waits.push(frames);
        choice.engine_lost();
        choice.engine_came();
    }
    assert!(waits.is_sorted() && waits[3] > 2000, "{waits:?}");
}

#[test]
fn an_engine_that_does_not_answer_is_left() {
    let mut choice = choice();
    let mut device = Device::new(CPU, cost(1.0, 0.0), 1);
    run(&mut choice, &mut device, 200);
    assert_eq!(choice.plan().workplace, Workplace::Engine);
    // It refuses each frame, and the CPU does them.
    let refused = |choice: &mut Choice| {
        let times = FrameTimes {
            front_end_millis: 8.0,
            pose_millis: 1.0,
        };
        choice.measured(Workplace::Cpu, 1200, times);
    };
    (0..SILENT_FRAMES).for_each(|_| refused(&mut choice));
    assert_eq!(choice.plan().workplace, Workplace::Cpu);
    // Nor does a trial of it go on for ever.
    let mut tried = 0;
    for _ in 0..10_000 {
        refused(&mut choice);
        tried += usize::from(choice.plan().workplace == Workplace::Engine);
    }
    assert!(tried > 0 && tried < 10 * SILENT_FRAMES as usize, "{tried}");
}

#[test]
fn single_late_answers_of_the_other_workplace_do_not_count() {
    let mut choice = choice();
    let mut device = Device::new(CPU, cost(12.0, 0.0), 1);
    for _ in 0..200 {
        run(&mut choice, &mut device, 9);
        let times = FrameTimes {
            front_end_millis: 0.01,
            pose_millis: 0.01,
        };
        choice.measured(choice.plan().workplace.other(), 1200, times);
    }
    assert_eq!(choice.workplace, Workplace::Cpu);
}

#[test]
fn points_settle_within_the_budget() {
    for seed in 0..50 {
        // 13 to 60 ms for all points.
        let mut rng = Rng::new(seed);
        let cpu = cost(rng.range(1.0, 5.0), rng.range(0.01, 0.045));
        let mut choice = Choice::new(ChoiceConfig::default(), false).unwrap();
        let mut device = Device::new(cpu, cpu, seed);
        let begins = run(&mut choice, &mut device, 2000);
        let settled = run(&mut choice, &mut device, 10_000);
        assert!(begins.steps.len() <= 12, "{seed}: {:?}", begins.steps);
        assert!(settled.steps.len() <= 2, "{seed}: {:?}", settled.steps);
        let total = median(&settled.totals);
        let budget = choice.config.budget_millis;
        assert!(total <= budget * 1.05, "{seed}: {total}");
        let points = choice.plan().max_points;
        assert!(
            total > 0.5 * budget || points == 1200,
            "{seed}: {total} {points}"
        );
    }
}

#[test]
fn points_come_back_when_there_is_time_again() {
    let mut choice = Choice::new(ChoiceConfig::default(), false).unwrap();
    let mut device = Device::new(cost(2.0, 0.05), CPU, 1);
    run(&mut choice, &mut device, 3000);
    assert!(choice.plan().max_points < 400);
    device.cpu = CPU;
    run(&mut choice, &mut device, 3000);
    assert!(choice.plan().max_points > 900);
}

#[test]
fn each_workplace_has_its_number_of_points() {
    let mut choice = choice();
    // The CPU can follow few points in time, the engine all of them.
    let (cpu, engine) = (cost(2.0, 0.05), cost(3.0, 0.002));
    let mut device = Device::new(cpu, cost(900.0, 0.0), 1);
    run(&mut choice, &mut device, 3000);
    let few = choice.plan().max_points;
    assert!(choice.workplace == Workplace::Cpu && few < 400);
    device.engine = engine;
    run(&mut choice, &mut device, 20_000);
    assert_eq!(choice.workplace, Workplace::Engine);
    assert_eq!(choice.pace().points(), 1200);
    choice.engine_lost();
    assert_eq!(choice.plan().max_points, few);
}

#[test]
fn what_cannot_be_a_time_changes_nothing() {
    let odd = [f64::NAN, -1.0, f64::INFINITY, f64::NEG_INFINITY, f64::MAX];
    let (mut clean, mut disturbed) = (choice(), choice());
    let mut device = Device::new(cost(2.0, 0.02), cost(3.0, 0.001), 1);
    for k in 0..3000 {
        let plan = clean.plan();
        assert_eq!(plan, disturbed.plan(), "{k}");
        let times = device.frame(plan);
        clean.measured(plan.workplace, plan.max_points, times);
        let other = odd[k % odd.len()];
        let wrong = FrameTimes {
            front_end_millis: other,
            pose_millis: if k % 2 == 0 { other } else { f64::NAN },
        };
        disturbed.measured(plan.workplace, plan.max_points, wrong);
        disturbed.measured(plan.workplace, plan.max_points, times);
        // Both count as frames until the next trial.
        disturbed.until_trial = clean.until_trial;
        disturbed.frames_since_change = clean.frames_since_change;
    }
    assert_eq!(clean.workplace, Workplace::Engine);
}

#[test]
fn a_clock_that_stands_still_changes_nothing() {
    let mut choice = choice();
    let mut device = Device::new(cost(0.0, 0.0), cost(0.0, 0.0), 1);
    device.pose = cost(0.0, 0.0);
    let run = run(&mut choice, &mut device, 20_000);
    assert!(run.changes.is_empty() && run.steps.is_empty());
}

#[test]
fn nothing_lies_on_the_heap() {
    assert!(!std::mem::needs_drop::<Choice>());
}

#[test]
fn values_out_of_range_are_refused() {
    let standard = ChoiceConfig::default;
    let refused = |name: &str, config: ChoiceConfig| match Choice::new(config, true) {
        Err(Error::Config { name: refused, .. }) => assert_eq!(refused, name),
        other => panic!("{name}: {other:?}"),
    };
    for budget_millis in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let config = ChoiceConfig {
            budget_millis,
            ..standard()
        };
        refused("budget_millis", config);
    }
    for gain in [0.9, f64::NAN, 101.0] {
        let config = ChoiceConfig { gain, ..standard() };
        refused("gain", config);
    }
    for most_points in [0, 65537] {
        let config = ChoiceConfig {
            most_points,
            ..standard()
        };
        refused("most_points", config);
    }
    for least_points in [0, 1201] {
        let config = ChoiceConfig {
            least_points,
            ..standard()
        };
        refused("least_points", config);
    }
    for trial_frames in [0, 10, 65] {
        let config = ChoiceConfig {
            trial_frames,
            ..standard()
        };
        refused("trial_frames", config);
    }
    for frames_between_trials in [0, 23, 9601] {
        let config = ChoiceConfig {
            frames_between_trials,
            ..standard()
        };
        refused("frames_between_trials", config);
    }
    let config = ChoiceConfig {
        warm_up_frames: usize::MAX,
        ..standard()
    };
    refused("warm_up_frames", config);
}

/// A time, mostly a possible one.
fn any_millis() -> impl Strategy<Value = f64> {
    prop_oneof![8 => 0.0..100.0, 1 => any::<f64>(), 1 => Just(f64::NAN)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, rng_seed: RngSeed::Fixed(17), ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_measured_the_plan_stays_in_bounds(
        frames in prop::collection::vec(
            (any::<bool>(), any_millis(), any_millis(), 0_usize..3000, 0..200_u8),
            0..2000,
        ),
        least_points in 1_usize..50,
        most_points in 50_usize..2000,
    ) {
        let config = ChoiceConfig {
            least_points,
            most_points,
            trial_frames: 8,
            warm_up_frames: 2,
            frames_between_trials: 10,
            most_frames_between_trials: 20,
            ..ChoiceConfig::default()
        };
        let mut choice = Choice::new(config, true).unwrap();
        let mut has_engine = true;
        for (as_planned, front_end_millis, pose_millis, points, event) in frames {
            match event {
                0 => {
                    choice.engine_lost();
                    has_engine = false;
                }
                1..5 => {
                    choice.engine_came();
                    has_engine = true;
                }
                _ => {}
            }
            let plan = choice.plan();
            prop_assert!((least_points..=most_points).contains(&plan.max_points));
            prop_assert!(has_engine || plan.workplace == Workplace::Cpu);
            let place = if as_planned { plan.workplace } else { plan.workplace.other() };
            choice.measured(place, points, FrameTimes { front_end_millis, pose_millis });
        }
    }
}
