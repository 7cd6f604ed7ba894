//! Faults as they look on the wire.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::StatusCode;
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use s3s::{Body, HttpResponse, StdError};
use tokio::time::{Sleep, sleep};

use super::Fault;
use crate::sandbox::answer;

/// Into how many pieces a slow body is cut at most: enough to be seen as slow, few enough to end.
const PIECES: usize = 64;

/// The error that a client gets instead of an answer, for the faults that are one.
pub(in crate::sandbox) fn error_answer(fault: Fault) -> Option<HttpResponse> {
    let (status, code, message) = error_of(fault)?;
    Some(answer::error(status, code, message))
}

/// The error, where the fault is one.
pub(super) fn error_of(fault: Fault) -> Option<(StatusCode, &'static str, &'static str)> {
    Some(match fault {
        Fault::SlowDown => (
            StatusCode::SERVICE_UNAVAILABLE,
            "SlowDown",
            "Please reduce your request rate.",
        ),
        Fault::InternalError => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalError",
            "We encountered an internal error. Please try again.",
        ),
        Fault::ServiceUnavailable => (
            StatusCode::SERVICE_UNAVAILABLE,
            "ServiceUnavailable",
            "Service is unable to handle request.",
        ),
        Fault::AccessDenied => (StatusCode::FORBIDDEN, "AccessDenied", "Access Denied"),
        Fault::ExpiredToken => (
            StatusCode::BAD_REQUEST,
            "ExpiredToken",
            "The provided token has expired.",
        ),
        Fault::Drop
        | Fault::Truncate
        | Fault::Slow(_)
        | Fault::IgnoreStart
        | Fault::RepeatToken => return None,
    })
}

/// The answer as the network spoils it; `None`: the connection closes without one.
pub(in crate::sandbox) fn damage(
    fault: Fault,
    answer: HttpResponse,
    is_head: bool,
) -> Option<HttpResponse> {
    match fault {
        Fault::Truncate => {
            let length = answer.body().size_hint().exact();
            // What has no body cannot be cut short: the answer itself goes missing.
            if is_head || length == Some(0) {
                return None;
            }
            let left = usize::try_from(length.unwrap_or_default() / 2).unwrap_or(usize::MAX);
            Some(answer.map(|body| {
                Body::http_body_unsync(Truncated {
                    body,
                    left,
                    flushed: false,
                })
            }))
        }
        Fault::Slow(pause) => {
            Some(answer.map(|body| Body::http_body_unsync(Dribbled::new(body, pause))))
        }
        Fault::Drop => None,
        _ => Some(answer),
    }
}

/// A body that breaks off after `left` bytes. Its length stays as announced, so a client can tell.
struct Truncated {
    body: Body,
    left: usize,
    flushed: bool,
}

/// Why a truncated body ends.
#[derive(Debug, thiserror::Error)]
#[error("a fault rule cut this body short")]
struct CutShort;

impl HttpBody for Truncated {
    type Data = Bytes;
    type Error = StdError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StdError>>> {
        if self.left == 0 && !self.flushed {
            // hyper throws away what it has not sent when a body fails; while it waits for one it sends.
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.left == 0 {
            return Poll::Ready(Some(Err(CutShort.into())));
        }
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                Ok(mut data) => {
                    data.truncate(self.left);
                    self.left -= data.len();
                    Poll::Ready(Some(Ok(Frame::data(data))))
                }
                Err(_) => Poll::Ready(Some(Err(CutShort.into()))),
            },
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A body that comes in small pieces with a pause before each.
struct Dribbled {
    body: Body,
    waiting: Bytes,
    piece: usize,
    pause: Duration,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Dribbled {
    fn new(body: Body, pause: Duration) -> Self {
        let length = body.size_hint().exact().unwrap_or_default();
        let piece = usize::try_from(length)
            .unwrap_or(usize::MAX)
            .div_ceil(PIECES)
            .max(1);
        Self {
            body,
            waiting: Bytes::new(),
            piece,
            pause,
            timer: None,
        }
    }
}

impl HttpBody for Dribbled {
    type Data = Bytes;
    type Error = StdError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StdError>>> {
        while self.waiting.is_empty() {
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => self.waiting = data,
                    Err(other) => return Poll::Ready(Some(Ok(other))),
                },
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
        let pause = self.pause;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(pause)));
        if timer.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        self.timer = None;
        let piece = self.piece.min(self.waiting.len());
        let data = self.waiting.split_to(piece);
        Poll::Ready(Some(Ok(Frame::data(data))))
    }

    fn size_hint(&self) -> SizeHint {
        let left = self
            .body
            .size_hint()
            .exact()
            .zip(u64::try_from(self.waiting.len()).ok());
        left.map_or_else(SizeHint::new, |(body, waiting)| {
            SizeHint::with_exact(body + waiting)
        })
    }
}
