//! The order of a frame as data: which passes it has, what each writes and reads, and which layers are
//! drawn into the one that holds all marks. The renderer goes through these lists; [`pass_order`] prints
//! them.

use std::fmt;

/// A pass over a target of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Pass {
    PinShadowMap,
    ShadowMap,
    RealDepth,
    GroundDepth,
    ContentDepth,
    Grounding,
    ConfettiSimulation,
    Marks,
    Composite,
}

/// What is drawn into the pass of the marks, one over the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Layer {
    Picture,
    GroundingCatcher,
    ImagePoints,
    Pins,
    Heads,
    Models,
    Grids,
    PinShadows,
    Lines,
    WorldPoints,
    BlendedModels,
    Spots,
    Particles,
    Labels,
}

/// A pass and what it has to do with textures.
pub(crate) struct PassEntry {
    pub(crate) pass: Pass,
    pub(crate) name: &'static str,
    writes: &'static str,
    reads: &'static str,
    when: &'static str,
}

/// All passes of a frame in their order.
pub(crate) const PASSES: [PassEntry; 9] = [
    PassEntry {
        pass: Pass::PinShadowMap,
        name: "pin shadow map",
        writes: "pin shadow map, a tile a pin",
        reads: "",
        when: "a pin or the light changed",
    },
    PassEntry {
        pass: Pass::ShadowMap,
        name: "shadow map",
        writes: "shadow map, a box or two",
        reads: "materials with alpha",
        when: "a model or the light changed",
    },
    PassEntry {
        pass: Pass::RealDepth,
        name: "real depth",
        writes: "real depth, half size",
        reads: "measured depth",
        when: "planes or measured depth are known",
    },
    PassEntry {
        pass: Pass::GroundDepth,
        name: "ground depth",
        writes: "ground depth, half size",
        reads: "measured depth",
        when: "there are models",
    },
    PassEntry {
        pass: Pass::ContentDepth,
        name: "content depth",
        writes: "content depth, half size",
        reads: "materials with alpha",
        when: "there are models",
    },
    PassEntry {
        pass: Pass::Grounding,
        name: "grounding and its blur",
        writes: "grounding, half size",
        reads: "content depth, ground depth, shadow map",
        when: "there are models",
    },
    PassEntry {
        pass: Pass::ConfettiSimulation,
        name: "confetti simulation",
        writes: "confetti",
        reads: "confetti of the frame before",
        when: "confetti moves and the device has compute",
    },
    PassEntry {
        pass: Pass::Marks,
        name: "marks",
        writes: "own picture, multisampled",
        reads: "shadow maps, reflections, real depth, grounding, materials, labels, picture",
        when: "always",
    },
    PassEntry {
        pass: Pass::Composite,
        name: "composite",
        writes: "target",
        reads: "own picture",
        when: "always",
    },
];

/// All layers of the marks in their order, from the back.
pub(crate) const LAYERS: [(Layer, &str); 14] = [
    (Layer::Picture, "camera picture"),
    (Layer::GroundingCatcher, "shadows on real surfaces"),
    (Layer::ImagePoints, "feature points on the picture"),
    (Layer::Pins, "pins"),
    (Layer::Heads, "heads"),
    (Layer::Models, "models, opaque"),
    (Layer::Grids, "planes as grids"),
    (Layer::PinShadows, "shadows of pins"),
    (
        Layer::Lines,
        "strokes, arrows, measurements, paths, pointers",
    ),
    (Layer::WorldPoints, "feature points of the map"),
    (Layer::BlendedModels, "models, blended, farthest first"),
    (Layer::Spots, "spots"),
    (Layer::Particles, "particles"),
    (Layer::Labels, "labels, farthest first"),
];

/// The order of the passes of a frame, to be printed.
pub struct PassOrder(());

/// The order of the passes of a frame. `println!("{}", render::pass_order())` shows it.
pub fn pass_order() -> PassOrder {
    PassOrder(())
}

impl fmt::Display for PassOrder {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        for (index, entry) in PASSES.iter().enumerate() {
            let number = index + 1;
            let PassEntry {
                name,
                writes,
                reads,
                when,
                ..
            } = entry;
            write!(formatter, "{number}. {name} ({when}): writes {writes}")?;
            if reads.is_empty() {
                writeln!(formatter)?;
            } else {
                writeln!(formatter, "; reads {reads}")?;
            }
            if entry.pass == Pass::Marks {
                for (_, layer) in LAYERS {
                    writeln!(formatter, "   - {layer}")?;
                }
            }
        }
        Ok(())
    }
}
