//! A backup: a folder with a copy of the chain and a manifest that tells what it is.
//!
//! What follows in the file after the length that the manifest tells is no part of it: a snapshot of a volume is of a
//! later moment than its manifest.

use crate::chain::{
    FILE,
    block::{Head, hex},
    blocks::Blocks,
    fresh::Fresh,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{
    fs::{self, File},
    io::{self, BufReader, Read, Seek as _},
    path::Path,
};

/// The name of the file that tells what a backup is.
pub const MANIFEST: &str = "manifest.json";
/// The form of a manifest that this version writes and reads.
pub const NUMBER: u8 = 1;

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
    /// The checksum of so many bytes.
    pub sha256: String,
    /// The length of the chain in bytes.
    pub size: u64,
    /// When it was made, in seconds since 1970.
    pub made: u64,
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
    if size < manifest.size {
        return Err(broken(&format_args!("it has {size} bytes, and its manifest says {}", manifest.size)));
    }
    let sha256 = hash(&mut file.by_ref().take(manifest.size)).map_err(|error| broken(&error))?;
    if sha256 != manifest.sha256 {
        return Err(broken(&format_args!(
            "its sha256 is {sha256}, and its manifest says {}",
            manifest.sha256
        )));
    }
    file.rewind().map_err(|error| broken(&error))?;
    let blocks = Blocks::new(BufReader::new(file.take(manifest.size))).map_err(|what| broken(&what))?;
    let (head, _) = blocks.last().map_err(|problem| broken(&problem))?;
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

/// The chain in a backup, which ends where its manifest says.
///
/// # Errors
/// One line with a file that can't be opened.
pub fn chain(archive: &Path, manifest: &Manifest) -> Result<impl Read, String> {
    let file = File::open(archive.join(FILE)).map_err(|error| format!("{}: {error}", archive.display()))?;
    Ok(file.take(manifest.size))
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

/// The SHA-256 of all there is.
///
/// # Errors
/// What can't be read.
pub fn hash(from: &mut impl Read) -> io::Result<String> {
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
mod tests {
    use super::*;
    use crate::{
        backup::tests::{back_up, data},
        chain::format::Format,
        fault::Fault,
    };
    use proptest::prelude::*;

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
