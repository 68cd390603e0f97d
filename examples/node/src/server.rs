//! The node's HTTP interface.

use crate::{
    fault::Fault,
    growth::Chain,
    metrics::{self, Metrics},
    report::Report,
};
use axum::{
    Router,
    extract::{Path, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// A running node, shared by its requests.
pub struct Node {
    /// What is wrong with it.
    pub fault: Fault,
    /// What it counts.
    pub metrics: Metrics,
    /// What it says about itself.
    pub report: Report,
    /// Its data.
    pub chain: Arc<Chain>,
    started: Instant,
    draining: AtomicBool,
}

impl Node {
    /// A node that starts now.
    #[must_use]
    pub fn new(fault: Fault, metrics: Metrics, report: Report, chain: Arc<Chain>) -> Self {
        Self { fault, metrics, report, chain, started: Instant::now(), draining: AtomicBool::new(false) }
    }

    /// Time since the start.
    #[must_use]
    pub fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    /// From now on the node isn't ready, and each answer asks its client to connect anew elsewhere.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}

/// The routes of a node: probes and scrapes uncounted, everything else counted by its status.
pub fn router(node: Arc<Node>) -> Router {
    let counted = Router::new()
        .route("/", get(root))
        .route("/version", get(version))
        .route("/chain", get(chain))
        .route("/chain/{height}", get(block))
        .fallback(|| async { (StatusCode::NOT_FOUND, "not found\n") })
        .layer(middleware::from_fn_with_state(Arc::clone(&node), count));
    Router::new()
        .route("/health", get(|| async { "ok\n" }))
        .route("/ready", get(ready))
        .route("/metrics", get(scrape))
        .merge(counted)
        .layer(middleware::from_fn_with_state(Arc::clone(&node), close_while_draining))
        .with_state(node)
}

async fn root(State(node): State<Arc<Node>>) -> Response {
    if node.fault == Fault::ServeErrors {
        return (StatusCode::INTERNAL_SERVER_ERROR, "serve-errors\n").into_response();
    }
    format!("alys-node {}\n", node.report.version).into_response()
}

async fn ready(State(node): State<Arc<Node>>) -> Response {
    if node.is_draining() {
        (StatusCode::SERVICE_UNAVAILABLE, "draining\n").into_response()
    } else if node.fault.is_ready_after(node.uptime()) {
        "ready\n".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "starting\n").into_response()
    }
}

async fn version(State(node): State<Arc<Node>>) -> Response {
    json(&node.report)
}

async fn chain(State(node): State<Arc<Node>>) -> Response {
    json(&node.chain.told())
}

async fn block(State(node): State<Arc<Node>>, Path(height): Path<u64>) -> Response {
    let read = tokio::task::spawn_blocking(move || node.chain.at(height)).await;
    match read.map_err(|error| error.to_string()).and_then(|found| found) {
        Ok(Some(head)) => json(&head),
        Ok(None) => (StatusCode::NOT_FOUND, "no such block\n").into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

fn json(body: &impl serde::Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn scrape(State(node): State<Arc<Node>>) -> Response {
    ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], node.metrics.text()).into_response()
}

async fn count(State(node): State<Arc<Node>>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    node.metrics.count_request(response.status().as_u16());
    response
}

async fn close_while_draining(State(node): State<Arc<Node>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if node.is_draining() {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Features;
    use axum::body::Body;
    use tower::ServiceExt as _;

    fn node(fault: Fault) -> Arc<Node> {
        let version = "v1.0.0".parse().unwrap();
        let features = Features::parse(b"").unwrap();
        let metrics = Metrics::new(&version, &features.digest, fault);
        let data = tempfile::tempdir().unwrap();
        let (chain, _) = Chain::open(data.path(), None).unwrap();
        let report = Report::new(&version, fault, features, "", Vec::new());
        Arc::new(Node::new(fault, metrics, report, Arc::new(chain)))
    }

    async fn ask(node: &Arc<Node>, path: &str) -> Response {
        router(Arc::clone(node)).oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn a_draining_node_is_alive_and_not_ready() {
        let node = node(Fault::Healthy);
        node.drain();
        assert_eq!(ask(&node, "/ready").await.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(ask(&node, "/health").await.status(), StatusCode::OK);
        assert_eq!(ask(&node, "/").await.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn only_a_draining_node_closes_connections() {
        let node = node(Fault::Healthy);
        assert!(!ask(&node, "/").await.headers().contains_key(header::CONNECTION));
        node.drain();
        for path in ["/", "/ready", "/nowhere"] {
            assert_eq!(ask(&node, path).await.headers()[header::CONNECTION], "close", "{path}");
        }
    }

    #[tokio::test]
    async fn probes_and_scrapes_are_not_counted_as_requests() {
        let node = node(Fault::NeverReady);
        for path in ["/health", "/ready", "/metrics", "/", "/version", "/nowhere"] {
            ask(&node, path).await;
        }
        let text = node.metrics.text();
        assert!(text.contains("code=\"200\"} 2\n"), "{text}");
        assert!(text.contains("code=\"404\"} 1\n"), "{text}");
        assert!(!text.contains("code=\"503\""), "{text}");
    }
}
