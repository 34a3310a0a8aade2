//! Requests and responses of the example `http_on_wasi`. The crate `httparse` parses the
//! head of a request; where its body ends is decided here, as RFC 9112 section 6.3 has it.

use std::str;

use httparse::{Error, Header, Status, EMPTY_HEADER};

/// Largest head of a request, in bytes, while its end is missing.
const MAX_HEAD: usize = 16 * 1024;
/// Most header fields of a request.
const MAX_FIELDS: usize = 64;
/// Largest body of a request, in bytes.
const MAX_BODY: u64 = 1024 * 1024;

const BAD_REQUEST: &str = "400 Bad Request";
const LENGTH_REQUIRED: &str = "411 Length Required";
const CONTENT_TOO_LARGE: &str = "413 Content Too Large";
const FIELDS_TOO_LARGE: &str = "431 Request Header Fields Too Large";
const NOT_IMPLEMENTED: &str = "501 Not Implemented";

/// A request that was received to its end.
pub(crate) struct Request<'a> {
    method: &'a str,
    path: &'a str,
    body: &'a [u8],
    pub(crate) keep_alive: bool,
    /// Bytes of head and body.
    pub(crate) length: usize,
}

/// The first request in the bytes. `None` when it isn't complete; an error is the status of
/// the response, after which the connection is to be closed.
pub(crate) fn parse(bytes: &[u8]) -> Result<Option<Request<'_>>, &'static str> {
    let mut fields = [EMPTY_HEADER; MAX_FIELDS];
    let mut head = httparse::Request::new(&mut fields);
    let head_length = match head.parse(bytes) {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) if bytes.len() <= MAX_HEAD => return Ok(None),
        Ok(Status::Partial) | Err(Error::TooManyHeaders) => return Err(FIELDS_TOO_LARGE),
        Err(_) => return Err(BAD_REQUEST),
    };
    let (Some(method), Some(path), Some(version)) = (head.method, head.path, head.version) else {
        return Err(BAD_REQUEST);
    };
    if !path.starts_with('/') {
        return Err(BAD_REQUEST);
    }
    let body_length = body_length(head.headers, version)?;
    if body_length > MAX_BODY {
        return Err(CONTENT_TOO_LARGE);
    }
    let length = head_length + body_length as usize;
    Ok(bytes.get(head_length..length).map(|body| Request {
        method,
        path,
        body,
        keep_alive: keep_alive(head.headers, version),
        length,
    }))
}

/// The values of all fields of this name, each a list separated by commas. A value that is
/// no text counts as empty.
fn values<'a>(fields: &'a [Header<'_>], name: &'a str) -> impl Iterator<Item = &'a str> {
    fields
        .iter()
        .filter(move |field| field.name.eq_ignore_ascii_case(name))
        .flat_map(|field| str::from_utf8(field.value).unwrap_or("").split(','))
        .map(|value| value.trim_matches([' ', '\t']))
}

/// How long the body is.
///
/// Fields `Content-Length` are one list, in fields or with commas: equal values count once,
/// different ones are refused, since a proxy in front may have used another of them to find
/// the next request.
fn body_length(fields: &[Header<'_>], version: u8) -> Result<u64, &'static str> {
    let mut length = None;
    for value in values(fields, "content-length") {
        let value = parse_length(value).ok_or(BAD_REQUEST)?;
        if length.is_some_and(|length| length != value) {
            return Err(BAD_REQUEST);
        }
        length = Some(value);
    }
    let mut codings = values(fields, "transfer-encoding");
    match (codings.next(), codings.next()) {
        (None, _) => Ok(length.unwrap_or(0)),
        // Two ways to find the end of the body; or one that HTTP/1.0 doesn't have.
        _ if length.is_some() || version == 0 => Err(BAD_REQUEST),
        // This server decodes no chunks and requires a length instead.
        (Some(coding), None) if coding.eq_ignore_ascii_case("chunked") => Err(LENGTH_REQUIRED),
        _ => Err(NOT_IMPLEMENTED),
    }
}

/// A length: digits and nothing else. What exceeds the type is as large as it can be.
fn parse_length(value: &str) -> Option<u64> {
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| value.parse().unwrap_or(u64::MAX))
}

/// Whether the connection serves another request after this one.
fn keep_alive(fields: &[Header<'_>], version: u8) -> bool {
    let has = |option| values(fields, "connection").any(|value| value.eq_ignore_ascii_case(option));
    !has("close") && (version == 1 || has("keep-alive"))
}

/// Appends a response to the output.
pub(crate) fn answer(
    output: &mut Vec<u8>,
    status: &str,
    keep_alive: bool,
    with_body: bool,
    body: &[u8],
) {
    let connection = if keep_alive { "keep-alive" } else { "close" };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\
         Connection: {connection}\r\n\r\n",
        body.len(),
    );
    output.extend_from_slice(head.as_bytes());
    if with_body {
        output.extend_from_slice(body);
    }
}

/// Responds to a request.
pub(crate) fn respond(request: &Request<'_>, output: &mut Vec<u8>) {
    let (status, body): (_, &[u8]) = match (request.method, request.path) {
        ("GET" | "HEAD", "/") => ("200 OK", b"Hello from mio_wasi!\n"),
        ("POST", "/echo") => ("200 OK", request.body),
        (_, "/" | "/echo") => ("405 Method Not Allowed", b"method not allowed\n"),
        _ => ("404 Not Found", b"not found\n"),
    };
    let with_body = request.method != "HEAD";
    answer(output, status, request.keep_alive, with_body, body);
}
