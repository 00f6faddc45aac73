//! A client of the tests: AWS's SDK for Rust with its default credential chain. It asks who it is
//! for every line that it reads, so that it can outlive a session.
#![expect(clippy::print_stdout, reason = "the test reads it")]

use std::error::Error;

use aws_config::BehaviorVersion;
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let http = Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .load()
        .await;
    let sts = aws_sdk_sts::Client::new(&config);
    for line in std::io::stdin().lines() {
        line?;
        let identity = sts.get_caller_identity().send().await?;
        println!("{}", identity.arn().unwrap_or_default());
    }
    Ok(())
}
