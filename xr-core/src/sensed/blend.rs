//! How a session's pictures meet the real world.
//! Source: W3C WebXR Augmented Reality Module, section "XREnvironmentBlendMode".

/// Whether the device adds the picture's light to the world's, as see-through glasses do; black is unseen there. Else it
/// lays the picture over the world by its alpha, or there is no world to be seen.
pub fn adds_light(environment_blend_mode: Option<&str>) -> bool {
    environment_blend_mode == Some("additive")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_see_through_glasses_add_light() {
        assert!(adds_light(Some("additive")));
        assert!(!adds_light(Some("alpha-blend")));
        assert!(!adds_light(Some("opaque")));
        assert!(!adds_light(None));
    }
}
