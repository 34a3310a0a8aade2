//! The parser of the example HTTP server, with requests that come in pieces.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../examples/http/mod.rs"]
mod http;

/// Responds to all complete requests; the number of bytes they take.
fn answer_all(bytes: &[u8], output: &mut Vec<u8>) -> Option<usize> {
    let mut used = 0;
    while let Some(request) = http::parse(&bytes[used..]).ok()? {
        assert!(request.length > 0 && request.length <= bytes.len() - used);
        http::respond(&request, output);
        used += request.length;
    }
    Some(used)
}

fuzz_target!(|input: (u16, &[u8])| {
    let (cut, bytes) = input;
    let mut whole = Vec::new();
    let used = answer_all(bytes, &mut whole);
    // In two pieces, the answers are the same.
    let cut = usize::from(cut) % (bytes.len() + 1);
    let mut pieces = Vec::new();
    if let Some(first) = answer_all(&bytes[..cut], &mut pieces) {
        let second = answer_all(&bytes[first..], &mut pieces);
        assert_eq!(second.map(|second| first + second), used);
        assert_eq!(pieces, whole);
    }
});
