//! The life of a node, from its first log line to its end.

use crate::{
    chain::phase::Phase,
    fault::Fault,
    features::Features,
    growth::{Chain, grow},
    metrics::Metrics,
    report::{Report, secret_names},
    server::{Node, router},
    version::Version,
};
use std::{
    io::{self, Write as _},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::Notify,
    time::{MissedTickBehavior, interval, sleep},
};

/// How long requests may take to finish once no new ones are taken.
const FINISH: Duration = Duration::from_secs(5);

/// What a node is started with.
#[derive(Clone, Debug)]
pub struct Run {
    /// The address to listen on; port 0 is any free one.
    pub listen: SocketAddr,
    /// The version to report.
    pub version: Version,
    /// What is wrong with it.
    pub fault: Fault,
    /// The file of the feature flags.
    pub features: PathBuf,
    /// The folder of the secrets.
    pub secrets: PathBuf,
    /// The folder of the data.
    pub data: PathBuf,
    /// The phase of the migration.
    pub phase: Option<Phase>,
    /// How long from block to block; zero makes none.
    pub block: Duration,
    /// The name of its pod, empty outside a cluster.
    pub pod: String,
    /// How long requests are still taken after the signal to end.
    pub drain: Duration,
}

/// Why a node did not end well.
#[derive(Debug)]
pub enum Failure {
    /// What it was given is wrong.
    Input(String),
    /// The machine refused something.
    System(String),
    /// A fault that was asked for.
    Fault(Fault),
}

impl Failure {
    /// 2 for wrong input, else 1.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(if matches!(self, Self::Input(_)) { 2 } else { 1 })
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Input(text) | Self::System(text) => f.write_str(text),
            Self::Fault(fault) => write!(f, "ended by its fault {fault}"),
        }
    }
}

/// Serves until SIGTERM or SIGINT, then until what it had begun is done.
///
/// # Errors
/// Wrong flags or secrets, data or an address that can't be had, or a fault that ends the node.
pub async fn run(args: Run) -> Result<(), Failure> {
    // First of all: as process 1 of a container, signals without a handler are lost.
    let ends = Ends::new().map_err(|error| Failure::System(format!("signals: {error}")))?;
    if args.fault == Fault::ExitAtStart {
        return Err(Failure::Fault(args.fault));
    }
    let features = Features::read(&args.features).map_err(Failure::Input)?;
    let secrets = secret_names(&args.secrets).map_err(Failure::Input)?;
    let (chain, appender) = Chain::open(&args.data, args.phase).map_err(Failure::System)?;
    let listening = async {
        let listener = TcpListener::bind(args.listen).await?;
        Ok((listener.local_addr()?, listener))
    };
    let (address, listener) = listening.await.map_err(|error: io::Error| {
        Failure::System(format!("{}: {error}; give another address with ALYS_LISTEN", args.listen))
    })?;
    log(&format!("listening on {address}"));
    log(&format!(
        "version {}, fault {}, {} flags with digest {}, {} secrets",
        args.version,
        args.fault,
        features.flags.len(),
        features.digest,
        secrets.len()
    ));
    let cut = appender.cut();
    if cut > 0 {
        log(&format!("cut off {cut} bytes of a block that was never told of"));
    }
    log(&format!("chain of format {} at {}", chain.told().format, chain.head()));

    let metrics = Metrics::new(&args.version, &features.digest, args.fault);
    let report = Report::new(&args.version, args.fault, features, &args.pod, secrets);
    let chain = Arc::new(chain);
    metrics.tell_chain(&chain.told());
    let node = Arc::new(Node::new(args.fault.in_phase(args.phase), metrics, report, Arc::clone(&chain)));
    let telling = Arc::clone(&node);
    grow(appender, args.block, chain, move |told| match told {
        Ok(_) => telling.metrics.tell_chain(&telling.chain.told()),
        Err(error) => {
            telling.metrics.count_chain_error();
            log(&format!("no block: {error}"));
        }
    });
    tokio::select! {
        served = serve(listener, &node, ends, args.drain) => {
            served.map_err(|error| Failure::System(format!("{address}: {error}")))
        }
        () = crash(args.fault) => Err(Failure::Fault(args.fault)),
        () = beat(&node) => unreachable!("the beat never ends"),
    }
}

async fn serve(listener: TcpListener, node: &Arc<Node>, mut ends: Ends, drain: Duration) -> io::Result<()> {
    let closing = Arc::new(Notify::new());
    let end = {
        let (node, closing) = (Arc::clone(node), Arc::clone(&closing));
        async move {
            log(&format!("{}: draining for {} s", ends.next().await, drain.as_secs_f64()));
            node.drain();
            sleep(drain).await;
            closing.notify_one();
        }
    };
    let patience = async {
        closing.notified().await;
        sleep(FINISH).await;
    };
    tokio::select! {
        served = axum::serve(listener, router(Arc::clone(node))).with_graceful_shutdown(end) => served?,
        () = patience => log(&format!("connections still open after {} s: closed", FINISH.as_secs())),
    }
    log("ended");
    Ok(())
}

async fn crash(fault: Fault) {
    match fault {
        Fault::CrashAfter(wait) => sleep(wait).await,
        _ => std::future::pending().await,
    }
}

async fn beat(node: &Node) {
    let mut seconds = interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        seconds.tick().await;
        node.metrics.beat(node.fault, node.uptime());
    }
}

/// The signals that ask a process to end.
struct Ends {
    terminate: Signal,
    interrupt: Signal,
}

impl Ends {
    fn new() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

/// Writes a line to the log; a log that nobody reads is no reason to stop.
fn log(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}
