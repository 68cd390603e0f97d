//! Tries a restore and a migration on a copy, so that what would fail does so before any node has ended.

use crate::{
    archive,
    chain::{FILE, block::Head, blocks::Blocks, phase::Goal},
    fault::Fault,
    migrate::{self, Migrate},
    restore::{self, Restore},
    validate::{self, Validate},
};
use std::{ffi::OsString, fs, io, path::Path, time::Duration};

/// What to try.
#[derive(Clone, Debug)]
pub struct Rehearse<'a> {
    /// The backup.
    pub from: &'a Path,
    /// Whether it is itself a copy that may be migrated; else one is restored beside it.
    pub in_place: bool,
    /// What the copy is migrated to.
    pub goal: Goal,
    /// What is wrong with this version.
    pub fault: Fault,
}

/// Migrates and validates a copy of the backup; one that was made for this is taken away again.
///
/// # Errors
/// One line with what would have gone wrong.
pub fn run(args: &Rehearse) -> Result<String, String> {
    let head = archive::verify(args.from)?.head;
    if args.in_place {
        return rehearse(args, args.from, head);
    }
    let mut name = OsString::from(".");
    name.push(args.from.file_name().ok_or_else(|| format!("{}: no backup", args.from.display()))?);
    name.push(".rehearsal");
    let scratch = args.from.with_file_name(name);
    clear(&scratch)?;
    fs::create_dir(&scratch).map_err(|error| format!("{}: {error}", scratch.display()))?;
    let fault = args.fault;
    let restored =
        restore::run(&Restore { data: &scratch, from: args.from, once: None, wait: Duration::ZERO, fault });
    let outcome = restored.and_then(|_| rehearse(args, &scratch, head));
    clear(&scratch)?;
    outcome
}

fn rehearse(args: &Rehearse, copy: &Path, head: Head) -> Result<String, String> {
    // A snapshot has newer blocks than its manifest says; none of those may be lost either.
    let (newest, _) = Blocks::open(&copy.join(FILE))?.last().map_err(|problem| problem.to_string())?;
    migrate::run(&Migrate {
        data: copy,
        goal: args.goal,
        back: true,
        wait: Duration::ZERO,
        fault: args.fault,
    })?;
    let report = validate::run(&Validate {
        folder: copy.into(),
        archive: false,
        phase: Some(args.goal),
        has: vec![head, newest],
    });
    if report.ok {
        Ok(format!("{} restores, and migrates to format {}: {head}", args.from.display(), args.goal.format))
    } else {
        Err(report.problems.join("; "))
    }
}

fn clear(folder: &Path) -> Result<(), String> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(format!("{}: {error}", folder.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        backup::tests::{back_up, data, described},
        chain::{blocks::tests::written, format::Format},
    };

    fn rehearsed(format: Format, to: &str, fault: Fault) -> (Result<String, String>, usize) {
        let (data, place) = (data(format, 5), tempfile::tempdir().unwrap());
        let from = place.path().join("b");
        back_up(data.path(), &from, Fault::Healthy).unwrap();
        let goal = to.parse().unwrap();
        let outcome = run(&Rehearse { from: &from, in_place: false, goal, fault });
        (outcome, fs::read_dir(place.path()).unwrap().count())
    }

    #[test]
    fn what_works_is_told_and_nothing_is_left() {
        let (outcome, left) = rehearsed(Format::Records, "lighthouse-migration", Fault::Healthy);
        let said = outcome.unwrap();
        assert!(said.contains("migrates to format 3: height 4"), "{said}");
        assert_eq!(left, 1);
    }

    #[test]
    fn a_migration_that_fails_or_loses_a_block_is_found_and_nothing_is_left() {
        for (fault, says) in
            [(Fault::MigrateFails, "migrate-fails"), (Fault::MigrateLosesBlock, "is missing")]
        {
            let (outcome, left) = rehearsed(Format::Lines, "sync-improvement", fault);
            assert!(outcome.clone().unwrap_err().contains(says), "{outcome:?}");
            assert_eq!(left, 1);
        }
    }

    #[test]
    fn a_copy_of_its_own_is_migrated_itself() {
        let copy = data(Format::Records, 5);
        described(copy.path()).unwrap();
        fs::write(copy.path().join(FILE), written(Format::Records, 0..7)).unwrap();
        let goal = "lighthouse-migration".parse().unwrap();
        let args = Rehearse { from: copy.path(), in_place: true, goal, fault: Fault::MigrateLosesBlock };
        assert!(run(&args).unwrap_err().contains("is missing"));
        let copy = data(Format::Records, 5);
        described(copy.path()).unwrap();
        let args = Rehearse { from: copy.path(), fault: Fault::Healthy, ..args };
        assert!(run(&args).unwrap().contains("migrates to format 3: height 4"));
    }

    #[test]
    fn a_way_back_that_is_none_is_found() {
        let (outcome, _) = rehearsed(Format::Unsealed, "sync-improvement", Fault::Healthy);
        assert!(outcome.unwrap_err().contains("no way back but a backup"));
    }
}
