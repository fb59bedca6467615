//! Answers out of their envelope.

use privlink_core::transport::Caller;
use privlink_core::{Error, ErrorKind, Result};

use crate::dialect::VENDOR;
use crate::wire;

/// What an answer was about, for the errors found in reading it.
#[derive(Clone, Debug)]
pub(crate) struct About {
    caller: Caller,
    operation: &'static str,
    resource: String,
    request_id: Option<String>,
}

impl About {
    pub(crate) fn new(caller: &Caller, operation: &'static str, resource: &str) -> Self {
        Self { caller: caller.clone(), operation, resource: resource.to_owned(), request_id: None }
    }

    pub(crate) fn tell(&self, error: Error) -> Error {
        let error = error.with_vendor(VENDOR).with_operation(self.operation).with_resource(self.resource.clone());
        self.caller.scrub(match &self.request_id {
            Some(id) => error.with_request_id(Some(id.clone())),
            None => error,
        })
    }
}

/// An answer out of its envelope.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    about: About,
    result: Option<T>,
    next_cursor: Option<String>,
}

impl<T> Answer<T> {
    pub(crate) fn new(about: About, envelope: wire::Envelope<T>) -> Self {
        let wire::Envelope { request_id, result, next_cursor } = envelope;
        Self { about: About { request_id, ..about }, result, next_cursor }
    }

    /// The answer with its `result`, or an error that says the `what` is missing.
    pub(crate) fn required(self, what: &'static str) -> Result<Filled<T>> {
        match self.result {
            Some(result) => Ok(Filled { about: self.about, result, next_cursor: self.next_cursor }),
            None => Err(self
                .about
                .tell(Error::new(ErrorKind::UnexpectedResponse, format!("the answer lacks `result`, the {what}")))),
        }
    }

    pub(crate) fn into_parts(self) -> (Option<String>, Option<T>) {
        (self.about.request_id, self.result)
    }
}

/// An answer whose `result` is there.
#[derive(Debug)]
pub(crate) struct Filled<T> {
    pub(crate) about: About,
    pub(crate) result: T,
    next_cursor: Option<String>,
}

impl<T> Filled<T> {
    pub(crate) fn next_cursor(&self) -> Option<String> {
        self.next_cursor.clone()
    }

    /// The result as the public model.
    pub(crate) fn model<M: TryFrom<T, Error = Error>>(self) -> Result<M> {
        let Self { about, result, .. } = self;
        M::try_from(result).map_err(|error| about.tell(error))
    }
}

impl<T> Filled<wire::Items<T>> {
    /// The items as the public model, each on its own.
    pub(crate) fn items<M: TryFrom<T, Error = Error>>(self) -> Vec<Result<M>> {
        let Self { about, result, .. } = self;
        let read = |item: Option<T>| {
            item.ok_or_else(|| Error::new(ErrorKind::UnexpectedResponse, "an item of the list is no object"))
                .and_then(M::try_from)
                .map_err(|error| about.tell(error))
        };
        result.0.into_iter().map(read).collect()
    }
}
