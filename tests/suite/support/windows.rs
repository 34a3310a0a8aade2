//! Named pipes in pairs, and handles to be counted; for Windows.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Read, Write};
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::{FromRawHandle, IntoRawHandle};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use mio::windows::NamedPipe;
use mio::{Interest, Token};
use windows_sys::Win32::Storage::FileSystem::FILE_FLAG_OVERLAPPED;
use windows_sys::Win32::System::Threading::{GetCurrentProcess, GetProcessHandleCount};

use super::Fixture;

/// Both directions.
pub(crate) const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

/// A name that no other pipe has.
pub(crate) fn pipe_name() -> String {
    static LAST: AtomicUsize = AtomicUsize::new(0);
    let number = LAST.fetch_add(1, Ordering::Relaxed);
    format!(r"\\.\pipe\mio_wasi-test-{}-{number}", std::process::id())
}

/// A client of the pipe with this name.
pub(crate) fn open_client(name: &str) -> io::Result<NamedPipe> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(FILE_FLAG_OVERLAPPED)
        .open(name)?;
    // SAFETY: the handle is open and was opened for overlapped operations, and
    // the file has given it up.
    Ok(unsafe { NamedPipe::from_raw_handle(file.into_raw_handle()) })
}

/// A server and its client, registered and connected.
#[track_caller]
pub(crate) fn pipe_pair(
    fixture: &mut Fixture,
    server_token: Token,
    client_token: Token,
) -> (NamedPipe, NamedPipe) {
    let name = pipe_name();
    let mut server = NamedPipe::new(&name).unwrap();
    let mut client = open_client(&name).unwrap();
    fixture.register(&mut server, server_token, BOTH);
    fixture.register(&mut client, client_token, BOTH);
    server.connect().unwrap();
    fixture.expect_writable(server_token);
    fixture.expect_writable(client_token);
    (server, client)
}

/// Writes all bytes, waiting for writable events in between.
#[track_caller]
pub(crate) fn write_all(fixture: &mut Fixture, mut pipe: &NamedPipe, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        let count = fixture.until("a pipe to be writable", |_| would_block(pipe.write(bytes)));
        bytes = &bytes[count.unwrap()..];
    }
}

/// Reads `length` bytes, waiting for them in between.
#[track_caller]
pub(crate) fn read_exactly(fixture: &mut Fixture, mut pipe: &NamedPipe, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    let mut done = 0;
    while done < length {
        let count = fixture.until("bytes from a pipe", |_| {
            would_block(pipe.read(&mut bytes[done..]))
        });
        match count.unwrap() {
            0 => panic!("the pipe ended after {done} of {length} bytes"),
            count => done += count,
        }
    }
    bytes
}

/// `None` if it would block.
pub(crate) fn would_block<T>(result: io::Result<T>) -> Option<io::Result<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::WouldBlock => None,
        result => Some(result),
    }
}

/// The kind of the error that a result has to be.
#[track_caller]
pub(crate) fn kind_of<T: std::fmt::Debug>(result: io::Result<T>) -> ErrorKind {
    result.expect_err("an error").kind()
}

/// How many handles this process has open.
pub(crate) fn open_handles() -> u32 {
    let mut count = 0;
    // SAFETY: the call takes no memory; the handle it gives needs no closing.
    let process = unsafe { GetCurrentProcess() };
    // SAFETY: `count` is a local that outlives the call.
    let result = unsafe { GetProcessHandleCount(process, &mut count) };
    assert_ne!(result, 0, "{}", io::Error::last_os_error());
    count
}

/// Runs a test alone in a process of its own, where no other test opens or closes
/// handles. `name` is the test's full name.
#[track_caller]
pub(crate) fn alone(name: &str, test: impl FnOnce()) {
    const ALONE: &str = "MIO_TEST_ALONE";
    if std::env::var_os(ALONE).is_some() {
        return test();
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(ALONE, "1")
        .output()
        .unwrap();
    let output_text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && output_text.contains("1 passed"),
        "{output_text}\n{}",
        String::from_utf8_lossy(&output.stderr),
    );
}
