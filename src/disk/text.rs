//! Names that need not be text, as text: each byte that is none becomes `\x` and two digits, and so does a backslash
//! that would look like one. Two names never have the same text, and the text leads back to the name.

use std::ffi::{OsStr, OsString};
use std::fmt::Write;

/// The text for a name.
pub(crate) fn text_of(name: &[u8]) -> String {
    let mut text = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        let mut rest = chunk.valid();
        while let Some(at) = rest.find("\\x") {
            let is_like_ours = rest[at + 2..].bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
            text.push_str(&rest[..at]);
            text.push_str(if is_like_ours { "\\x5cx" } else { "\\x" });
            rest = &rest[at + 2..];
        }
        text.push_str(rest);
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

/// The name behind a text.
pub(crate) fn name_of(text: &str) -> Vec<u8> {
    let mut name = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\x") {
        name.extend_from_slice(&rest.as_bytes()[..at]);
        let digits = rest.get(at + 2..at + 4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        if let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            name.push(byte);
            rest = &rest[at + 4..];
        } else {
            name.extend_from_slice(b"\\x");
            rest = &rest[at + 2..];
        }
    }
    name.extend_from_slice(rest.as_bytes());
    name
}

/// An absolute path without empty parts, `.` and `..`.
pub(super) fn plain(path: &[u8]) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.into_iter().flat_map(|part| [&b"/"[..], part]).flatten().copied().collect()
}

/// The text for a name of the system's.
pub(crate) fn text_of_os(name: &OsStr) -> String {
    text_of(name.as_encoded_bytes())
}

/// The system's name behind a text.
#[cfg(unix)]
pub(crate) fn os_name_of(text: &str) -> OsString {
    use std::os::unix::ffi::OsStringExt;
    OsString::from_vec(name_of(text))
}

/// The system's name behind a text.
#[cfg(not(unix))]
pub(crate) fn os_name_of(text: &str) -> OsString {
    String::from_utf8_lossy(&name_of(text)).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_no_text_has_one_and_no_other_name_has_it() {
        let names: [&[u8]; 9] = [
            b"plain/name.txt",
            "ä".as_bytes(),
            b"\xff",
            b"\\xff",
            b"\\x5cxff",
            b"a\xc3(b\xe2\x82",
            b"back\\slash\\x",
            b"\\xf\xff",
            b"",
        ];
        let texts: Vec<String> = names.iter().map(|name| text_of(name)).collect();
        for (name, text) in names.iter().zip(&texts) {
            assert_eq!(name_of(text), *name, "{text}");
            assert_eq!(texts.iter().filter(|other| *other == text).count(), 1, "{text}");
        }
        assert_eq!(texts[..4], ["plain/name.txt", "ä", "\\xff", "\\x5cxff"]);
    }
}
