//! The command line: 0 is success, 1 a failure, 2 wrong input.

use crate::{
    chain::phase::Phase,
    client::BaseUrl,
    data_commands::{
        BackupArgs, BackupsArgs, ForgetArgs, MigrateArgs, RehearseArgs, RestoreArgs, ValidateArgs,
    },
    fault::{Fault, KNOWN, parse_seconds},
    features::Digest,
    lifecycle::{self, Run},
    smoke::{self, Smoke},
    version::Version,
};
use clap::{Args, Parser, Subcommand};
use std::{future::Future, io, net::SocketAddr, path::PathBuf, process::ExitCode, time::Duration};

#[derive(Parser)]
#[command(name = "alys-node", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until told to end
    Run(RunArgs),
    /// Check that what was deployed is what answers
    Smoke(SmokeArgs),
    /// Bring the data into the format of a phase
    Migrate(MigrateArgs),
    /// Copy the data, whole or not at all; the node may run
    Backup(BackupArgs),
    /// Tell which backups there are, as JSON
    Backups(BackupsArgs),
    /// Delete backups by name
    Forget(ForgetArgs),
    /// Put a backup into the place of the data
    Restore(RestoreArgs),
    /// Restore a backup beside it, migrate that, and take it away again
    Rehearse(RehearseArgs),
    /// Look whether the data is whole
    Validate(ValidateArgs),
}

#[derive(Args)]
struct RunArgs {
    /// Address to listen on; port 0 is any free one
    #[arg(long, env = "ALYS_LISTEN", default_value = "0.0.0.0:8080")]
    listen: SocketAddr,
    /// Version to report
    #[arg(long, env = "ALYS_VERSION")]
    version: Version,
    #[arg(long, env = "ALYS_FAULT", default_value = "", hide_default_value = true,
          help = format!("Fault to show: {KNOWN}"))]
    fault: Fault,
    /// File of the feature flags; none is read as an empty one
    #[arg(long, env = "ALYS_FEATURES", default_value = "/etc/alys/features.toml")]
    features: PathBuf,
    /// Folder of the secrets, one file each
    #[arg(long, env = "ALYS_SECRETS", default_value = "/etc/alys/secrets")]
    secrets: PathBuf,
    /// Folder of the data
    #[arg(long, env = "ALYS_DATA", default_value = "/var/lib/alys")]
    data: PathBuf,
    /// Phase of the migration, whose format the data must have; empty takes any
    #[arg(long, env = "ALYS_PHASE", default_value = "", hide_default_value = true, value_parser = parse_phase)]
    phase: std::option::Option<Phase>,
    /// Seconds from block to block; 0 makes none
    #[arg(long, env = "ALYS_BLOCK_SECONDS", default_value = "1", value_parser = parse_seconds)]
    block_seconds: Duration,
    /// Name of the pod
    #[arg(long, env = "POD_NAME", default_value = "", hide_default_value = true)]
    pod: String,
    /// Seconds for which requests are still taken after the signal to end
    #[arg(long, env = "ALYS_DRAIN_SECONDS", default_value = "0", value_parser = parse_seconds)]
    drain_seconds: Duration,
}

// None of these has a variable: the Job runs the image of the version under test, whose environment
// must not decide what is expected of it.
#[derive(Args)]
struct SmokeArgs {
    /// The Service, as http://HOST:PORT
    #[arg(long, value_name = "URL")]
    service: BaseUrl,
    /// A pod that must run the version, as http://HOST:PORT; may be repeated
    #[arg(long = "pod", value_name = "URL")]
    pods: Vec<BaseUrl>,
    /// Version that was deployed
    #[arg(long)]
    version: Version,
    /// First 12 hex digits of the SHA-256 of the features.toml that was deployed
    #[arg(long)]
    flags_digest: Option<Digest>,
    /// Seconds for which a failing check is tried again
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = parse_seconds)]
    timeout: Duration,
    /// Fault to show
    #[arg(long, env = "ALYS_FAULT", default_value = "", hide_default_value = true)]
    fault: Fault,
}

/// Parses the command line and does what it says.
#[must_use]
pub fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Run(args) => block_on(run(args)),
        Command::Smoke(args) => block_on(smoke(args)),
        Command::Migrate(args) => args.run(),
        Command::Backup(args) => args.run(),
        Command::Backups(args) => args.run(),
        Command::Forget(args) => args.run(),
        Command::Restore(args) => args.run(),
        Command::Rehearse(args) => args.run(),
        Command::Validate(args) => args.run(),
    }
}

async fn run(args: RunArgs) -> ExitCode {
    let RunArgs { listen, version, fault, features, secrets, data, phase, pod, .. } = args;
    let (block, drain) = (args.block_seconds, args.drain_seconds);
    match lifecycle::run(Run { listen, version, fault, features, secrets, data, phase, block, pod, drain })
        .await
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("alys-node: {failure}");
            failure.exit_code()
        }
    }
}

/// A phase by its name; an empty one is none.
pub(crate) fn parse_phase(text: &str) -> Result<Option<Phase>, String> {
    if text.is_empty() { Ok(None) } else { text.parse().map(Some) }
}

async fn smoke(args: SmokeArgs) -> ExitCode {
    let SmokeArgs { service, pods, version, flags_digest, timeout, fault } = args;
    fault.strike_smoke();
    match smoke::run(&Smoke { service, pods, version, flags_digest, timeout }, &mut io::stdout()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("alys-node: {error}");
            ExitCode::FAILURE
        }
    }
}

fn block_on(command: impl Future<Output = ExitCode>) -> ExitCode {
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => {
            let code = runtime.block_on(command);
            // A name lookup that hangs in its thread must not hold the process.
            runtime.shutdown_background();
            code
        }
        Err(error) => {
            eprintln!("alys-node: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
