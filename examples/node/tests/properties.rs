//! What holds for any input; the pipelines run these with far more cases.

use alys_node::{
    features::{Digest, Features},
    version::Version,
};
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_version_that_is_taken_is_an_image_tag(text in any::<String>()) {
        if let Ok(version) = text.parse::<Version>() {
            let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            prop_assert!(version.as_str().len() <= 128);
            prop_assert!(word(version.as_str().as_bytes()[0]));
            prop_assert!(version.as_str().bytes().all(|byte| word(byte) || byte == b'.' || byte == b'-'));
        }
    }

    #[test]
    fn a_comment_changes_the_digest_and_no_flag(flag in any::<bool>(), comment in "[a-z ]{1,40}") {
        let plain = format!("fast_sync = {flag}\n");
        let commented = format!("{plain}# {comment}\n");
        let [plain, commented] = [plain, commented].map(|text| Features::parse(text.as_bytes()).unwrap());
        prop_assert_eq!(plain.flags, commented.flags);
        prop_assert_ne!(plain.digest, commented.digest);
    }

    #[test]
    fn a_digest_is_twelve_hexadecimal_digits(bytes in any::<Vec<u8>>()) {
        let digest = Digest::of(&bytes);
        prop_assert_eq!(digest.as_str().len(), 12);
        prop_assert!(digest.as_str().bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}
