//! The measured operations, written once for this library and for the two mio that it
//! is compared to: [`operations!`] makes a module of them for each.

/// Makes a module `$name` of operations on the crate `$mio`.
#[macro_export]
macro_rules! operations {
    ($name:ident, $mio:ident) => {
        pub mod $name {
            use std::io::{ErrorKind, Read, Write};
            use std::net::{Ipv4Addr, SocketAddr};
            use std::time::Duration;

            use $mio::net::{TcpListener, TcpStream, UdpSocket};
            use $mio::{Events, Interest, Poll, Token, Waker};

            /// What the peer is called in tables.
            pub const NAME: &str = stringify!($name);

            /// A port that the system chooses.
            fn any() -> SocketAddr {
                (Ipv4Addr::LOCALHOST, 0).into()
            }

            /// A poll with what is measured.
            pub struct Bench {
                poll: Poll,
                events: Events,
                waker: Waker,
                /// A connection with both ends registered for reading.
                client: TcpStream,
                server: TcpStream,
                /// Datagram sockets that are connected to each other, registered.
                left: UdpSocket,
                right: UdpSocket,
                /// Not registered; readable datagrams wait in it.
                ready: UdpSocket,
            }

            impl Bench {
                #[allow(clippy::new_without_default)] // it may panic
                pub fn new() -> Self {
                    let mut poll = Poll::new().unwrap();
                    let waker = Waker::new(poll.registry(), Token(0)).unwrap();
                    let mut events = Events::with_capacity(64);
                    let mut listener = TcpListener::bind(any()).unwrap();
                    let readable = Interest::READABLE;
                    let registry = poll.registry().try_clone().unwrap();
                    registry
                        .register(&mut listener, Token(9), readable)
                        .unwrap();
                    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
                    let mut server = loop {
                        match listener.accept() {
                            Ok((stream, _)) => break stream,
                            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                                poll.poll(&mut events, None).unwrap();
                            }
                            Err(error) => panic!("{error}"),
                        }
                    };
                    client.set_nodelay(true).unwrap();
                    server.set_nodelay(true).unwrap();
                    registry.register(&mut client, Token(1), readable).unwrap();
                    registry.register(&mut server, Token(2), readable).unwrap();

                    let mut left = UdpSocket::bind(any()).unwrap();
                    let mut right = UdpSocket::bind(any()).unwrap();
                    left.connect(right.local_addr().unwrap()).unwrap();
                    right.connect(left.local_addr().unwrap()).unwrap();
                    registry.register(&mut left, Token(3), readable).unwrap();
                    registry.register(&mut right, Token(4), readable).unwrap();

                    let ready = UdpSocket::bind(any()).unwrap();
                    ready.send_to(b"x", ready.local_addr().unwrap()).unwrap();
                    let mut bench = Self {
                        poll,
                        events,
                        waker,
                        client,
                        server,
                        left,
                        right,
                        ready,
                    };
                    bench.poll_empty();
                    bench
                }

                /// A poll that finds nothing and doesn't wait.
                #[inline(never)]
                pub fn poll_empty(&mut self) {
                    self.poll
                        .poll(&mut self.events, Some(Duration::ZERO))
                        .unwrap();
                    assert!(self.events.is_empty());
                }

                /// A poll that finds `count` events, and reads each of them.
                #[inline(never)]
                fn poll_for(&mut self, count: usize) {
                    self.poll.poll(&mut self.events, None).unwrap();
                    let mut seen = 0;
                    for event in &self.events {
                        assert!(event.token().0 < 64);
                        seen += usize::from(event.is_readable() && !event.is_write_closed());
                    }
                    assert_eq!(seen, count);
                }

                /// A wake, and the poll that reports it.
                #[inline(never)]
                pub fn wake_and_poll(&mut self) {
                    self.waker.wake().unwrap();
                    self.poll_for(1);
                }

                /// A wake alone.
                #[inline(never)]
                pub fn wake(&mut self) {
                    self.waker.wake().unwrap();
                }

                /// Registering a ready socket.
                #[inline(never)]
                pub fn register(&mut self) {
                    let interests = Interest::READABLE | Interest::WRITABLE;
                    self.poll
                        .registry()
                        .register(&mut self.ready, Token(5), interests)
                        .unwrap();
                }

                /// Changing what it is registered for.
                #[inline(never)]
                pub fn reregister(&mut self) {
                    self.poll
                        .registry()
                        .reregister(&mut self.ready, Token(6), Interest::READABLE)
                        .unwrap();
                }

                /// Taking it out.
                #[inline(never)]
                pub fn deregister(&mut self) {
                    self.poll.registry().deregister(&mut self.ready).unwrap();
                }

                /// A poll that reports the registered ready socket: it is registered
                /// anew each time, which only `reregister` counts.
                #[inline(never)]
                pub fn poll_ready(&mut self) {
                    self.poll_for(1);
                }

                /// Writing and reading 64 bytes on a stream that is ready.
                #[inline(never)]
                pub fn write_and_read(&mut self) {
                    let mut buffer = [0; 64];
                    assert_eq!(self.client.write(&[1; 64]).unwrap(), 64);
                    assert_eq!(self.server.read(&mut buffer).unwrap(), 64);
                }

                /// A read that finds nothing.
                #[inline(never)]
                pub fn read_empty(&mut self) {
                    let error = self.server.read(&mut [0; 64]).unwrap_err();
                    assert_eq!(error.kind(), ErrorKind::WouldBlock);
                }

                /// 64 bytes to the server and back, each end waiting for its event.
                #[inline(never)]
                pub fn tcp_echo(&mut self) {
                    let mut buffer = [0; 64];
                    assert_eq!(self.client.write(&[1; 64]).unwrap(), 64);
                    self.poll_for(1);
                    assert_eq!(self.server.read(&mut buffer).unwrap(), 64);
                    assert_eq!(self.server.write(&buffer).unwrap(), 64);
                    self.poll_for(1);
                    assert_eq!(self.client.read(&mut buffer).unwrap(), 64);
                }

                /// The same with datagrams.
                #[inline(never)]
                pub fn udp_echo(&mut self) {
                    let mut buffer = [0; 64];
                    assert_eq!(self.left.send(&[1; 64]).unwrap(), 64);
                    self.poll_for(1);
                    assert_eq!(self.right.recv(&mut buffer).unwrap(), 64);
                    assert_eq!(self.right.send(&buffer).unwrap(), 64);
                    self.poll_for(1);
                    assert_eq!(self.left.recv(&mut buffer).unwrap(), 64);
                }
            }
        }
    };
}

operations!(ours, mio);
operations!(mio_0_8, mio_08);
operations!(mio_1_x, mio_1);
