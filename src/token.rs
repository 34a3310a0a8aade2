//! [`Token`]: the number that ties an event to its source, on all systems.

/// The number that a program gives to a source when it registers it, and that
/// every event of this source brings back.
///
/// Any value is allowed, `usize::MAX` included: the library keeps none for
/// itself. Two sources may share a token; then nothing distinguishes their events.
///
/// Programs often use the token as the index of a table of connections:
///
/// ```
/// use mio::Token;
///
/// let connections = ["first", "second"];
/// let token = Token(1);
/// assert_eq!(connections[usize::from(token)], "second");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub usize);

impl From<Token> for usize {
    fn from(token: Token) -> Self {
        token.0
    }
}
