//! Is the data whole?

use crate::{
    archive,
    chain::{FILE, block::Head, blocks::Blocks, phase::Goal},
};
use serde::Serialize;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What is looked at, and what must be so.
#[derive(Clone, Debug, Default)]
pub struct Validate {
    /// A data folder or a backup; its node may run.
    pub folder: PathBuf,
    /// Whether the folder must be a whole backup.
    pub archive: bool,
    /// The phase whose format it must have.
    pub phase: Option<Goal>,
    /// Blocks that must be in it: what was there before.
    pub has: Vec<Head>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether nothing is wrong.
    pub ok: bool,
    /// The number of the format.
    pub format: Option<u8>,
    /// The newest block that can be trusted.
    #[serde(flatten)]
    pub head: Option<Head>,
    /// How many blocks there are up to it.
    pub blocks: u64,
    /// Bytes behind it of a block that was never told of.
    pub torn_bytes: u64,
    /// What is wrong, a sentence each.
    pub problems: Vec<String>,
}

/// Reads all of it, and works out every state root again.
#[must_use]
pub fn run(args: &Validate) -> Report {
    let mut report =
        Report { ok: false, format: None, head: None, blocks: 0, torn_bytes: 0, problems: Vec::new() };
    if let Err(problem) = look(args, &mut report) {
        report.problems.push(problem);
    }
    report.ok = report.problems.is_empty();
    report
}

fn look(args: &Validate, report: &mut Report) -> Result<(), String> {
    if args.archive {
        archive::verify(&args.folder)?;
    }
    let path = args.folder.join(FILE);
    let mut blocks = Blocks::open(&path)?;
    report.format = Some(blocks.format().number());
    if let Some(goal) = args.phase
        && goal.format != blocks.format()
    {
        report.problems.push(format!("it is of format {}, and must be of {}", blocks.format(), goal.format));
    }
    let mut missing = args.has.clone();
    while let Some(block) = blocks.next() {
        match block {
            Ok(_) => report.blocks += 1,
            Err(problem) => report.problems.push(problem.to_string()),
        }
        missing.retain(|expected| Some(*expected) != blocks.head());
    }
    report.head = blocks.head();
    if report.blocks == 0 && report.problems.is_empty() {
        report.problems.push("the chain has no block".into());
    }
    if blocks.is_torn() {
        report.torn_bytes = length(&path)?.saturating_sub(blocks.good_bytes());
    }
    for expected in missing {
        report.problems.push(format!("the block is missing that was there before: {expected}"));
    }
    Ok(())
}

fn length(path: &Path) -> Result<u64, String> {
    fs::metadata(path).map(|data| data.len()).map_err(|error| format!("{}: {error}", path.display()))
}

/// A block as `HEIGHT:ROOT`.
///
/// # Errors
/// Anything else.
pub fn parse_head(text: &str) -> Result<Head, String> {
    let refusal = || "no block; give it as HEIGHT:STATE_ROOT".to_owned();
    let (height, root) = text.split_once(':').ok_or_else(refusal)?;
    Ok(Head { height: height.parse().map_err(|_| refusal())?, root: root.parse()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        backup::tests::{back_up, data},
        chain::{block::Root, blocks::tests::written, format::Format},
        fault::Fault,
    };

    fn validated(bytes: &[u8], has: Vec<Head>) -> Report {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), bytes).unwrap();
        run(&Validate { folder: folder.path().into(), has, ..Validate::default() })
    }

    fn head_of(format: Format, blocks: u64) -> Head {
        validated(&written(format, 0..blocks), Vec::new()).head.unwrap()
    }

    #[test]
    fn a_whole_chain_is_ok() {
        for format in Format::ALL {
            let report = validated(&written(format, 0..5), Vec::new());
            assert!(report.ok, "{report:?}");
            assert_eq!((report.format, report.blocks), (Some(format.number()), 5));
        }
    }

    #[test]
    fn a_report_is_json_with_the_head_in_it() {
        let report = validated(&written(Format::Lines, 0..1), Vec::new());
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!((&json["ok"], &json["height"]), (&true.into(), &0.into()));
        assert_eq!(json["state_root"].as_str().unwrap().len(), 64);
    }

    #[test]
    fn a_lost_and_a_doubled_block_are_seen() {
        for (heights, says) in [([0, 1, 3], "instead of block 2"), ([0, 1, 1], "comes again")] {
            let report = validated(&written(Format::Records, heights), Vec::new());
            assert!(!report.ok && report.problems[0].contains(says), "{report:?}");
        }
    }

    #[test]
    fn a_block_that_was_there_before_must_still_be_there() {
        let before = head_of(Format::Lines, 5);
        assert!(validated(&written(Format::Unsealed, 0..9), vec![before]).ok);
        let report = validated(&written(Format::Records, 0..4), vec![before]);
        assert!(!report.ok && report.problems[0].contains("missing that was there before: height 4"));
        let other = Head { height: 2, root: Root::EMPTY };
        assert!(!validated(&written(Format::Records, 0..4), vec![other]).ok);
    }

    #[test]
    fn a_torn_end_is_told_and_is_no_fault() {
        let whole = written(Format::Records, 0..5);
        let report = validated(&whole[..whole.len() - 10], Vec::new());
        assert!(report.ok, "{report:?}");
        assert_eq!((report.blocks, report.torn_bytes), (4, 82));
    }

    #[test]
    fn a_format_that_is_not_the_phases_is_named() {
        let folder = data(Format::Lines, 3);
        let phase = Some("sync-improvement".parse().unwrap());
        let report = run(&Validate { folder: folder.path().into(), phase, ..Validate::default() });
        assert_eq!(report.problems, ["it is of format 1, and must be of 2"]);
    }

    #[test]
    fn no_chain_and_an_empty_one_are_not_ok() {
        assert!(!run(&Validate { folder: "/nowhere".into(), ..Validate::default() }).ok);
        assert!(!validated(b"alys-chain 1\n", Vec::new()).ok);
        assert!(!validated(b"alys-chain 7\n", Vec::new()).ok);
    }

    #[test]
    fn a_backup_is_compared_with_its_manifest() {
        let (data, place) = (data(Format::Lines, 3), tempfile::tempdir().unwrap());
        let to = place.path().join("b");
        back_up(data.path(), &to, Fault::Healthy).unwrap();
        let args = Validate { folder: to.clone(), archive: true, ..Validate::default() };
        assert!(run(&args).ok);
        fs::write(to.join(FILE), written(Format::Lines, 0..2)).unwrap();
        assert!(!run(&args).ok);
        assert!(run(&Validate { archive: false, ..args }).ok);
    }

    #[test]
    fn a_block_reads_as_height_and_root() {
        let head = head_of(Format::Lines, 2);
        assert_eq!(parse_head(&format!("1:{}", head.root)), Ok(head));
        for text in ["", "1", "1:", "x:00", ":"] {
            assert!(parse_head(text).is_err(), "{text}");
        }
    }
}
