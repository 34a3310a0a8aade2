//! Overlapped operations on named pipes: the system calls, and the memory that
//! belongs to a pending operation; for Windows.
//!
//! An overlapped operation takes an `OVERLAPPED`, where the kernel keeps its
//! status until it ends, and whose address its packet carries. Each pipe has
//! three of them, one for each kind of operation, inside of its `Arc`. Starting
//! an operation gives one reference to the kernel; its packet gives it back.

use std::cell::UnsafeCell;
use std::ffi::OsStr;
use std::io;
use std::mem::zeroed;
use std::os::windows::ffi::OsStrExt;
use std::os::windows::io::{FromRawHandle, OwnedHandle, RawHandle};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::Arc;

use windows_sys::core::BOOL;
use windows_sys::Win32::Foundation::{
    ERROR_IO_PENDING, ERROR_MORE_DATA, ERROR_NOT_FOUND, INVALID_HANDLE_VALUE, NTSTATUS,
    STATUS_PENDING,
};
use windows_sys::Win32::Storage::FileSystem::{
    ReadFile, WriteFile, FILE_FLAG_FIRST_PIPE_INSTANCE, FILE_FLAG_OVERLAPPED, PIPE_ACCESS_DUPLEX,
};
use windows_sys::Win32::System::Pipes::{
    ConnectNamedPipe, CreateNamedPipeW, DisconnectNamedPipe, PeekNamedPipe, PIPE_TYPE_BYTE,
    PIPE_UNLIMITED_INSTANCES,
};
use windows_sys::Win32::System::IO::{CancelIoEx, OVERLAPPED};

use crate::sys::windows::check;
use crate::sys::windows::completion_port::Packet;

/// The size of the system's buffer in each direction.
const SYSTEM_BUFFER: u32 = 65_536;

/// The kind of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Waiting for a client.
    Connect,
    /// Reading ahead.
    Read,
    /// Writing behind.
    Write,
}

/// The memory of one operation, of which at most one is pending at a time, in an `Arc<P>`.
#[repr(C)]
pub(super) struct Operation<P> {
    /// Belongs to the kernel while the operation is pending. It is the first field, so that
    /// its address is the address of the whole.
    overlapped: UnsafeCell<OVERLAPPED>,
    /// The kind.
    kind: Kind,
    /// The reference that the kernel owns while the operation is pending.
    owner: AtomicPtr<P>,
}

// SAFETY: `overlapped` is only touched by `start`, whose callers make sure that
// there is one at a time, and by the kernel.
unsafe impl<P: Send + Sync> Send for Operation<P> {}
// SAFETY: as above.
unsafe impl<P: Send + Sync> Sync for Operation<P> {}

impl<P> Operation<P> {
    /// An operation that is not pending.
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            // SAFETY: integers, and a handle that may be null.
            overlapped: UnsafeCell::new(unsafe { zeroed() }),
            kind,
            owner: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// The pointer that the kernel is given.
    fn as_ptr(&self) -> *mut OVERLAPPED {
        let whole: *const Self = self;
        whole.cast_mut().cast()
    }

    /// Starts the operation by a call that is given its memory. After a success a
    /// packet will come, also if the operation has ended at once.
    ///
    /// # Safety
    ///
    /// The operation is part of `owner` and not pending.
    unsafe fn start(
        &self,
        owner: &Arc<P>,
        call: impl FnOnce(*mut OVERLAPPED) -> BOOL,
    ) -> io::Result<()> {
        // SAFETY: as for `new`.
        let fresh = unsafe { zeroed() };
        // SAFETY: the operation is not pending, so the memory is ours alone.
        unsafe { self.as_ptr().write(fresh) };
        // Before the call: another thread may take the packet before it returns.
        let owner = Arc::into_raw(Arc::clone(owner));
        self.owner.store(owner.cast_mut(), Ordering::Release);
        match check::done(call(self.as_ptr())) {
            Err(error) if !is_started(&error) => {
                self.owner.store(ptr::null_mut(), Ordering::Release);
                // SAFETY: the call has failed, so there will be no packet and the
                // reference is still ours.
                drop(unsafe { Arc::from_raw(owner) });
                Err(error)
            }
            _ => Ok(()),
        }
    }

    /// Starts to wait for a client.
    ///
    /// # Safety
    ///
    /// The operation is part of `owner` and not pending; `handle` is the pipe's.
    pub(super) unsafe fn connect(&self, owner: &Arc<P>, handle: RawHandle) -> io::Result<()> {
        let call = |overlapped| {
            // SAFETY: the memory lives until the packet comes, see `start`.
            unsafe { ConnectNamedPipe(handle, overlapped) }
        };
        // SAFETY: by this function's contract.
        unsafe { self.start(owner, call) }
    }

    /// Starts to read into `buffer`.
    ///
    /// # Safety
    ///
    /// The operation is part of `owner` and not pending; `handle` is the pipe's. After a success the bytes
    /// of `buffer` stay where they are, untouched, until the packet has come.
    pub(super) unsafe fn read(
        &self,
        owner: &Arc<P>,
        handle: RawHandle,
        buffer: &mut [u8],
    ) -> io::Result<()> {
        let length = u32::try_from(buffer.len()).unwrap_or(u32::MAX);
        let bytes = buffer.as_mut_ptr();
        let call = |overlapped| {
            // SAFETY: the memory of both lives until the packet comes, by this
            // function's contract and see `start`.
            unsafe { ReadFile(handle, bytes, length, ptr::null_mut(), overlapped) }
        };
        // SAFETY: by this function's contract.
        unsafe { self.start(owner, call) }
    }

