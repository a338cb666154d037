// Three rows of an affine matrix: the form in which instances carry their pose.
fn transform(row_x: vec4<f32>, row_y: vec4<f32>, row_z: vec4<f32>, point: vec3<f32>) -> vec3<f32> {
    let homogeneous = vec4<f32>(point, 1.0);
    return vec3<f32>(dot(row_x, homogeneous), dot(row_y, homogeneous), dot(row_z, homogeneous));
}
