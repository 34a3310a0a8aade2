//! [`SocketAddr`]: addresses of Unix sockets as WasmEdge's extension has them.

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::os::wasi::ffi::OsStrExt;
use std::path::Path;

use crate::sys::wasip1::host::extension::{FamilyAndAddress, UNIX};

/// The number of bytes of an address. The host truncates longer paths.
const CAPACITY: usize = 108;

/// The address of a Unix socket on WASI preview 1: a path, an abstract name, or nothing.
///
/// Paths are those of the host: an absolute one is used as it is, a relative one
/// begins where the host was started. The directories that a program was given
/// play no part, except that it needs one to remove a path.
///
/// # Examples
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use mio::net::SocketAddr;
///
/// let address = SocketAddr::from_abstract_name("a service")?;
/// assert_eq!(address.as_abstract_name(), Some(&b"a service"[..]));
/// assert!(address.as_pathname().is_none() && !address.is_unnamed());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SocketAddr {
    /// What the host has: a path that a zero ends, an abstract name behind a zero
    /// and filled up with zeros, or zeros only.
    bytes: [u8; CAPACITY],
}

impl SocketAddr {
    /// No path, no name.
    pub(super) const UNNAMED: Self = Self {
        bytes: [0; CAPACITY],
    };

    /// The address of a path. An empty one is no address; binding to it lets a
    /// free abstract name be chosen, as on Linux.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when the path has more than
    /// 107 bytes or a zero among them.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::SocketAddr;
    ///
    /// assert!(SocketAddr::from_pathname("/run/server.sock").is_ok());
    /// assert!(SocketAddr::from_pathname("x".repeat(108)).is_err());
    /// ```
    pub fn from_pathname<P: AsRef<Path>>(path: P) -> io::Result<Self> {
        let path = path.as_ref().as_os_str().as_bytes();
        if path.contains(&0) {
            return Err(invalid("the path of a Unix socket must not contain zeros"));
        }
        // A zero follows it.
        if path.len() >= CAPACITY {
            return Err(invalid(
                "the path of a Unix socket must not be longer than 107 bytes",
            ));
        }
        let mut address = Self::UNNAMED;
        address.bytes[..path.len()].copy_from_slice(path);
        Ok(address)
    }

    /// The address of an abstract name, which some hosts have (Linux). The host
    /// fills it up with zeros to 107 bytes, so that programs outside have to use
    /// it with these.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when the name is empty, has
    /// more than 107 bytes, or ends with a zero, which could not be distinguished from those
    /// of the host.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::SocketAddr;
    ///
    /// assert!(SocketAddr::from_abstract_name("server").is_ok());
    /// assert!(SocketAddr::from_abstract_name("").is_err());
    /// ```
    pub fn from_abstract_name<N: AsRef<[u8]>>(name: N) -> io::Result<Self> {
        let name = name.as_ref();
        if name.len() >= CAPACITY {
            return Err(invalid(
                "an abstract name must not be longer than 107 bytes",
            ));
        }
        if matches!(name.last(), None | Some(0)) {
            return Err(invalid(
                "an abstract name must not be empty or end with a zero: the host fills it up with zeros",
            ));
        }
        let mut address = Self::UNNAMED;
        address.bytes[1..=name.len()].copy_from_slice(name);
        Ok(address)
    }

    /// Has it neither a path nor a name?
    ///
    /// # Examples
    ///
    /// ```
    /// let address = mio::net::SocketAddr::from_pathname("/run/server.sock")?;
    /// assert!(!address.is_unnamed());
    /// # std::io::Result::Ok(())
    /// ```
    pub fn is_unnamed(&self) -> bool {
        self.bytes == Self::UNNAMED.bytes
    }

    /// The path, if it is one.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::path::Path;
    ///
    /// let address = mio::net::SocketAddr::from_pathname("/run/server.sock")?;
    /// assert_eq!(address.as_pathname(), Some(Path::new("/run/server.sock")));
    /// # std::io::Result::Ok(())
    /// ```
    pub fn as_pathname(&self) -> Option<&Path> {
        let length = self.bytes.iter().position(|byte| *byte == 0);
        let path = &self.bytes[..length.unwrap_or(CAPACITY)];
        (!path.is_empty()).then(|| Path::new(OsStr::from_bytes(path)))
    }

