//! How blocks are written: a line that names the format, then a record for each block.

use crate::chain::block::{Block, Root, from_hex, hex};
use sha2::{Digest as _, Sha256};
use std::{
    fmt,
    io::{self, BufRead, Read as _},
    str::FromStr,
};

/// What every chain begins with, before the number of its format.
const MAGIC: &str = "alys-chain ";
/// Bytes of a record's checksum.
const CHECK: usize = 4;
/// A line of the first format is far shorter; what is longer has lost its end.
const LINE_LIMIT: u64 = 512;

/// A way to write a chain. Each record holds its height, its payload and the state root after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// A line of text for each block.
    Lines,
    /// Records of one length.
    Records,
    /// Records of one length, without the seals of the old consensus: there is no way back from here.
    Unsealed,
}

/// A block as it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The block.
    pub block: Block,
    /// The state root after it, as it was written down.
    pub root: Root,
}

/// What comes next in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// A whole record, and how many bytes it takes.
    Record(Record, u64),
    /// The end.
    End,
    /// The beginning of a record whose writer was killed, and nothing behind it.
    Torn,
    /// Something that no writer leaves behind.
    Damaged(&'static str),
}

impl Format {
    /// All of them; the number of each is its place from 1.
    pub const ALL: [Self; 3] = [Self::Lines, Self::Records, Self::Unsealed];

    /// The number that stands in a file.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8 + 1
    }

    /// Whether its blocks have seals.
    #[must_use]
    pub fn has_seals(self) -> bool {
        self != Self::Unsealed
    }

    /// The first line of a file.
    #[must_use]
    pub fn header(self) -> String {
        format!("{MAGIC}{}\n", self.number())
    }

    /// Reads the first line of a file.
    ///
    /// # Errors
    /// What is wrong with it, or why it can't be read.
    pub fn read_header(reader: &mut impl BufRead) -> Result<Self, String> {
        let mut line = Vec::new();
        reader.by_ref().take(LINE_LIMIT).read_until(b'\n', &mut line).map_err(|error| error.to_string())?;
        let number = std::str::from_utf8(&line)
            .ok()
            .and_then(|line| line.strip_prefix(MAGIC)?.strip_suffix('\n'))
            .ok_or("is no chain: it doesn't begin as one")?;
        number.parse()
    }

    /// The bytes of a record.
    #[must_use]
    pub fn encode(self, record: &Record) -> Vec<u8> {
        let Record { block: Block { height, payload, seal }, root } = record;
        let seal = seal.unwrap_or_default();
        if self == Self::Lines {
            let mut line = format!("{height} {} {} {root} ", hex(payload), hex(&seal));
            line = format!("{line}{}\n", hex(&check(line.as_bytes())));
            return line.into_bytes();
        }
        let mut bytes = height.to_be_bytes().to_vec();
        bytes.extend(payload);
        if self == Self::Records {
            bytes.extend(seal);
        }
        bytes.extend(root.0);
        bytes.extend(check(&bytes));
        bytes
    }

    /// Reads what comes next.
    ///
    /// # Errors
    /// What the file can't be read with.
    pub fn decode(self, reader: &mut impl BufRead) -> io::Result<Next> {
        match self {
            Self::Lines => decode_line(reader),
            Self::Records => decode_bytes::<92>(reader, true),
            Self::Unsealed => decode_bytes::<76>(reader, false),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.number())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|format| format.number().to_string() == text).ok_or_else(|| {
            let newest = Self::ALL.len();
            let shown: String = text.chars().take(20).collect();
            format!("is of format `{shown}`, and this version knows 1 to {newest}; use one that knows it")
        })
    }
}

fn decode_line(reader: &mut impl BufRead) -> io::Result<Next> {
    let mut line = Vec::new();
    reader.by_ref().take(LINE_LIMIT).read_until(b'\n', &mut line)?;
    let length = line.len() as u64;
    if line.is_empty() {
        return Ok(Next::End);
    }
    if line.pop() != Some(b'\n') {
        return Ok(if length < LINE_LIMIT { Next::Torn } else { torn_if_nothing(&line, reader)? });
    }
    Ok(parse_line(&line)
        .map_or(Next::Damaged("its checksum is wrong"), |record| Next::Record(record, length)))
}

fn parse_line(line: &[u8]) -> Option<Record> {
    let line = std::str::from_utf8(line).ok()?;
    let (said, sum) = line.split_at(line.rfind(' ')? + 1);
    if from_hex(sum)? != check(said.as_bytes()) {
        return None;
    }
    let mut words = said.trim_end().split(' ');
    let height = words.next()?.parse().ok()?;
    let payload = from_hex(words.next()?)?;
    let seal = Some(from_hex(words.next()?)?);
    Some(Record { block: Block { height, payload, seal }, root: words.next()?.parse().ok()? })
}

