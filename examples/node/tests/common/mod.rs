//! The real binary, started on a free port of the loopback.
#![allow(dead_code, missing_docs, reason = "each test file uses a part of it")]

use rustix::process::{Pid, Signal, kill_process};
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Far longer than anything here takes: a test that gets there has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// The binary, without what the surroundings say about nodes.
pub fn alys_node() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_alys-node"));
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"ALYS_") || name == "POD_NAME" {
            command.env_remove(name);
        }
    }
    command
}

/// Ends by itself, whatever its code.
pub fn run_to_end(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Asks again until the answer is yes.
pub fn eventually(what: &str, mut question: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !question() {
        assert!(Instant::now() < end, "never: {what}");
        sleep(Duration::from_millis(20));
    }
}

/// A node that runs until it is dropped.
pub struct Node {
    child: Child,
    /// Kept open, as a container's log is.
    log: BufReader<ChildStdout>,
    pub address: String,
    /// Its data, unless the variables say where that is.
    _data: TempDir,
}

impl Node {
    /// A node of version v1.0.0 with these variables, listening.
    pub fn start(variables: &[(&str, &str)]) -> Self {
        let mut command = alys_node();
        let data = tempfile::tempdir().unwrap();
        command.arg("run").env("ALYS_LISTEN", "127.0.0.1:0").env("ALYS_VERSION", "v1.0.0");
        command.env("ALYS_DATA", data.path());
        command.envs(variables.iter().copied()).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut log = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        log.read_line(&mut first).unwrap();
        let address = first.trim().strip_prefix("listening on ").expect(&first).to_owned();
        Self { child, log, address, _data: data }
    }

    pub fn with_fault(fault: &str) -> Self {
        Self::start(&[("ALYS_FAULT", fault)])
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// An answer on a connection of its own; none when the node can't be reached.
    pub fn ask(&self, path: &str) -> Option<Answer> {
        let mut connection = self.connect()?;
        write!(connection, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address)
            .ok()?;
        Answer::read(&mut connection)
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask(path).unwrap_or_else(|| panic!("{path}: no answer"))
    }

    pub fn connect(&self) -> Option<TcpStream> {
        let connection = TcpStream::connect(&self.address).ok()?;
        connection.set_read_timeout(Some(PATIENCE)).unwrap();
        Some(connection)
    }

    /// The value of a series, by its name and labels as written.
    pub fn metric(&self, series: &str) -> Option<f64> {
        let scrape = self.get("/metrics").body;
        let value = scrape.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))?;
        Some(value.parse().unwrap())
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    pub fn wait(&mut self) -> ExitStatus {
        let mut status = None;
        eventually("the node ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }

    /// What it logged after its first line; only for one that has ended.
    pub fn rest_of_log(&mut self) -> String {
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).unwrap();
        rest
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An HTTP answer whose connection was closed at its end.
pub struct Answer {
    pub status: u16,
    /// In lower case.
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn read(connection: &mut TcpStream) -> Option<Self> {
        let mut all = String::new();
        connection.read_to_string(&mut all).ok()?;
        let (head, body) = all.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Self { status, head: head.to_lowercase(), body: body.into() })
    }
}
