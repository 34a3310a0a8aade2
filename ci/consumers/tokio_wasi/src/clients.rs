//! Many clients of an echo server on tokio alone. Also part of the program for axum,
//! whose tokio is another one.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, Barrier};

use crate::Failure;

/// Echoes until the client closes.
async fn echo_one(mut stream: TcpStream) -> Result<(), Failure> {
    let (mut reader, mut writer) = stream.split();
    tokio::io::copy(&mut reader, &mut writer).await?;
    Ok(())
}

/// Serves echo, and reports each client that it has served.
async fn echo(
    listener: TcpListener,
    served: mpsc::Sender<Result<(), Failure>>,
) -> Result<(), Failure> {
    loop {
        let (stream, _) = listener.accept().await?;
        let served = served.clone();
        tokio::spawn(async move {
            // The receiver is dropped when the check has failed.
            let _ = served.send(echo_one(stream).await).await;
        });
    }
}

/// 500 clients, connected all at the same time. Each has some of its reads cancelled,
/// and every fiftieth one a message beyond all buffers.
pub async fn many_at_once<F>(
    listener: TcpListener,
    connect: fn(SocketAddr) -> F,
) -> Result<(), Failure>
where
    F: Future<Output = io::Result<TcpStream>> + Send + 'static,
{
    const CLIENTS: usize = 500;
    let address = listener.local_addr()?;
    let (served, mut reports) = mpsc::channel(16);
    let server = tokio::spawn(echo(listener, served));
    let all_here = Arc::new(Barrier::new(CLIENTS));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let all_here = all_here.clone();
            tokio::spawn(async move {
                let mut stream = connect(address).await?;
                all_here.wait().await;
                one_client(&mut stream, number as u32).await?;
                if number % 50 == 0 {
                    large_message(&mut stream, number as u8, 500_000).await?;
                }
                stream.shutdown().await?;
                assert_eq!(stream.read(&mut [0; 4]).await?, 0);
                Ok::<_, Failure>(())
            })
        })
        .collect();
    for _ in 0..CLIENTS {
        reports.recv().await.ok_or("the server has ended")??;
    }
    for client in clients {
        client.await??;
    }
    server.abort();
    Ok(())
}

async fn one_client(stream: &mut TcpStream, number: u32) -> Result<(), Failure> {
    let mut answer = [0; 4];
    for round in 0..5 {
        // Nothing was sent: the read is cancelled, the other branch completes.
        tokio::select! {
            biased;
            _ = stream.read(&mut answer) => return Err("an answer to nothing".into()),
            _ = tokio::task::yield_now() => {}
        }
        let message = (number * 10 + round).to_le_bytes();
        stream.write_all(&message).await?;
        stream.read_exact(&mut answer).await?;
        assert_eq!(answer, message);
    }
    Ok(())
}

/// Sends bytes, and compares the echo.
pub async fn large_message(stream: &mut TcpStream, byte: u8, length: usize) -> Result<(), Failure> {
    let message = vec![byte; length];
    let mut answer = vec![0; message.len()];
    let (mut reader, mut writer) = stream.split();
    let (sent, received) = tokio::join!(writer.write_all(&message), reader.read_exact(&mut answer));
    sent?;
    received?;
    assert!(answer == message, "the echo differs");
    Ok(())
}
