//! A backup: a folder with a copy of the chain and a manifest that tells what it is.

use crate::{
    chain::{
        FILE,
        block::{Head, hex},
        blocks::Blocks,
        fresh::{Fresh, sync_folder_of},
        phase::Phase,
    },
    fault::Fault,
    version::Version,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, BufReader, Read, Seek as _},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

/// The name of the file that tells what a backup is.
pub const MANIFEST: &str = "manifest.json";
const NUMBER: u8 = 1;

/// What a backup is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the manifest.
    pub manifest: u8,
    /// The version that made it.
    pub version: String,
    /// The phase that the node was in, empty for none.
    pub phase: String,
    /// The pod whose data it is, empty outside a cluster.
    pub pod: String,
    /// The format of the chain.
    pub format: u8,
    /// Its newest block.
    #[serde(flatten)]
    pub head: Head,
    /// The checksum of its file.
    pub sha256: String,
    /// The length of its file in bytes.
    pub size: u64,
    /// When it was made, in seconds since 1970.
    pub made: u64,
}

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

/// Reads a backup whole and compares it with its manifest.
///
/// # Errors
/// One line with the backup: it isn't there, has no manifest, or isn't what the manifest says.
pub fn verify(archive: &Path) -> Result<Manifest, String> {
    let shown = archive.display();
    let manifest = read_manifest(archive)?;
    let broken = |what: &dyn std::fmt::Display| format!("{shown} is broken: {what}; use another backup");
    let chain = archive.join(FILE);
    let mut file = File::open(&chain).map_err(|error| broken(&format_args!("{FILE}: {error}")))?;
    let size = file.metadata().map_err(|error| broken(&error))?.len();
    if size != manifest.size {
        return Err(broken(&format_args!("it has {size} bytes, and its manifest says {}", manifest.size)));
    }
    let sha256 = hash(&mut file).map_err(|error| broken(&error))?;
    if sha256 != manifest.sha256 {
        return Err(broken(&format_args!(
            "its sha256 is {sha256}, and its manifest says {}",
            manifest.sha256
        )));
    }
    let (head, _) = Blocks::open(&chain)?.last().map_err(|problem| broken(&problem))?;
    if head != manifest.head {
        return Err(broken(&format_args!("it ends at {head}, and its manifest says {}", manifest.head)));
    }
    Ok(manifest)
}

fn read_manifest(archive: &Path) -> Result<Manifest, String> {
    let refusal = |what: &dyn std::fmt::Display| {
        format!("{} is no backup: {MANIFEST}: {what}; use another one", archive.display())
    };
    let text = fs::read(archive.join(MANIFEST)).map_err(|error| refusal(&error))?;
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|error| refusal(&error))?;
    if manifest.manifest == NUMBER {
        return Ok(manifest);
    }
    Err(refusal(&format_args!("it is of form {}, not {NUMBER}", manifest.manifest)))
}

/// A backup among others: what its manifest says, or what keeps it from being one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Its name, which those of all pods share.
    pub name: String,
    /// The folder in it, which is named after the pod.
    pub folder: String,
    /// What it is; the file itself is not read.
    pub manifest: Option<Manifest>,
    /// Why it can't be restored.
    pub problem: Option<String>,
}

/// The backups `NAME/POD` in a folder, by name; none where there is no such folder.
///
/// What a killed process left behind begins with a dot, and is none.
///
/// # Errors
/// One line with a folder that can't be read.
pub fn list(folder: &Path) -> Result<Vec<Listed>, String> {
    let mut found = Vec::new();
    for name in names(folder)? {
        for pod in names(&folder.join(&name))? {
            let (manifest, problem) = match read_manifest(&folder.join(&name).join(&pod)) {
                Ok(manifest) => (Some(manifest), None),
                Err(problem) => (None, Some(problem)),
            };
            found.push(Listed { name: name.clone(), folder: pod, manifest, problem });
        }
    }
    Ok(found)
}

