//! Makes a backup of the chain while its node may run, or says what a snapshot of its volume will hold.

use crate::{
    archive::{MANIFEST, Manifest, NUMBER, copy, hash, verify},
    chain::{
        FILE,
        block::Head,
        blocks::Blocks,
        format::Format,
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
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

/// What to back up where to.
#[derive(Clone, Debug)]
pub struct Backup<'a> {
    /// The data folder; its node may run.
    pub data: &'a Path,
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
pub fn make(args: &Backup, to: &Path) -> Result<String, String> {
    args.fault.strike_backup()?;
    let shown = to.display();
    if to.try_exists().map_err(|error| format!("{shown}: {error}"))? {
        let there = verify(to)?;
        return Ok(format!("{shown} is there already: {}; nothing was done", there.head));
    }
    let (Some(parent), Some(name)) = (to.parent(), to.file_name()) else {
        return Err(format!("{shown}: no place for a backup; give a folder that isn't there yet"));
    };
    fs::create_dir_all(parent).map_err(|error| format!("{}: {error}", parent.display()))?;
    let mut partial = OsString::from(".");
    partial.push(name);
    partial.push(".partial");
    let partial = parent.join(partial);
    let made = write(args, &partial).and_then(|manifest| {
        fs::rename(&partial, to).map_err(|error| format!("{shown}: {error}"))?;
        sync_folder_of(to)?;
        Ok(format!("{shown}: {}, {} bytes", manifest.head, manifest.size))
    });
    if made.is_err() {
        let _ = fs::remove_dir_all(&partial);
        // Only where nothing else is in it.
        let _ = fs::remove_dir(parent);
    }
    made
}

/// Writes the manifest of what there is into the data folder itself; answers what it says, in one line.
///
/// So a snapshot of the volume is a backup: blocks that come after the manifest, and a record that is half written,
/// are no part of it.
///
/// # Errors
/// One line: no chain, or no room. The last manifest stays then.
pub fn describe(args: &Backup) -> Result<String, String> {
    args.fault.strike_backup()?;
    let (mut source, found) = Source::open(args.data)?;
    let sha256 = hash(&mut source.by_ref().take(found.size)).map_err(|error| error.to_string())?;
    let manifest = found.manifest(args, sha256);
    place(&manifest, args.data.join(".manifest.new"), &args.data.join(MANIFEST))?;
    Ok(format!("{}: {}, {} bytes", args.data.display(), manifest.head, manifest.size))
}

/// What a chain holds at one moment: up to its last whole block.
struct Source {
    format: Format,
    head: Head,
    size: u64,
}

impl Source {
    /// One handle for both looks: a migration may put another file into its place meanwhile.
    fn open(data: &Path) -> Result<(File, Self), String> {
        let path = data.join(FILE);
        let refusal = |what: &dyn std::fmt::Display| format!("{}: {what}", path.display());
        let mut file = File::open(&path).map_err(|error| refusal(&error))?;
        let blocks = Blocks::new(BufReader::new(&file)).map_err(|what| refusal(&what))?;
        let (head, blocks) = blocks.last().map_err(|problem| refusal(&problem))?;
        let found = Self { format: blocks.format(), head, size: blocks.good_bytes() };
        file.rewind().map_err(|error| refusal(&error))?;
        Ok((file, found))
    }

    fn manifest(&self, args: &Backup, sha256: String) -> Manifest {
        let made = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        Manifest {
            manifest: NUMBER,
            version: args.version.to_string(),
            phase: args.phase.map_or(String::new(), |phase| phase.to_string()),
            pod: args.pod.into(),
            format: self.format.number(),
            head: self.head,
            sha256,
            size: self.size,
            made,
        }
    }
}

fn place(manifest: &Manifest, beside: PathBuf, place: &Path) -> Result<(), String> {
    let mut fresh = Fresh::new(beside)?;
    let text = serde_json::to_string(manifest).map_err(|error| error.to_string())?;
    fresh.write(format!("{text}\n").as_bytes())?;
    fresh.place(place)
}

fn write(args: &Backup, partial: &Path) -> Result<Manifest, String> {
    let shown = partial.display();
    match fs::remove_dir_all(partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(format!("{shown}: {error}")),
        _ => fs::create_dir(partial).map_err(|error| format!("{shown}: {error}"))?,
    }
    let (source, found) = Source::open(args.data)?;
    let mut fresh = Fresh::new(partial.join(".copy"))?;
    let sha256 = copy(&mut source.take(found.size), &mut fresh)?;
    fresh.place(&partial.join(FILE))?;
    place(&found.manifest(args, sha256), partial.join(".manifest"), &partial.join(MANIFEST))?;
    verify(partial)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::chain::blocks::tests::written;
    use proptest::prelude::*;
    use tempfile::TempDir;

    pub(crate) fn data(format: Format, blocks: u64) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), written(format, 0..blocks)).unwrap();
        folder
    }

    pub(crate) fn back_up(data: &Path, to: &Path, fault: Fault) -> Result<String, String> {
        let version = "v1.0.0".parse().unwrap();
        let phase = Some(Phase::SyncImprovement);
        make(&Backup { data, version: &version, phase, pod: "alys-node-0", fault }, to)
    }

    pub(crate) fn described(data: &Path) -> Result<String, String> {
        let (version, phase) = ("v1.0.0".parse().unwrap(), Some(Phase::SyncImprovement));
        let (pod, fault) = ("alys-node-0", Fault::Healthy);
        describe(&Backup { data, version: &version, phase, pod, fault })
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

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn a_snapshot_is_a_backup_of_the_moment_at_which_it_was_described(
            before in 1_u64..6, later in 0_u64..4, torn in any::<prop::sample::Index>(),
        ) {
            let data = data(Format::Records, before);
            described(data.path()).unwrap();
            // The node goes on, and the snapshot is cut in the middle of a record.
            let whole = written(Format::Records, 0..before).len();
            let bytes = written(Format::Records, 0..=before + later);
            let cut = whole + torn.index(bytes.len() - whole);
            fs::write(data.path().join(FILE), &bytes[..cut]).unwrap();
            let manifest = verify(data.path()).unwrap();
            prop_assert_eq!((manifest.head.height + 1, manifest.size), (before, whole as u64));
        }
    }

    #[test]
    fn what_a_snapshot_lost_of_the_moment_is_found() {
        let data = data(Format::Records, 5);
        described(data.path()).unwrap();
        fs::write(data.path().join(FILE), written(Format::Records, 0..4)).unwrap();
        let error = verify(data.path()).unwrap_err();
        assert!(error.contains("is broken: it has "), "{error}");
    }

    #[test]
    fn a_description_is_made_anew_each_time() {
        let data = data(Format::Lines, 2);
        described(data.path()).unwrap();
        fs::write(data.path().join(FILE), written(Format::Lines, 0..4)).unwrap();
        described(data.path()).unwrap();
        assert_eq!(verify(data.path()).unwrap().head.height, 3);
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 2);
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
