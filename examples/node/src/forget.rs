//! Deletes backups by name.

use std::{fs, io, path::Path};

/// Deletes the named backups in a folder; answers what was done, in one line.
///
/// Each is hidden first and then deleted, so that one which was half deleted by a killed process is none any more;
/// what such a process left is taken away, too. One that isn't there is fine.
///
/// # Errors
/// A name that is no backup's, before any is deleted, or one that can't be deleted.
pub fn run(folder: &Path, names: &[String]) -> Result<String, String> {
    if let Some(wrong) = names.iter().find(|name| !is_name(name)) {
        return Err(format!("{wrong:?} is no name of a backup; `backups` tells them"));
    }
    for name in names {
        let (place, hidden) = (folder.join(name), folder.join(format!(".{name}.forgotten")));
        let refusal = |error: io::Error| format!("{}: {error}", place.display());
        unless_absent(fs::remove_dir_all(&hidden)).map_err(refusal)?;
        unless_absent(fs::rename(&place, &hidden)).map_err(refusal)?;
        unless_absent(fs::remove_dir_all(&hidden)).map_err(refusal)?;
    }
    Ok(format!("{} deleted", names.join(", ")))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('.') && !text.contains(['/', '\0'])
}

fn unless_absent(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> tempfile::TempDir {
        let place = tempfile::tempdir().unwrap();
        for name in ["a", "b", ".a.forgotten"] {
            fs::create_dir_all(place.path().join(name).join("alys-node-0")).unwrap();
        }
        place
    }

    fn left(place: &tempfile::TempDir) -> usize {
        fs::read_dir(place.path()).unwrap().count()
    }

    #[test]
    fn what_is_named_goes_with_what_a_killed_process_left_of_it_and_nothing_else() {
        let place = place();
        run(place.path(), &["a".into(), "gone".into()]).unwrap();
        assert_eq!(left(&place), 1);
        assert!(place.path().join("b/alys-node-0").exists());
    }

    #[test]
    fn what_is_no_name_is_refused_before_anything_goes() {
        for wrong in ["..", ".", "", "a/b", ".a.forgotten"] {
            let place = place();
            run(place.path(), &["a".into(), wrong.into()]).unwrap_err();
            assert_eq!(left(&place), 3, "{wrong}");
        }
    }
}
