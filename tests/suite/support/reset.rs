//! Ends a connection with a reset instead of an orderly close.

use mio::net::TcpStream;

/// Closes a stream so that its peer sees a reset. Preview 2 has no SO_LINGER: it just closes.
pub(crate) fn reset(stream: TcpStream) {
    prepare(&stream);
    drop(stream);
}

/// Linger no time.
#[cfg(not(target_os = "wasi"))]
fn prepare(stream: &TcpStream) {
    socket2::SockRef::from(stream)
        .set_linger(Some(std::time::Duration::ZERO))
        .unwrap();
}

/// Linger no time.
#[cfg(all(target_os = "wasi", not(any(target_env = "p2", target_env = "p3"))))]
fn prepare(stream: &TcpStream) {
    use std::os::fd::AsRawFd;

    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    extern "C" {
        fn sock_setsockopt(fd: u32, level: u32, name: u32, value: *const i32, size: u32) -> u32;
    }

    /// The host's number of SO_LINGER.
    const LINGER: u32 = 9;

    // On, with no seconds.
    let value = [1_i32, 0];
    // SAFETY: the host reads the eight bytes of `value`.
    let errno = unsafe { sock_setsockopt(stream.as_raw_fd() as u32, 0, LINGER, value.as_ptr(), 8) };
    assert_eq!(errno, 0, "setting SO_LINGER");
}

#[cfg(all(target_os = "wasi", any(target_env = "p2", target_env = "p3")))]
fn prepare(_: &TcpStream) {}
