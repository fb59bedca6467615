use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::{Authorize, Dialect, Limits, Operation, Transport};
use crate::{Clock, Error, ErrorKind, Result};

/// Calls one API: the transport with all layers on top. Cheap to clone; clones share the
/// limiter and the credentials.
#[derive(Clone, Debug)]
pub struct Caller {
    transport: Arc<dyn Transport>,
    dialect: Arc<dyn Dialect>,
    authorize: Option<Arc<dyn Authorize>>,
    clock: Arc<dyn Clock>,
}

/// Builds a [`Caller`].
#[derive(Debug)]
#[must_use]
pub struct CallerBuilder {
    caller: Caller,
}

impl Caller {
    /// A caller of the API that speaks `dialect`, over `transport`, on `clock`.
    pub fn builder(
        dialect: impl Dialect + 'static,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
    ) -> CallerBuilder {
        CallerBuilder { caller: Self { transport, dialect: Arc::new(dialect), authorize: None, clock } }
    }

    /// Calls `operation` on `resource` with `request`, whose URI is absolute.
    ///
    /// # Errors
    /// When the call failed for good; the error names operation and resource.
    pub async fn call(
        &self,
        operation: &Operation,
        resource: &str,
        mut request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>> {
        if let Some(authorize) = &self.authorize {
            authorize.authorize(&mut request, self.clock.now()).await?;
        }
        let response = self
            .transport
            .send(request, Limits::new(Duration::from_secs(30), 16 << 20))
            .await
            .map_err(|error| Error::new(ErrorKind::Connect, "no answer").with_source(error))?;
        match self.dialect.judge(operation, &response) {
            None => Ok(response),
            Some(failure) => Err(failure
                .error
                .with_operation(operation.name)
                .with_resource(resource)
                .with_vendor(self.dialect.vendor())),
        }
    }

    /// The clock the layers use.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }
}

impl CallerBuilder {
    /// Sets who authorizes requests.
    pub fn authorize(mut self, authorize: impl Authorize + 'static) -> Self {
        self.caller.authorize = Some(Arc::new(authorize));
        self
    }

    /// The caller.
    #[must_use]
    pub fn build(self) -> Caller {
        self.caller
    }
}
