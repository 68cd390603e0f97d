//! Tries a restore and a migration on a copy, so that what would fail does so before any node has ended.

use crate::{
    archive,
    chain::phase::Goal,
    fault::Fault,
    migrate::{self, Migrate},
    restore::{self, Restore},
    validate::{self, Validate},
};
use std::{ffi::OsString, fs, io, path::Path, time::Duration};

/// What to try.
#[derive(Clone, Debug)]
pub struct Rehearse<'a> {
    /// The backup that is restored into a folder beside it.
    pub from: &'a Path,
    /// What that folder is then migrated to.
    pub goal: Goal,
    /// What is wrong with this version.
    pub fault: Fault,
}

/// Restores, migrates and validates beside the backup, and takes all of it away again.
///
/// # Errors
/// One line with what would have gone wrong.
pub fn run(args: &Rehearse) -> Result<String, String> {
    let mut name = OsString::from(".");
    name.push(args.from.file_name().ok_or_else(|| format!("{}: no backup", args.from.display()))?);
    name.push(".rehearsal");
    let scratch = args.from.with_file_name(name);
    clear(&scratch)?;
    fs::create_dir(&scratch).map_err(|error| format!("{}: {error}", scratch.display()))?;
    let outcome = rehearse(args, &scratch);
    clear(&scratch)?;
    outcome
}

fn rehearse(args: &Rehearse, scratch: &Path) -> Result<String, String> {
    let head = archive::verify(args.from)?.head;
    restore::run(&Restore {
        data: scratch,
        from: args.from,
        once: None,
        wait: Duration::ZERO,
        fault: args.fault,
    })?;
    migrate::run(&Migrate {
        data: scratch,
        goal: args.goal,
        back: true,
        wait: Duration::ZERO,
        fault: args.fault,
    })?;
    let report = validate::run(&Validate {
        folder: scratch.into(),
        archive: false,
        phase: Some(args.goal),
        has: vec![head],
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
        backup::tests::{back_up, data},
        chain::format::Format,
    };

    fn rehearsed(format: Format, to: &str, fault: Fault) -> (Result<String, String>, usize) {
        let (data, place) = (data(format, 5), tempfile::tempdir().unwrap());
        let from = place.path().join("b");
        back_up(data.path(), &from, Fault::Healthy).unwrap();
        let outcome = run(&Rehearse { from: &from, goal: to.parse().unwrap(), fault });
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
    fn a_way_back_that_is_none_is_found() {
        let (outcome, _) = rehearsed(Format::Unsealed, "sync-improvement", Fault::Healthy);
        assert!(outcome.unwrap_err().contains("no way back but a backup"));
    }
}