fn decode_bytes<const N: usize>(reader: &mut impl BufRead, sealed: bool) -> io::Result<Next> {
    let mut bytes = Vec::with_capacity(N);
    reader.by_ref().take(N as u64).read_to_end(&mut bytes)?;
    if bytes.is_empty() {
        return Ok(Next::End);
    }
    if bytes.len() < N {
        return Ok(Next::Torn);
    }
    let (said, sum) = bytes.split_at(N - CHECK);
    if sum != check(said) {
        return torn_if_nothing(&bytes, reader);
    }
    let (height, rest) = said.split_at(8);
    let (payload, rest) = rest.split_at(32);
    let (seal, root) = rest.split_at(if sealed { 16 } else { 0 });
    let block = Block {
        height: u64::from_be_bytes(exact(height)),
        payload: exact(payload),
        seal: sealed.then(|| exact(seal)),
    };
    Ok(Next::Record(Record { block, root: Root(exact(root)) }, N as u64))
}

/// A machine that lost its power may have made a file longer and written nothing there.
fn torn_if_nothing(bytes: &[u8], reader: &mut impl BufRead) -> io::Result<Next> {
    let mut nothing = bytes.iter().all(|byte| *byte == 0);
    while nothing {
        let more = reader.fill_buf()?;
        if more.is_empty() {
            return Ok(Next::Torn);
        }
        nothing = more.iter().all(|byte| *byte == 0);
        let length = more.len();
        reader.consume(length);
    }
    Ok(Next::Damaged("its checksum is wrong"))
}

fn check(bytes: &[u8]) -> [u8; CHECK] {
    exact(&Sha256::digest(bytes)[..CHECK])
}

/// As an array; only for slices of that length.
fn exact<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(bytes);
    array
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_record(format: Format) -> impl Strategy<Value = Record> {
        (any::<u64>(), any::<[u8; 32]>(), any::<[u8; 16]>(), any::<[u8; 32]>()).prop_map(
            move |(height, payload, seal, root)| Record {
                block: Block { height, payload, seal: format.has_seals().then_some(seal) },
                root: Root(root),
            },
        )
    }

    fn any_format() -> impl Strategy<Value = Format> {
        prop_oneof![Just(Format::Lines), Just(Format::Records), Just(Format::Unsealed)]
    }

    fn formats_and_records() -> impl Strategy<Value = (Format, Record)> {
        any_format().prop_flat_map(|format| (Just(format), any_record(format)))
    }

    #[test]
    fn a_format_of_the_future_is_named() {
        let error = Format::read_header(&mut "alys-chain 9\n".as_bytes()).unwrap_err();
        assert_eq!(error, "is of format `9`, and this version knows 1 to 3; use one that knows it");
    }

    #[test]
    fn what_is_no_chain_is_refused() {
        for text in ["", "alys-chain 1", "alys-chain\n", "\u{0}\n", "alys-chain 01\n", "# notes\n"] {
            assert!(Format::read_header(&mut text.as_bytes()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_file_that_was_made_longer_and_not_written_is_torn() {
        for format in Format::ALL {
            assert_eq!(format.decode(&mut [0; 4000].as_slice()).unwrap(), Next::Torn, "{format}");
            let mut with_more = vec![0; 4000];
            with_more.push(b'\n');
            assert!(
                matches!(format.decode(&mut with_more.as_slice()).unwrap(), Next::Damaged(_)),
                "{format}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_record_reads_back_as_it_is_written((format, record) in formats_and_records()) {
            let bytes = format.encode(&record);
            let length = bytes.len() as u64;
            prop_assert_eq!(format.decode(&mut bytes.as_slice()).unwrap(), Next::Record(record, length));
        }

        #[test]
        fn every_beginning_of_a_record_is_torn((format, record) in formats_and_records(), cut in any::<prop::sample::Index>()) {
            let bytes = format.encode(&record);
            let kept = cut.index(bytes.len());
            let expected = if kept == 0 { Next::End } else { Next::Torn };
            prop_assert_eq!(format.decode(&mut &bytes[..kept]).unwrap(), expected);
        }

        #[test]
        fn a_changed_bit_is_found((format, record) in formats_and_records(), place in any::<prop::sample::Index>(), bit in 0_u8..8) {
            let mut bytes = format.encode(&record);
            let place = place.index(bytes.len());
            bytes[place] ^= 1 << bit;
            let next = format.decode(&mut bytes.as_slice()).unwrap();
            prop_assert!(matches!(next, Next::Damaged(_) | Next::Torn), "{:?}", next);
        }

        #[test]
        fn no_bytes_make_the_reader_panic(format in any_format(), bytes in any::<Vec<u8>>()) {
            let _ = format.decode(&mut bytes.as_slice());
            let _ = Format::read_header(&mut bytes.as_slice());
        }
    }
}
