//! The socket below layered providers; for Windows.
//!
//! Firewalls, VPNs and parental controls can be installed between a program and the system's
//! sockets as a layered service provider of Winsock. A program then has a handle of the
//! layer, which AFD doesn't know. `SIO_BASE_HANDLE` returns the system's handle below.
//! Winsock's documentation forbids layers to intercept it, but some do:
//! Qustodio's (<https://github.com/tokio-rs/mio/issues/1314>) and Komodia's, which
//! Astrill VPN uses (<https://github.com/python-trio/trio/issues/1659>). They don't block
//! all of the codes that Winsock itself uses for `select`, `WSAPoll` and `WSASendMsg`
//! (<https://learn.microsoft.com/en-us/windows/win32/winsock/winsock-ioctls>), so these are
//! tried next.

use std::io;
use std::mem::{size_of, size_of_val};
use std::os::windows::io::{RawHandle, RawSocket};
use std::ptr;

use windows_sys::Win32::Networking::WinSock::{
    WSAIoctl, SIO_BASE_HANDLE, SIO_BSP_HANDLE, SIO_BSP_HANDLE_POLL, SIO_BSP_HANDLE_SELECT, SOCKET,
};

/// The handle that AFD knows a socket by.
pub(super) fn of(socket: RawSocket) -> io::Result<RawHandle> {
    match query(socket, SIO_BASE_HANDLE) {
        Ok(base) => Ok(base),
        Err(error) => [SIO_BSP_HANDLE_SELECT, SIO_BSP_HANDLE_POLL, SIO_BSP_HANDLE]
            .into_iter()
            .filter_map(|code| query(socket, code).ok())
            // Komodia's layer returns its own handle for SIO_BSP_HANDLE_SELECT.
            .find(|base| *base as RawSocket != socket)
            .ok_or(error),
    }
}

/// The handle that one control code returns.
fn query(socket: RawSocket, code: u32) -> io::Result<RawHandle> {
    let mut base: SOCKET = 0;
    let output: *mut SOCKET = &mut base;
    let mut written = 0;
    // SAFETY: the output is one socket, of which `output` and the size are, and the
    // call is not overlapped: it uses the memory only until it returns.
    let result = unsafe {
        WSAIoctl(
            socket as SOCKET,
            code,
            ptr::null(),
            0,
            output.cast(),
            size_of::<SOCKET>() as u32,
            &mut written,
            ptr::null_mut(),
            None,
        )
    };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    if written as usize != size_of_val(&base) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "a layer of Winsock returned a handle of the wrong size",
        ));
    }
    Ok(base as RawHandle)
}
