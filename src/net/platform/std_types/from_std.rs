//! `from_std` of the sockets, which takes std's types, and the lookup of names by std; not for
//! WASI preview 1.

use crate::net::{TcpListener, TcpStream, UdpSocket};

/// The addresses of a host.
#[cfg(feature = "lookup")]
pub(in crate::net) fn lookup(
    host: &str,
    port: u16,
) -> std::io::Result<std::vec::IntoIter<std::net::SocketAddr>> {
    std::net::ToSocketAddrs::to_socket_addrs(&(host, port))
}

/// The library's own type for a socket of std: the same one, or a wrapper (WASI preview 2).
fn adopt<S, T: From<S>>(socket: S) -> T {
    T::from(socket)
}

impl TcpListener {
    /// Takes over a listener of std.
    ///
    /// It keeps the mode that it has: call
    /// [`set_nonblocking`](std::net::TcpListener::set_nonblocking) before.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// use mio::net::TcpListener;
    /// use mio::{Events, Interest, Poll, Token};
    /// use std::io::ErrorKind;
    /// use std::net;
    /// use std::time::Duration;
    ///
    /// let listener = net::TcpListener::bind("127.0.0.1:0")?;
    /// listener.set_nonblocking(true)?;
    /// let mut listener = TcpListener::from_std(listener);
    /// let mut poll = Poll::new()?;
    /// poll.registry().register(&mut listener, Token(0), Interest::READABLE)?;
    /// let client = net::TcpStream::connect(listener.local_addr()?)?;
    ///
    /// let mut events = Events::with_capacity(4);
    /// let (_, peer) = loop {
    ///     poll.poll(&mut events, Some(Duration::from_secs(5)))?;
    ///     assert!(!events.is_empty(), "no connection came in time");
    ///     match listener.accept() {
    ///         Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
    ///         result => break result?,
    ///     }
    /// };
    /// assert_eq!(peer, client.local_addr()?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_std(listener: std::net::TcpListener) -> Self {
        Self::from_sys(adopt(listener))
    }
}

impl TcpStream {
    /// Takes over a stream of std.
    ///
    /// It keeps the mode that it has: call
    /// [`set_nonblocking`](std::net::TcpStream::set_nonblocking) before.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// use mio::net::TcpStream;
    /// use mio::{Events, Interest, Poll, Token};
    /// use std::io::{ErrorKind, Read, Write};
    /// use std::net;
    /// use std::time::Duration;
    ///
    /// let listener = net::TcpListener::bind("127.0.0.1:0")?;
    /// let stream = net::TcpStream::connect(listener.local_addr()?)?;
    /// stream.set_nonblocking(true)?;
    /// let mut stream = TcpStream::from_std(stream);
    /// let mut poll = Poll::new()?;
    /// poll.registry().register(&mut stream, Token(0), Interest::READABLE)?;
    /// listener.accept()?.0.write_all(b"hello")?;
    ///
    /// let mut events = Events::with_capacity(4);
    /// let mut message = [0; 8];
    /// let length = loop {
    ///     poll.poll(&mut events, Some(Duration::from_secs(5)))?;
    ///     assert!(!events.is_empty(), "nothing came in time");
    ///     match stream.read(&mut message) {
    ///         Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
    ///         result => break result?,
    ///     }
    /// };
    /// assert_eq!(&message[..length], b"hello");
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_std(stream: std::net::TcpStream) -> Self {
        Self::from_sys(adopt(stream))
    }
}

impl UdpSocket {
    /// Takes over a socket of std.
    ///
    /// It keeps the mode that it has: call
    /// [`set_nonblocking`](std::net::UdpSocket::set_nonblocking) before.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// use mio::net::UdpSocket;
    /// use mio::{Events, Interest, Poll, Token};
    /// use std::io::ErrorKind;
    /// use std::net;
    /// use std::time::Duration;
    ///
    /// let socket = net::UdpSocket::bind("127.0.0.1:0")?;
    /// socket.set_nonblocking(true)?;
    /// let mut socket = UdpSocket::from_std(socket);
    /// let mut poll = Poll::new()?;
    /// poll.registry().register(&mut socket, Token(0), Interest::READABLE)?;
    /// socket.send_to(b"to myself", socket.local_addr()?)?;
    ///
    /// let mut events = Events::with_capacity(4);
    /// let mut message = [0; 16];
    /// let (length, sender) = loop {
    ///     poll.poll(&mut events, Some(Duration::from_secs(5)))?;
    ///     assert!(!events.is_empty(), "nothing came in time");
    ///     match socket.recv_from(&mut message) {
    ///         Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
    ///         result => break result?,
    ///     }
    /// };
    /// assert_eq!(&message[..length], b"to myself");
    /// assert_eq!(sender, socket.local_addr()?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_std(socket: std::net::UdpSocket) -> Self {
        Self::from_sys(adopt(socket))
    }
}

/// Those of Unix sockets.
#[cfg(unix)]
mod unix_sockets {
    use std::os::unix::net;

    use crate::net::{UnixDatagram, UnixListener, UnixStream};

    impl UnixDatagram {
        /// Takes over a socket of std.
        ///
        /// It keeps the mode that it has: call
        /// [`set_nonblocking`](net::UnixDatagram::set_nonblocking) before.
        ///
        /// # Examples
        ///
        /// ```
        /// use mio::net::UnixDatagram;
        ///
        /// let socket = std::os::unix::net::UnixDatagram::unbound()?;
        /// socket.set_nonblocking(true)?;
        /// let socket = UnixDatagram::from_std(socket);
        /// # std::io::Result::Ok(())
        /// ```
        pub fn from_std(socket: net::UnixDatagram) -> Self {
            Self::from_sys(socket)
        }
    }

    impl UnixListener {
        /// Takes over a listener of std.
        ///
        /// It keeps the mode that it has: call
        /// [`set_nonblocking`](net::UnixListener::set_nonblocking) before.
        ///
        /// # Examples
        ///
        /// ```
        /// use mio::net::UnixListener;
        ///
        /// let path = std::env::temp_dir().join(format!("mio-listener-std-{}", std::process::id()));
        /// let socket = std::os::unix::net::UnixListener::bind(&path)?;
        /// socket.set_nonblocking(true)?;
        /// let socket = UnixListener::from_std(socket);
        /// std::fs::remove_file(&path)?;
        /// # std::io::Result::Ok(())
        /// ```
        pub fn from_std(listener: net::UnixListener) -> Self {
            Self::from_sys(listener)
        }
    }

    impl UnixStream {
        /// Takes over a stream of std.
        ///
        /// It keeps the mode that it has: call
        /// [`set_nonblocking`](net::UnixStream::set_nonblocking) before.
        ///
        /// # Examples
        ///
        /// ```
        /// use mio::net::UnixStream;
        ///
        /// let (socket, peer) = std::os::unix::net::UnixStream::pair()?;
        /// socket.set_nonblocking(true)?;
        /// let socket = UnixStream::from_std(socket);
        /// # std::io::Result::Ok(())
        /// ```
        pub fn from_std(stream: net::UnixStream) -> Self {
            Self::from_sys(stream)
        }
    }
}
