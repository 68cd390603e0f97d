//! What is wrong with this build of the node, on purpose.

use crate::chain::phase::Phase;
use std::{fmt, str::FromStr, time::Duration};

/// The faults as they are written, for messages and help.
pub const KNOWN: &str = "exit-at-start, never-ready, serve-errors, crash-after:SECONDS, slow-start:SECONDS, \
                         fails-smoke, hangs-smoke, no-metrics, migration-errors, phase-errors:PHASE, \
                         backup-fails, backup-hangs, slow-data:SECONDS, migrate-fails, migrate-hangs, migrate-loses-block";

/// A way in which a version misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is wrong.
    Healthy,
    /// The process ends with code 1 before it listens.
    ExitAtStart,
    /// `/ready` never answers 200.
    NeverReady,
    /// `GET /` answers 500 and migration errors rise, while every probe and the smoke test pass.
    ServeErrors,
    /// The process ends with code 1 this long after it began to listen.
    CrashAfter(Duration),
    /// `/ready` answers 503 for this long.
    SlowStart(Duration),
    /// `/version` reports another version than the one deployed.
    FailsSmoke,
    /// `smoke` never ends.
    HangsSmoke,
    /// `/metrics` has none of the `alys_` series.
    NoMetrics,
    /// Migration errors rise and nothing else is wrong.
    MigrationErrors,
    /// As `MigrationErrors`, but in this phase alone.
    PhaseErrors(Phase),
    /// `backup` ends with code 1 before it does anything.
    BackupFails,
    /// `backup` never ends.
    BackupHangs,
    /// `migrate` and `restore` wait this long before what they have written takes the old chain's place.
    SlowData(Duration),
    /// `migrate` ends with code 1 before it does anything.
    MigrateFails,
    /// `migrate` never ends.
    MigrateHangs,
    /// `migrate` leaves the newest block out and says that all went well.
    MigrateLosesBlock,
}

impl Fault {
    /// Whether the node takes traffic this long after it began to listen.
    #[must_use]
    pub fn is_ready_after(self, uptime: Duration) -> bool {
        match self {
            Self::NeverReady => false,
            Self::SlowStart(wait) => uptime >= wait,
            _ => true,
        }
    }

    /// What it comes to in a phase.
    #[must_use]
    pub fn in_phase(self, phase: Option<Phase>) -> Self {
        match self {
            Self::PhaseErrors(own) if phase == Some(own) => Self::MigrationErrors,
            Self::PhaseErrors(_) => Self::Healthy,
            other => other,
        }
    }

    /// Whether `alys_migration_errors_total` rises.
    #[must_use]
    pub fn raises_migration_errors(self) -> bool {
        matches!(self, Self::ServeErrors | Self::MigrationErrors)
    }

    /// What a smoke test begins with; where it is to hang, this does.
    pub fn strike_smoke(self) {
        if self == Self::HangsSmoke {
            hang();
        }
    }

    /// What a backup begins with.
    ///
    /// # Errors
    /// Where it is to fail.
    pub fn strike_backup(self) -> Result<(), String> {
        self.strike(Self::BackupFails, Self::BackupHangs)
    }

    /// What stands between a chain that is written and its taking the old one's place.
    pub fn pause(self) {
        if let Self::SlowData(wait) = self {
            std::thread::sleep(wait);
        }
    }

    /// What a migration begins with.
    ///
    /// # Errors
    /// Where it is to fail.
    pub fn strike_migration(self) -> Result<(), String> {
        self.strike(Self::MigrateFails, Self::MigrateHangs)
    }

    fn strike(self, fails: Self, hangs: Self) -> Result<(), String> {
        if self == hangs {
            hang();
        }
        if self == fails { Err(format!("ended by its fault {self}")) } else { Ok(()) }
    }
}

fn hang() -> ! {
    loop {
        std::thread::park();
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, argument) = text.split_once(':').map_or((text, None), |(n, a)| (n, Some(a)));
        match (name, argument) {
            ("" | "healthy", None) => Ok(Self::Healthy),
            ("exit-at-start", None) => Ok(Self::ExitAtStart),
            ("never-ready", None) => Ok(Self::NeverReady),
            ("serve-errors", None) => Ok(Self::ServeErrors),
            ("fails-smoke", None) => Ok(Self::FailsSmoke),
            ("hangs-smoke", None) => Ok(Self::HangsSmoke),
            ("no-metrics", None) => Ok(Self::NoMetrics),
            ("migration-errors", None) => Ok(Self::MigrationErrors),
            ("phase-errors", Some(phase)) => phase.parse().map(Self::PhaseErrors),
            ("backup-fails", None) => Ok(Self::BackupFails),
            ("backup-hangs", None) => Ok(Self::BackupHangs),
            ("migrate-fails", None) => Ok(Self::MigrateFails),
            ("migrate-hangs", None) => Ok(Self::MigrateHangs),
            ("migrate-loses-block", None) => Ok(Self::MigrateLosesBlock),
            ("crash-after", Some(seconds)) => parse_seconds(seconds).map(Self::CrashAfter),
            ("slow-start", Some(seconds)) => parse_seconds(seconds).map(Self::SlowStart),
            ("slow-data", Some(seconds)) => parse_seconds(seconds).map(Self::SlowData),
            ("crash-after" | "slow-start" | "slow-data", None) => {
                Err(format!("{name} needs seconds, as in {name}:5"))
            }
            _ => {
                Err(format!("unknown fault `{text}` in ALYS_FAULT; known: {KNOWN}; leave it empty for none"))
            }
        }
    }
}

