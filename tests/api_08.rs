//! A program that uses the API of mio 0.8: it names every public item with its type.
//! Compiling it is the test that nothing is missing or has another form.

#![allow(clippy::type_complexity)] // types are what this file is about

use std::fmt::Debug;
use std::hash::Hash;
use std::io::{Read, Result, Write};
use std::ops::{BitOr, BitOrAssign};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::time::Duration;

use mio::event::{Event, Events as SameEvents, Iter, Source};
use mio::net::{TcpListener, TcpStream};
#[allow(unused_imports)] // modules of documentation
use mio::{features, guide};
use mio::{Events, Interest, Poll, Registry, Token, Waker};

/// The auto traits that every public type has.
fn auto<T: Send + Sync + Unpin + UnwindSafe + RefUnwindSafe + Debug>() {}

/// A socket or another source.
fn source<T: Source + Send + Sync + Unpin + UnwindSafe + RefUnwindSafe + Debug>() {}

#[allow(dead_code, path_statements, clippy::no_effect)] // it is only compiled
fn core_items() {
    auto::<Events>();
    auto::<SameEvents>();
    let _: fn(usize) -> Events = Events::with_capacity;
    let _: fn(&Events) -> usize = Events::capacity;
    let _: fn(&mut Events) = Events::clear;
    let _: fn(&Events) -> bool = Events::is_empty;
    let _: for<'a> fn(&'a Events) -> Iter<'a> = Events::iter;
    fn into_iter<'a, T: IntoIterator<Item = &'a Event, IntoIter = Iter<'a>>>() {}
    into_iter::<&Events>();

    auto::<Interest>();
    fn interest<T: BitOr<Output = T> + BitOrAssign + Copy + Ord>() {}
    interest::<Interest>();
    const ADDED: Interest = Interest::READABLE.add(Interest::WRITABLE);
    const READABLE: bool = ADDED.is_readable() && ADDED.is_writable();
    const OTHERS: bool = ADDED.is_aio() || ADDED.is_lio() || ADDED.is_priority();
    const { assert!(READABLE && !OTHERS) }
    let _: fn(Interest, Interest) -> Option<Interest> = Interest::remove;
    matches!(ADDED, Interest::READABLE);
    // Where they are there; this library has them on all systems.
    const PRIORITY: Interest = Interest::PRIORITY;
    const OF_BSD: [Interest; 2] = [Interest::AIO, Interest::LIO];
    const { assert!(PRIORITY.is_priority() && OF_BSD[0].is_aio() && OF_BSD[1].is_lio()) }

    auto::<Poll>();
    let _: fn() -> Result<Poll> = Poll::new;
    let _: fn(&mut Poll, &mut Events, Option<Duration>) -> Result<()> = Poll::poll;
    let _: fn(&Poll) -> &Registry = Poll::registry;

    auto::<Registry>();
    let _: fn(&Registry, &mut Box<dyn Source>, Token, Interest) -> Result<()> = Registry::register;
    let _: fn(&Registry, &mut Box<dyn Source>, Token, Interest) -> Result<()> =
        Registry::reregister;
    let _: fn(&Registry, &mut Box<dyn Source>) -> Result<()> = Registry::deregister;
    let _: fn(&Registry) -> Result<Registry> = Registry::try_clone;

    let _: fn(&Registry, &mut (dyn Source + 'static), Token, Interest) -> Result<()> =
        Registry::register;
    let _: fn(&Registry, &mut (dyn Source + 'static), Token, Interest) -> Result<()> =
        Registry::reregister;
    let _: fn(&Registry, &mut (dyn Source + 'static)) -> Result<()> = Registry::deregister;

    auto::<Token>();
    fn token<T: Copy + Ord + Hash + Into<usize>>() {}
    token::<Token>();
    const TOKEN: Token = Token(1 << 31);
    matches!(Token(TOKEN.0), TOKEN);

    auto::<Waker>();
    let _: fn(&Registry, Token) -> Result<Waker> = Waker::new;
    let _: fn(&Waker) -> Result<()> = Waker::wake;
}

#[allow(dead_code)] // it is only compiled
fn event_items() {
    auto::<Event>();
    let _: fn(&Event) -> Token = Event::token;
    let _: [fn(&Event) -> bool; 8] = [
        Event::is_readable,
        Event::is_writable,
        Event::is_error,
        Event::is_read_closed,
        Event::is_write_closed,
        Event::is_priority,
        Event::is_aio,
        Event::is_lio,
    ];
    fn event<T: Clone>() {}
    event::<Event>();
    auto::<Iter<'_>>();
    fn iter<'a, T: Iterator<Item = &'a Event> + Clone>() {}
    iter::<Iter<'_>>();
    fn boxed<T: Source>() {}
    boxed::<Box<TcpStream>>();
    boxed::<Box<dyn Source>>();
    boxed::<Box<Another>>();
}

/// A source of someone else: what it has to have, and that it has to have no more.
#[derive(Debug)]
struct Another;

impl Source for Another {
    fn register(&mut self, _: &Registry, _: Token, _: Interest) -> Result<()> {
        Ok(())
    }

    fn reregister(&mut self, _: &Registry, _: Token, _: Interest) -> Result<()> {
        Ok(())
    }

    fn deregister(&mut self, _: &Registry) -> Result<()> {
        Ok(())
    }
}

#[allow(dead_code)] // it is only compiled
mod sockets {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr};

    /// Types that read and write, by reference too.
    fn stream<T: Source + Read + Write>()
    where
        for<'a> &'a T: Read + Write,
    {
    }

    fn tcp() {
        source::<TcpListener>();
        let _: fn(SocketAddr) -> Result<TcpListener> = TcpListener::bind;
        let _: fn(&TcpListener) -> Result<(TcpStream, SocketAddr)> = TcpListener::accept;
        let _: fn(std::net::TcpListener) -> TcpListener = TcpListener::from_std;
        let _: fn(&TcpListener) -> Result<SocketAddr> = TcpListener::local_addr;
        let _: fn(&TcpListener, u32) -> Result<()> = TcpListener::set_ttl;
        let _: fn(&TcpListener) -> Result<u32> = TcpListener::ttl;
        let _: fn(&TcpListener) -> Result<Option<std::io::Error>> = TcpListener::take_error;

        source::<TcpStream>();
        stream::<TcpStream>();
        let _: fn(SocketAddr) -> Result<TcpStream> = TcpStream::connect;
        let _: fn(std::net::TcpStream) -> TcpStream = TcpStream::from_std;
        let _: [fn(&TcpStream) -> Result<SocketAddr>; 2] =
            [TcpStream::local_addr, TcpStream::peer_addr];
        let _: fn(&TcpStream) -> Result<bool> = TcpStream::nodelay;
        let _: fn(&TcpStream, bool) -> Result<()> = TcpStream::set_nodelay;
        let _: fn(&TcpStream) -> Result<u32> = TcpStream::ttl;
        let _: fn(&TcpStream, u32) -> Result<()> = TcpStream::set_ttl;
        let _: fn(&TcpStream, &mut [u8]) -> Result<usize> = TcpStream::peek;
        let _: fn(&TcpStream, Shutdown) -> Result<()> = TcpStream::shutdown;
        let _: fn(&TcpStream) -> Result<Option<std::io::Error>> = TcpStream::take_error;
        let _: fn(&TcpStream, fn() -> Result<u8>) -> Result<u8> = TcpStream::try_io;
    }

    fn udp() {
        use mio::net::UdpSocket;

        source::<UdpSocket>();
        let _: fn(SocketAddr) -> Result<UdpSocket> = UdpSocket::bind;
        let _: fn(std::net::UdpSocket) -> UdpSocket = UdpSocket::from_std;
        let _: fn(&UdpSocket, SocketAddr) -> Result<()> = UdpSocket::connect;
        let _: [fn(&UdpSocket) -> Result<SocketAddr>; 2] =
            [UdpSocket::local_addr, UdpSocket::peer_addr];
        let _: [fn(&UdpSocket, &mut [u8]) -> Result<usize>; 2] = [UdpSocket::recv, UdpSocket::peek];
        let _: [fn(&UdpSocket, &mut [u8]) -> Result<(usize, SocketAddr)>; 2] =
            [UdpSocket::recv_from, UdpSocket::peek_from];
        let _: fn(&UdpSocket, &[u8]) -> Result<usize> = UdpSocket::send;
        let _: fn(&UdpSocket, &[u8], SocketAddr) -> Result<usize> = UdpSocket::send_to;
        let _: [fn(&UdpSocket) -> Result<bool>; 4] = [
            UdpSocket::broadcast,
            UdpSocket::multicast_loop_v4,
            UdpSocket::multicast_loop_v6,
            UdpSocket::only_v6,
        ];
        let _: [fn(&UdpSocket, bool) -> Result<()>; 3] = [
            UdpSocket::set_broadcast,
            UdpSocket::set_multicast_loop_v4,
            UdpSocket::set_multicast_loop_v6,
        ];
        let _: [fn(&UdpSocket) -> Result<u32>; 2] = [UdpSocket::ttl, UdpSocket::multicast_ttl_v4];
        let _: [fn(&UdpSocket, u32) -> Result<()>; 2] =
            [UdpSocket::set_ttl, UdpSocket::set_multicast_ttl_v4];
        let _: [fn(&UdpSocket, &Ipv4Addr, &Ipv4Addr) -> Result<()>; 2] =
            [UdpSocket::join_multicast_v4, UdpSocket::leave_multicast_v4];
        let _: [fn(&UdpSocket, &Ipv6Addr, u32) -> Result<()>; 2] =
            [UdpSocket::join_multicast_v6, UdpSocket::leave_multicast_v6];
        let _: fn(&UdpSocket) -> Result<Option<std::io::Error>> = UdpSocket::take_error;
        let _: fn(&UdpSocket, fn() -> Result<u8>) -> Result<u8> = UdpSocket::try_io;
    }
}

#[cfg(any(unix, target_os = "wasi"))]
#[allow(dead_code)] // it is only compiled
mod descriptors {
    use super::*;
    use std::os::fd::{AsFd, AsRawFd, FromRawFd, IntoRawFd, OwnedFd};

    fn handles<T>()
    where
        T: AsRawFd + FromRawFd + IntoRawFd + AsFd + From<OwnedFd> + Into<OwnedFd>,
    {
    }

    fn sockets() {
        handles::<TcpListener>();
        handles::<TcpStream>();
        handles::<mio::net::UdpSocket>();
    }

    // Where the selector has a descriptor; a few of these systems are enough.
    #[cfg(all(
        any(target_os = "linux", target_os = "freebsd", target_vendor = "apple"),
        not(mio_unsupported_force_poll_poll)
    ))]
    fn polls() {
        fn raw<T: AsRawFd>() {}
        raw::<Poll>();
        raw::<Registry>();
    }
}

#[cfg(unix)]
#[allow(dead_code)] // it is only compiled
mod unix {
    use super::*;
    use mio::net::{SocketAddr, UnixDatagram, UnixListener, UnixStream};
    use mio::unix::pipe::{Receiver, Sender};
    use mio::unix::SourceFd;
    use std::net::Shutdown;
    use std::os::unix::net as std_unix;
    use std::path::Path;
    use std::process::{ChildStderr, ChildStdin, ChildStdout};

    fn addresses() {
        auto::<SocketAddr>();
        let _: fn(&SocketAddr) -> Option<&Path> = SocketAddr::as_pathname;
        let _: fn(&SocketAddr) -> bool = SocketAddr::is_unnamed;
    }

    fn datagram() {
        source::<UnixDatagram>();
        let _: fn(&'static str) -> Result<UnixDatagram> = UnixDatagram::bind;
        let _: fn(&UnixDatagram, &'static str) -> Result<()> = UnixDatagram::connect;
        let _: fn(std_unix::UnixDatagram) -> UnixDatagram = UnixDatagram::from_std;
        let _: [fn(&UnixDatagram) -> Result<SocketAddr>; 2] =
            [UnixDatagram::local_addr, UnixDatagram::peer_addr];
        let _: fn() -> Result<(UnixDatagram, UnixDatagram)> = UnixDatagram::pair;
        let _: fn(&UnixDatagram, &mut [u8]) -> Result<usize> = UnixDatagram::recv;
        let _: fn(&UnixDatagram, &mut [u8]) -> Result<(usize, SocketAddr)> =
            UnixDatagram::recv_from;
        let _: fn(&UnixDatagram, &[u8]) -> Result<usize> = UnixDatagram::send;
        let _: fn(&UnixDatagram, &[u8], &'static str) -> Result<usize> = UnixDatagram::send_to;
        let _: fn(&UnixDatagram, Shutdown) -> Result<()> = UnixDatagram::shutdown;
        let _: fn(&UnixDatagram) -> Result<Option<std::io::Error>> = UnixDatagram::take_error;
        let _: fn(&UnixDatagram, fn() -> Result<u8>) -> Result<u8> = UnixDatagram::try_io;
        let _: fn() -> Result<UnixDatagram> = UnixDatagram::unbound;
    }

    fn stream_and_listener() {
        source::<UnixListener>();
        let _: fn(&UnixListener) -> Result<(UnixStream, SocketAddr)> = UnixListener::accept;
        let _: fn(&'static str) -> Result<UnixListener> = UnixListener::bind;
        let _: fn(&SocketAddr) -> Result<UnixListener> = UnixListener::bind_addr;
        let _: fn(std_unix::UnixListener) -> UnixListener = UnixListener::from_std;
        let _: fn(&UnixListener) -> Result<SocketAddr> = UnixListener::local_addr;
        let _: fn(&UnixListener) -> Result<Option<std::io::Error>> = UnixListener::take_error;

        fn stream<T: Source + Read + Write>()
        where
            for<'a> &'a T: Read + Write,
        {
        }
        stream::<UnixStream>();
        auto::<UnixStream>();
        let _: fn(&'static str) -> Result<UnixStream> = UnixStream::connect;
        let _: fn(&SocketAddr) -> Result<UnixStream> = UnixStream::connect_addr;
        let _: fn(std_unix::UnixStream) -> UnixStream = UnixStream::from_std;
        let _: [fn(&UnixStream) -> Result<SocketAddr>; 2] =
            [UnixStream::local_addr, UnixStream::peer_addr];
        let _: fn() -> Result<(UnixStream, UnixStream)> = UnixStream::pair;
        let _: fn(&UnixStream, Shutdown) -> Result<()> = UnixStream::shutdown;
        let _: fn(&UnixStream) -> Result<Option<std::io::Error>> = UnixStream::take_error;
        let _: fn(&UnixStream, fn() -> Result<u8>) -> Result<u8> = UnixStream::try_io;
    }

    fn descriptors_and_pipes() {
        use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd};

        fn handles<T: AsRawFd + FromRawFd + IntoRawFd>() {}
        handles::<UnixDatagram>();
        handles::<UnixListener>();
        handles::<UnixStream>();
        handles::<Receiver>();
        handles::<Sender>();

        source::<SourceFd<'static>>();
        let _ = SourceFd(&0);

        let _: fn() -> Result<(Sender, Receiver)> = mio::unix::pipe::new;
        fn receiver<T: Source + Read + From<ChildStderr> + From<ChildStdout>>()
        where
            for<'a> &'a T: Read,
        {
        }
        receiver::<Receiver>();
        auto::<Receiver>();
        let _: fn(&Receiver, bool) -> Result<()> = Receiver::set_nonblocking;
        let _: fn(&Receiver, fn() -> Result<u8>) -> Result<u8> = Receiver::try_io;
        fn sender<T: Source + Write + From<ChildStdin>>()
        where
            for<'a> &'a T: Write,
        {
        }
        sender::<Sender>();
        auto::<Sender>();
        let _: fn(&Sender, bool) -> Result<()> = Sender::set_nonblocking;
        let _: fn(&Sender, fn() -> Result<u8>) -> Result<u8> = Sender::try_io;
    }
}

#[cfg(windows)]
#[allow(dead_code)] // it is only compiled
mod windows {
    use super::*;
    use mio::windows::NamedPipe;
    use std::os::windows::io::{
        AsRawHandle, AsRawSocket, AsSocket, FromRawHandle, FromRawSocket, IntoRawSocket,
        OwnedSocket,
    };

    fn sockets() {
        fn handles<T>()
        where
            T: AsRawSocket + FromRawSocket + IntoRawSocket,
            T: AsSocket + From<OwnedSocket> + Into<OwnedSocket>,
        {
        }
        handles::<TcpListener>();
        handles::<TcpStream>();
        handles::<mio::net::UdpSocket>();
    }

    fn named_pipe() {
        let _: fn(&'static str) -> Result<NamedPipe> = NamedPipe::new;
        let _: [fn(&NamedPipe) -> Result<()>; 2] = [NamedPipe::connect, NamedPipe::disconnect];
        let _: fn(&NamedPipe) -> Result<Option<std::io::Error>> = NamedPipe::take_error;
        fn pipe<T>()
        where
            T: Source + Read + Write + AsRawHandle + FromRawHandle + Debug + Send + Sync + Unpin,
            for<'a> &'a T: Read + Write,
        {
        }
        pipe::<NamedPipe>();
    }
}

#[test]
fn items_of_mio_0_8_are_all_there() {
    // Most of it has been shown by compiling; the rest is what constants say.
    core_items();
    assert_eq!(usize::from(Token(3)), 3);
}
