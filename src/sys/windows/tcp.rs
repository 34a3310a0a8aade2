//! TCP sockets; for Windows. The types are std's, and std makes the listeners: child
//! processes don't inherit them, and they don't have SO_REUSEADDR, by which other programs
//! could take the address over on Windows
//! (<https://learn.microsoft.com/en-us/windows/win32/winsock/using-so-reuseaddr-and-so-exclusiveaddruse>).

use std::io;
use std::net::SocketAddr;
use std::os::windows::io::{AsRawSocket, FromRawSocket, OwnedSocket, RawSocket};
use std::ptr;

use windows_sys::Win32::Foundation::{SetHandleInformation, HANDLE, HANDLE_FLAG_INHERIT};
use windows_sys::Win32::Networking::WinSock::{
    connect as ws_connect, WSASocketW, AF_INET, AF_INET6, INVALID_SOCKET, SOCKET, SOCK_STREAM,
    WSA_FLAG_NO_HANDLE_INHERIT, WSA_FLAG_OVERLAPPED,
};

pub(crate) use std::net::{TcpListener as Listener, TcpStream as Stream};

use super::addr::RawAddr;
use super::check;

/// A stream that is being connected to `address`.
pub(crate) fn connect(address: SocketAddr) -> io::Result<Stream> {
    super::winsock::start();
    let stream = Stream::from(new_socket(&address)?);
    stream.set_nonblocking(true)?;
    let address = RawAddr::from(address);
    let socket = stream.as_raw_socket() as SOCKET;
    // SAFETY: the address and its length belong together and outlive the call.
    let result = unsafe { ws_connect(socket, address.as_ptr(), address.length()) };
    if result != 0 {
        let error = io::Error::last_os_error();
        // WSAEWOULDBLOCK: the connection attempt has begun.
        if error.kind() != io::ErrorKind::WouldBlock {
            return Err(error);
        }
    }
    Ok(stream)
}

/// A listener at `address`.
pub(crate) fn listen(address: SocketAddr) -> io::Result<Listener> {
    let listener = Listener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// The next connection and its peer. It is non-blocking if the listener is, and not
/// inherited by child processes, which std doesn't see to.
pub(crate) fn accept(listener: &Listener) -> io::Result<(Stream, SocketAddr)> {
    let (stream, peer) = listener.accept()?;
    let handle = stream.as_raw_socket() as HANDLE;
    // SAFETY: the call takes no memory, and the handle is the stream's.
    check::done(unsafe { SetHandleInformation(handle, HANDLE_FLAG_INHERIT, 0) })?;
    Ok((stream, peer))
}

/// A socket that child processes don't inherit.
fn new_socket(address: &SocketAddr) -> io::Result<OwnedSocket> {
    let family = match address {
        SocketAddr::V4(_) => AF_INET,
        SocketAddr::V6(_) => AF_INET6,
    };
    let flags = WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT;
    // SAFETY: the call takes no memory: no protocol is described.
    let socket = unsafe { WSASocketW(i32::from(family), SOCK_STREAM, 0, ptr::null(), 0, flags) };
    if socket == INVALID_SOCKET {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call has just returned it, and nothing else owns it.
    Ok(unsafe { OwnedSocket::from_raw_socket(socket as RawSocket) })
}
