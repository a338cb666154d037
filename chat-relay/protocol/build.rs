//! Makes the types of the Protobuf codec out of `proto/`, with the feature `protobuf`; otherwise does nothing. Needs no
//! `protoc`.

fn main() {
    #[cfg(feature = "protobuf")]
    protobuf();
}

#[cfg(feature = "protobuf")]
#[allow(
    clippy::expect_used,
    reason = "a build that cannot read its own specification ends here"
)]
fn protobuf() {
    println!("cargo::rerun-if-changed=proto");
    let descriptors = protox::compile(["sightline/v1/room.proto"], ["proto"])
        .expect("proto/sightline/v1/room.proto compiles");
    prost_build::Config::new()
        .btree_map(["."])
        .compile_fds(descriptors)
        .expect("prost makes types of the descriptors");
}
