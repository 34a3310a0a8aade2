//! Servers and clients on the published tokio_wasi and hyper_wasi.
//!
//! `http PORT` serves with hyper, `echo PORT` with tokio alone, `check` runs the
//! checks that need no client from outside.

mod basics;
mod clients;
mod http;

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Echoes until the client closes.
async fn echo_one(mut stream: TcpStream) -> Result<(), Failure> {
    let mut buffer = vec![0; 4096];
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..count]).await?;
    }
}

/// Serves echo until the process ends.
async fn echo(listener: TcpListener) -> Result<(), Failure> {
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            if let Err(error) = echo_one(stream).await {
                eprintln!("connection lost: {error}");
            }
        });
    }
}

/// A task is awaited beside a listener to which nobody connects.
async fn spawn_beside_idle_listener() -> Result<(), Failure> {
    let _idle = TcpListener::bind("127.0.0.1:0").await?;
    for number in 0..100 {
        let task = tokio::spawn(async move {
            tokio::task::yield_now().await;
            number * 2
        });
        assert_eq!(task.await?, number * 2);
    }
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let task = tokio::spawn(receiver);
    sender.send("sent").map_err(|_| "nobody receives")?;
    assert_eq!(task.await??, "sent");
    Ok(())
}

/// A client of this program's own echo server: small and large messages, many
/// connections, closing.
async fn connect_and_echo() -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(echo(listener));
    let mut clients = Vec::new();
    for number in 0..20_u8 {
        clients.push(tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await?;
            assert_eq!(stream.peer_addr()?, address);
            clients::large_message(&mut stream, number, 100_000).await?;
            stream.shutdown().await?;
            assert_eq!(stream.read(&mut [0; 4]).await?, 0);
            Ok::<_, Failure>(())
        }));
    }
    for client in clients {
        client.await??;
    }
    server.abort();
    Ok(())
}

/// Sockets of std and of wasmedge_wasi_socket go in and keep their number, mode and
/// connection; ours go out to std and back.
#[cfg(feature = "ours")]
async fn sockets_of_others() -> Result<(), Failure> {
    use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd};

    let listener = wasmedge_wasi_socket::TcpListener::bind("127.0.0.1:0", true)?;
    let number = listener.as_raw_fd();
    let listener = mio::net::TcpListener::from_std(listener);
    assert_eq!(listener.as_raw_fd(), number);
    let address = listener.local_addr()?;
    // A listener of the other crate's kind, by tokio's own function.
    // SAFETY: its number is given up in the same expression.
    let listener =
        unsafe { wasmedge_wasi_socket::TcpListener::from_raw_fd(listener.into_raw_fd()) };
    let listener = TcpListener::from_std(listener)?;
    assert_eq!(listener.local_addr()?, address);

    let client = wasmedge_wasi_socket::TcpStream::connect(address)?;
    client.set_nonblocking(true)?;
    let number = client.as_raw_fd();
    let client = mio::net::TcpStream::from_std(client);
    assert_eq!(client.as_raw_fd(), number);
    let client = std::net::TcpStream::from(client);
    assert_eq!(client.as_raw_fd(), number);
    // SAFETY: as above.
    let client = unsafe { wasmedge_wasi_socket::TcpStream::from_raw_fd(client.into_raw_fd()) };
    assert_eq!(client.as_raw_fd(), number);
    let mut client = mio::net::TcpStream::from_std(client);
    assert_eq!(client.peer_addr()?, address);
    let error = std::io::Read::read(&mut client, &mut [0; 4]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);

    let (mut server, peer) = listener.accept().await?;
    assert_eq!(peer, client.local_addr()?);
    std::io::Write::write_all(&mut client, b"handed over")?;
    let mut buffer = [0; 11];
    server.read_exact(&mut buffer).await?;
    assert_eq!(&buffer, b"handed over");

    use wasmedge_wasi_socket::socket::{AddressFamily, Socket, SocketType};
    let datagrams = Socket::new(AddressFamily::Inet4, SocketType::Datagram)?;
    datagrams.set_nonblocking(true)?;
    datagrams.bind(&SocketAddr::from(([127, 0, 0, 1], 0)))?;
    let number = datagrams.as_raw_fd();
    let datagrams = mio::net::UdpSocket::from_std(datagrams);
    assert_eq!(datagrams.as_raw_fd(), number);
    let error = datagrams.recv(&mut [0; 4]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    // SAFETY: as above.
    let datagrams = unsafe { Socket::from_raw_fd(datagrams.into_raw_fd()) };
    assert_eq!(datagrams.as_raw_fd(), number);
    let datagrams = mio::net::UdpSocket::from_std(datagrams);
    datagrams.send_to(b"to itself", datagrams.local_addr()?)?;
    let mut poll = mio::Poll::new()?;
    let mut events = mio::Events::with_capacity(4);
    let mut datagrams = datagrams;
    poll.registry()
        .register(&mut datagrams, mio::Token(1), mio::Interest::READABLE)?;
    poll.poll(&mut events, Some(Duration::from_secs(5)))?;
    assert_eq!(
        events.iter().next().map(|event| event.token()),
        Some(mio::Token(1))
    );
    assert_eq!(datagrams.recv(&mut buffer)?, 9);
    assert_eq!(&buffer[..9], b"to itself");
    Ok(())
}

