//! A named pipe whose client has closed it before the server connects. Windows only.

use std::fs::OpenOptions;
use std::io::Write;

use mio::windows::NamedPipe;
use mio::Interest;

use super::world::World;
use crate::support::windows::pipe_name;

impl World<'_> {
    /// Such a client counts as connected, whether or not it has sent something.
    pub(super) fn pipe_of_a_closed_client(&mut self) {
        self.note("pipe of a closed client", 0, 0);
        let name = pipe_name();
        let mut server = self.ok("a pipe", NamedPipe::new(&name));
        let token = self.token();
        let is_registered = self.choices.below(2) == 0;
        if is_registered {
            let registry = self.poll.registry();
            let result = registry.register(&mut server, token, Interest::READABLE);
            self.ok("register", result);
        }
        let client = OpenOptions::new().write(true).open(&name);
        let mut client = self.ok("a client", client);
        let sent: &[u8] = self.choices.pick(&[&b""[..], b"quick"]);
        let result = client.write_all(sent);
        self.ok("write", result);
        drop(client);
        let result = server.connect();
        self.ok("connect", result);
    }
}
