//! libc on every target; on WASI preview 1 also the types, numbers and functions of sockets
//! that its libc lacks, so that the crate socket2 compiles and works in WasmEdge.
//!
//! The functions have the signatures and the errors of POSIX: -1 and `errno`. What the host
//! can't do is `ENOPROTOOPT` or `EAFNOSUPPORT`, with one exception: options of TCP are
//! accepted without effect, since programs treat them as hints and demand success.
#![no_std]

pub use libc::*;

// The tests of the conversions run on any system.
#[cfg(any(
    test,
    all(target_os = "wasi", not(any(target_env = "p2", target_env = "p3")))
))]
#[cfg_attr(not(target_os = "wasi"), allow(dead_code, unreachable_pub))]
mod preview1;
// Named one by one: libc has some of them, with which they must not be confused.
#[cfg(all(target_os = "wasi", not(any(target_env = "p2", target_env = "p3"))))]
pub use self::preview1::{
    accept, bind, connect, getpeername, getsockname, getsockopt, in6_addr, in_addr, in_addr_t,
    in_port_t, ip_mreq, ipv6_mreq, linger, listen, recv, recvfrom, sa_family_t, send, sendto,
    setsockopt, shutdown, sockaddr, sockaddr_in, sockaddr_in6, sockaddr_storage, socket, socklen_t,
    AF_INET, AF_INET6, AF_UNIX, AF_UNSPEC, IPPROTO_IP, IPPROTO_IPV6, IPPROTO_TCP, IPPROTO_UDP,
    IPV6_JOIN_GROUP, IPV6_LEAVE_GROUP, IPV6_MULTICAST_LOOP, IPV6_UNICAST_HOPS, IPV6_V6ONLY,
    IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP, IP_MULTICAST_LOOP, IP_MULTICAST_TTL, IP_TOS, IP_TTL,
    MSG_NOSIGNAL, MSG_PEEK, MSG_WAITALL, SHUT_RD, SHUT_RDWR, SHUT_WR, SOCK_DGRAM, SOCK_STREAM,
    SOL_SOCKET, SO_ACCEPTCONN, SO_BROADCAST, SO_DOMAIN, SO_ERROR, SO_KEEPALIVE, SO_LINGER,
    SO_PROTOCOL, SO_RCVBUF, SO_RCVTIMEO, SO_REUSEADDR, SO_SNDBUF, SO_SNDTIMEO, SO_TYPE,
    TCP_KEEPCNT, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_NODELAY,
};
