//! AFD, the driver below Winsock: its readiness requests; for Windows.
//!
//! Winsock can wait for readiness (`select`, `WSAPoll`), but neither function
//! scales nor can it be combined with a completion port. Both are built on one
//! control code of the "ancillary function driver", AFD, and this backend calls
//! the driver itself, as libuv, wepoll (<https://github.com/piscisaureus/wepoll>) and
//! others do. The interface is undocumented but has not changed since Windows Vista;
//! <https://notgull.net/device-afd/> describes it.
//!
//! - A *poll request* (`IOCTL_AFD_POLL`) names a socket and a set of conditions.
//!   It ends when one of them holds, at once if one does already, and reports which
//!   ones hold. It is one-shot and level-triggered: repeated, it ends at once
//!   as long as the condition holds. `conditions.rs` has the list.
//! - A request is not made on the socket but on a handle of the device itself,
//!   opened under any name below `\Device\Afd`. So the socket need not be
//!   associated with our completion port, and stays free for other uses. The
//!   device handle is associated with it, and the end of each of its requests is a packet.
//! - One handle can carry any number of requests at a time, but to cancel one
//!   the kernel searches all of them. So each handle serves few sockets
//!   ([`SOCKETS_PER_HANDLE`]), and an [`AfdGroup`] opens as many as are needed.
//! - The request block (status and arguments) is read when the request is made,
//!   and written when it ends. It must not move in between: `PollRequest`
//!   is inside of the `Socket` of `socket.rs`, of which the request owns
//!   a reference.
//! - A request that ends successfully at once posts a packet all the same; one
//!   that is refused at once (a closed socket, say) doesn't.

use std::ffi::c_void;
use std::io;
use std::mem::size_of;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle, RawHandle};
use std::ptr;
use std::sync::{Arc, Mutex};

use windows_sys::Wdk::Foundation::OBJECT_ATTRIBUTES;
use windows_sys::Wdk::Storage::FileSystem::{NtCancelIoFileEx, NtCreateFile, FILE_OPEN};
use windows_sys::Wdk::System::IO::NtDeviceIoControlFile;
use windows_sys::Win32::Foundation::{
    HANDLE, NTSTATUS, STATUS_NOT_FOUND, STATUS_PENDING, UNICODE_STRING,
};
use windows_sys::Win32::Storage::FileSystem::{FILE_SHARE_READ, FILE_SHARE_WRITE, SYNCHRONIZE};
use windows_sys::Win32::System::IO::{IO_STATUS_BLOCK, IO_STATUS_BLOCK_0};

use super::check::{self, lock};
use super::completion_port::{PacketKind, Port};
use super::conditions::Conditions;

/// The number of sockets that share a handle of the device, which is that of wepoll.
const SOCKETS_PER_HANDLE: usize = 32;

/// The control code of poll requests.
const IOCTL_AFD_POLL: u32 = 0x0001_2024;

/// The name of the device, with one of our own below it.
const DEVICE: &str = r"\Device\Afd\mio_wasi";

/// A poll request of one socket: the memory that the kernel reads and writes.
#[repr(C)]
pub(super) struct PollRequest {
    /// The status, pending until the request has ended.
    status: IO_STATUS_BLOCK,
    /// The arguments, and then the answer.
    arguments: Arguments,
}

/// Arguments and answer of `IOCTL_AFD_POLL`, for a single socket.
#[derive(Clone, Copy)]
#[repr(C)]
struct Arguments {
    /// The timeout, in units of 100 ns.
    timeout: i64,
    /// The number of sockets that follow.
    sockets: u32,
    /// Does this request end others of the same socket? Never used.
    exclusive: u32,
    /// The base handle of the socket.
    socket: HANDLE,
    /// The conditions to wait for, and then those that hold.
    conditions: Conditions,
    /// The status of this socket.
    status: NTSTATUS,
}

#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Arguments>() == 32);
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<PollRequest>() == 48);

impl PollRequest {
    /// A request that was never made.
    pub(super) fn empty() -> Self {
        Self::new(ptr::null_mut(), Conditions::NONE)
    }

