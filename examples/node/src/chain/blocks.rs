//! A chain read from its beginning, each block checked against the one before it.

use crate::chain::{
    block::{Block, Head},
    format::{Format, Next},
};
use std::{
    fmt,
    fs::File,
    io::{self, BufRead, BufReader},
    path::Path,
};

/// What is wrong with a chain, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The first byte of the record that it was found in.
    pub byte: u64,
    /// A sentence without the place.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.byte, self.what)
    }
}

/// The blocks of a chain in order; the first problem ends it.
pub struct Blocks<R> {
    format: Format,
    reader: R,
    good: u64,
    head: Option<Head>,
    torn: bool,
    over: bool,
}

impl Blocks<BufReader<File>> {
    /// Opens a file.
    ///
    /// # Errors
    /// One line with the file: it isn't there, can't be read, or is no chain.
    pub fn open(path: &Path) -> Result<Self, String> {
        let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Self::new(BufReader::new(file)).map_err(|what| format!("{} {what}", path.display()))
    }
}

impl<R: BufRead> Blocks<R> {
    /// Reads the first line.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(mut reader: R) -> Result<Self, String> {
        let format = Format::read_header(&mut reader)?;
        let good = format.header().len() as u64;
        Ok(Self { format, reader, good, head: None, torn: false, over: false })
    }

    /// How the blocks are written.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The newest block that was read; none before the first.
    #[must_use]
    pub fn head(&self) -> Option<Head> {
        self.head
    }

    /// How many bytes the header and all blocks that were read take.
    #[must_use]
    pub fn good_bytes(&self) -> u64 {
        self.good
    }

    /// Whether the end of the file is the beginning of a record.
    #[must_use]
    pub fn is_torn(&self) -> bool {
        self.torn
    }

    /// Reads to the end.
    ///
    /// # Errors
    /// The first problem; a chain without a block is one.
    pub fn last(mut self) -> Result<(Head, Self), Problem> {
        for block in self.by_ref() {
            block?;
        }
        match self.head {
            Some(head) => Ok((head, self)),
            None => Err(Problem { byte: self.good, what: "the chain has no block".into() }),
        }
    }

    fn read(&mut self) -> io::Result<Option<Result<Block, String>>> {
        let (record, length) = match self.format.decode(&mut self.reader)? {
            Next::Record(record, length) => (record, length),
            Next::End => return Ok(None),
            Next::Torn => {
                self.torn = true;
                return Ok(None);
            }
            Next::Damaged(what) => {
                let height = self.head.map_or(0, |head| head.height + 1);
                return Ok(Some(Err(format!("block {height} is damaged: {what}"))));
            }
        };
        let (height, expected) = (record.block.height, self.head.map_or(0, |head| head.height + 1));
        if height != expected {
            let what = if height < expected { "comes again" } else { "follows" };
            let instead =
                expected.checked_sub(1).map_or("the beginning".into(), |last| format!("block {last}"));
            return Ok(Some(Err(format!(
                "block {height} {what} after {instead}, instead of block {expected}"
            ))));
        }
        let head = Head::after(self.head, &record.block);
        if head.root != record.root {
            let (found, written) = (head.root, record.root);
            return Ok(Some(Err(format!("block {height} leads to state root {found}, and says {written}"))));
        }
        self.good += length;
        self.head = Some(head);
        Ok(Some(Ok(record.block)))
    }
}

impl<R: BufRead> Iterator for Blocks<R> {
    type Item = Result<Block, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let found = self.read().unwrap_or_else(|error| Some(Err(error.to_string())));
        self.over = !matches!(found, Some(Ok(_)));
        found.map(|block| block.map_err(|what| Problem { byte: self.good, what }))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::chain::{block::Root, format::Record};
    use proptest::prelude::*;

    /// A chain of these heights, each root right for what stands before it.
    pub(crate) fn written(format: Format, heights: impl IntoIterator<Item = u64>) -> Vec<u8> {
        let mut bytes = format.header().into_bytes();
        let mut head = None;
        for height in heights {
            let block = Block::at(height, format.has_seals().then_some([7; 16]));
            let next = Head::after(head, &block);
            bytes.extend(format.encode(&Record { block, root: next.root }));
            head = Some(next);
        }
        bytes
    }

    fn problem(bytes: &[u8]) -> String {
        Blocks::new(bytes).unwrap().last().err().expect("a problem").what
    }

    #[test]
    fn a_missing_block_is_named() {
        for format in Format::ALL {
            let what = problem(&written(format, [0, 1, 3]));
            assert_eq!(what, "block 3 follows after block 1, instead of block 2");
        }
    }

    #[test]
    fn a_doubled_block_is_named() {
        for format in Format::ALL {
            let what = problem(&written(format, [0, 1, 1]));
            assert_eq!(what, "block 1 comes again after block 1, instead of block 2");
        }
    }

    #[test]
    fn a_chain_that_does_not_begin_at_0_is_named() {
        assert!(problem(&written(Format::Lines, [1])).contains("follows after the beginning"));
    }

    #[test]
    fn a_wrong_state_root_is_named() {
        let mut bytes = written(Format::Records, 0..3);
        let wrong = Record { block: Block::at(3, Some([0; 16])), root: Root::EMPTY };
        bytes.extend(Format::Records.encode(&wrong));
        assert!(problem(&bytes).starts_with("block 3 leads to state root "), "{}", problem(&bytes));
    }

    #[test]
    fn a_chain_without_a_block_is_named() {
        assert_eq!(problem(b"alys-chain 1\n"), "the chain has no block");
    }

    #[test]
    fn every_format_leads_to_the_same_head() {
        let heads = Format::ALL.map(|format| {
            let bytes = written(format, 0..20);
            Blocks::new(bytes.as_slice()).unwrap().last().unwrap().0
        });
        assert_eq!(heads[0].height, 19);
        assert_eq!((heads[0], heads[0]), (heads[1], heads[2]));
    }

    proptest! {
        #[test]
        fn a_chain_that_is_cut_anywhere_holds_all_blocks_before(format in 0_usize..3, count in 1_u64..6, cut in any::<prop::sample::Index>()) {
            let format = Format::ALL[format];
            let bytes = written(format, 0..count);
            let header = format.header().len();
            let kept = header + cut.index(bytes.len() - header + 1);
            let mut blocks = Blocks::new(&bytes[..kept]).unwrap();
            let whole = blocks.by_ref().map(Result::unwrap).count() as u64;
            let good = usize::try_from(blocks.good_bytes()).unwrap();
            prop_assert_eq!(&bytes[..good], &written(format, 0..whole)[..]);
            prop_assert_eq!(blocks.is_torn(), kept != good);
            prop_assert!(written(format, 0..(whole + 1).min(count)).len() >= kept);
        }
    }
}
