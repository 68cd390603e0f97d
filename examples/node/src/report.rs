//! What a node says about itself at `/version`.

use crate::{fault::Fault, features::Features, version::Version};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{fs, io, path::Path};

/// The body of `/version`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The version that is running.
    pub version: String,
    /// The feature flags it reads.
    #[serde(default)]
    pub flags: Map<String, Value>,
    /// The digest of its `features.toml`.
    #[serde(default)]
    pub flags_digest: String,
    /// The name of its pod, empty outside a cluster.
    #[serde(default)]
    pub pod: String,
    /// The names of its secrets, sorted; never what is in them.
    #[serde(default)]
    pub secrets: Vec<String>,
}

impl Report {
    /// The report of a node; one that fails its smoke test claims a version that nobody deployed.
    #[must_use]
    pub fn new(version: &Version, fault: Fault, features: Features, pod: &str, secrets: Vec<String>) -> Self {
        let suffix = if fault == Fault::FailsSmoke { "-broken" } else { "" };
        Self {
            version: format!("{version}{suffix}"),
            flags: features.flags,
            flags_digest: features.digest.to_string(),
            pod: pod.into(),
            secrets,
        }
    }
}

/// The names of the secrets in a folder, sorted; none when there is no folder.
///
/// A mounted Secret keeps its links in entries that begin with `..`; those are no secrets.
///
/// # Errors
/// A folder that can't be read, in one line with its name.
pub fn secret_names(folder: &Path) -> Result<Vec<String>, String> {
    let refusal = |error: io::Error| format!("{}: {error}; mount a readable folder there", folder.display());
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(refusal(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(refusal)?.file_name().to_string_lossy().into_owned();
        if !name.starts_with("..") {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_links_of_a_mounted_secret_are_no_secrets() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["rpc-token", ".dockerconfigjson", "..data", "..2025_01_31"] {
            fs::write(folder.path().join(name), "hidden").unwrap();
        }
        assert_eq!(secret_names(folder.path()).unwrap(), [".dockerconfigjson", "rpc-token"]);
    }

    #[test]
    fn no_folder_means_no_secrets() {
        let folder = tempfile::tempdir().unwrap();
        assert!(secret_names(&folder.path().join("secrets")).unwrap().is_empty());
    }

    #[test]
    fn a_file_in_the_place_of_the_folder_is_refused_by_name() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = secret_names(file.path()).unwrap_err();
        assert!(error.starts_with(&file.path().display().to_string()), "{error}");
    }

    #[test]
    fn only_a_version_that_fails_its_smoke_test_claims_another_one() {
        let version: Version = "v1.0.0".parse().unwrap();
        let features = Features::parse(b"").unwrap();
        let report = |fault| Report::new(&version, fault, features.clone(), "", Vec::new()).version;
        assert_eq!(report(Fault::FailsSmoke), "v1.0.0-broken");
        assert_eq!(report(Fault::ServeErrors), "v1.0.0");
    }
}
