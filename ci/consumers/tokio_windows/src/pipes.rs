//! Named pipes.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::windows::named_pipe::{
    ClientOptions, NamedPipeClient, NamedPipeServer, PipeMode, ServerOptions,
};
use tokio::time::{sleep, timeout};

use crate::sockets::message;
use crate::Failure;

/// `ERROR_PIPE_BUSY`: all instances have a client.
const BUSY: i32 = 231;

/// A name that no other run uses.
fn name(what: &str, threads: usize) -> String {
    format!(r"\\.\pipe\mio-{what}-{threads}-{}", std::process::id())
}

/// A client, when there is an instance for it.
async fn connect(name: &str) -> Result<NamedPipeClient, Failure> {
    loop {
        match ClientOptions::new().open(name) {
            Ok(client) => return Ok(client),
            Err(error) if error.raw_os_error() == Some(BUSY) => {
                sleep(Duration::from_millis(1)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Echoes until the client closes.
async fn echo(mut server: NamedPipeServer) -> Result<(), Failure> {
    let mut buffer = vec![0; 8192];
    loop {
        let count = match server.read(&mut buffer).await {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        server.write_all(&buffer[..count]).await?;
    }
}

/// A server that makes an instance for each client, and clients with a message
/// larger than the pipe's buffers.
pub async fn many_clients(threads: usize) -> Result<(), Failure> {
    const CLIENTS: u32 = 40;
    let name = name("many", threads);
    let mut next = ServerOptions::new()
        .first_pipe_instance(true)
        .create(&name)?;
    let of_server = name.clone();
    let server = tokio::spawn(async move {
        let mut echoes = Vec::new();
        for _ in 0..CLIENTS {
            next.connect().await?;
            let connected = next;
            next = ServerOptions::new().create(&of_server)?;
            echoes.push(tokio::spawn(echo(connected)));
        }
        for echo in echoes {
            echo.await??;
        }
        Ok::<_, Failure>(())
    });
    let client = |number, name: String| async move {
        let client = connect(&name).await?;
        let message = message(number, 150_000);
        let mut answer = vec![0; message.len()];
        let (mut reader, mut writer) = tokio::io::split(client);
        let (sent, received) =
            tokio::join!(writer.write_all(&message), reader.read_exact(&mut answer));
        sent?;
        received?;
        assert!(answer == message, "client {number}: the echo differs");
        Ok::<_, Failure>(())
    };
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| tokio::spawn(client(number, name.clone())))
        .collect();
    for client in clients {
        client.await??;
    }
    server.await?
}

/// Pipes that keep the bounds of messages.
pub async fn messages(threads: usize) -> Result<(), Failure> {
    let name = name("messages", threads);
    let mut server = ServerOptions::new()
        .pipe_mode(PipeMode::Message)
        .create(&name)?;
    let mut client = ClientOptions::new().open(&name)?;
    server.connect().await?;
    for number in 0..100_u32 {
        let sent = message(number, number + 1);
        server.write_all(&sent).await?;
        let mut buffer = [0; 256];
        let count = client.read(&mut buffer).await?;
        assert_eq!(&buffer[..count], &sent[..]);
        client.write_all(&number.to_le_bytes()).await?;
        assert_eq!(server.read_u32_le().await?, number);
    }
    Ok(())
}

/// One instance for one client after the other.
pub async fn reconnecting(threads: usize) -> Result<(), Failure> {
    let name = name("again", threads);
    let mut server = ServerOptions::new().create(&name)?;
    for number in 0..10_u32 {
        // After disconnecting, the server has to wait before a client can connect.
        let (connected, client) = tokio::join!(server.connect(), connect(&name));
        connected?;
        let mut client = client?;
        client.write_u32_le(number).await?;
        assert_eq!(server.read_u32_le().await?, number);
        server.write_u32_le(number).await?;
        assert_eq!(client.read_u32_le().await?, number);
        server.disconnect()?;
        assert!(client.read_u8().await.is_err(), "the server has hung up");
    }
    Ok(())
}

/// Cancelled reads and connects lose nothing.
pub async fn cancelled_reads(threads: usize) -> Result<(), Failure> {
    let name = name("cancelled", threads);
    let mut server = ServerOptions::new().create(&name)?;
    let waited = timeout(Duration::from_millis(20), server.connect()).await;
    assert!(waited.is_err(), "nobody has connected");
    let mut client = ClientOptions::new().open(&name)?;
    server.connect().await?;
    for number in 0..20_u8 {
        let waited = timeout(Duration::from_millis(2), client.read_u8()).await;
        assert!(waited.is_err(), "nobody has sent anything");
        server.write_all(&[number]).await?;
        assert_eq!(client.read_u8().await?, number);
    }
    drop(server);
    let error = client.read_u8().await.unwrap_err();
    let kinds = [ErrorKind::BrokenPipe, ErrorKind::UnexpectedEof];
    assert!(kinds.contains(&error.kind()), "{error}");
    Ok(())
}
