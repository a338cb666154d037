//! What was tried for figures that are missed, to stand beside them in the table.

/// The beginning of a figure's name, and a sentence.
const TRIED: [(&str, &str); 1] = [(
    "rooms, planes over 0.5 m2 found",
    "covariances scaled by the adjustment's residuals, normals of known planes as proposals, several proposals grown, \
     fragments absorbed and bridged over gaps, planes with holes told by what is close behind them, small planes laid \
     across the directions of large ones; two slanted cuts laid into one gained nothing. What is missed has a dozen to \
     thirty landmarks (desks seen flat, walls behind furniture), or a map that is bent by 4 cm. Next: more points on \
     large empty cells",
)];

/// What was tried for a figure, where it is written down.
pub(super) fn tried(what: &str) -> Option<&'static str> {
    let known = TRIED.iter().find(|(name, _)| what.starts_with(name));
    known.map(|(_, sentence)| *sentence)
}
