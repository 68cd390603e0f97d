//! The name of a release.

use std::{fmt, str::FromStr};

/// A release's name in the grammar of image tags: 1 to 128 of `A-Z a-z 0-9 _ . -`, the first no `.` or `-`.
///
/// Versions are equal only when they are the same text: `v1.0` and `v1.0.0` are two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(String);

impl Version {
    /// The version as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if text == "latest" {
            return Err("`latest` names no release; give a version such as v1.0.0".into());
        }
        if text.len() > 128
            || !text.starts_with(word)
            || !text.chars().all(|c| word(c) || matches!(c, '.' | '-'))
        {
            return Err(
                "no image tag (1 to 128 letters, digits, `_`, `.`, `-`); give a version such as v1.0.0"
                    .into(),
            );
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn latest_is_refused() {
        assert!("latest".parse::<Version>().unwrap_err().contains("names no release"));
    }

    #[test]
    fn a_tag_of_129_characters_is_refused() {
        assert!("v".repeat(128).parse::<Version>().is_ok());
        assert!("v".repeat(129).parse::<Version>().is_err());
    }

    proptest! {
        #[test]
        fn a_tag_is_kept_as_written(text in "[A-Za-z0-9_][A-Za-z0-9._-]{0,127}") {
            prop_assume!(text != "latest");
            prop_assert_eq!(text.parse::<Version>().unwrap().to_string(), text);
        }

        #[test]
        fn text_with_a_foreign_character_is_refused(head in "[a-z0-9]{0,8}", odd in "[^A-Za-z0-9._-]", tail in "[a-z0-9]{0,8}") {
            let text = format!("{head}{odd}{tail}");
            prop_assert!(text.parse::<Version>().is_err());
        }
    }
}
