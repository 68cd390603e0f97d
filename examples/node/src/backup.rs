//! Makes a backup of the chain while its node may run.

use crate::{
    archive::{MANIFEST, Manifest, NUMBER, copy, verify},
    chain::{
        FILE,
        blocks::Blocks,
        fresh::{Fresh, sync_folder_of},
        phase::Phase,
    },
    fault::Fault,
    version::Version,
};
use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, BufReader, Read as _, Seek as _},
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

/// What to back up where to.
#[derive(Clone, Debug)]
pub struct Backup<'a> {
    /// The data folder; its node may run.
    pub data: &'a Path,
    /// The folder that the backup will be.
    pub to: &'a Path,
    /// The version that makes it.
    pub version: &'a Version,
    /// The phase that the node is in.
    pub phase: Option<Phase>,
    /// The pod whose data it is.
    pub pod: &'a str,
    /// What is wrong with this version.
    pub fault: Fault,
}

/// Makes a backup, unless it is there already; answers what was done, in one line.
///
/// All blocks that the node has told of are in it: its file only grows, and a record that is being written is left
/// out. The backup is written beside its place, read again, and put there whole.
///
/// # Errors
/// One line: no chain, no room, or something else in its place. Nothing is left behind.
pub fn make(args: &Backup) -> Result<String, String> {
    args.fault.strike_backup()?;
    let shown = args.to.display();
    if args.to.try_exists().map_err(|error| format!("{shown}: {error}"))? {
        let there = verify(args.to)?;
        return Ok(format!("{shown} is there already: {}; nothing was done", there.head));
    }
    let (Some(parent), Some(name)) = (args.to.parent(), args.to.file_name()) else {
        return Err(format!("{shown}: no place for a backup; give a folder that isn't there yet"));
    };
    fs::create_dir_all(parent).map_err(|error| format!("{}: {error}", parent.display()))?;
    let mut partial = OsString::from(".");
    partial.push(name);
    partial.push(".partial");
    let partial = parent.join(partial);
    let made = write(args, &partial).and_then(|manifest| {
        fs::rename(&partial, args.to).map_err(|error| format!("{shown}: {error}"))?;
        sync_folder_of(args.to)?;
        Ok(format!("{shown}: {}, {} bytes", manifest.head, manifest.size))
    });
    if made.is_err() {
        let _ = fs::remove_dir_all(&partial);
        // Only where nothing else is in it.
        let _ = fs::remove_dir(parent);
    }
    made
}

fn write(args: &Backup, partial: &Path) -> Result<Manifest, String> {
    let shown = partial.display();
    match fs::remove_dir_all(partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(format!("{shown}: {error}")),
        _ => fs::create_dir(partial).map_err(|error| format!("{shown}: {error}"))?,
    }
    // One handle for both looks: a migration may put another file into its place meanwhile.
    let path = args.data.join(FILE);
    let refusal = |what: &dyn std::fmt::Display| format!("{}: {what}", path.display());
    let mut source = File::open(&path).map_err(|error| refusal(&error))?;
    let blocks = Blocks::new(BufReader::new(&source)).map_err(|what| refusal(&what))?;
    let (head, blocks) = blocks.last().map_err(|problem| refusal(&problem))?;
    let (format, size) = (blocks.format().number(), blocks.good_bytes());
    source.rewind().map_err(|error| refusal(&error))?;

    let mut fresh = Fresh::new(partial.join(".copy"))?;
    let sha256 = copy(&mut source.take(size), &mut fresh)?;
    fresh.place(&partial.join(FILE))?;
    let made = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let manifest = Manifest {
        manifest: NUMBER,
        version: args.version.to_string(),
        phase: args.phase.map_or(String::new(), |phase| phase.to_string()),
        pod: args.pod.into(),
        format,
        head,
        sha256,
        size,
        made,
    };
    let mut fresh = Fresh::new(partial.join(".manifest"))?;
    let text = serde_json::to_string(&manifest).map_err(|error| error.to_string())?;
    fresh.write(format!("{text}\n").as_bytes())?;
    fresh.place(&partial.join(MANIFEST))?;
    verify(partial)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::chain::{blocks::tests::written, format::Format};
    use tempfile::TempDir;

    pub(crate) fn data(format: Format, blocks: u64) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), written(format, 0..blocks)).unwrap();
        folder
    }

    pub(crate) fn back_up(data: &Path, to: &Path, fault: Fault) -> Result<String, String> {
        let version = "v1.0.0".parse().unwrap();
        let phase = Some(Phase::SyncImprovement);
        make(&Backup { data, to, version: &version, phase, pod: "alys-node-0", fault })
    }

    #[test]
    fn a_backup_tells_what_it_is() {
        let (data, place) = (data(Format::Records, 5), tempfile::tempdir().unwrap());
        let to = place.path().join("before/alys-node-0");
        back_up(data.path(), &to, Fault::Healthy).unwrap();
        let manifest = verify(&to).unwrap();
        assert_eq!(
            (manifest.version.as_str(), manifest.phase.as_str(), manifest.pod.as_str(), manifest.format),
            ("v1.0.0", "sync-improvement", "alys-node-0", 2)
        );
        assert_eq!((manifest.head.height, manifest.size), (4, 13 + 5 * 92));
        let names: Vec<_> = fs::read_dir(place.path().join("before")).unwrap().collect();
        assert_eq!(names.len(), 1);
    }

    #[test]
    fn the_second_time_nothing_is_done() {
        let (data, place) = (data(Format::Lines, 5), tempfile::tempdir().unwrap());
        let to = place.path().join("b");
        back_up(data.path(), &to, Fault::Healthy).unwrap();
        let before = fs::read(to.join(MANIFEST)).unwrap();
        fs::write(data.path().join(FILE), written(Format::Lines, 0..9)).unwrap();
        assert!(back_up(data.path(), &to, Fault::Healthy).unwrap().ends_with("nothing was done"));
        assert_eq!(fs::read(to.join(MANIFEST)).unwrap(), before);
    }

    #[test]
    fn a_record_that_is_being_written_is_left_out() {
        let (data, place) = (data(Format::Records, 5), tempfile::tempdir().unwrap());
        let whole = fs::read(data.path().join(FILE)).unwrap();
        fs::write(data.path().join(FILE), &whole[..whole.len() - 1]).unwrap();
        let to = place.path().join("b");
        back_up(data.path(), &to, Fault::Healthy).unwrap();
        assert_eq!(verify(&to).unwrap().head.height, 3);
    }

    #[test]
    fn a_backup_that_fails_leaves_nothing() {
        let (empty, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let error = back_up(empty.path(), &place.path().join("a/b"), Fault::Healthy).unwrap_err();
        assert!(error.contains("No such file"), "{error}");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_a_killed_backup_left_is_replaced() {
        let (data, place) = (data(Format::Lines, 5), tempfile::tempdir().unwrap());
        fs::create_dir(place.path().join(".b.partial")).unwrap();
        fs::write(place.path().join(".b.partial/chain"), "half").unwrap();
        back_up(data.path(), &place.path().join("b"), Fault::Healthy).unwrap();
        let names: Vec<_> =
            fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["b"]);
    }

    #[test]
    fn something_else_in_its_place_is_left_alone() {
        let (data, place) = (data(Format::Lines, 5), tempfile::tempdir().unwrap());
        fs::write(place.path().join("notes"), "mine").unwrap();
        let error = back_up(data.path(), place.path(), Fault::Healthy).unwrap_err();
        assert!(error.contains("is no backup"), "{error}");
        assert_eq!(fs::read_to_string(place.path().join("notes")).unwrap(), "mine");
    }
}
