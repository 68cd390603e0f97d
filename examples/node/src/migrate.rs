//! Brings the data into the format of a phase, and back where that loses nothing.

use crate::{
    chain::{
        block::Head,
        blocks::Blocks,
        folder::Folder,
        format::Format,
        fresh::{Chain, Fresh},
        phase::Goal,
    },
    fault::Fault,
};
use std::{path::Path, time::Duration};

/// What to bring where.
#[derive(Clone, Debug)]
pub struct Migrate<'a> {
    /// The data folder.
    pub data: &'a Path,
    /// The format to end in.
    pub goal: Goal,
    /// Whether it may be an older one.
    pub back: bool,
    /// How long to wait for another process that has the data.
    pub wait: Duration,
    /// What is wrong with this version.
    pub fault: Fault,
}

/// Migrates, unless the data is in that format already; answers what was done, in one line.
///
/// The new chain is written beside the old one, read again, and takes its place at once: a migration that is
/// killed, or finds no room, leaves the old one.
///
/// # Errors
/// One line: no way leads there, or what the data can't be read or written with.
pub fn run(args: &Migrate) -> Result<String, String> {
    args.fault.strike_migration()?;
    let folder = Folder::take_within(args.data, args.wait)?;
    let to = args.goal.format;
    if !folder.holds_chain()? {
        return Ok(format!("no chain yet: it will begin in format {to}; nothing was done"));
    }
    let path = folder.chain();
    let source = Blocks::open(&path)?;
    let from = source.format();
    let shown = path.display();
    if from == to {
        return Ok(format!("{shown} is in format {to} already; nothing was done"));
    }
    if to < from && !args.back {
        return Err(format!("{shown} is in format {from}; going back to format {to} needs --back"));
    }
    if to.has_seals() && !from.has_seals() {
        return Err(format!(
            "{shown} is in format {from}, without the seals that format {to} holds, so there is no way back but a \
             backup: alys-node restore --from ARCHIVE"
        ));
    }
    let mut fresh = Fresh::new(folder.beside())?;
    let head = copy(source, &mut fresh, to, args.fault).map_err(|what| format!("{shown}: {what}"))?;
    fresh.flush()?;
    let written = Blocks::open(fresh.path())?.last().map_err(|problem| problem.to_string())?.0;
    if written != head {
        return Err(format!("{shown}: {head} became {written}; the old chain is untouched"));
    }
    args.fault.pause();
    fresh.place(&path)?;
    Ok(format!("{shown} went from format {from} to format {to}: {head}"))
}

