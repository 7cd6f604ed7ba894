//! The listener: takes connections, serves them, and stops.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::http_front::HttpFront;

/// How long a stopping server waits for answers under way.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long the listener rests when the system has no more file descriptors, rather than spin.
const BREATHER: Duration = Duration::from_millis(50);

/// A running server; stops when dropped.
pub(super) struct Server {
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Server {
    /// Serves a listener's connections on tasks of the current runtime.
    pub(super) fn run(listener: TcpListener, front: Arc<HttpFront>) -> Self {
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        tasks.spawn(listen(listener, front, stop.clone(), tasks.clone()));
        Self { stop, tasks }
    }

    /// Stops: no more connections, and answers under way are finished, for a while.
    pub(super) fn stop(&self) -> impl Future<Output = ()> + Send + use<> {
        self.stop.cancel();
        self.tasks.close();
        let tasks = self.tasks.clone();
        async move {
            // Whoever still waits after that is a client that does not read; its task ends with the runtime.
            let _ = tokio::time::timeout(PATIENCE, tasks.wait()).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn listen(
    listener: TcpListener,
    front: Arc<HttpFront>,
    stop: CancellationToken,
    tasks: TaskTracker,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                tasks.spawn(serve(stream, peer, Arc::clone(&front), stop.clone()));
            }
            Err(error) => {
                tracing::debug!(%error, "the sandbox could not take a connection");
                tokio::time::sleep(BREATHER).await;
            }
        }
    }
}

async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    front: Arc<HttpFront>,
    stop: CancellationToken,
) {
    // Without it small answers wait for acknowledgements: 40 milliseconds each on loopback.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let front = Arc::clone(&front);
        async move { front.answer(request, peer.ip()).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection to the sandbox ended early");
    }
}
