//! What tokio 1.38 does with mio on Windows: TCP, UDP, named pipes, many threads.
//! Exits with an error when something differs.

mod pipes;
#[path = "../../tokio_native/src/sockets.rs"]
mod sockets;

use std::time::Duration;

use tokio::runtime::Builder;
use tokio::time::timeout;

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn everything(threads: usize) -> Result<(), Failure> {
    let limit = Duration::from_secs(60);
    timeout(limit, sockets::tcp()).await??;
    timeout(limit, sockets::refusal_and_timeout()).await??;
    timeout(limit, sockets::udp()).await??;
    println!("ok: TCP and UDP, {threads} threads");
    timeout(limit, pipes::many_clients(threads)).await??;
    timeout(limit, pipes::messages(threads)).await??;
    timeout(limit, pipes::reconnecting(threads)).await??;
    timeout(limit, pipes::cancelled_reads(threads)).await??;
    println!("ok: named pipes, {threads} threads");
    Ok(())
}

fn main() -> Result<(), Failure> {
    let current = Builder::new_current_thread().enable_all().build()?;
    current.block_on(everything(1))?;
    let many = Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()?;
    many.block_on(everything(4))
}
