// White balance, exposure and saturation, in linear light.

// Up to here a value is only multiplied; above it the shoulder begins.
const KNEE = 0.5;

// Brings values up to `peak` into 0..1: straight up to the knee, then ever flatter, 1 at the peak.
fn rolled_off(value: vec3<f32>, peak: f32) -> vec3<f32> {
    let white = (max(peak, 1.0) - KNEE) / (1.0 - KNEE);
    let over = max((value - KNEE) / (1.0 - KNEE), vec3<f32>(0.0));
    let shoulder = over * (1.0 + over / (white * white)) / (1.0 + over);
    return min(value, vec3<f32>(KNEE)) + (1.0 - KNEE) * shoulder;
}

fn adjusted(color: vec3<f32>) -> vec3<f32> {
    let balanced = max(
        vec3<f32>(dot(stream.red.rgb, color), dot(stream.green.rgb, color), dot(stream.blue.rgb, color)),
        vec3<f32>(0.0),
    );
    let lit = rolled_off(balanced, stream.red.a);
    let luma = vec3<f32>(dot(lit, vec3<f32>(0.2126, 0.7152, 0.0722)));
    return clamp(mix(luma, lit, stream.green.a), vec3<f32>(0.0), vec3<f32>(1.0));
}
