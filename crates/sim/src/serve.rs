//! The world over real sockets, on loopback.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode, header};
use http_body_util::{BodyExt, Either, Full, Limited};
use hyper::body::{Body, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::World;
use crate::deliver::Delivery;

/// The most bytes of a request that are read; EC2 takes far less.
const MOST: usize = 1 << 20;

/// How long open connections are given when the server stops.
const PATIENCE: Duration = Duration::from_secs(1);

/// A [`World`] being served; dropping it stops it at once, [`stop`](Self::stop) lets answers
/// under way finish.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl World {
    /// Serves the world over HTTP/1.1 on `address`; port 0 takes a free one.
    ///
    /// All sides answer on the one origin. Plain HTTP, and on loopback only: keys of a simulated
    /// world are worth nothing, but nobody else should be able to change it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let server = privlink_sim::World::new().serve("127.0.0.1:0").await?;
    /// assert!(server.url().starts_with("http://127.0.0.1:"));
    /// server.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] when the address is not a loopback one; otherwise what
    /// binding fails with.
    pub async fn serve(&self, address: impl ToSocketAddrs) -> io::Result<Server> {
        let addresses: Vec<SocketAddr> = tokio::net::lookup_host(address).await?.collect();
        if let Some(open) = addresses.iter().find(|address| !address.ip().is_loopback()) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("the simulator serves on loopback only, not on {}", open.ip()),
            ));
        }
        let listener = TcpListener::bind(addresses.as_slice()).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(accept(self.clone(), listener, stopped));
        Ok(Server { address, stop, task })
    }
}

impl Server {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The origin, without a path: `http://127.0.0.1:49152`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Takes no more connections, lets answers under way finish for a second, and ends.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        // The only way this fails is that the task has panicked, and then it has ended too.
        let _ended = (&mut self.task).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(world: World, listener: TcpListener, mut stopped: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(world.clone(), stream, stopped.clone()));
                }
                // Out of file descriptors, mostly: going on at once would only spin.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
            _ = stopped.changed() => break,
        }
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    // What is still open after that is a client that hangs; the set's end closes it.
    let _in_time = tokio::time::timeout(PATIENCE, all).await;
}

async fn connection(world: World, stream: TcpStream, mut stopped: watch::Receiver<bool>) {
    let service = service_fn(move |request| {
        let world = world.clone();
        async move { answer(world, request).await }
    });
    let connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        // A client that goes away and a scripted reset both end here; there is nobody to tell.
        _ended = connection.as_mut() => {}
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ended = connection.await;
        }
    }
}

type Answer = Response<Either<Full<Bytes>, CutBody>>;

async fn answer(world: World, request: http::Request<Incoming>) -> io::Result<Answer> {
    let (head, body) = request.into_parts();
    let body = match Limited::new(body, MOST).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => {
            let mut response = Response::new(Either::Left(Full::new(Bytes::from_static(b"request body too large"))));
            *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
            return Ok(response);
        }
    };
    match world.deliver(http::Request::from_parts(head, body)).await {
        Delivery::Answer(response) => Ok(response.map(|body| Either::Left(Full::new(body)))),
        Delivery::Refused => Err(io::Error::new(io::ErrorKind::ConnectionRefused, "scripted")),
        Delivery::Reset => Err(io::Error::new(io::ErrorKind::ConnectionReset, "scripted")),
        Delivery::Cut(mut response, after) => {
            let length = response.body().len();
            response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
            Ok(response.map(|body| {
                if after >= length { Either::Left(Full::new(body)) } else { Either::Right(CutBody::new(&body, after)) }
            }))
        }
        Delivery::Silence => std::future::pending().await,
    }
}

/// A body that promises more than it gives.
#[derive(Debug)]
struct CutBody {
    given: Option<Bytes>,
    flushed: bool,
}

impl CutBody {
    fn new(body: &Bytes, after: usize) -> Self {
        Self { given: Some(body.slice(..after)), flushed: false }
    }
}

impl Body for CutBody {
    type Data = Bytes;
    type Error = CutError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, CutError>>> {
        if let Some(given) = self.given.take().filter(|given| !given.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(given))));
        }
        if !self.flushed {
            // The server writes what it has while a body makes it wait; an error throws it away.
            self.flushed = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(CutError)))
    }
}

/// The end of a body that was cut.
#[derive(Debug)]
struct CutError;

impl std::fmt::Display for CutError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("scripted end of the body")
    }
}

impl std::error::Error for CutError {}
