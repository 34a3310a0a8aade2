//! A connection that can be reset on every host.

pub(crate) use self::system::pair_to_reset;

/// The peer is a stream without linger time.
#[cfg(not(all(target_os = "wasi", any(target_env = "p2", target_env = "p3"))))]
mod system {
    use mio::net::TcpStream;

    use crate::support::{reset, tcp_pair};

    /// The other end of a stream.
    pub(crate) struct Peer(TcpStream);

    impl Peer {
        /// The stream, where the system has one for it.
        pub(crate) fn stream(&mut self) -> Option<&mut TcpStream> {
            Some(&mut self.0)
        }

        /// Resets the connection.
        pub(crate) fn reset(self) {
            reset(self.0);
        }
    }

    /// A connected stream, not registered, and what resets it.
    #[track_caller]
    pub(crate) fn pair_to_reset() -> (TcpStream, Peer) {
        let (client, server) = tcp_pair();
        (client, Peer(server))
    }
}

/// The peer is a listener that has not accepted the connection: a system resets such a
/// connection when the listener is closed. To close a stream with unread data is no reset on
/// every host: wasmtime 49 shuts the stream down first (`Drop for TcpSendStream` in
/// crates/wasi/src/sockets/tcp.rs), so that its peer reads the end.
#[cfg(all(target_os = "wasi", any(target_env = "p2", target_env = "p3")))]
mod system {
    use mio::net::{TcpListener, TcpStream};
    use mio::{Interest, Token};

    use crate::support::{local, Fixture};

    /// The other end of a stream.
    pub(crate) struct Peer(TcpListener);

    impl Peer {
        /// The stream, where the system has one for it.
        #[allow(clippy::unused_self)] // other systems have one
        pub(crate) fn stream(&mut self) -> Option<&mut TcpStream> {
            None
        }

        /// Resets the connection.
        pub(crate) fn reset(self) {
            drop(self.0);
        }
    }

    /// A connected stream, not registered, and what resets it.
    #[track_caller]
    pub(crate) fn pair_to_reset() -> (TcpStream, Peer) {
        let mut fixture = Fixture::new();
        let listener = TcpListener::bind(local()).unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        fixture.register(&mut client, Token(0), Interest::WRITABLE);
        fixture.expect_writable(Token(0));
        assert!(client.take_error().unwrap().is_none());
        fixture.poll.registry().deregister(&mut client).unwrap();
        (client, Peer(listener))
    }
}
