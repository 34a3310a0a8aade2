//! tokio with its own sockets on WASI preview 2; natively it runs too.
//!
//! ```text
//! tokio-p2-consumer check                  both ends in one process, and what fails
//! tokio-p2-consumer server ADDRESS         echoes over TCP until it is ended
//! tokio-p2-consumer client ADDRESS COUNT   COUNT connections at once
//! tokio-p2-consumer send ADDRESS           sends until that would block, and ends
//! ```

use std::error::Error;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::io::{copy, split, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Exchanges of each client.
const ROUNDS: usize = 10;
/// The bytes of a message; enough for several reads.
const LENGTH: usize = 20_000;
/// Time limit of each part.
const LIMIT: Duration = Duration::from_secs(60);

/// The commands.
const USAGE: &str =
    "usage: tokio-p2-consumer check | server ADDRESS | client ADDRESS COUNT | send ADDRESS";

/// Any free port of this machine.
fn local() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

/// Takes connections, and sends back what they send.
async fn serve(listener: TcpListener) -> std::io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            let (mut reader, mut writer) = split(stream);
            // A closed client is no failure of the server.
            let _ = copy(&mut reader, &mut writer).await;
            let _ = writer.shutdown().await;
        });
    }
}

/// The message of a client in a round, which no other has.
fn message(client: usize, round: usize) -> Vec<u8> {
    let start = format!("{client}/{round}:").into_bytes();
    let rest = (0..LENGTH - start.len()).map(|index| (index * (client + 3) + round) as u8);
    start.iter().copied().chain(rest).collect()
}

/// One connection: sends, and compares what comes back; in the end the server's end.
async fn talk(address: SocketAddr, client: usize) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    for round in 0..ROUNDS {
        let sent = message(client, round);
        let mut answer = vec![0; sent.len()];
        let (mut reader, mut writer) = stream.split();
        let (written, read) = tokio::join!(writer.write_all(&sent), reader.read_exact(&mut answer));
        written?;
        read?;
        assert_eq!(answer, sent, "client {client}, round {round}");
    }
    stream.shutdown().await?;
    let mut rest = Vec::new();
    assert_eq!(stream.read_to_end(&mut rest).await?, 0);
    Ok(())
}

/// `count` connections at once.
async fn clients(address: SocketAddr, count: usize) -> Result<()> {
    let mut tasks = JoinSet::new();
    for client in 0..count {
        tasks.spawn(talk(address, client));
    }
    let mut done = 0;
    while let Some(result) = timeout(LIMIT, tasks.join_next()).await? {
        result??;
        done += 1;
    }
    assert_eq!(done, count);
    println!("{done} connections at once, {ROUNDS} messages of {LENGTH} bytes each");
    Ok(())
}

/// Datagrams there and back.
async fn datagrams() -> Result<()> {
    let server = UdpSocket::bind(local()).await?;
    let client = UdpSocket::bind(local()).await?;
    client.connect(server.local_addr()?).await?;
    for round in 0..ROUNDS {
        let sent = message(0, round);
        let mut buffer = [0; LENGTH];
        client.send(&sent).await?;
        let (length, from) = timeout(LIMIT, server.recv_from(&mut buffer)).await??;
        assert_eq!(from, client.local_addr()?);
        server.send_to(&buffer[..length], from).await?;
        let length = timeout(LIMIT, client.recv(&mut buffer)).await??;
        assert_eq!(buffer[..length], sent);
    }
    println!("{ROUNDS} datagrams there and back");
    Ok(())
}

/// What has to fail fails, with the right kind; timers run beside idle sockets.
async fn failures() -> Result<()> {
    let listener = TcpListener::bind(local()).await?;
    let address = listener.local_addr()?;
    let used = TcpListener::bind(address).await.unwrap_err();
    assert_eq!(used.kind(), ErrorKind::AddrInUse, "{used}");
    let start = Instant::now();
    let wait = Duration::from_millis(50);
    assert!(timeout(wait, listener.accept()).await.is_err());
    sleep(wait).await;
    assert!(start.elapsed() >= 2 * wait);
    drop(listener);
    let refused = timeout(LIMIT, TcpStream::connect(address)).await?;
    let refused = refused.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused, "{refused}");
    println!("a used port, a refusal and timeouts end as they should");
    Ok(())
}

/// Sends as much as is taken at once. The program ends with bytes unsent.
async fn send(address: SocketAddr) -> Result<()> {
    let stream = TcpStream::connect(address).await?;
    stream.writable().await?;
    let mut sent = 0;
    loop {
        match stream.try_write(&[7; LENGTH]) {
            Ok(count) => sent += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return Err(error.into()),
        }
    }
    println!("sent {sent} bytes");
    Ok(())
}

/// Both ends in this process.
async fn check() -> Result<()> {
    let listener = TcpListener::bind(local()).await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(serve(listener));
    clients(address, 100).await?;
    server.abort();
    datagrams().await?;
    failures().await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["check"] => check().await,
        ["server", address] => {
            let listener = TcpListener::bind(address).await?;
            println!("listening on {}", listener.local_addr()?);
            Ok(serve(listener).await?)
        }
        ["client", address, count] => clients(address.parse()?, count.parse()?).await,
        ["send", address] => send(address.parse()?).await,
        _ => Err(USAGE.into()),
    }
}
