//! A program that uses the API of mio 1: it names what mio 1 has beyond mio 0.8, or in
//! another form. Compiling it is the test that nothing is missing. What both
//! generations have in common is named by `api_08.rs`.

#![allow(clippy::type_complexity)] // types are what this file is about

use std::io::{ErrorKind, Read, Result, Write};
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream, UdpSocket};
use mio::{Events, Interest, Poll, Token};

/// A socket that becomes std's.
fn into_std<T, U: From<T>>() {}

#[allow(dead_code)] // it is only compiled
fn sockets() {
    into_std::<TcpListener, std::net::TcpListener>();
    into_std::<TcpStream, std::net::TcpStream>();
    into_std::<UdpSocket, std::net::UdpSocket>();
    let _: fn(std::net::TcpListener) -> TcpListener = TcpListener::from_std;
    let _: fn(std::net::TcpStream) -> TcpStream = TcpStream::from_std;
    let _: fn(std::net::UdpSocket) -> UdpSocket = UdpSocket::from_std;
}

#[cfg(any(unix, target_os = "wasi"))]
#[allow(dead_code)] // it is only compiled
mod descriptors {
    use super::*;
    use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

    /// A source that is borrowed as, turned into and made of a descriptor.
    fn handles<T: AsFd + From<OwnedFd>>()
    where
        OwnedFd: From<T>,
    {
        let _: for<'a> fn(&'a T) -> BorrowedFd<'a> = T::as_fd;
        let _: fn(T) -> OwnedFd = OwnedFd::from;
        let _: fn(OwnedFd) -> T = T::from;
    }

    fn sockets() {
        handles::<TcpListener>();
        handles::<TcpStream>();
        handles::<UdpSocket>();
    }

    // Where the selector has a descriptor; a few of these systems are enough.
    #[cfg(all(
        any(target_os = "linux", target_vendor = "apple"),
        not(mio_unsupported_force_poll_poll)
    ))]
    fn registry() {
        let _: for<'a> fn(&'a mio::Registry) -> BorrowedFd<'a> = mio::Registry::as_fd;
    }

    #[cfg(unix)]
    fn pipes_and_unix_sockets() {
        use mio::unix::pipe::{Receiver, Sender};

        handles::<Receiver>();
        handles::<Sender>();
        handles::<mio::net::UnixDatagram>();
        handles::<mio::net::UnixListener>();
        handles::<mio::net::UnixStream>();
    }
}

#[cfg(unix)]
#[allow(dead_code)] // it is only compiled
mod unix {
    use super::*;
    use mio::net::{UnixDatagram, UnixListener, UnixStream};
    use std::os::unix::net as std_unix;
    use std::os::unix::net::SocketAddr; // mio 0.8 has one of its own here

    fn addresses_are_std_s() {
        let _: fn(&UnixListener) -> Result<(UnixStream, SocketAddr)> = UnixListener::accept;
        let _: fn(&UnixListener) -> Result<SocketAddr> = UnixListener::local_addr;
        let _: fn(&SocketAddr) -> Result<UnixListener> = UnixListener::bind_addr;
        let _: [fn(&UnixStream) -> Result<SocketAddr>; 2] =
            [UnixStream::local_addr, UnixStream::peer_addr];
        let _: fn(&SocketAddr) -> Result<UnixStream> = UnixStream::connect_addr;
        let _: [fn(&UnixDatagram) -> Result<SocketAddr>; 2] =
            [UnixDatagram::local_addr, UnixDatagram::peer_addr];
        let _: fn(&UnixDatagram, &mut [u8]) -> Result<(usize, SocketAddr)> =
            UnixDatagram::recv_from;
        let _: fn(&SocketAddr) -> Result<UnixDatagram> = UnixDatagram::bind_addr;
    }

    fn sockets() {
        into_std::<UnixDatagram, std_unix::UnixDatagram>();
        into_std::<UnixListener, std_unix::UnixListener>();
        into_std::<UnixStream, std_unix::UnixStream>();
    }
}

#[cfg(windows)]
#[allow(dead_code)] // it is only compiled
mod windows {
    use super::*;
    use std::os::windows::io::{AsSocket, BorrowedSocket, OwnedSocket};

    /// A source that is borrowed as, turned into and made of a socket.
    fn handles<T: AsSocket + From<OwnedSocket>>()
    where
        OwnedSocket: From<T>,
    {
        let _: for<'a> fn(&'a T) -> BorrowedSocket<'a> = T::as_socket;
        let _: fn(T) -> OwnedSocket = OwnedSocket::from;
        let _: fn(OwnedSocket) -> T = T::from;
    }

    fn sockets() {
        handles::<TcpListener>();
        handles::<TcpStream>();
        handles::<UdpSocket>();
    }
}

/// Polls until an operation no longer returns `WouldBlock`.
fn wait<T>(poll: &mut Poll, mut operation: impl FnMut() -> Result<T>) -> Result<T> {
    let deadline = Instant::now() + Duration::from_secs(5);
    let mut events = Events::with_capacity(8);
    loop {
        match operation() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            result => return result,
        }
        let left = deadline.saturating_duration_since(Instant::now());
        assert!(!left.is_zero(), "nothing has happened");
        poll.poll(&mut events, Some(left))?;
    }
}

/// Sockets that a program gives to tokio come as std's types.
#[test]
fn sockets_that_were_std_s_in_between_do_their_io() -> Result<()> {
    let mut poll = Poll::new()?;
    let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
    let address = listener.local_addr()?;
    let mut listener = TcpListener::from_std(std::net::TcpListener::from(listener));
    assert_eq!(listener.local_addr()?, address);
    let client = std::net::TcpStream::from(TcpStream::connect(address)?);
    let mut client = TcpStream::from_std(client);
    let both = Interest::READABLE | Interest::WRITABLE;
    poll.registry()
        .register(&mut listener, Token(0), Interest::READABLE)?;
    poll.registry().register(&mut client, Token(1), both)?;

    let (server, _) = wait(&mut poll, || listener.accept())?;
    let mut server = TcpStream::from_std(std::net::TcpStream::from(server));
    poll.registry().register(&mut server, Token(2), both)?;
    wait(&mut poll, || client.write_all(b"marco"))?;
    let mut buffer = [0; 8];
    let count = wait(&mut poll, || server.read(&mut buffer))?;
    assert_eq!(&buffer[..count], b"marco");

    // In WasmEdge std's own write would abort the program here.
    drop(client);
    let error = wait(&mut poll, || match server.write(b"polo") {
        Ok(_) => Err::<(), _>(ErrorKind::WouldBlock.into()),
        error => error.map(drop),
    })
    .unwrap_err();
    let of_the_dead = [
        ErrorKind::BrokenPipe,
        ErrorKind::ConnectionReset,
        ErrorKind::ConnectionAborted,
    ];
    assert!(of_the_dead.contains(&error.kind()), "{error}");
    Ok(())
}
