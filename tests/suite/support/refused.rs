//! A connection that is refused.

use std::io::ErrorKind;

use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Token};

use super::{local, Fixture, Ready};

/// The token of the stream.
const CLIENT: Token = Token(1);

/// Connects to a closed port and gives what the events say, or nothing when the
/// refusal came at once.
pub(crate) fn refused(fixture: &mut Fixture, interests: Interest) -> Option<(TcpStream, Ready)> {
    let address = TcpListener::bind(local()).unwrap().local_addr().unwrap();
    match TcpStream::connect(address) {
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
            None
        }
        Ok(mut client) => {
            fixture.register(&mut client, CLIENT, interests);
            let ready = fixture.expect(CLIENT, "refused", |ready| {
                ready.write_closed || ready.read_closed || ready.error
            });
            Some((client, ready))
        }
    }
}
