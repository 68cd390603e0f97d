//! The node's metrics, in the `OpenMetrics` text format.

use crate::{fault::Fault, features::Digest, growth::Told, version::Version};
use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, family::Family, gauge::Gauge, info::Info},
    registry::{Registry, Unit},
};
use std::{
    sync::atomic::AtomicU64,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// The media type of [`Metrics::text`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Code = [(&'static str, String); 1];

/// The series of one node, each labelled with its version.
pub struct Metrics {
    registry: Registry,
    migration_errors: Counter,
    blocks_per_second: Gauge<f64, AtomicU64>,
    requests: Family<Code, Counter>,
    height: Gauge<u64, AtomicU64>,
    state_root: Gauge<u64, AtomicU64>,
    format: Gauge<u64, AtomicU64>,
    chain_errors: Counter,
}

impl Metrics {
    /// Every series at its first value, so that a rate is right from the first scrape on.
    #[must_use]
    pub fn new(version: &Version, digest: &Digest, fault: Fault) -> Self {
        let mut registry = Registry::default();
        let started = Gauge::<f64, AtomicU64>::default();
        started.set(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64());
        registry.register_with_unit("process_start_time", "When the node started", Unit::Seconds, started);

        let migration_errors = Counter::default();
        let blocks_per_second = Gauge::default();
        let requests = Family::<Code, Counter>::default();
        let (height, state_root, format) = (Gauge::default(), Gauge::default(), Gauge::default());
        let chain_errors = Counter::default();
        for code in [200, 500] {
            let _ = requests.get_or_create(&code_label(code));
        }
        if fault != Fault::NoMetrics {
            let alys = registry.sub_registry_with_label(("version".into(), version.to_string().into()));
            let build = Info::new([
                ("crate_version", env!("CARGO_PKG_VERSION").to_owned()),
                ("flags_digest", digest.to_string()),
            ]);
            alys.register("alys_build", "What is running", build);
            alys.register("alys_migration_errors", "Failed migration steps", migration_errors.clone());
            alys.register("alys_migration_rollbacks", "Migrations taken back", Counter::<u64>::default());
            alys.register(
                "alys_actor_restarts",
                "Actors restarted after a failure",
                Counter::<u64>::default(),
            );
            alys.register("alys_sync_blocks_per_second", "Pace of block sync", blocks_per_second.clone());
            alys.register("alys_requests", "Requests but for probes and scrapes", requests.clone());
            alys.register("alys_chain_height", "The newest block on the disk", height.clone());
            // A number, so that each block is no series of its own; the first 48 bits, which it can hold exactly.
            alys.register(
                "alys_chain_state_root",
                "The first 48 bits of the state root there",
                state_root.clone(),
            );
            alys.register("alys_chain_format", "How the chain is written", format.clone());
            alys.register("alys_chain_errors", "Blocks that could not be written", chain_errors.clone());
        }
        Self {
            registry,
            migration_errors,
            blocks_per_second,
            requests,
            height,
            state_root,
            format,
            chain_errors,
        }
    }

    /// What the chain is now.
    pub fn tell_chain(&self, chain: &Told) {
        self.height.set(chain.head.height);
        self.state_root.set(chain.head.root.as_number());
        self.format.set(chain.format.into());
    }

    /// Counts a block that could not be written.
    pub fn count_chain_error(&self) {
        self.chain_errors.inc();
    }

    /// Counts an answered request.
    pub fn count_request(&self, code: u16) {
        self.requests.get_or_create(&code_label(code)).inc();
    }

    /// What happens once a second.
    pub fn beat(&self, fault: Fault, uptime: Duration) {
        self.blocks_per_second.set(pace(uptime));
        if fault.raises_migration_errors() {
            self.migration_errors.inc();
        }
    }

    /// All series as text.
    ///
    /// # Panics
    /// Never: a `String` takes whatever is written to it.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("writing to a String can't fail");
        text
    }
}

fn code_label(code: u16) -> Code {
    [("code", code.to_string())]
}

/// Blocks a second of a healthy sync: a slow wave between 150 and 200.
fn pace(uptime: Duration) -> f64 {
    175.0 + 25.0 * (uptime.as_secs_f64() / 10.0).sin()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::block::{Head, Root};
    use proptest::prelude::*;

    fn metrics(fault: Fault) -> Metrics {
        Metrics::new(&"v1.0.0".parse().unwrap(), &Digest::of(b""), fault)
    }

    #[test]
    fn every_series_has_its_exact_name_and_its_version() {
        let metrics = metrics(Fault::Healthy);
        metrics.beat(Fault::Healthy, Duration::ZERO);
        metrics.count_request(500);
        let mut root = [0; 32];
        root[5] = 1;
        metrics.tell_chain(&Told { head: Head { height: 7, root: Root(root) }, format: 2, phase: "" });
        let text = metrics.text();
        for line in [
            "alys_build_info{version=\"v1.0.0\",crate_version=\"0.1.0\",flags_digest=\"e3b0c44298fc\"} 1",
            "alys_migration_errors_total{version=\"v1.0.0\"} 0",
            "alys_migration_rollbacks_total{version=\"v1.0.0\"} 0",
            "alys_actor_restarts_total{version=\"v1.0.0\"} 0",
            "alys_sync_blocks_per_second{version=\"v1.0.0\"} 175.0",
            "alys_requests_total{version=\"v1.0.0\",code=\"200\"} 0",
            "alys_requests_total{version=\"v1.0.0\",code=\"500\"} 1",
            "alys_chain_height{version=\"v1.0.0\"} 7",
            "alys_chain_state_root{version=\"v1.0.0\"} 1",
            "alys_chain_format{version=\"v1.0.0\"} 2",
            "alys_chain_errors_total{version=\"v1.0.0\"} 0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("_total_total"), "{text}");
        assert!(text.ends_with("# EOF\n"), "{text}");
    }

    #[test]
    fn a_version_without_metrics_still_answers_a_scrape() {
        let text = metrics(Fault::NoMetrics).text();
        assert!(!text.contains("alys_"), "{text}");
        assert!(text.contains("process_start_time_seconds "), "{text}");
    }

    #[test]
    fn only_faults_that_say_so_raise_migration_errors() {
        for (fault, count) in [(Fault::MigrationErrors, 2), (Fault::ServeErrors, 2), (Fault::Healthy, 0)] {
            let metrics = metrics(fault);
            metrics.beat(fault, Duration::ZERO);
            metrics.beat(fault, Duration::from_secs(1));
            let line = format!("alys_migration_errors_total{{version=\"v1.0.0\"}} {count}\n");
            assert!(metrics.text().contains(&line), "{fault}");
        }
    }

    proptest! {
        #[test]
        fn the_pace_of_a_healthy_sync_stays_in_its_band(seconds in 0_u64..1_000_000_000) {
            prop_assert!((150.0..=200.0).contains(&pace(Duration::from_secs(seconds))));
        }
    }
}
