//! What was tried for figures that are missed, to stand beside them in the table.

/// The beginning of a figure's name, and a sentence.
const TRIED: [(&str, &str); 2] = [
    (
        "rooms, planes over 0.5 m2 found",
        "covariances scaled by the adjustment's residuals, normals of known planes as proposals, several proposals grown, \
         fragments absorbed and bridged over gaps (11 to 14 of 18 on four sequences); what is missed has a dozen to \
         thirty landmarks (desks seen flat, walls behind furniture). Next: more points on large empty cells",
    ),
    (
        "rooms, planes' normals, 95%",
        "the weaker of two planes that cut through each other goes (6.0 to 2.1 degrees). Next: fits that leave out what \
         lies on a plane",
    ),
];

/// What was tried for a figure, where it is written down.
pub(super) fn tried(what: &str) -> Option<&'static str> {
    let known = TRIED.iter().find(|(name, _)| what.starts_with(name));
    known.map(|(_, sentence)| *sentence)
}
