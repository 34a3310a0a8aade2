//! TCP and UDP on tokio 1, wherever it runs natively. Also part of the program for
//! Windows.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::time::timeout;

use crate::Failure;

/// Message number `number`: as long as this, and unlike the others.
pub fn message(number: u32, length: u32) -> Vec<u8> {
    let byte = |at: u32| (at ^ at >> 8).wrapping_add(number) as u8;
    (0..length).map(byte).collect()
}

/// Many clients at once, each with a message larger than any buffer.
pub async fn tcp() -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.expect("accept");
            tokio::spawn(async move {
                let (mut reader, mut writer) = stream.split();
                tokio::io::copy(&mut reader, &mut writer)
                    .await
                    .expect("echo");
            });
        }
    });
    let client = |number| async move {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        assert!(stream.nodelay()?);
        let message = message(number, 200_000);
        let mut answer = vec![0; message.len()];
        let (mut reader, mut writer) = stream.split();
        let (sent, received) =
            tokio::join!(writer.write_all(&message), reader.read_exact(&mut answer));
        sent?;
        received?;
        assert!(answer == message, "client {number}: the echo differs");
        writer.shutdown().await?;
        assert_eq!(reader.read(&mut answer).await?, 0);
        Ok::<_, Failure>(())
    };
    let clients: Vec<_> = (0..200)
        .map(|number| tokio::spawn(client(number)))
        .collect();
    for client in clients {
        client.await??;
    }
    server.abort();
    Ok(())
}

/// A connection that is refused is an error, and waiting can be cancelled.
pub async fn refusal_and_timeout() -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let mut stream = TcpStream::connect(address).await?;
    let waited = timeout(Duration::from_millis(50), stream.read_u8()).await;
    assert!(waited.is_err(), "nobody has sent anything");
    let (mut accepted, peer) = listener.accept().await?;
    assert_eq!(peer, stream.local_addr()?);
    accepted.write_all(b"late").await?;
    let mut buffer = [0; 4];
    assert_eq!(stream.peek(&mut buffer).await?, 4);
    stream.read_exact(&mut buffer).await?;
    assert_eq!(&buffer, b"late");
    drop(listener);
    // Under Wine a listener may accept connections a little longer, while a wait in
    // another thread holds it; then it resets them.
    let refused = async {
        loop {
            match TcpStream::connect(address).await {
                Err(error) if error.kind() != ErrorKind::ConnectionReset => return error.kind(),
                _ => tokio::time::sleep(Duration::from_millis(1)).await,
            }
        }
    };
    let kind = timeout(Duration::from_secs(5), refused).await?;
    assert_eq!(kind, ErrorKind::ConnectionRefused);
    Ok(())
}

pub async fn udp() -> Result<(), Failure> {
    let first = UdpSocket::bind("127.0.0.1:0").await?;
    let second = UdpSocket::bind("127.0.0.1:0").await?;
    let waited = timeout(Duration::from_millis(20), first.recv(&mut [0; 4])).await;
    assert!(waited.is_err(), "nobody has sent anything");
    let mut buffer = [0; 64];
    for number in 0..1_000_u32 {
        let message = number.to_le_bytes();
        first.send_to(&message, second.local_addr()?).await?;
        let (count, from) = second.recv_from(&mut buffer).await?;
        assert_eq!(
            (&buffer[..count], from),
            (&message[..], first.local_addr()?)
        );
    }
    Ok(())
}
