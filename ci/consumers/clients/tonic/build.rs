//! Generates the client and the server of a service, without protoc.

use tonic_build::manual::{Builder, Method, Service};

fn main() {
    let method = |name: &str, route: &str, input: &str, output: &str| {
        Method::builder()
            .name(name)
            .route_name(route)
            .input_type(format!("crate::{input}"))
            .output_type(format!("crate::{output}"))
            .codec_path("tonic_prost::ProstCodec")
    };
    let service = Service::builder()
        .name("Counter")
        .package("checks")
        .method(method("add", "Add", "Numbers", "Number").build())
        .method(
            method("count_down", "CountDown", "Number", "Number")
                .server_streaming()
                .build(),
        )
        .method(
            method("sum", "Sum", "Number", "Number")
                .client_streaming()
                .build(),
        )
        .method(
            method("double", "Double", "Number", "Number")
                .client_streaming()
                .server_streaming()
                .build(),
        )
        .build();
    Builder::new().compile(&[service]);
}