fn copy(
    mut source: Blocks<impl std::io::BufRead>,
    fresh: &mut Fresh,
    to: Format,
    fault: Fault,
) -> Result<Head, String> {
    let mut chain = Chain::begin(fresh, to)?;
    // One behind, so that the fault that loses the newest block can.
    let mut last = None;
    for block in source.by_ref() {
        let block = block.map_err(|problem| problem.to_string())?;
        if let Some(before) = last.replace(block) {
            chain.add(before)?;
        }
    }
    let newest = last.ok_or("the chain has no block")?;
    if fault != Fault::MigrateLosesBlock || newest.height == 0 {
        chain.add(newest)?;
    }
    // What was read, unless the fault is to go unseen here.
    let read = if fault == Fault::MigrateLosesBlock { chain.head() } else { source.head() };
    read.ok_or_else(|| "the chain has no block".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::{FILE, blocks::tests::written};
    use proptest::prelude::*;
    use std::fs;
    use tempfile::TempDir;

    fn folder(format: Format, blocks: u64) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), written(format, 0..blocks)).unwrap();
        folder
    }

    fn migrate(folder: &TempDir, to: Format, back: bool, fault: Fault) -> Result<String, String> {
        run(&Migrate {
            data: folder.path(),
            goal: Goal { phase: None, format: to },
            back,
            wait: Duration::ZERO,
            fault,
        })
    }

    fn head(folder: &TempDir) -> (Format, Head) {
        let (head, blocks) = Blocks::open(&folder.path().join(FILE)).unwrap().last().unwrap();
        (blocks.format(), head)
    }

    fn bytes(folder: &TempDir) -> Vec<u8> {
        fs::read(folder.path().join(FILE)).unwrap()
    }

    #[test]
    fn the_second_time_nothing_is_done() {
        let folder = folder(Format::Lines, 5);
        assert!(
            migrate(&folder, Format::Records, false, Fault::Healthy)
                .unwrap()
                .contains("to format 2: height 4")
        );
        let after = bytes(&folder);
        let said = migrate(&folder, Format::Records, false, Fault::Healthy).unwrap();
        assert!(said.ends_with("is in format 2 already; nothing was done"), "{said}");
        assert_eq!(bytes(&folder), after);
    }

    #[test]
    fn an_empty_volume_needs_no_migration() {
        let folder = tempfile::tempdir().unwrap();
        let said = migrate(&folder, Format::Records, false, Fault::Healthy).unwrap();
        assert!(said.starts_with("no chain yet"), "{said}");
    }

    #[test]
    fn going_back_is_refused_unless_it_is_meant() {
        let folder = folder(Format::Records, 5);
        let error = migrate(&folder, Format::Lines, false, Fault::Healthy).unwrap_err();
        assert!(error.ends_with("going back to format 1 needs --back"), "{error}");
        assert!(migrate(&folder, Format::Lines, true, Fault::Healthy).is_ok());
    }

    #[test]
    fn there_and_back_gives_the_same_bytes() {
        let folder = folder(Format::Lines, 5);
        let before = bytes(&folder);
        migrate(&folder, Format::Records, false, Fault::Healthy).unwrap();
        migrate(&folder, Format::Lines, true, Fault::Healthy).unwrap();
        assert_eq!(bytes(&folder), before);
    }

    #[test]
    fn past_the_point_of_no_return_the_remedy_is_a_backup() {
        let folder = folder(Format::Unsealed, 5);
        let before = bytes(&folder);
        for to in [Format::Lines, Format::Records] {
            let error = migrate(&folder, to, true, Fault::Healthy).unwrap_err();
            assert!(error.contains("no way back but a backup: alys-node restore --from"), "{error}");
        }
        assert_eq!(bytes(&folder), before);
    }

    #[test]
    fn a_fault_that_loses_a_block_is_left_to_the_validation() {
        let folder = folder(Format::Lines, 5);
        assert!(migrate(&folder, Format::Records, false, Fault::MigrateLosesBlock).is_ok());
        assert_eq!(head(&folder).1.height, 3);
    }

    #[test]
    fn a_migration_that_fails_leaves_the_old_chain() {
        let folder = folder(Format::Lines, 5);
        let before = bytes(&folder);
        let error = migrate(&folder, Format::Records, false, Fault::MigrateFails).unwrap_err();
        assert_eq!(error, "ended by its fault migrate-fails");
        assert_eq!(bytes(&folder), before);
    }

    #[test]
    fn a_damaged_chain_is_not_migrated() {
        let folder = folder(Format::Lines, 5);
        let file = folder.path().join(FILE);
        let mut damaged = bytes(&folder);
        damaged[100] ^= 1;
        fs::write(&file, &damaged).unwrap();
        let error = migrate(&folder, Format::Records, false, Fault::Healthy).unwrap_err();
        assert!(error.contains("block 0 is damaged"), "{error}");
        assert_eq!(bytes(&folder), damaged);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn whatever_is_tried_in_whatever_order_no_block_is_lost(
            start in 0_usize..3, blocks in 1_u64..8, tries in proptest::collection::vec((0_usize..3, any::<bool>()), 1..8)
        ) {
            let folder = folder(Format::ALL[start], blocks);
            let expected = head(&folder).1;
            for (to, back) in tries {
                let (from, to) = (head(&folder).0, Format::ALL[to]);
                let done = migrate(&folder, to, back, Fault::Healthy);
                let possible = to >= from || (back && from.has_seals());
                prop_assert_eq!(done.is_ok(), possible);
                prop_assert_eq!(head(&folder), (if possible { to } else { from }, expected));
            }
        }
    }
}
