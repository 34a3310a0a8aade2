//! The options of [`UdpSocket`]: broadcast, multicast, time to live; the same on all systems.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::UdpSocket;
use crate::sys;

impl UdpSocket {
    /// Allows to send to broadcast addresses (SO_BROADCAST).
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI preview 2,
    /// otherwise the system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UdpSocket;
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// socket.set_broadcast(true)?;
    /// assert!(socket.broadcast()?);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn set_broadcast(&self, on: bool) -> io::Result<()> {
        self.inner.get().set_broadcast(on)
    }

    /// Is sending to broadcast addresses allowed (SO_BROADCAST)?
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI preview 2,
    /// otherwise the system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UdpSocket;
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// assert!(!socket.broadcast()?);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn broadcast(&self) -> io::Result<bool> {
        self.inner.get().broadcast()
    }

    /// Sets whether multicast datagrams that it sends are handed to this machine too
    /// (IP_MULTICAST_LOOP).
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI, otherwise the
    /// system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UdpSocket;
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// socket.set_multicast_loop_v4(false)?;
    /// assert!(!socket.multicast_loop_v4()?);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn set_multicast_loop_v4(&self, on: bool) -> io::Result<()> {
        self.inner.get().set_multicast_loop_v4(on)
    }

    /// Are multicast datagrams that it sends handed to this machine too
    /// (IP_MULTICAST_LOOP)?
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI, otherwise the
    /// system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UdpSocket;
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// assert!(socket.multicast_loop_v4()?);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn multicast_loop_v4(&self) -> io::Result<bool> {
        self.inner.get().multicast_loop_v4()
    }

    /// Sets how many routers a multicast datagram may pass (IP_MULTICAST_TTL),
    /// 1 at first.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI, otherwise the
    /// system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UdpSocket;
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// socket.set_multicast_ttl_v4(4)?;
    /// assert_eq!(socket.multicast_ttl_v4()?, 4);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn set_multicast_ttl_v4(&self, ttl: u32) -> io::Result<()> {
        self.inner.get().set_multicast_ttl_v4(ttl)
    }

    /// How many routers a multicast datagram may pass (IP_MULTICAST_TTL).
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI, otherwise the
    /// system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UdpSocket;
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// assert_eq!(socket.multicast_ttl_v4()?, 1);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn multicast_ttl_v4(&self) -> io::Result<u32> {
        self.inner.get().multicast_ttl_v4()
    }

    /// Sets whether IPv6 multicast datagrams are handed to this machine too
    /// (IPV6_MULTICAST_LOOP).
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI, otherwise the
    /// system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// /// For a socket that takes part in a conversation, and knows what it has sent.
    /// fn ignore_own(socket: &mio::net::UdpSocket) -> std::io::Result<()> {
    ///     socket.set_multicast_loop_v6(false)
    /// }
    /// ```
    pub fn set_multicast_loop_v6(&self, on: bool) -> io::Result<()> {
        self.inner.get().set_multicast_loop_v6(on)
    }

    /// Are IPv6 multicast datagrams handed to this machine too
    /// (IPV6_MULTICAST_LOOP)?
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI, otherwise the
    /// system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// /// Does a socket receive what is sent from here?
    /// fn receives_own(socket: &mio::net::UdpSocket) -> std::io::Result<bool> {
    ///     socket.multicast_loop_v6()
    /// }
    /// ```
    pub fn multicast_loop_v6(&self) -> io::Result<bool> {
        self.inner.get().multicast_loop_v6()
    }

    /// Sets how many routers a datagram may pass (IP_TTL).
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI preview 1,
    /// otherwise the system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UdpSocket;
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// socket.set_ttl(16)?;
    /// assert_eq!(socket.ttl()?, 16);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.inner.get().set_ttl(ttl)
    }

    /// How many routers a datagram may pass (IP_TTL).
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI preview 1,
    /// otherwise the system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UdpSocket;
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// assert!(socket.ttl()? > 0);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn ttl(&self) -> io::Result<u32> {
        self.inner.get().ttl()
    }

    /// Joins a multicast group through the interface with this address; the
    /// unspecified address lets the system choose.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI, otherwise the
    /// system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// use mio::net::UdpSocket;
    /// use std::net::Ipv4Addr;
    ///
    /// let group = Ipv4Addr::new(239, 255, 77, 77);
    /// let member = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0).into())?;
    /// member.join_multicast_v4(&group, &Ipv4Addr::LOCALHOST)?;
    /// // Until then what is sent to the group and the socket's port is received.
    /// member.leave_multicast_v4(&group, &Ipv4Addr::LOCALHOST)?;
    /// assert!(member.leave_multicast_v4(&group, &Ipv4Addr::LOCALHOST).is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn join_multicast_v4(&self, multiaddr: &Ipv4Addr, interface: &Ipv4Addr) -> io::Result<()> {
        self.inner.get().join_multicast_v4(multiaddr, interface)
    }

    /// Joins an IPv6 multicast group through the interface with this index; 0
    /// lets the system choose.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI, otherwise the
    /// system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UdpSocket;
    /// use std::net::Ipv6Addr;
    ///
    /// /// Receives what is sent to all nodes of the link behind an interface.
    /// fn join(socket: &UdpSocket, interface: u32) -> std::io::Result<()> {
    ///     let all_nodes: Ipv6Addr = "ff02::1".parse().unwrap();
    ///     socket.join_multicast_v6(&all_nodes, interface)
    /// }
    /// ```
    pub fn join_multicast_v6(&self, multiaddr: &Ipv6Addr, interface: u32) -> io::Result<()> {
        self.inner.get().join_multicast_v6(multiaddr, interface)
    }

    /// Leaves a multicast group, see [`UdpSocket::join_multicast_v4`].
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI, otherwise the
    /// system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UdpSocket;
    /// use std::net::Ipv4Addr;
    ///
    /// let group = Ipv4Addr::new(239, 255, 77, 78);
    /// let member = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0).into())?;
    /// member.join_multicast_v4(&group, &Ipv4Addr::LOCALHOST)?;
    /// member.leave_multicast_v4(&group, &Ipv4Addr::LOCALHOST)?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn leave_multicast_v4(&self, multiaddr: &Ipv4Addr, interface: &Ipv4Addr) -> io::Result<()> {
        self.inner.get().leave_multicast_v4(multiaddr, interface)
    }

    /// Leaves an IPv6 multicast group, see [`UdpSocket::join_multicast_v6`].
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI, otherwise the
    /// system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UdpSocket;
    /// use std::net::Ipv6Addr;
    ///
    /// /// No longer receives what is sent to all nodes of the link behind an interface.
    /// fn leave(socket: &UdpSocket, interface: u32) -> std::io::Result<()> {
    ///     let all_nodes: Ipv6Addr = "ff02::1".parse().unwrap();
    ///     socket.leave_multicast_v6(&all_nodes, interface)
    /// }
    /// ```
    pub fn leave_multicast_v6(&self, multiaddr: &Ipv6Addr, interface: u32) -> io::Result<()> {
        self.inner.get().leave_multicast_v6(multiaddr, interface)
    }

    /// Does this IPv6 socket refuse IPv4 (IPV6_V6ONLY)? The default differs
    /// between systems.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI preview 1, and for an
    /// IPv4 socket on preview 2; otherwise the system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UdpSocket;
    /// use std::net::Ipv6Addr;
    ///
    /// /// Sockets for all addresses of this machine: one for IPv4 too, if the first leaves it out.
    /// fn bind_all(port: u16) -> std::io::Result<Vec<UdpSocket>> {
    ///     let mut sockets = vec![UdpSocket::bind((Ipv6Addr::UNSPECIFIED, port).into())?];
    ///     if sockets[0].only_v6()? {
    ///         sockets.push(UdpSocket::bind(([0, 0, 0, 0], port).into())?);
    ///     }
    ///     Ok(sockets)
    /// }
    /// ```
    pub fn only_v6(&self) -> io::Result<bool> {
        sys::udp::only_v6(self.inner.get())
    }
}