fn names(folder: &Path) -> Result<Vec<String>, String> {
    let refusal = |error: io::Error| format!("{}: {error}", folder.display());
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(refusal(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(refusal)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // A volume may have a `lost+found` of its own.
        if entry.file_type().map_err(refusal)?.is_dir() && !name.starts_with('.') && name != "lost+found" {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// The chain in a backup.
#[must_use]
pub fn chain(archive: &Path) -> PathBuf {
    archive.join(FILE)
}

/// Copies all there is; answers its SHA-256.
///
/// # Errors
/// What can't be read or written.
pub fn copy(from: &mut impl Read, to: &mut Fresh) -> Result<String, String> {
    let mut sum = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = from.read(&mut buffer).map_err(|error| error.to_string())?;
        if length == 0 {
            return Ok(hex(&sum.finalize()));
        }
        sum.update(&buffer[..length]);
        to.write(&buffer[..length])?;
    }
}

fn hash(from: &mut impl Read) -> io::Result<String> {
    let mut sum = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = from.read(&mut buffer)?;
        if length == 0 {
            return Ok(hex(&sum.finalize()));
        }
        sum.update(&buffer[..length]);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::chain::{blocks::tests::written, format::Format};
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

    #[test]
    fn all_backups_are_told_and_what_is_none_with_the_reason() {
        let (data, place) = (data(Format::Lines, 5), tempfile::tempdir().unwrap());
        back_up(data.path(), &place.path().join("b/alys-node-0"), Fault::Healthy).unwrap();
        fs::create_dir_all(place.path().join("a/alys-node-1")).unwrap();
        fs::create_dir_all(place.path().join("a/.alys-node-2.partial")).unwrap();
        let found = list(place.path()).unwrap();
        let said: Vec<_> =
            found.iter().map(|one| (one.name.as_str(), one.folder.as_str(), one.problem.is_some())).collect();
        assert_eq!(said, [("a", "alys-node-1", true), ("b", "alys-node-0", false)]);
        assert_eq!(found[1].manifest.as_ref().unwrap().head.height, 4);
        assert_eq!(list(Path::new("/nowhere")).unwrap(), []);
    }

    #[test]
    fn a_missing_backup_is_named() {
        let error = verify(Path::new("/nowhere/b")).unwrap_err();
        assert!(error.starts_with("/nowhere/b is no backup: manifest.json: "), "{error}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_changed_byte_is_found_wherever_it_is(file in 0_usize..2, place in any::<prop::sample::Index>(), bit in 0_u8..8) {
            let (data, folder) = (data(Format::Records, 3), tempfile::tempdir().unwrap());
            let to = folder.path().join("b");
            back_up(data.path(), &to, Fault::Healthy).unwrap();
            let before = verify(&to).unwrap();
            let path = to.join([FILE, MANIFEST][file]);
            let mut bytes = fs::read(&path).unwrap();
            let place = place.index(bytes.len());
            bytes[place] ^= 1 << bit;
            fs::write(&path, &bytes).unwrap();
            // What only people read in a manifest isn't part of the checksum.
            if let Ok(after) = verify(&to) {
                prop_assert_eq!(file, 1);
                prop_assert_eq!((after.head, after.sha256, after.size), (before.head, before.sha256, before.size));
            }
        }

        #[test]
        fn a_backup_that_was_cut_is_refused(cut in any::<prop::sample::Index>()) {
            let (data, folder) = (data(Format::Lines, 3), tempfile::tempdir().unwrap());
            let to = folder.path().join("b");
            back_up(data.path(), &to, Fault::Healthy).unwrap();
            let bytes = fs::read(to.join(FILE)).unwrap();
            fs::write(to.join(FILE), &bytes[..cut.index(bytes.len())]).unwrap();
            prop_assert!(verify(&to).unwrap_err().contains("is broken: it has "));
        }
    }
}
