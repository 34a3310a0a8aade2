//! Echo on the host's functions, without any library: the upper limit in
//! WasmEdge for a program that keeps all its sockets in one poll.
//!
//! `raw_echo PORT`, in WasmEdge only.

#[cfg(target_os = "wasi")]
mod host {
    //! The calls, declared by hand.

    use std::mem::size_of;

    /// One subscription of `poll_oneoff`, as the host reads it.
    #[repr(C)]
    #[derive(Clone, Copy, Default)]
    pub struct Subscription {
        pub user_data: u64,
        /// 1 is "readable".
        pub kind: u8,
        pub padding: [u8; 7],
        pub fd: u32,
        pub rest: [u64; 3],
    }

    /// One event, as the host writes it.
    #[repr(C)]
    #[derive(Clone, Copy, Default)]
    pub struct Event {
        pub user_data: u64,
        pub error: u16,
        pub kind: u8,
        pub rest: [u64; 2],
    }

    const _: () = assert!(size_of::<Subscription>() == 48 && size_of::<Event>() == 32);

    /// A buffer, or an address.
    #[repr(C)]
    pub struct Memory {
        pub start: *const u8,
        pub length: usize,
    }

    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    extern "C" {
        pub fn sock_open(family: u32, kind: u32, fd: *mut u32) -> u32;
        pub fn sock_bind(fd: u32, address: *const Memory, port: u32) -> u32;
        pub fn sock_listen(fd: u32, backlog: u32) -> u32;
        pub fn sock_accept(fd: u32, flags: u32, new: *mut u32) -> u32;
        pub fn sock_getlocaladdr_v2(fd: u32, address: *const Memory, port: *mut u32) -> u32;
        pub fn sock_recv(
            fd: u32,
            buffers: *const Memory,
            count: usize,
            flags: u32,
            received: *mut usize,
            out_flags: *mut u32,
        ) -> u32;
        pub fn sock_send(
            fd: u32,
            buffers: *const Memory,
            count: usize,
            flags: u32,
            sent: *mut usize,
        ) -> u32;
        pub fn fd_fdstat_set_flags(fd: u32, flags: u32) -> u32;
        pub fn fd_close(fd: u32) -> u32;
        pub fn poll_oneoff(
            subscriptions: *const Subscription,
            events: *mut Event,
            count: usize,
            happened: *mut usize,
        ) -> u32;
    }
}

#[cfg(target_os = "wasi")]
mod server {
    use super::host::{self, Event, Memory, Subscription};

    /// `fd_fdstat_set_flags`: non-blocking.
    const NONBLOCK: u32 = 4;

    /// Panics when a call has failed.
    fn check(what: &str, error: u32) {
        assert_eq!(error, 0, "{what}");
    }

    /// A listener on the loopback.
    fn listen(port: u32) -> u32 {
        let mut listener = 0;
        let loopback = [127_u8, 0, 0, 1];
        let address = Memory {
            start: loopback.as_ptr(),
            length: 4,
        };
        // SAFETY: the host writes one number, which outlives the call.
        check("open", unsafe { host::sock_open(1, 2, &mut listener) });
        // SAFETY: the host reads the address, which outlives the call.
        check("bind", unsafe { host::sock_bind(listener, &address, port) });
        // SAFETY: the call takes no memory.
        check("listen", unsafe { host::sock_listen(listener, 1024) });
        // SAFETY: the call takes no memory.
        check("mode", unsafe {
            host::fd_fdstat_set_flags(listener, NONBLOCK)
        });
        let buffer = [0_u64; 16];
        let address = Memory {
            start: buffer.as_ptr().cast(),
            length: 128,
        };
        let mut port = 0;
        // SAFETY: the host writes to 128 bytes of which nothing is read, and a number.
        check("address", unsafe {
            host::sock_getlocaladdr_v2(listener, &address, &mut port)
        });
        println!("listening on 127.0.0.1:{port}");
        listener
    }

    /// The next connection, if there is one.
    fn accept(listener: u32) -> Option<u32> {
        let mut fd = 0;
        // SAFETY: the host writes one number, which outlives the call.
        if unsafe { host::sock_accept(listener, 0, &mut fd) } != 0 {
            return None;
        }
        // SAFETY: the call takes no memory.
        check("mode", unsafe { host::fd_fdstat_set_flags(fd, NONBLOCK) });
        Some(fd)
    }

    /// Sends back what is there; `false` when the connection has ended.
    fn serve(fd: u32, buffer: &mut [u8]) -> bool {
        let target = Memory {
            start: buffer.as_mut_ptr(),
            length: buffer.len(),
        };
        let (mut received, mut flags) = (0, 0);
        // SAFETY: the buffer is borrowed mutably for longer than the call.
        let error = unsafe { host::sock_recv(fd, &target, 1, 0, &mut received, &mut flags) };
        if error != 0 || received == 0 {
            return error == 6;
        }
        let answer = Memory {
            start: buffer.as_ptr(),
            length: received,
        };
        let mut sent = 0;
        // SAFETY: the host reads what it has just written.
        let error = unsafe { host::sock_send(fd, &answer, 1, 0, &mut sent) };
        error == 0 && sent == received
    }

    /// Serves until the process ends.
    pub fn run(port: u32) {
        let listener = listen(port);
        let readable = |fd: u32, at: usize| Subscription {
            user_data: at as u64,
            kind: 1,
            padding: [0; 7],
            fd,
            rest: [0; 3],
        };
        // The subscriptions stay as they are from poll to poll.
        let mut subscriptions = vec![readable(listener, 0)];
        let mut events = vec![Event::default(); 1];
        let mut buffer = [0; 4096];
        let mut ended = Vec::new();
        loop {
            events.resize(subscriptions.len(), Event::default());
            let mut happened = 0;
            // SAFETY: the host reads all subscriptions and writes as many events at
            // most, which the list can hold.
            check("poll", unsafe {
                host::poll_oneoff(
                    subscriptions.as_ptr(),
                    events.as_mut_ptr(),
                    subscriptions.len(),
                    &mut happened,
                )
            });
            for event in &events[..happened] {
                let at = event.user_data as usize;
                if at == 0 {
                    while let Some(fd) = accept(listener) {
                        subscriptions.push(readable(fd, subscriptions.len()));
                    }
                } else if !serve(subscriptions[at].fd, &mut buffer) {
                    ended.push(at);
                }
            }
            // From the last to the first: the one that moves is not among them.
            ended.sort_unstable();
            while let Some(at) = ended.pop() {
                let gone = subscriptions.swap_remove(at);
                // SAFETY: the call takes no memory, and nobody uses the number after it.
                check("close", unsafe { host::fd_close(gone.fd) });
                if let Some(moved) = subscriptions.get_mut(at) {
                    moved.user_data = at as u64;
                }
            }
        }
    }
}

#[cfg(target_os = "wasi")]
fn main() {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok());
    server::run(port.unwrap_or(0));
}

#[cfg(not(target_os = "wasi"))]
fn main() {
    eprintln!("raw_echo: these functions exist in WasmEdge only");
    std::process::exit(2);
}
