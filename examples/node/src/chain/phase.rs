//! The phases of the migration, as far as the data is concerned.

use crate::chain::format::Format;
use std::{fmt, str::FromStr};

/// A phase of the migration from V1 to V2, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// V1 with the tools of V2 beside it.
    Foundation,
    /// Actors run the node.
    ActorCore,
    /// Blocks are synced in parallel, and kept as records of one length.
    SyncImprovement,
    /// Another consensus, without the seals of the old one.
    LighthouseMigration,
    /// The governance of the bridge.
    GovernanceIntegration,
    /// V1 is gone.
    Complete,
}

impl Phase {
    /// All of them, in order.
    pub const ALL: [Self; 6] = [
        Self::Foundation,
        Self::ActorCore,
        Self::SyncImprovement,
        Self::LighthouseMigration,
        Self::GovernanceIntegration,
        Self::Complete,
    ];

    /// The name, as in `migration/phases.toml`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Foundation => "foundation",
            Self::ActorCore => "actor-core",
            Self::SyncImprovement => "sync-improvement",
            Self::LighthouseMigration => "lighthouse-migration",
            Self::GovernanceIntegration => "governance-integration",
            Self::Complete => "complete",
        }
    }

    /// The format that its data has.
    #[must_use]
    pub fn format(self) -> Format {
        match self {
            Self::Foundation | Self::ActorCore => Format::Lines,
            Self::SyncImprovement => Format::Records,
            Self::LighthouseMigration | Self::GovernanceIntegration | Self::Complete => Format::Unsealed,
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Phase {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|phase| phase.name() == text)
            .ok_or_else(|| format!("no phase; the phases are {}", Self::ALL.map(Self::name).join(", ")))
    }
}

/// Where a migration is to lead to: a phase, or the number of a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// The phase, where one was named.
    pub phase: Option<Phase>,
    /// The format of the data there.
    pub format: Format,
}

impl FromStr for Goal {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with(|c: char| c.is_ascii_digit()) {
            return Ok(Self { phase: None, format: text.parse()? });
        }
        let phase: Phase = text.parse()?;
        Ok(Self { phase: Some(phase), format: phase.format() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phases_are_those_of_the_repository() {
        let text = include_str!("../../../../migration/phases.toml");
        let file: toml::Table = text.parse().unwrap();
        let said: Vec<(&str, i64)> = file["phases"]
            .as_table()
            .unwrap()
            .iter()
            .map(|(name, phase)| (name.as_str(), phase["format"].as_integer().unwrap()))
            .collect();
        let mut ours = Phase::ALL.map(|phase| (phase.name(), i64::from(phase.format().number()))).to_vec();
        ours.sort_unstable();
        let mut said = said;
        said.sort_unstable();
        assert_eq!(said, ours);
    }

    #[test]
    fn no_later_phase_has_an_older_format() {
        assert!(Phase::ALL.is_sorted_by_key(|phase| phase.format().number()));
    }

    #[test]
    fn a_goal_is_a_phase_or_a_number() {
        let named: Goal = "sync-improvement".parse().unwrap();
        assert_eq!(named, Goal { phase: Some(Phase::SyncImprovement), format: Format::Records });
        assert_eq!("2".parse(), Ok(Goal { phase: None, format: Format::Records }));
        assert!("9".parse::<Goal>().unwrap_err().contains("1 to 3"));
        assert!("sync".parse::<Goal>().unwrap_err().contains("foundation, actor-core, sync-improvement"));
    }
}
