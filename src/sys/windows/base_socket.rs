//! The socket below layered providers; for Windows.
//!
//! Firewalls and the like can stand between a program and the system's sockets as
//! a layer of Winsock. What a program holds then is a handle of the layer, of
//! which AFD knows nothing. The layer is asked for the socket beneath. Some layers
//! don't answer the plain question, but the more special ones that are meant for
//! `select` and `WSAPoll`.

use std::io;
use std::mem::{size_of, size_of_val};
use std::os::windows::io::{RawHandle, RawSocket};
use std::ptr;

use windows_sys::Win32::Networking::WinSock::{
    WSAIoctl, SIO_BASE_HANDLE, SIO_BSP_HANDLE, SIO_BSP_HANDLE_POLL, SIO_BSP_HANDLE_SELECT, SOCKET,
};

/// The handle that AFD knows a socket by.
pub(super) fn of(socket: RawSocket) -> io::Result<RawHandle> {
    match ask(socket, SIO_BASE_HANDLE) {
        Ok(base) => Ok(base),
        Err(error) => [SIO_BSP_HANDLE_SELECT, SIO_BSP_HANDLE_POLL, SIO_BSP_HANDLE]
            .into_iter()
            .filter_map(|question| ask(socket, question).ok())
            // A layer that answers with itself has said nothing.
            .find(|base| *base as RawSocket != socket)
            .ok_or(error),
    }
}

/// One question about what is below a socket.
fn ask(socket: RawSocket, question: u32) -> io::Result<RawHandle> {
    let mut base: SOCKET = 0;
    let room: *mut SOCKET = &mut base;
    let mut written = 0;
    // SAFETY: the answer is a socket, which is what there is room for, and the
    // call is not overlapped: it uses the memory only until it returns.
    let result = unsafe {
        WSAIoctl(
            socket as SOCKET,
            question,
            ptr::null(),
            0,
            room.cast(),
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
            "a layer of Winsock gave an answer of the wrong size",
        ));
    }
    Ok(base as RawHandle)
}
