//! A plain HTTP client for one request at a time.

use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::{
    Request, Uri,
    body::Bytes,
    client::conn::http1::handshake,
    header::{CONNECTION, HOST},
};
use hyper_util::rt::TokioIo;
use std::{error::Error, fmt, str::FromStr, time::Duration};
use tokio::{net::TcpStream, time::timeout};

/// The most that one request may take, name lookup included.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(3);

/// The most that an answer may hold, in bytes.
const BODY_LIMIT: usize = 1 << 20;

/// The base of a node's addresses: `http://HOST[:PORT]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    host: String,
    port: u16,
}

impl FromStr for BaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let uri: Uri = text.parse().map_err(|error| format!("no URL ({error}); give http://HOST:PORT"))?;
        match (uri.scheme_str(), uri.host(), uri.path_and_query().map_or("/", |path| path.as_str())) {
            (Some("http"), Some(host), "/") if !host.is_empty() => {
                Ok(Self { host: host.into(), port: uri.port_u16().unwrap_or(80) })
            }
            _ => Err("not of the form http://HOST:PORT, without a path".into()),
        }
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}:{}", self.host, self.port)
    }
}

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Bytes,
}

/// Asks for a path on a connection of its own.
///
/// # Errors
/// What kept an answer from coming, or that it took longer than [`REQUEST_TIMEOUT`].
pub async fn get(base: &BaseUrl, path: &str) -> Result<Answer, String> {
    match timeout(REQUEST_TIMEOUT, exchange(base, path)).await {
        Ok(answer) => answer.map_err(|error| format!("no answer: {error}")),
        Err(_) => Err(format!("no answer within {} s", REQUEST_TIMEOUT.as_secs())),
    }
}

async fn exchange(base: &BaseUrl, path: &str) -> Result<Answer, Box<dyn Error + Send + Sync>> {
    let authority = format!("{}:{}", base.host, base.port);
    let stream = TcpStream::connect(&authority).await?;
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
    let request =
        Request::get(path).header(HOST, authority).header(CONNECTION, "close").body(Empty::<Bytes>::new())?;
    let answering = async {
        let response = sender.send_request(request).await?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), BODY_LIMIT).collect().await?.to_bytes();
        Ok(Answer { status, body })
    };
    let driving = async {
        // Whatever ends the connection also ends `answering`, which tells more about it.
        let _ = connection.await;
        std::future::pending().await
    };
    tokio::select! {
        answer = answering => answer,
        never = driving => never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_port_left_out_is_80() {
        assert_eq!("http://alys-node/".parse::<BaseUrl>().unwrap().to_string(), "http://alys-node:80");
    }

    #[test]
    fn an_address_of_version_6_keeps_its_brackets() {
        assert_eq!("http://[::1]:8080".parse::<BaseUrl>().unwrap().to_string(), "http://[::1]:8080");
    }

    #[test]
    fn what_is_no_base_url_is_refused() {
        for text in
            ["", "alys-node", "alys-node:80", "https://alys-node", "http://alys-node/version", "http://:80"]
        {
            assert!(text.parse::<BaseUrl>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_base_url_reads_back_as_it_is_written(host in "[a-z][a-z0-9.-]{0,20}[a-z0-9]", port in any::<u16>()) {
            let url: BaseUrl = format!("http://{host}:{port}").parse().unwrap();
            prop_assert_eq!(url.to_string().parse(), Ok(url));
        }
    }
}
