//! Blocks, and the state that they lead to.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{fmt, str::FromStr};

/// A block: what it does to the state, and how the old consensus sealed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its place: the first has 0.
    pub height: u64,
    /// What it does; the same on every node, so that nodes can be compared.
    pub payload: [u8; 32],
    /// What nobody can work out again once it is gone; the newest format has none.
    pub seal: Option<[u8; 16]>,
}

impl Block {
    /// The block that every node makes at a height.
    #[must_use]
    pub fn at(height: u64, seal: Option<[u8; 16]>) -> Self {
        Self { height, payload: Sha256::digest(format!("block {height}")).into(), seal }
    }
}

/// The state root: a SHA-256 over all blocks up to one, whatever the format they are kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Root(pub [u8; 32]);

impl Root {
    /// The root before the first block.
    pub const EMPTY: Self = Self([0; 32]);

    /// The root after one more block.
    #[must_use]
    pub fn after(self, block: &Block) -> Self {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(block.height.to_be_bytes());
        hash.update(block.payload);
        Self(hash.finalize().into())
    }

    /// Its first 48 bits, which a metric can hold exactly.
    #[must_use]
    pub fn as_number(self) -> u64 {
        self.0[..6].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl FromStr for Root {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        from_hex(text).map(Self).ok_or_else(|| "no state root: give its 64 hex digits".into())
    }
}

/// The newest block of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Its height.
    pub height: u64,
    /// The state root after it.
    #[serde(rename = "state_root", with = "as_text")]
    pub root: Root,
}

impl Head {
    /// The head after one more block.
    #[must_use]
    pub fn after(head: Option<Self>, block: &Block) -> Self {
        Self { height: block.height, root: head.map_or(Root::EMPTY, |head| head.root).after(block) }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "height {}, state root {}", self.height, self.root)
    }
}

/// Bytes as hex digits in lower case.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(digit.into(), 16).unwrap_or('?'));
        }
        text
    })
}

/// The bytes that [`hex`] wrote, none where it wrote something else.
#[must_use]
pub fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N || !digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

mod as_text {
    use super::Root;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub fn serialize<S: Serializer>(root: &Root, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(root)
    }

    pub fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<Root, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_root_does_not_depend_on_the_seal() {
        let (sealed, bare) = (Block::at(7, Some([1; 16])), Block::at(7, None));
        assert_eq!(Root::EMPTY.after(&sealed), Root::EMPTY.after(&bare));
    }

    #[test]
    fn the_root_depends_on_all_that_went_before() {
        let (first, second) = (Block::at(0, None), Block::at(1, None));
        assert_ne!(Root::EMPTY.after(&first).after(&second), Root::EMPTY.after(&second));
    }

    #[test]
    fn a_head_reads_as_people_and_machines_want_it() {
        let head = Head { height: 3, root: Root::EMPTY };
        let text = serde_json::to_string(&head).unwrap();
        assert_eq!(text, format!(r#"{{"height":3,"state_root":"{}"}}"#, "0".repeat(64)));
        assert_eq!(serde_json::from_str::<Head>(&text).unwrap(), head);
        assert_eq!(head.to_string(), format!("height 3, state root {}", "0".repeat(64)));
    }

    proptest! {
        #[test]
        fn hex_digits_read_back(bytes in any::<[u8; 16]>()) {
            prop_assert_eq!(from_hex(&hex(&bytes)), Some(bytes));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,70}") {
            let _ = text.parse::<Root>();
        }
    }
}