    /// A request without a time limit.
    pub(super) fn new(socket: RawHandle, conditions: Conditions) -> Self {
        Self {
            status: IO_STATUS_BLOCK {
                Anonymous: IO_STATUS_BLOCK_0 {
                    Status: STATUS_PENDING,
                },
                Information: 0,
            },
            arguments: Arguments {
                timeout: i64::MAX,
                sockets: 1,
                exclusive: 0,
                socket,
                conditions,
                status: 0,
            },
        }
    }

    /// Sets the status of a request that was refused.
    pub(super) fn refuse(&mut self, status: NTSTATUS) {
        self.status.Anonymous.Status = status;
    }

    /// The conditions that hold, or the status of a failure.
    pub(super) fn answer(&self) -> Result<Conditions, NTSTATUS> {
        // SAFETY: all bytes of the union were set when the request was made, and
        // every value is one of `Status`.
        let status = unsafe { self.status.Anonymous.Status };
        if check::is_failure(status) {
            Err(status)
        } else if self.arguments.sockets == 0 {
            Ok(Conditions::NONE)
        } else {
            Ok(self.arguments.conditions)
        }
    }
}

/// One handle of the device.
#[derive(Debug)]
pub(super) struct Afd {
    /// The handle, associated with the port.
    device: OwnedHandle,
}

impl Afd {
    /// Opens the device, and has the packets of its requests come to `port`.
    fn open(port: &Port) -> io::Result<Self> {
        let mut name: Vec<u16> = DEVICE.encode_utf16().collect();
        let bytes = (name.len() * size_of::<u16>()) as u16;
        let name = UNICODE_STRING {
            Length: bytes,
            MaximumLength: bytes,
            Buffer: name.as_mut_ptr(),
        };
        let attributes = OBJECT_ATTRIBUTES {
            Length: size_of::<OBJECT_ATTRIBUTES>() as u32,
            RootDirectory: ptr::null_mut(),
            ObjectName: &name,
            Attributes: 0,
            SecurityDescriptor: ptr::null(),
            SecurityQualityOfService: ptr::null(),
        };
        let mut status = PollRequest::empty().status;
        let mut device: HANDLE = ptr::null_mut();
        // SAFETY: all pointers are to locals, `name` with its text among them,
        // and the call is done with them when it returns.
        let result = unsafe {
            NtCreateFile(
                &mut device,
                SYNCHRONIZE,
                &attributes,
                &mut status,
                ptr::null(),
                0,
                FILE_SHARE_READ | FILE_SHARE_WRITE,
                FILE_OPEN,
                0,
                ptr::null(),
                0,
            )
        };
        if check::is_failure(result) {
            return Err(check::error(result));
        }
        // SAFETY: the call has just returned it, and nothing else owns it.
        let device = unsafe { OwnedHandle::from_raw_handle(device) };
        port.associate(device.as_raw_handle(), PacketKind::Socket)?;
        Ok(Self { device })
    }

    /// Makes a request. Unless it is refused (the returned status), it ends
    /// with a packet that carries `pointer`.
    ///
    /// # Safety
    ///
    /// Unless it is refused, `request` stays valid, unmoved and untouched until
    /// that packet is taken out of the queue.
    pub(super) unsafe fn poll(
        &self,
        request: *mut PollRequest,
        pointer: *const c_void,
    ) -> NTSTATUS {
        // SAFETY: by this function's contract `request` is valid.
        let status = unsafe { ptr::addr_of_mut!((*request).status) };
        // SAFETY: as above.
        let arguments = unsafe { ptr::addr_of_mut!((*request).arguments) };
        let size = size_of::<Arguments>() as u32;
        // SAFETY: status and arguments are valid for as long as the request runs,
        // by this function's contract; the arguments are of the driver's layout.
        unsafe {
            NtDeviceIoControlFile(
                self.device.as_raw_handle(),
                ptr::null_mut(),
                None,
                pointer,
                status,
                IOCTL_AFD_POLL,
                arguments.cast_const().cast(),
                size,
                arguments.cast(),
                size,
            )
        }
    }

