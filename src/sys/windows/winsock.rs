//! Winsock has to be started before the first socket is made; for Windows.

use std::net::UdpSocket;
use std::sync::Once;

/// Starts Winsock, once, by having std make a socket: std calls `WSAStartup` before its
/// first one, and `WSACleanup` at the end of the program.
pub(super) fn start() {
    static STARTED: Once = Once::new();
    // After a failure the caller's own socket can't be made, which is an error there.
    STARTED.call_once(|| drop(UdpSocket::bind("127.0.0.1:0")));
}
