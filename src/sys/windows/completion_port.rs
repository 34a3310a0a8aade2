//! The completion port: a queue of packets in the kernel; for Windows.
//!
//! A completion port (IOCP) doesn't report that an operation *could* be done, but
//! that one *has been* done. Each finished operation of a handle that is
//! associated with the port puts one packet into its queue, and a program may
//! post packets of its own
//! (<https://learn.microsoft.com/en-us/windows/win32/fileio/i-o-completion-ports>). Waiting for the port is the only blocking call of
//! this backend, and everything that ends a wait comes as a packet:
//!
//! | kind | pointer | origin |
//! |---|---|---|
//! | `Socket` | `Arc<Socket>` | a request to AFD has ended, see `afd.rs` |
//! | `Wakeup` | `Arc<Signal>` | posted by a waker |
//! | `PipeOperation` | `Operation` in an `Arc<Pipe>` | a connect, read or write of a named pipe has ended |
//! | `PipeNotice` | `Arc<Pipe>` | posted by a named pipe, to have its readiness reported |
//! | `Recompute` | none | posted to have a waiting select compute its wait anew |
//!
//! The kind travels as the packet's completion key. The pointer, if any, owns one
//! reference: starting an operation or posting a packet gives up an `Arc`,
//! and taking the packet out of the queue gets it back. Between the two
//! the memory can't be freed.
//!
//! The queue is first in, first out, and nothing in it is lost. So what doesn't fit into
//! the caller's buffer stays in it: a select takes out no more packets than it may report.

use std::ffi::c_void;
use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle, RawHandle};
use std::ptr;

use windows_sys::Win32::Foundation::{INVALID_HANDLE_VALUE, WAIT_TIMEOUT};
use windows_sys::Win32::System::IO::{
    CreateIoCompletionPort, GetQueuedCompletionStatusEx, PostQueuedCompletionStatus,
    OVERLAPPED_ENTRY,
};

use super::check;

/// The timeout of a wait without end: INFINITE of the system's headers.
pub(super) const INFINITE: u32 = u32::MAX;

/// What a packet is about. The numbers are completion keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PacketKind {
    /// A request to AFD has ended.
    Socket = 1,
    /// A waker was used.
    Wakeup = 2,
    /// An operation of a named pipe has ended.
    PipeOperation = 3,
    /// A named pipe has readiness to report.
    PipeNotice = 4,
    /// A waiting select has to compute its wait anew.
    Recompute = 5,
}

/// One packet, as the kernel writes it.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct Packet(OVERLAPPED_ENTRY);

// SAFETY: the pointer inside is only a value here. The code that turns it into a reference
// argues for that, and all that it can point to may be sent and shared.
unsafe impl Send for Packet {}
// SAFETY: as above.
unsafe impl Sync for Packet {}

impl Packet {
    /// A packet that the kernel has not written yet.
    pub(super) fn empty() -> Self {
        Self(OVERLAPPED_ENTRY {
            lpCompletionKey: 0,
            lpOverlapped: ptr::null_mut(),
            Internal: 0,
            dwNumberOfBytesTransferred: 0,
        })
    }

    /// What it is about.
    pub(super) fn kind(&self) -> Option<PacketKind> {
        use PacketKind::{PipeNotice, PipeOperation, Recompute, Socket, Wakeup};
        [Socket, Wakeup, PipeOperation, PipeNotice, Recompute]
            .into_iter()
            .find(|kind| *kind as usize == self.0.lpCompletionKey)
    }

    /// The pointer that the packet was posted with.
    pub(super) fn pointer(&self) -> *mut c_void {
        self.0.lpOverlapped.cast()
    }

    /// The number of bytes that the operation has transferred.
    pub(super) fn length(&self) -> usize {
        self.0.dwNumberOfBytesTransferred as usize
    }
}

/// A completion port.
#[derive(Debug)]
pub(super) struct Port {
    /// The port's handle, not inherited by child processes.
    handle: OwnedHandle,
}

impl Port {
    /// A new port with an empty queue.
    pub(super) fn new() -> io::Result<Self> {
        // SAFETY: the call takes no memory. The last argument lets one thread at a time run:
        // only one ever waits.
        let handle = unsafe { CreateIoCompletionPort(INVALID_HANDLE_VALUE, ptr::null_mut(), 0, 1) };
        if handle.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the call has just returned it, and nothing else owns it.
        let handle = unsafe { OwnedHandle::from_raw_handle(handle) };
        Ok(Self { handle })
    }

    /// Has the operations of a handle end in this queue, as long as the handle
    /// lives.
    pub(super) fn associate(&self, handle: RawHandle, kind: PacketKind) -> io::Result<()> {
        let port = self.handle.as_raw_handle();
        // SAFETY: the call takes no memory; the kernel checks both handles.
        let result = unsafe { CreateIoCompletionPort(handle, port, kind as usize, 0) };
        if result.is_null() {
            return Err(io::Error::last_os_error());
        }
        Ok(())
    }

    /// Puts a packet into the queue. After an error `pointer` is still the
    /// caller's.
    pub(super) fn post(&self, kind: PacketKind, pointer: *const c_void) -> io::Result<()> {
        let port = self.handle.as_raw_handle();
        // SAFETY: the kernel doesn't access what the pointer points to.
        let result = unsafe { PostQueuedCompletionStatus(port, 0, kind as usize, pointer.cast()) };
        check::done(result)
    }

    /// Takes packets out of the queue, waiting for the first one for `millis`
    /// milliseconds (`INFINITE`: indefinitely). Returns how many there are: none
    /// when the time is over.
    pub(super) fn wait(&self, packets: &mut [Packet], millis: u32) -> io::Result<usize> {
        let capacity = u32::try_from(packets.len()).unwrap_or(u32::MAX);
        let mut count = 0;
        let port = self.handle.as_raw_handle();
        let buffer = packets.as_mut_ptr().cast::<OVERLAPPED_ENTRY>();
        // SAFETY: `Packet` is a transparent wrapper of what the kernel writes,
        // and `buffer` has space for `capacity` of them until the call returns.
        let result =
            unsafe { GetQueuedCompletionStatusEx(port, buffer, capacity, &mut count, millis, 0) };
        match check::done(result) {
            // Never beyond the buffer, which is sliced by this.
            Ok(()) => Ok(packets.len().min(count as usize)),
            Err(error) if error.raw_os_error() == Some(WAIT_TIMEOUT as i32) => Ok(0),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_come_in_order_and_at_most_as_many_as_fit() {
        let port = Port::new().unwrap();
        let mut packets = [Packet::empty(); 2];
        assert_eq!(port.wait(&mut packets, 0).unwrap(), 0);
        for number in 1..=3_usize {
            port.post(PacketKind::Wakeup, number as *const c_void)
                .unwrap();
        }
        assert_eq!(port.wait(&mut packets, 0).unwrap(), 2);
        assert_eq!(packets[0].pointer() as usize, 1);
        assert_eq!(packets[1].pointer() as usize, 2);
        assert_eq!(packets[0].kind(), Some(PacketKind::Wakeup));
        assert_eq!(port.wait(&mut packets, 0).unwrap(), 1);
        assert_eq!(packets[0].pointer() as usize, 3);
    }

    #[test]
    fn unknown_key_is_no_kind() {
        assert_eq!(Packet::empty().kind(), None);
    }
}
