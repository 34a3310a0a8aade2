//! What is particular to Unix sockets on WASI: permission to use them, and pairs.

use std::io::{ErrorKind, Read, Write};

use mio::net::{SocketAddr, UnixDatagram, UnixListener, UnixStream};

use crate::support::TempPath;

/// `ci/wasi.sh` runs this without the host's permission, and selects it by name.
#[test]
fn without_permission_unix_sockets_are_unsupported() {
    let results = [
        UnixDatagram::unbound().map(drop),
        UnixDatagram::pair().map(drop),
        UnixStream::pair().map(drop),
        UnixListener::bind("").map(drop),
    ];
    let allowed = std::env::var_os("TMPDIR").is_some();
    for result in results {
        match result {
            Ok(()) => assert!(allowed, "nobody has allowed it"),
            Err(error) => {
                assert!(!allowed, "{error}");
                assert_eq!(error.kind(), ErrorKind::Unsupported);
                assert!(error.to_string().contains("--allow-af-unix"), "{error}");
            }
        }
    }
}

#[test]
fn longest_path_works_and_a_longer_one_is_refused() {
    let path = TempPath::new();
    let path = path.as_ref().to_str().unwrap();
    let longest = format!("{path}{}", "x".repeat(107 - path.len()));
    let listener = UnixListener::bind(&longest).unwrap();
    UnixStream::connect(&longest).unwrap();
    let address = listener.local_addr().unwrap();
    assert_eq!(address.as_pathname().unwrap().to_str(), Some(&longest[..]));
    std::fs::remove_file(&longest).unwrap();
    // The host would truncate it and bind to another path.
    let error = UnixListener::bind(format!("{longest}x")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn ends_of_a_pair_are_connected_to_each_other_by_name() {
    let (mut here, mut there) = UnixStream::pair().unwrap();
    let name = |address: SocketAddr| address.as_abstract_name().map(<[u8]>::to_vec);
    let here_name = name(here.local_addr().unwrap());
    assert!(here_name.is_some());
    assert_eq!(here_name, name(there.peer_addr().unwrap()));
    here.write_all(b"hello").unwrap();
    assert_eq!(there.read(&mut [0; 8]).unwrap(), 5);

    let (here, there) = UnixDatagram::pair().unwrap();
    let name = |address: SocketAddr| address.as_abstract_name().map(<[u8]>::to_vec);
    assert_eq!(
        name(here.local_addr().unwrap()),
        name(there.peer_addr().unwrap())
    );
    let stranger = UnixDatagram::unbound().unwrap();
    let to_stranger = stranger.send_to(b"x", "").unwrap_err();
    assert_eq!(to_stranger.kind(), ErrorKind::InvalidInput);
}

#[test]
fn connecting_to_no_address_is_refused() {
    let error = UnixStream::connect("").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let socket = UnixDatagram::unbound().unwrap();
    let error = socket.connect("").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}
