//! What others reach on the same 600 frames: quoted, not run here.
//!
//! Source: `sevenscenes_kitchen` in the README of the data that `SIGHTLINE_DATA` names; rmse of the positions after
//! similarity alignment against the structure-from-motion reference, poses as they were returned, measured natively
//! by who collected the data.

/// A system and its figures in centimetres, one a run.
pub(super) struct Peer {
    pub(super) name: &'static str,
    pub(super) runs_cm: &'static [f64],
    pub(super) note: &'static str,
}

/// All of them.
pub(super) const PEERS: [Peer; 2] = [
    Peer {
        name: "AlvaAR, as returned",
        runs_cm: &[3.1, 3.4, 6.0, 7.3, 20.2],
        note: "quoted (data README), not run here; native C++, one thread, 5 runs",
    },
    Peer {
        name: "ORB-SLAM3 monocular, as returned",
        runs_cm: &[0.97],
        note: "quoted (data README), not run here; native C++, several threads",
    },
];