/// Seconds such as `5` or `0.5`.
///
/// # Errors
/// Text that is no number, and a number that is negative or endless.
pub fn parse_seconds(text: &str) -> Result<Duration, String> {
    let refusal = || format!("`{text}` is no number of seconds; give one such as 5 or 0.5");
    let seconds = text.parse().map_err(|_| refusal())?;
    Duration::try_from_secs_f64(seconds).map_err(|_| refusal())
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Healthy => "healthy",
            Self::ExitAtStart => "exit-at-start",
            Self::NeverReady => "never-ready",
            Self::ServeErrors => "serve-errors",
            Self::FailsSmoke => "fails-smoke",
            Self::HangsSmoke => "hangs-smoke",
            Self::NoMetrics => "no-metrics",
            Self::MigrationErrors => "migration-errors",
            Self::BackupFails => "backup-fails",
            Self::BackupHangs => "backup-hangs",
            Self::MigrateFails => "migrate-fails",
            Self::MigrateHangs => "migrate-hangs",
            Self::MigrateLosesBlock => "migrate-loses-block",
            Self::CrashAfter(wait) => return write!(f, "crash-after:{}", wait.as_secs_f64()),
            Self::PhaseErrors(phase) => return write!(f, "phase-errors:{phase}"),
            Self::SlowData(wait) => return write!(f, "slow-data:{}", wait.as_secs_f64()),
            Self::SlowStart(wait) => return write!(f, "slow-start:{}", wait.as_secs_f64()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_fault() -> impl Strategy<Value = Fault> {
        let wait = (0_u64..1_000_000).prop_map(Duration::from_millis);
        prop_oneof![
            Just(Fault::Healthy),
            Just(Fault::ExitAtStart),
            Just(Fault::NeverReady),
            Just(Fault::ServeErrors),
            Just(Fault::FailsSmoke),
            Just(Fault::HangsSmoke),
            Just(Fault::NoMetrics),
            Just(Fault::MigrationErrors),
            Just(Fault::BackupFails),
            Just(Fault::BackupHangs),
            Just(Fault::MigrateFails),
            Just(Fault::MigrateHangs),
            Just(Fault::MigrateLosesBlock),
            wait.clone().prop_map(Fault::CrashAfter),
            proptest::sample::select(&Phase::ALL[..]).prop_map(Fault::PhaseErrors),
            wait.clone().prop_map(Fault::SlowData),
            wait.prop_map(Fault::SlowStart),
        ]
    }

    #[test]
    fn errors_of_a_phase_are_those_of_no_other() {
        let fault = Fault::PhaseErrors(Phase::Complete);
        assert!(fault.in_phase(Some(Phase::Complete)).raises_migration_errors());
        for phase in [None, Some(Phase::Foundation)] {
            assert!(!fault.in_phase(phase).raises_migration_errors());
        }
    }

    #[test]
    fn an_empty_fault_is_healthy() {
        assert_eq!("".parse(), Ok(Fault::Healthy));
    }

    #[test]
    fn an_unknown_fault_is_refused_with_the_known_ones() {
        let error = "explode".parse::<Fault>().unwrap_err();
        assert!(
            error.contains("`explode`") && error.contains("ALYS_FAULT") && error.contains(KNOWN),
            "{error}"
        );
    }

    #[test]
    fn a_fault_without_its_seconds_is_refused_with_an_example() {
        assert_eq!(
            "crash-after".parse::<Fault>().unwrap_err(),
            "crash-after needs seconds, as in crash-after:5"
        );
    }

    #[test]
    fn seconds_that_are_no_length_of_time_are_refused() {
        for text in ["", "-1", "nan", "inf", "soon", "1e400"] {
            assert!(format!("slow-start:{text}").parse::<Fault>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_slow_start_ends_at_its_seconds() {
        let fault = Fault::SlowStart(Duration::from_secs(2));
        assert!(!fault.is_ready_after(Duration::from_millis(1999)));
        assert!(fault.is_ready_after(Duration::from_secs(2)));
    }

    proptest! {
        #[test]
        fn a_fault_reads_back_as_it_is_written(fault in any_fault()) {
            prop_assert_eq!(fault.to_string().parse(), Ok(fault));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,40}") {
            let _ = text.parse::<Fault>();
        }
    }
}
