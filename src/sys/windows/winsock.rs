//! Winsock has to be started before the first socket is made; for Windows.

use std::net::UdpSocket;
use std::sync::Once;

/// Starts Winsock, once, by having std make a socket: std starts it before its
/// first one, and stops it at the end of the program.
pub(super) fn start() {
    static STARTED: Once = Once::new();
    // A failure shows when the caller's own socket is made.
    STARTED.call_once(|| drop(UdpSocket::bind("127.0.0.1:0")));
}
