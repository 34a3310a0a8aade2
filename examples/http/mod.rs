//! Requests and answers of the example `http_on_wasi`.

use std::str;

/// More than any honest head of a request.
const LONGEST_HEAD: usize = 16 * 1024;
/// More than anybody needs to see echoed.
const LONGEST_BODY: u64 = 1024 * 1024;

/// A request whose bytes are all there.
pub(crate) struct Request<'a> {
    method: &'a str,
    path: &'a str,
    body: &'a [u8],
    pub(crate) keep_alive: bool,
    /// How many bytes it takes, head and body.
    pub(crate) length: usize,
}

/// The first request in the bytes; `None` when it isn't complete, the status line
/// of an answer when it never will be one.
pub(crate) fn parse(bytes: &[u8]) -> Result<Option<Request<'_>>, &'static str> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return match bytes.len() {
            0..=LONGEST_HEAD => Ok(None),
            _ => Err("431 Request Header Fields Too Large"),
        };
    };
    let head = str::from_utf8(&bytes[..end]).map_err(|_| "400 Bad Request")?;
    let mut lines = head.split("\r\n");
    let mut words = lines.next().unwrap_or("").split(' ');
    let (method, path, version) = match (words.next(), words.next(), words.next(), words.next()) {
        (Some(method), Some(path), Some(version), None) => (method, path, version),
        _ => return Err("400 Bad Request"),
    };
    let known = ["HTTP/1.1", "HTTP/1.0"].contains(&version);
    let token = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
    if !known || !token || !path.starts_with('/') {
        return Err("400 Bad Request");
    }

    let mut length_given: Option<u64> = None;
    let mut keep_alive = version == "HTTP/1.1";
    for line in lines {
        let (name, value) = line.split_once(':').ok_or("400 Bad Request")?;
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            let length = parse_length(value).ok_or("400 Bad Request")?;
            // Two lengths are two ideas of where the next request starts.
            if length_given.is_some_and(|given| given != length) {
                return Err("400 Bad Request");
            }
            length_given = Some(length);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            return Err("501 Not Implemented");
        } else if name.eq_ignore_ascii_case("connection") {
            keep_alive = match keep_alive {
                true => !value.eq_ignore_ascii_case("close"),
                false => value.eq_ignore_ascii_case("keep-alive"),
            };
        }
    }
    let body_length = length_given.unwrap_or(0);
    if body_length > LONGEST_BODY {
        return Err("413 Content Too Large");
    }
    let body = end + 4;
    let length = body + body_length as usize;
    Ok(bytes.get(body..length).map(|body| Request {
        method,
        path,
        body,
        keep_alive,
        length,
    }))
}

/// A length as HTTP has it: digits and nothing else.
fn parse_length(value: &str) -> Option<u64> {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    // More digits than the type takes are not understood either.
    digits.then(|| value.parse().ok())?
}

/// Adds an answer to what is to be sent.
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

/// Answers a request.
pub(crate) fn respond(request: &Request<'_>, output: &mut Vec<u8>) {
    let (status, body): (_, &[u8]) = match (request.method, request.path) {
        ("GET" | "HEAD", "/") => ("200 OK", b"Hello from mio_wasi!\n"),
        ("POST", "/echo") => ("200 OK", request.body),
        (_, "/" | "/echo") => ("405 Method Not Allowed", b"no such method here\n"),
        _ => ("404 Not Found", b"nothing here\n"),
    };
    let with_body = request.method != "HEAD";
    answer(output, status, request.keep_alive, with_body, body);
}
