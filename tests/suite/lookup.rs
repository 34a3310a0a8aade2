//! The lookup of addresses by name.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use mio::net::{lookup, lookup_host};

#[test]
fn name_of_this_machine_is_known() {
    for port in [0, 80, 65_535] {
        let addresses: Vec<_> = lookup("localhost", port).unwrap().collect();
        assert!(!addresses.is_empty());
        for address in &addresses {
            assert!(address.ip().is_loopback(), "{addresses:?}");
            assert_eq!(address.port(), port);
        }
        let by_host: Vec<_> = lookup_host(&format!("localhost:{port}")).unwrap().collect();
        assert_eq!(by_host, addresses);
    }
}

#[test]
fn numeric_addresses_need_no_lookup() {
    let v4 = IpAddr::from(Ipv4Addr::new(192, 0, 2, 7));
    let v6 = IpAddr::from(Ipv6Addr::LOCALHOST);
    for (name, ip) in [("192.0.2.7", v4), ("::1", v6)] {
        let found: Vec<_> = lookup(name, 7).unwrap().collect();
        assert_eq!(found, [(ip, 7).into()]);
    }
    let found: Vec<_> = lookup_host("[::1]:9").unwrap().collect();
    assert_eq!(found, [(v6, 9).into()]);
}

#[test]
fn unknown_name_is_an_error() {
    let error = lookup("no-such-name.invalid", 80).unwrap_err();
    // std gives the texts of the system, without a kind.
    if cfg!(target_os = "wasi") {
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(
            error.to_string().contains("no-such-name.invalid"),
            "{error}"
        );
    }
}

#[test]
fn wrong_input_is_an_error() {
    for wrong in [
        "localhost",
        "localhost:",
        "localhost:65536",
        "localhost:http",
        "",
    ] {
        let error = lookup_host(wrong).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{wrong:?}");
    }
    for wrong in ["local\0host", ""] {
        let error = lookup(wrong, 80).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{wrong:?}");
    }
}
