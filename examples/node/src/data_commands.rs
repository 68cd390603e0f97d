//! The commands that work on the data: each does one thing, says so in one line, and ends.

use crate::{
    archive,
    backup::{self, Backup},
    chain::{
        block::Head,
        phase::{Goal, Phase},
    },
    cli::parse_phase,
    fault::{Fault, parse_seconds},
    forget,
    migrate::{self, Migrate},
    rehearse::{self, Rehearse},
    restore::{self, Restore},
    validate::{self, Validate, parse_head},
    version::Version,
};
use clap::Args;
use std::{path::PathBuf, process::ExitCode, thread, time::Duration};

/// Where the data is, and what may go wrong.
#[derive(Args)]
struct Common {
    /// Folder of the data
    #[arg(long, env = "ALYS_DATA", default_value = "/var/lib/alys")]
    data: PathBuf,
    /// Fault to show
    #[arg(long, env = "ALYS_FAULT", default_value = "", hide_default_value = true)]
    fault: Fault,
    /// Seconds after which the command gives up; 0 is never
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = parse_seconds)]
    timeout: Duration,
}

#[derive(Args)]
pub(crate) struct MigrateArgs {
    #[command(flatten)]
    common: Common,
    /// Phase, or number of the format, that the data is brought to
    #[arg(long, value_name = "PHASE|FORMAT")]
    to: Goal,
    /// Go to an older format, too, where that loses nothing
    #[arg(long)]
    back: bool,
    /// Seconds to wait for another process that has the data
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = parse_seconds)]
    wait: Duration,
}

#[derive(Args)]
pub(crate) struct BackupArgs {
    #[command(flatten)]
    common: Common,
    /// Folder that the backup will be
    #[arg(long, value_name = "DIR", required_unless_present = "in_place")]
    to: Option<PathBuf>,
    /// Write down beside the data what there is, for a snapshot of its volume to be a backup
    #[arg(long, conflicts_with = "to")]
    in_place: bool,
    /// Version that the manifest names
    #[arg(long, env = "ALYS_VERSION")]
    version: Version,
    /// Phase that the manifest names
    #[arg(long, env = "ALYS_PHASE", default_value = "", hide_default_value = true, value_parser = parse_phase)]
    phase: std::option::Option<Phase>,
    /// Pod that the manifest names
    #[arg(long, env = "POD_NAME", default_value = "", hide_default_value = true)]
    pod: String,
}

#[derive(Args)]
pub(crate) struct RestoreArgs {
    #[command(flatten)]
    common: Common,
    /// The backup
    #[arg(long, value_name = "ARCHIVE")]
    from: PathBuf,
    /// Name of a request: do nothing where it was fulfilled before
    #[arg(long, value_name = "REQUEST")]
    once: Option<String>,
    /// Seconds to wait for another process that has the data
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = parse_seconds)]
    wait: Duration,
}

#[derive(Args)]
pub(crate) struct BackupsArgs {
    /// Folder with a folder for each backup, with a folder for each pod
    #[arg(long = "in", value_name = "DIR")]
    folder: PathBuf,
    /// Seconds after which the command gives up; 0 is never
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = parse_seconds)]
    timeout: Duration,
}

#[derive(Args)]
pub(crate) struct ForgetArgs {
    /// Folder with a folder for each backup
    #[arg(long = "in", value_name = "DIR")]
    folder: PathBuf,
    /// Names of the backups that go
    #[arg(value_name = "NAME", required = true)]
    names: Vec<String>,
    /// Seconds after which the command gives up; 0 is never
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = parse_seconds)]
    timeout: Duration,
}

#[derive(Args)]
pub(crate) struct RehearseArgs {
    #[command(flatten)]
    common: Common,
    /// The backup, beside which there must be room for two more
    #[arg(long, value_name = "ARCHIVE")]
    from: PathBuf,
    /// It is a copy that is there for this: migrate it itself
    #[arg(long)]
    in_place: bool,
    /// Phase, or number of the format, that a copy is migrated to
    #[arg(long, value_name = "PHASE|FORMAT")]
    to: Goal,
}

#[derive(Args)]
pub(crate) struct ValidateArgs {
    #[command(flatten)]
    common: Common,
    /// A backup to look at instead of the data
    #[arg(long)]
    archive: Option<PathBuf>,
    /// Phase, or number of the format, that it must be of
    #[arg(long, value_name = "PHASE|FORMAT")]
    phase: Option<Goal>,
    /// Block that must be in it; may be repeated
    #[arg(long, value_name = "HEIGHT:STATE_ROOT", value_parser = parse_head)]
    has: Vec<Head>,
}

impl MigrateArgs {
    pub(crate) fn run(self) -> ExitCode {
        let Self { common: Common { data, fault, timeout }, to, back, wait } = self;
        give_up_after(timeout);
        say(migrate::run(&Migrate { data: &data, goal: to, back, wait, fault }))
    }
}

impl BackupArgs {
    pub(crate) fn run(self) -> ExitCode {
        let Self { common: Common { data, fault, timeout }, to, version, phase, pod, .. } = self;
        give_up_after(timeout);
        let args = Backup { data: &data, version: &version, phase, pod: &pod, fault };
        say(to.map_or_else(|| backup::describe(&args), |to| backup::make(&args, &to)))
    }
}

impl RestoreArgs {
    pub(crate) fn run(self) -> ExitCode {
        let Self { common: Common { data, fault, timeout }, from, once, wait } = self;
        give_up_after(timeout);
        say(restore::run(&Restore { data: &data, from: &from, once: once.as_deref(), wait, fault }))
    }
}

impl BackupsArgs {
    pub(crate) fn run(self) -> ExitCode {
        give_up_after(self.timeout);
        let found = archive::list(&self.folder);
        say(found.and_then(|found| serde_json::to_string(&found).map_err(|error| error.to_string())))
    }
}

impl ForgetArgs {
    pub(crate) fn run(self) -> ExitCode {
        give_up_after(self.timeout);
        say(forget::run(&self.folder, &self.names))
    }
}

impl RehearseArgs {
    pub(crate) fn run(self) -> ExitCode {
        let Self { common: Common { fault, timeout, .. }, from, in_place, to } = self;
        give_up_after(timeout);
        say(rehearse::run(&Rehearse { from: &from, in_place, goal: to, fault }))
    }
}

impl ValidateArgs {
    pub(crate) fn run(self) -> ExitCode {
        let Self { common: Common { data, timeout, .. }, archive, phase, has } = self;
        give_up_after(timeout);
        let args = Validate { archive: archive.is_some(), folder: archive.unwrap_or(data), phase, has };
        let report = validate::run(&args);
        let text = serde_json::to_string(&report).map_err(|error| error.to_string());
        let code = say(text);
        if report.ok { code } else { ExitCode::FAILURE }
    }
}

fn say(outcome: Result<String, String>) -> ExitCode {
    match outcome {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(line) => {
            eprintln!("alys-node: {line}");
            ExitCode::FAILURE
        }
    }
}

/// Ends the process, wherever it hangs: what it had begun is taken away the next time.
fn give_up_after(timeout: Duration) {
    if timeout.is_zero() {
        return;
    }
    thread::spawn(move || {
        thread::sleep(timeout);
        eprintln!("alys-node: not done after {} s; the data is as it was", timeout.as_secs_f64());
        std::process::exit(1);
    });
}
