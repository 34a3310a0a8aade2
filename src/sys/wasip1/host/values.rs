//! Numbers and the address type of WasmEdge's extension, which the build without the extension
//! has too: nothing of it is called there. WASI preview 1.

/// Address families.
pub(crate) const INET4: u32 = 1;
pub(crate) const INET6: u32 = 2;
pub(crate) const UNIX: u32 = 3;

/// Kinds of sockets.
pub(crate) const DATAGRAM: u32 = 1;
pub(crate) const STREAM: u32 = 2;

/// The level of the options that every host has (SOL_SOCKET).
pub(crate) const LEVEL_SOCKET: u32 = 0;
/// The level of TCP's options, which some hosts have.
pub(crate) const LEVEL_TCP: u32 = 6;

/// Options of `LEVEL_SOCKET`.
pub(crate) const REUSE_ADDRESS: u32 = 0;
pub(crate) const ERROR: u32 = 2;
pub(crate) const BROADCAST: u32 = 4;

/// The option of `LEVEL_TCP` that sends small segments at once.
pub(crate) const NODELAY: u32 = 1;

/// An address with its family, as the host writes it. Aligned as the host wants
/// all of its pointers to be.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
pub(crate) struct FamilyAndAddress {
    /// The family, little-endian.
    pub(crate) family: [u8; 2],
    /// The address; as much of it as the family has.
    pub(crate) address: [u8; 126],
}

impl FamilyAndAddress {
    /// A buffer for the host to write to.
    pub(crate) const EMPTY: Self = Self {
        family: [0; 2],
        address: [0; 126],
    };
}