/// Refused connections are errors, and waiting for data can be cancelled.
async fn refusal_and_timeout() -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let mut stream = TcpStream::connect(address).await?;
    let waited = timeout(Duration::from_millis(50), stream.read_u8()).await;
    assert!(waited.is_err(), "nobody has sent anything");
    let (mut accepted, _) = listener.accept().await?;
    accepted.write_all(b"x").await?;
    assert_eq!(stream.read_u8().await?, b'x');
    drop(listener);
    let error = TcpStream::connect(address).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
    Ok(())
}

async fn run(job: &str, port: Option<u16>) -> Result<(), Failure> {
    let address = SocketAddr::from(([127, 0, 0, 1], port.unwrap_or(0)));
    match job {
        "http" => http::serve(address).await,
        "echo" => {
            let listener = TcpListener::bind(address).await?;
            println!("listening on {}", listener.local_addr()?);
            echo(listener).await
        }
        "check" => {
            timeout(Duration::from_secs(10), spawn_beside_idle_listener()).await??;
            println!("ok: tasks are awaited beside an idle listener");
            timeout(Duration::from_secs(10), basics::clocks()).await??;
            println!("ok: clocks beside a silent socket");
            timeout(Duration::from_secs(10), basics::channels_and_locks()).await??;
            println!("ok: channels, locks and other means of `sync`");
            timeout(Duration::from_secs(10), basics::aborted_tasks()).await??;
            println!("ok: aborted tasks free their sockets");
            timeout(Duration::from_secs(30), connect_and_echo()).await??;
            println!("ok: 20 clients had their echo");
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let clients = clients::many_at_once(listener, TcpStream::connect);
            timeout(Duration::from_secs(60), clients).await??;
            println!("ok: 500 clients, with reads that were given up");
            #[cfg(feature = "ours")]
            {
                timeout(Duration::from_secs(10), sockets_of_others()).await??;
                println!("ok: sockets of std and wasmedge_wasi_socket");
            }
            for version in [http::Version::One, http::Version::Two] {
                timeout(Duration::from_secs(60), http::client_and_server(version)).await??;
                println!("ok: hyper's client and server, HTTP {version:?}");
            }
            timeout(Duration::from_secs(30), http::connections_are_kept()).await??;
            println!("ok: hyper's pool of connections");
            timeout(Duration::from_secs(10), refusal_and_timeout()).await??;
            println!("ok: a refusal and a timeout");
            Ok(())
        }
        _ => Err("usage: http PORT | echo PORT | check".into()),
    }
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let job = arguments.next().unwrap_or_default();
    let port = arguments.next().map(|port| port.parse()).transpose()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run(&job, port))
}
