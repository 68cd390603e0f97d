//! The smoke test: is what was deployed what answers?

use crate::{
    client::{self, Answer, BaseUrl},
    features::Digest,
    report::Report,
    version::Version,
};
use std::{
    io::{self, Write},
    time::Duration,
};
use tokio::time::{Instant, sleep};

/// Time between two tries of a check.
const PAUSE: Duration = Duration::from_millis(250);

/// What to ask, and what for.
#[derive(Clone, Debug)]
pub struct Smoke {
    /// The Service in front of all pods.
    pub service: BaseUrl,
    /// The pods that must run the version.
    pub pods: Vec<BaseUrl>,
    /// The version that was deployed.
    pub version: Version,
    /// The digest of the flags that were deployed.
    pub flags_digest: Option<Digest>,
    /// How long a check that fails is tried again.
    pub timeout: Duration,
}

/// What an answer must be.
#[derive(Clone, Debug)]
pub enum Expected {
    /// `/ready` says 200.
    Ready,
    /// `/version` names some version: in a partial rollout a Service may answer with the old one.
    AnyVersion,
    /// `/version` names this version and, if given, these flags.
    Exactly(Version, Option<Digest>),
}

impl Expected {
    fn path(&self) -> &'static str {
        match self {
            Self::Ready => "/ready",
            Self::AnyVersion | Self::Exactly(..) => "/version",
        }
    }

    /// What was found, as `Ok` when it is what was expected.
    ///
    /// # Errors
    /// What was expected and what was found.
    pub fn judge(&self, answer: &Answer) -> Result<String, String> {
        if answer.status != 200 {
            return Err(format!("expected status 200, found {}", answer.status));
        }
        if matches!(self, Self::Ready) {
            return Ok("status 200".into());
        }
        let report: Report = serde_json::from_slice(&answer.body)
            .map_err(|error| format!("expected a version as JSON, found none: {error}"))?;
        let found = format!("version {}, flags {}", report.version, report.flags_digest);
        let Self::Exactly(version, digest) = self else {
            return Ok(found);
        };
        let same_flags = digest.as_ref().is_none_or(|digest| digest.as_str() == report.flags_digest);
        if version.as_str() == report.version && same_flags {
            return Ok(found);
        }
        let flags = digest.as_ref().map_or(String::new(), |digest| format!(", flags {digest}"));
        Err(format!("expected version {version}{flags}; found {found}"))
    }
}

/// Runs all checks side by side, writes one line for each, and tells whether all passed.
///
/// # Errors
/// Only when the lines can't be written.
pub async fn run(args: &Smoke, out: &mut impl Write) -> io::Result<bool> {
    let deadline = Instant::now() + args.timeout;
    let exactly = Expected::Exactly(args.version.clone(), args.flags_digest.clone());
    let pods = args.pods.iter().flat_map(|pod| [(pod, Expected::Ready), (pod, exactly.clone())]);
    let service = [(&args.service, Expected::Ready), (&args.service, Expected::AnyVersion)];
    let checks: Vec<_> = pods
        .chain(service)
        .map(|(base, expected)| {
            let what = format!("{base}{}", expected.path());
            (what, tokio::spawn(check(base.clone(), expected, deadline)))
        })
        .collect();
    let mut passed = true;
    for (what, outcome) in checks {
        match outcome.await.map_err(io::Error::other)? {
            Ok(detail) => writeln!(out, "ok      {what}  {detail}")?,
            Err(detail) => {
                passed = false;
                writeln!(out, "FAILED  {what}  {detail}")?;
            }
        }
    }
    Ok(passed)
}

/// Tries until the answer is as expected or the time is up, at least once.
async fn check(base: BaseUrl, expected: Expected, deadline: Instant) -> Result<String, String> {
    loop {
        let answer = client::get(&base, expected.path()).await;
        let outcome = answer.and_then(|answer| expected.judge(&answer));
        if outcome.is_ok() || Instant::now() + PAUSE >= deadline {
            return outcome;
        }
        sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, body: body.to_owned().into() }
    }

    fn exactly(version: &str, digest: Option<&str>) -> Expected {
        Expected::Exactly(version.parse().unwrap(), digest.map(|digest| digest.parse().unwrap()))
    }

    #[test]
    fn another_version_is_refused_with_both_names() {
        let found = answer(200, r#"{"version": "v1.0.0", "flags_digest": "e3b0c44298fc"}"#);
        assert_eq!(
            exactly("v2.0.0", Some("ba7816bf8f01")).judge(&found).unwrap_err(),
            "expected version v2.0.0, flags ba7816bf8f01; found version v1.0.0, flags e3b0c44298fc"
        );
    }

    #[test]
    fn other_flags_are_refused_when_flags_are_asked_for() {
        let found = answer(200, r#"{"version": "v1.0.0", "flags_digest": "e3b0c44298fc"}"#);
        assert!(exactly("v1.0.0", Some("ba7816bf8f01")).judge(&found).is_err());
        assert!(exactly("v1.0.0", Some("e3b0c44298fc")).judge(&found).is_ok());
        assert!(exactly("v1.0.0", None).judge(&found).is_ok());
    }

    #[test]
    fn a_service_may_answer_with_an_older_version_but_not_with_none() {
        assert!(Expected::AnyVersion.judge(&answer(200, r#"{"version": "v0.9.0"}"#)).is_ok());
        for body in ["", "v0.9.0", "{}", r#"{"version": 1}"#] {
            assert!(Expected::AnyVersion.judge(&answer(200, body)).is_err(), "{body}");
        }
    }

    #[test]
    fn a_status_other_than_200_is_refused() {
        let body = r#"{"version": "v1.0.0"}"#;
        for expected in [Expected::Ready, Expected::AnyVersion, exactly("v1.0.0", None)] {
            assert_eq!(expected.judge(&answer(503, body)).unwrap_err(), "expected status 200, found 503");
        }
    }

    proptest! {
        #[test]
        fn a_version_passes_only_where_it_is_the_same_text(wanted in "v[0-9.]{1,5}", found in "v[0-9.]{1,5}") {
            let body = format!(r#"{{"version": "{found}"}}"#);
            prop_assert_eq!(exactly(&wanted, None).judge(&answer(200, &body)).is_ok(), wanted == found);
        }

        #[test]
        fn no_body_makes_the_verdict_panic(body in any::<Vec<u8>>()) {
            let _ = exactly("v1.0.0", None).judge(&Answer { status: 200, body: body.into() });
        }
    }
}