    /// Starts to write `bytes`.
    ///
    /// # Safety
    ///
    /// As for [`read`](Self::read).
    pub(super) unsafe fn write(
        &self,
        owner: &Arc<P>,
        handle: RawHandle,
        bytes: &[u8],
    ) -> io::Result<()> {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let bytes = bytes.as_ptr();
        let call = |overlapped| {
            // SAFETY: the memory of both lives until the packet comes, by this
            // function's contract and see `start`.
            unsafe { WriteFile(handle, bytes, length, ptr::null_mut(), overlapped) }
        };
        // SAFETY: by this function's contract.
        unsafe { self.start(owner, call) }
    }

    /// Takes over the reference that a packet of the kind `PipeOperation` owns. Returns the
    /// pipe, the kind of the operation that has ended, and its result.
    ///
    /// # Safety
    ///
    /// The packet was just taken out of the queue.
    pub(super) unsafe fn ended(packet: &Packet) -> (Arc<P>, Kind, io::Result<usize>) {
        // SAFETY: the packet carries the address of the `OVERLAPPED` at the start
        // of an operation, inside of a pipe that is kept alive by the reference
        // that is taken back below.
        let operation = unsafe { &*packet.pointer().cast_const().cast::<Self>() };
        let kind = operation.kind;
        // SAFETY: the operation has ended, so the kernel is done with it.
        let status = unsafe { (*operation.as_ptr()).Internal } as NTSTATUS;
        let result = if check::is_failure(status) {
            Err(check::error(status))
        } else {
            Ok(packet.length())
        };
        let owner = operation.owner.swap(ptr::null_mut(), Ordering::AcqRel);
        // SAFETY: `start` has stored the reference that it gave up for this
        // packet, and a packet leaves the queue only once.
        let pipe = unsafe { Arc::from_raw(owner.cast_const()) };
        (pipe, kind, result)
    }

    /// Cancels the operation if it is pending. Its packet comes all the same.
    pub(super) fn cancel(&self, handle: RawHandle) {
        // SAFETY: the kernel only compares the address with those of pending operations.
        let result = check::done(unsafe { CancelIoEx(handle, self.as_ptr()) });
        match result {
            Err(error) if error.raw_os_error() != Some(ERROR_NOT_FOUND as i32) => {
                crate::log::debug!("an operation of a named pipe can't be cancelled: {error}");
            }
            _ => {}
        }
    }

    /// Is the kernel done with the operation, though its packet may be still to
    /// come?
    pub(super) fn is_done(&self) -> bool {
        // The status is the first field.
        let status: *const usize = self.as_ptr().cast_const().cast();
        // SAFETY: the field is part of `self`, and an integer that the kernel sets
        // once, at the end; HasOverlappedIoCompleted of the system's headers reads it early
        // too.
        let status = unsafe { status.read_volatile() };
        status as NTSTATUS != STATUS_PENDING
    }
}

/// Is it the error of an operation that has been started, and will end with a
/// packet?
fn is_started(error: &io::Error) -> bool {
    // ERROR_MORE_DATA: the first part of a message has been read.
    matches!(error.raw_os_error(), Some(code)
        if code == ERROR_IO_PENDING as i32 || code == ERROR_MORE_DATA as i32)
}

/// Ends the connection of the client.
pub(super) fn disconnect(handle: RawHandle) -> io::Result<()> {
    // SAFETY: the call takes no memory.
    check::done(unsafe { DisconnectNamedPipe(handle) })
}

/// Is there another end? (Fails if there isn't.)
pub(super) fn peek(handle: RawHandle) -> io::Result<()> {
    let nothing = ptr::null_mut();
    // SAFETY: all pointers are null, so that nothing but the result is returned.
    check::done(unsafe {
        PeekNamedPipe(
            handle,
            nothing,
            0,
            nothing.cast(),
            nothing.cast(),
            nothing.cast(),
        )
    })
}

/// Makes the first instance of a pipe: bytes in both directions, overlapped.
pub(super) fn create(name: &OsStr) -> io::Result<OwnedHandle> {
    let mut wide: Vec<u16> = name.encode_wide().collect();
    if wide.contains(&0) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the name of a pipe can't contain a zero character",
        ));
    }
    wide.push(0);
    // SAFETY: the name ends with a zero and outlives the call; no security
    // attributes means the default ones, and a handle that isn't inherited.
    let handle = unsafe {
        CreateNamedPipeW(
            wide.as_ptr(),
            PIPE_ACCESS_DUPLEX | FILE_FLAG_FIRST_PIPE_INSTANCE | FILE_FLAG_OVERLAPPED,
            PIPE_TYPE_BYTE,
            PIPE_UNLIMITED_INSTANCES,
            SYSTEM_BUFFER,
            SYSTEM_BUFFER,
            0,
            ptr::null(),
        )
    };
    if handle == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call has just returned it, and nothing else owns it.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}
