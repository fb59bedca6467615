use std::error::Error as StdError;
use std::fmt::Write as _;

use bytes::Bytes;
use privlink_core::transport::{Limits, Sent, Transport, TransportError};
use privlink_core::{BoxFuture, Error};

/// A transport that repeats in every answer what it was sent, and the secrets it was told of: the
/// other side at its most careless. Whatever a client makes of its answers must show none of them.
///
/// # Examples
/// ```
/// use http::Request;
/// use privlink_core::transport::{BasicAuth, Caller, Operation, decode_json};
/// # use privlink_core::transport::{Dialect, Failure};
/// # #[derive(Debug)] struct Example;
/// # impl Dialect for Example {
/// #     fn vendor(&self) -> &'static str { "Example Cloud" }
/// #     fn judge(&self, _: &Operation, response: &http::Response<bytes::Bytes>) -> Option<Failure> {
/// #         decode_json::<serde_json::Value>(response).err().map(Failure::last)
/// #     }
/// # }
/// use privlink_sim::contract::{Echo, renderings};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let echo = Echo::answering(400, "<html>SAID</html>", ["canary-secret"]);
/// let caller = Caller::builder(Example, std::sync::Arc::new(echo), privlink_sim::World::new().clock())
///     .authorize(BasicAuth::new("key-id", &"canary-secret".into())?)
///     .build();
/// let request = Request::get("https://api.example.com/things").body(bytes::Bytes::new())?;
/// let error = caller.call(&Operation::read("thingList"), "", request).await.unwrap_err();
/// assert!(!renderings(&error).contains("canary"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Echo {
    /// `None` loses every answer.
    answer: Option<(u16, String)>,
    secrets: String,
}

impl Echo {
    /// Answers every request with `status` and `body`, in which `SAID` stands for what was sent.
    pub fn answering<'s>(status: u16, body: impl Into<String>, secrets: impl IntoIterator<Item = &'s str>) -> Self {
        Self { answer: Some((status, body.into())), secrets: joined(secrets) }
    }

    /// Loses every answer; why it did, repeats what was sent.
    pub fn losing<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Self {
        Self { answer: None, secrets: joined(secrets) }
    }
}

impl Transport for Echo {
    fn send(
        &self,
        request: http::Request<Bytes>,
        _: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let headers: Vec<_> = request.headers().values().filter_map(|value| value.to_str().ok()).collect();
        let said = format!("{} {}", headers.join(" "), self.secrets);
        // Padded, so that what is kept of the text ends within a secret wherever it is cut.
        let padded = format!("{said} {}", self.secrets.repeat(60));
        let answer = match &self.answer {
            None => Err(TransportError::new(Sent::Maybe, format!("connection closed after {padded}"))),
            Some((status, body)) => http::Response::builder()
                .status(*status)
                .header("x-request-id", said)
                .body(body.replace("SAID", &padded).into())
                .map_err(|error| TransportError::new(Sent::No, error)),
        };
        Box::pin(std::future::ready(answer))
    }
}

/// `error` in every form in which a program may print it, its sources one by one included.
pub fn renderings(error: &Error) -> String {
    let mut out = format!("{error} {error:#} {error:?} {error:#?} {} {:?}", error.report(), error.report());
    let _ = write!(out, " {:?} {:?} {:?} {:?}", error.api(), error.body(), error.request_id(), error.resource());
    let mut source = error.source();
    while let Some(cause) = source {
        let _ = write!(out, " {cause} {cause:#} {cause:?} {cause:#?}");
        source = cause.source();
    }
    out
}

fn joined<'s>(secrets: impl IntoIterator<Item = &'s str>) -> String {
    secrets.into_iter().collect::<Vec<_>>().join(" ")
}
