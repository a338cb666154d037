//! Skins: joints and weights, inverse bind matrices, joint matrices, bounds at rest.

use glam::{Mat4, Quat, Vec3};
use render::glam;
use render::model::Pose;
use serde_json::json;

use crate::glb_builder::{Component, GlbBuilder};
use crate::{near, read, read_bytes, triangle};

/// A triangle whose first two corners hang on a joint that is one metre up, the third on a child of
/// it that is turned by a quarter about Z and another metre up; the mesh's node stands elsewhere,
/// which must not matter.
fn arm(weights: Component) -> GlbBuilder {
    let mut file = GlbBuilder::new();
    let mut primitive = triangle(&mut file);
    let full = match weights {
        Component::U8 => 255.0,
        Component::U16 => 65535.0,
        _ => 1.0,
    };
    let joints = [0.0, 9.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0];
    let joint_component = if weights == Component::U8 {
        Component::U8
    } else {
        Component::U16
    };
    primitive["attributes"]["JOINTS_0"] = json!(file.accessor("VEC4", joint_component, &joints));
    let shares = [full, 0.0, 0.0, 0.0].repeat(3);
    primitive["attributes"]["WEIGHTS_0"] = json!(file.normalized("VEC4", weights, &shares));
    let mut bind = Vec::new();
    bind.extend(Mat4::from_translation(Vec3::new(0.0, -1.0, 0.0)).to_cols_array());
    bind.extend(Mat4::from_translation(Vec3::new(0.0, -2.0, 0.0)).to_cols_array());
    let bind = file.floats("MAT4", &bind);
    let mesh = file.mesh(primitive);
    let half = std::f32::consts::FRAC_1_SQRT_2;
    file.push(
        "nodes",
        json!({ "translation": [0, 1, 0], "rotation": [0, 0, half, half] }),
    );
    file.root(json!({ "translation": [0, 1, 0], "children": [0] }));
    file.root(json!({ "mesh": mesh, "skin": 0, "translation": [100, 0, 0] }));
    file.push(
        "skins",
        json!({ "joints": [1, 0], "inverseBindMatrices": bind }),
    );
    file
}

#[test]
fn all_types_of_weights_give_the_same_skin() {
    for weights in [Component::U8, Component::U16, Component::F32] {
        let model = read(&arm(weights));
        let skin = &model.primitives[0].skin;
        assert!(skin.iter().all(|skin| skin.weights == [65535, 0, 0, 0]));
        let joints: Vec<_> = skin.iter().map(|skin| skin.joints[0]).collect();
        assert_eq!(joints, [0, 0, 1]);
        assert_eq!(skin[0].joints, [0; 4], "what weighs nothing is not named");
    }
}

#[test]
fn joint_matrices_are_worked_out_as_by_hand() {
    let model = read(&arm(Component::F32));
    let names = &model.skins[0].joints;
    assert_eq!(
        *names,
        [0, 1],
        "parents come first, joints keep their order"
    );
    let pose = Pose::at_rest(&model);
    let mut joints = [Mat4::ZERO; 2];
    pose.joint_matrices(&model, 0, &mut joints);
    near(
        &joints[0].to_cols_array(),
        &Mat4::IDENTITY.to_cols_array(),
        1e-6,
    );
    // The tip (0, 2, 0) is where the second joint is: it stays; what is right of it goes up.
    let tip = joints[1].transform_point3(Vec3::new(0.0, 2.0, 0.0));
    near(&tip.to_array(), &[0.0, 2.0, 0.0], 1e-6);
    let right = joints[1].transform_point3(Vec3::new(1.0, 2.0, 0.0));
    near(&right.to_array(), &[0.0, 3.0, 0.0], 1e-6);
    let mut one = [Mat4::ZERO; 1];
    pose.joint_matrices(&model, 0, &mut one);
    assert_eq!(one[0], joints[0], "as many as there is room for");
    pose.joint_matrices(&model, 7, &mut one);
}

#[test]
fn bounds_are_those_of_the_posed_skin() {
    let mut file = arm(Component::F32);
    // Turned by a quarter about the root joint, and the mesh's node does not matter.
    let half = std::f32::consts::FRAC_1_SQRT_2;
    file.json["nodes"][1]["rotation"] = json!([0, 0, half, half]);
    let model = read(&file);
    // About (0, 1, 0), by a quarter: (0,0) -> (1,1), (1,0) -> (1,2); the tip (0,2) -> (-1,1).
    near(&model.bounds.min.to_array(), &[-1.0, 1.0, 0.0], 1e-6);
    near(&model.bounds.max.to_array(), &[1.0, 2.0, 0.0], 1e-6);
    let turned = Quat::from_rotation_z(std::f32::consts::FRAC_PI_2);
    near(&(turned * Vec3::X).to_array(), &[0.0, 1.0, 0.0], 1e-6);
}

#[test]
fn without_matrices_joints_start_from_the_model() {
    let mut file = arm(Component::F32);
    file.json["skins"][0]
        .as_object_mut()
        .unwrap()
        .remove("inverseBindMatrices");
    let model = read(&file);
    assert_eq!(model.skins[0].inverse_bind, [Mat4::IDENTITY; 2]);
}

#[test]
fn a_joint_that_the_skin_lacks_is_refused() {
    let mut file = arm(Component::F32);
    file.json["skins"][0]["joints"] = json!([1]);
    let error = read_bytes(&file.glb()).unwrap_err().to_string();
    assert!(error.contains("joint 1"), "{error}");
    // Without the skin the mesh is rigid, and nothing is wrong.
    file.json["nodes"][2]
        .as_object_mut()
        .unwrap()
        .remove("skin");
    let model = read(&file);
    assert_eq!(model.bounds.min.x, 100.0);
}
