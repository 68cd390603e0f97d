//! The feature flags that are mounted into the node.

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use std::{fmt, fs, io, path::Path, str::FromStr};

/// The flags of `features.toml` and the digest of its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    /// The flags, typed as in the file; dates are text.
    pub flags: Map<String, Value>,
    /// What identifies exactly this file.
    pub digest: Digest,
}

impl Features {
    /// Reads a file; one that isn't there is read as an empty one, which its digest tells.
    ///
    /// # Errors
    /// One line with the file and, where there is one, the position: unreadable, no UTF-8, no TOML.
    pub fn read(path: &Path) -> Result<Self, String> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => {
                return Err(format!("{}: {error}; mount a readable file there", path.display()));
            }
        };
        Self::parse(&bytes).map_err(|error| format!("{}:{error}", path.display()))
    }

    /// Parses the bytes of a file.
    ///
    /// # Errors
    /// `LINE:COLUMN: what is wrong`, in one line.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes)
            .map_err(|error| format!("{}: no UTF-8", position(bytes, error.valid_up_to())))?;
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let start = error.span().map_or(bytes.len(), |span| span.start);
            format!("{}: {}", position(bytes, start), error.message().trim().replace('\n', ", "))
        })?;
        let flags = table.into_iter().map(|(name, value)| (name, to_json(value))).collect();
        Ok(Self { flags, digest: Digest::of(bytes) })
    }
}

/// `LINE:COLUMN` of a byte, both from 1, columns in bytes.
fn position(bytes: &[u8], offset: usize) -> String {
    let before = &bytes[..offset.min(bytes.len())];
    let mut lines = before.rsplit(|byte| *byte == b'\n');
    let column = lines.next().map_or(0, <[u8]>::len) + 1;
    format!("{}:{column}", lines.count() + 1)
}

/// JSON has neither dates nor endless numbers: the former become text, the latter null.
fn to_json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(flag) => flag.into(),
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Array(items) => items.into_iter().map(to_json).collect(),
        toml::Value::Table(table) => table.into_iter().map(|(name, value)| (name, to_json(value))).collect(),
    }
}

/// The first 12 hexadecimal digits of a file's SHA-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest(String);

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let head =
            Sha256::digest(bytes).iter().take(6).fold(0_u64, |head, byte| head << 8 | u64::from(*byte));
        Self(format!("{head:012x}"))
    }

    /// The digest as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Digest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.len() == 12 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            Ok(Self(text.into()))
        } else {
            Err("no digest of flags; give the first 12 hex digits of `sha256sum features.toml`".into())
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::btree_map, prelude::*};
    use serde_json::json;

    #[test]
    fn flags_keep_their_types() {
        let text =
            b"on = true\ncount = 3\nratio = 0.5\nname = 'x'\nday = 2025-01-31\n[sync]\npeers = ['a', 'b']\n";
        assert_eq!(
            Value::Object(Features::parse(text).unwrap().flags),
            json!({"on": true, "count": 3, "ratio": 0.5, "name": "x", "day": "2025-01-31", "sync": {"peers": ["a", "b"]}})
        );
    }

    #[test]
    fn the_digest_is_the_head_of_sha256() {
        assert_eq!(Digest::of(b"").as_str(), "e3b0c44298fc");
        assert_eq!(Digest::of(b"abc").as_str(), "ba7816bf8f01");
    }

    #[test]
    fn wrong_toml_is_refused_in_one_line_with_its_position() {
        let error = Features::parse(b"good = true\nbad = = 1\n").unwrap_err();
        assert!(error.starts_with("2:7: ") && !error.contains('\n'), "{error}");
    }

    #[test]
    fn a_doubled_flag_is_refused_where_it_is_doubled() {
        let error = Features::parse(b"flag = true\nflag = false\n").unwrap_err();
        assert!(error.starts_with("2:1: "), "{error}");
    }

    #[test]
    fn bytes_that_are_no_utf8_are_refused_with_their_position() {
        assert_eq!(Features::parse(b"a = 1\n# \xff").unwrap_err(), "2:3: no UTF-8");
    }

    #[test]
    fn a_file_that_is_not_there_is_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        let features = Features::read(&folder.path().join("features.toml")).unwrap();
        assert_eq!((features.flags.len(), features.digest), (0, Digest::of(b"")));
    }

    #[test]
    fn a_folder_in_the_place_of_the_file_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let error = Features::read(folder.path()).unwrap_err();
        assert!(error.starts_with(&folder.path().display().to_string()), "{error}");
    }

    proptest! {
        #[test]
        fn every_written_flag_is_read(flags in btree_map("[a-z][a-z0-9_]{0,12}", any::<bool>(), 0..8)) {
            let lines: Vec<_> = flags.iter().map(|(name, value)| format!("{name} = {value}\n")).collect();
            let read = Features::parse(lines.concat().as_bytes()).unwrap().flags;
            prop_assert_eq!(Value::Object(read), json!(flags));
        }

        #[test]
        fn no_bytes_make_the_parser_panic_or_its_message_break(bytes in any::<Vec<u8>>()) {
            if let Err(error) = Features::parse(&bytes) {
                prop_assert!(!error.contains('\n'));
            }
        }

        #[test]
        fn a_digest_reads_back_as_it_is_written(bytes in any::<Vec<u8>>()) {
            let digest = Digest::of(&bytes);
            prop_assert_eq!(digest.to_string().parse(), Ok(digest));
        }

        #[test]
        fn one_more_byte_makes_another_digest(bytes in any::<Vec<u8>>(), more in any::<u8>()) {
            let longer = [bytes.as_slice(), &[more]].concat();
            prop_assert_ne!(Digest::of(&bytes), Digest::of(&longer));
        }

        #[test]
        fn text_that_is_no_digest_is_refused(text in "[0-9a-f]{0,11}|[0-9a-f]{13,20}|[g-zA-Z]{12}") {
            prop_assert!(text.parse::<Digest>().is_err());
        }
    }
}
