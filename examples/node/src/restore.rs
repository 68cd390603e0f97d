//! Puts a backup into the place of the data.

use crate::{
    archive::{self, Manifest},
    chain::{
        blocks::Blocks,
        folder::Folder,
        fresh::{Fresh, sync_folder_of},
    },
    fault::Fault,
};
use std::{fs, io, path::Path, time::Duration};

/// Holds the name of the request that was last fulfilled.
const MARK: &str = "restored";

/// What to restore where.
#[derive(Clone, Debug)]
pub struct Restore<'a> {
    /// The data folder; its node must have ended.
    pub data: &'a Path,
    /// The backup.
    pub from: &'a Path,
    /// The name of the request, where it is to be fulfilled only once.
    pub once: Option<&'a str>,
    /// How long to wait for another process that has the data.
    pub wait: Duration,
    /// What is wrong with this version.
    pub fault: Fault,
}

/// Restores a backup; answers what was done, in one line.
///
/// The backup is read whole before the data is touched. Its copy is written beside the present chain and read
/// again; the present one stays aside until its successor has been read in its place. A restore that is killed
/// leaves the one or the other.
///
/// # Errors
/// One line: a broken backup, no room, or another process at work; the data is as it was.
pub fn run(args: &Restore) -> Result<String, String> {
    let manifest = archive::verify(args.from)?;
    let folder = Folder::take_within(args.data, args.wait)?;
    let mark = folder.file(MARK);
    if let Some(request) = args.once
        && fs::read_to_string(&mark).is_ok_and(|last| last == request)
    {
        return Ok(format!("{request} was fulfilled before; nothing was done"));
    }
    let mut fresh = Fresh::new(folder.beside())?;
    let shown = args.from.display();
    archive::copy(&mut archive::chain(args.from, &manifest)?, &mut fresh)?;
    fresh.flush()?;
    compare(fresh.path(), &manifest)?;
    args.fault.pause();
    swap(&folder, fresh, &manifest)?;
    if let Some(request) = args.once {
        let mut fresh = Fresh::new(folder.file(".restored.new"))?;
        fresh.write(request.as_bytes())?;
        fresh.place(&mark)?;
    }
    Ok(format!("{} is {shown} now: {}", folder.chain().display(), manifest.head))
}

fn swap(folder: &Folder, fresh: Fresh, manifest: &Manifest) -> Result<(), String> {
    let (chain, aside) = (folder.chain(), folder.aside());
    let refusal = |error: io::Error| format!("{}: {error}", aside.display());
    let kept = folder.holds_chain()?;
    if kept {
        // A second name, so that at no moment there is no chain.
        fs::hard_link(&chain, &aside).map_err(refusal)?;
        sync_folder_of(&aside)?;
    }
    fresh.place(&chain)?;
    let read = compare(&chain, manifest);
    if kept && read.is_err() {
        fs::rename(&aside, &chain).map_err(refusal)?;
        sync_folder_of(&chain)?;
    } else if kept {
        fs::remove_file(&aside).map_err(refusal)?;
    }
    read
}

fn compare(path: &Path, manifest: &Manifest) -> Result<(), String> {
    let (head, _) = Blocks::open(path)?.last().map_err(|problem| format!("{}: {problem}", path.display()))?;
    if head == manifest.head {
        return Ok(());
    }
    Err(format!("{} ends at {head}, and the backup at {}", path.display(), manifest.head))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        backup::tests::{back_up, data, described},
        chain::{FILE, block::Head, blocks::tests::written, format::Format},
    };
    use tempfile::TempDir;

    /// A data folder of 9 blocks in the newest format, and a backup from when it had 5 in another.
    fn later() -> (TempDir, TempDir) {
        let (data, place) = (data(Format::Records, 5), tempfile::tempdir().unwrap());
        back_up(data.path(), &place.path().join("b"), Fault::Healthy).unwrap();
        fs::write(data.path().join(FILE), written(Format::Unsealed, 0..9)).unwrap();
        (data, place)
    }

    fn restore(data: &TempDir, place: &TempDir, once: Option<&str>) -> Result<String, String> {
        let from = place.path().join("b");
        run(&Restore { data: data.path(), from: &from, once, wait: Duration::ZERO, fault: Fault::Healthy })
    }

    fn head(data: &TempDir) -> (Format, Head) {
        let (head, blocks) = Blocks::open(&data.path().join(FILE)).unwrap().last().unwrap();
        (blocks.format(), head)
    }

    fn names(folder: &TempDir) -> Vec<String> {
        let entries = fs::read_dir(folder.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_restore_gives_the_data_back_in_its_old_format() {
        let (data, place) = later();
        assert!(restore(&data, &place, None).unwrap().contains("height 4"));
        assert_eq!((head(&data).0, head(&data).1.height), (Format::Records, 4));
        assert_eq!(names(&data), [FILE, "lock"]);
    }

    #[test]
    fn an_empty_volume_can_be_restored_to() {
        let (_, place) = later();
        let empty = tempfile::tempdir().unwrap();
        restore(&empty, &place, None).unwrap();
        assert_eq!(head(&empty).1.height, 4);
    }

    #[test]
    fn what_came_after_the_manifest_of_a_snapshot_is_given_up() {
        let snapshot = data(Format::Records, 5);
        described(snapshot.path()).unwrap();
        let longer = written(Format::Records, 0..8);
        fs::write(snapshot.path().join(FILE), &longer[..longer.len() - 3]).unwrap();
        let empty = tempfile::tempdir().unwrap();
        let fault = Fault::Healthy;
        run(&Restore { data: empty.path(), from: snapshot.path(), once: None, wait: Duration::ZERO, fault })
            .unwrap();
        assert_eq!(fs::read(empty.path().join(FILE)).unwrap(), written(Format::Records, 0..5));
    }

    #[test]
    fn a_request_is_fulfilled_once() {
        let (data, place) = later();
        restore(&data, &place, Some("run-1")).unwrap();
        fs::write(data.path().join(FILE), written(Format::Records, 0..7)).unwrap();
        assert_eq!(
            restore(&data, &place, Some("run-1")).unwrap(),
            "run-1 was fulfilled before; nothing was done"
        );
        assert_eq!(head(&data).1.height, 6);
        restore(&data, &place, Some("run-2")).unwrap();
        assert_eq!(head(&data).1.height, 4);
    }

    #[test]
    fn a_broken_backup_is_refused_and_the_data_is_as_it_was() {
        let (data, place) = later();
        let (before, file) = (names(&data), place.path().join("b").join(FILE));
        let mut bytes = fs::read(&file).unwrap();
        bytes[50] ^= 1;
        fs::write(&file, bytes).unwrap();
        let error = restore(&data, &place, None).unwrap_err();
        assert!(error.contains("is broken: its sha256 is"), "{error}");
        assert_eq!((head(&data).1.height, names(&data)), (8, before));
    }

    #[test]
    fn what_a_killed_restore_left_is_no_hindrance() {
        let (data, place) = later();
        fs::hard_link(data.path().join(FILE), data.path().join(".chain.aside")).unwrap();
        fs::write(data.path().join(".chain.new"), "half").unwrap();
        restore(&data, &place, None).unwrap();
        assert_eq!((head(&data).1.height, names(&data)), (4, vec![FILE.into(), "lock".to_owned()]));
    }

    #[test]
    fn a_running_node_is_not_restored_under() {
        let (data, place) = later();
        let _running = Folder::take(data.path()).unwrap();
        let error = restore(&data, &place, None).unwrap_err();
        assert!(error.contains("another alys-node is at work there"), "{error}");
        assert_eq!(head(&data).1.height, 8);
    }
}
