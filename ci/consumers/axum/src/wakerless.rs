//! The checks of tokio for a tokio that relies on a waker which it doesn't have. It is
//! the package `tokio_wakerless` that compiles this.

mod bridge;
mod tasks;

pub type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    tasks::awaited_beside_an_idle_listener()?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            bridge::converted_sockets().await?;
            bridge::peer_that_is_gone().await?;
            bridge::refusal_and_timeout().await?;
            tasks::timers_and_channels().await
        })?;
    println!("ok: all checks of tokio");
    Ok(())
}