    /// The abstract name, if it is one, without the zeros around it.
    ///
    /// # Examples
    ///
    /// ```
    /// let address = mio::net::SocketAddr::from_abstract_name("server")?;
    /// assert_eq!(address.as_abstract_name(), Some(&b"server"[..]));
    /// # std::io::Result::Ok(())
    /// ```
    pub fn as_abstract_name(&self) -> Option<&[u8]> {
        let (first, rest) = self.bytes.split_first()?;
        let last = rest.iter().rposition(|byte| *byte != 0)?;
        (*first == 0).then(|| &rest[..=last])
    }

    /// As the host reads it.
    pub(super) fn to_host(&self) -> FamilyAndAddress {
        let mut raw = FamilyAndAddress::EMPTY;
        raw.family = (UNIX as u16).to_le_bytes();
        raw.address[..CAPACITY].copy_from_slice(&self.bytes);
        raw
    }

    /// What the host has written. For a sender without an address the host leaves
    /// garbage in the place of the family: unnamed.
    pub(super) fn from_host(raw: &FamilyAndAddress) -> Self {
        let mut address = Self::UNNAMED;
        if u32::from(u16::from_le_bytes(raw.family)) == UNIX {
            address.bytes.copy_from_slice(&raw.address[..CAPACITY]);
        }
        address
    }
}

impl fmt::Debug for SocketAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = self.as_pathname() {
            return write!(f, "{path:?} (pathname)");
        }
        match self.as_abstract_name() {
            Some(name) => write!(f, "\"{}\" (abstract)", name.escape_ascii()),
            None => f.write_str("(unnamed)"),
        }
    }
}

/// The error of an address that can't be.
fn invalid(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

/// The address that a path stands for. A path that begins with a zero byte is an abstract
/// name, as on Linux; other hosts refuse to bind or connect to it.
pub(crate) fn path_address(path: &Path) -> io::Result<SocketAddr> {
    match path.as_os_str().as_bytes().split_first() {
        Some((0, name)) => SocketAddr::from_abstract_name(name),
        _ => SocketAddr::from_pathname(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_is_a_path_and_nothing_else() {
        let address = SocketAddr::from_pathname("/run/a").unwrap();
        assert_eq!(address.as_pathname(), Some(Path::new("/run/a")));
        assert!(address.as_abstract_name().is_none() && !address.is_unnamed());
        assert_eq!(format!("{address:?}"), "\"/run/a\" (pathname)");
        let copy = SocketAddr::from_host(&address.to_host());
        assert_eq!(copy.as_pathname(), address.as_pathname());
    }

    #[test]
    fn abstract_name_is_a_name_and_nothing_else() {
        let address = SocketAddr::from_abstract_name(b"a\0b").unwrap();
        assert_eq!(address.as_abstract_name(), Some(&b"a\0b"[..]));
        assert!(address.as_pathname().is_none() && !address.is_unnamed());
        assert_eq!(format!("{address:?}"), "\"a\\x00b\" (abstract)");
    }

    #[test]
    fn nothing_is_unnamed() {
        let address = SocketAddr::from_pathname("").unwrap();
        assert!(address.is_unnamed() && address.as_pathname().is_none());
        assert!(address.as_abstract_name().is_none());
        assert_eq!(format!("{address:?}"), "(unnamed)");
    }

    #[test]
    fn garbage_in_place_of_the_family_is_unnamed() {
        let mut raw = SocketAddr::from_pathname("/run/a").unwrap().to_host();
        raw.family = [0xde, 0xad];
        assert!(SocketAddr::from_host(&raw).is_unnamed());
    }

    #[test]
    fn path_without_space_for_a_zero_comes_from_the_host_only() {
        let longest = "x".repeat(107);
        let address = SocketAddr::from_pathname(&longest).unwrap();
        assert_eq!(address.as_pathname(), Some(Path::new(&longest)));
        let mut raw = address.to_host();
        raw.address[107] = b'x';
        let whole = SocketAddr::from_host(&raw);
        assert_eq!(whole.as_pathname().unwrap().as_os_str().len(), 108);
        for wrong in ["x".repeat(108), "a\0b".to_owned()] {
            let error = SocketAddr::from_pathname(wrong).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        }
        for wrong in [&[][..], b"a\0", &[1; 108]] {
            let error = SocketAddr::from_abstract_name(wrong).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        }
    }
}