    /// Ends a request early. Its packet comes all the same.
    ///
    /// # Safety
    ///
    /// `request` was made on this handle, and its packet is not yet taken out of
    /// the queue.
    pub(super) unsafe fn cancel(&self, request: *mut PollRequest) -> io::Result<()> {
        // SAFETY: by this function's contract `request` is still valid.
        let which = unsafe { ptr::addr_of!((*request).status) };
        let mut status = PollRequest::empty().status;
        // SAFETY: the kernel compares the address `which` with those of requests
        // that run; `status` is a local that the call fills before it returns.
        let result = unsafe { NtCancelIoFileEx(self.device.as_raw_handle(), which, &mut status) };
        // STATUS_NOT_FOUND: it has ended, and the packet is in the queue.
        if check::is_failure(result) && result != STATUS_NOT_FOUND {
            return Err(check::error(result));
        }
        Ok(())
    }
}

/// The device handles of a selector, with the number of sockets that each serves.
#[derive(Debug)]
pub(super) struct AfdGroup {
    /// The handles that can serve another socket. Full ones are only held by
    /// their sockets.
    free: Mutex<Vec<SharedAfd>>,
}

/// A device handle and the number of sockets that it serves.
#[derive(Debug)]
struct SharedAfd {
    /// The handle.
    afd: Arc<Afd>,
    /// Number of sockets.
    sockets: usize,
}

impl AfdGroup {
    /// No handles: the first socket opens one.
    pub(super) fn new() -> Self {
        Self {
            free: Mutex::new(Vec::new()),
        }
    }

    /// A handle for one more socket.
    pub(super) fn join(&self, port: &Port) -> io::Result<Arc<Afd>> {
        let mut free = lock(&self.free);
        if free.is_empty() {
            let afd = Arc::new(Afd::open(port)?);
            free.push(SharedAfd { afd, sockets: 0 });
        }
        let last = free.len() - 1;
        let shared = &mut free[last];
        shared.sockets += 1;
        let afd = Arc::clone(&shared.afd);
        if shared.sockets == SOCKETS_PER_HANDLE {
            free.pop();
        }
        Ok(afd)
    }

    /// Ends the use of a handle by one socket. The last handle is kept, others are
    /// closed when no socket uses them.
    pub(super) fn leave(&self, afd: &Arc<Afd>) {
        let mut free = lock(&self.free);
        let at = free.iter().position(|shared| Arc::ptr_eq(&shared.afd, afd));
        match at {
            None => free.push(SharedAfd {
                afd: Arc::clone(afd),
                sockets: SOCKETS_PER_HANDLE - 1,
            }),
            Some(at) => {
                // Not below zero: each registration leaves once, after it has joined.
                free[at].sockets -= 1;
                if free[at].sockets == 0 && free.len() > 1 {
                    free.swap_remove(at);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handle_serves_a_limited_number_of_sockets() {
        let port = Port::new().unwrap();
        let group = AfdGroup::new();
        let first: Vec<_> = (0..SOCKETS_PER_HANDLE)
            .map(|_| group.join(&port).unwrap())
            .collect();
        assert!(first.iter().all(|afd| Arc::ptr_eq(afd, &first[0])));
        let second = group.join(&port).unwrap();
        assert!(!Arc::ptr_eq(&second, &first[0]));

        // A handle that is not full is used before another one is opened.
        group.leave(&first[0]);
        assert!(Arc::ptr_eq(&group.join(&port).unwrap(), &first[0]));
        group.leave(&second);
        assert_eq!(lock(&group.free).len(), 1);
    }

    #[test]
    fn refused_request_gives_its_status() {
        let mut request = PollRequest::new(ptr::null_mut(), Conditions::LOCAL_CLOSE);
        assert_eq!(request.answer(), Ok(Conditions::LOCAL_CLOSE));
        request.refuse(STATUS_NOT_FOUND);
        assert_eq!(request.answer(), Err(STATUS_NOT_FOUND));
    }
}
