//! A connection that breaks during an upload leaves no object.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt, stream};

use super::large_object::bytes;
use crate::aws::ProblemKind;
use crate::aws::raw::RawBody;
use crate::ops::smoke::check::{Broken, Failing, Outcome};
use crate::ops::smoke::context::{CheckContext, form_body, form_request, put_request};

const SIZE: u64 = 256 << 10;

/// Wait until the data is on its way before breaking the connection.
const BEFORE_THE_CUT: Duration = Duration::from_millis(100);

/// Wait until the service notices.
const AFTER_THE_CUT: Duration = Duration::from_millis(300);

pub(super) async fn run(context: &CheckContext<'_>) -> Outcome {
    let key = context.key("interrupted")?;
    let size = SIZE.min(context.most().unwrap_or(SIZE));
    let body = bytes(size);
    let (request, whole) = if context.by_form() {
        let signed = context.sign_form(&key)?;
        let whole = form_body(&signed.fields, &body);
        (form_request(&signed.url, &signed.fields, &[]), whole)
    } else {
        let signed = context.sign_put(&key, size)?;
        (put_request(&signed, RawBody::Empty), body)
    };
    let mut request = request;
    request.body = cut_in_the_middle(&whole);
    let words = format!(
        "signed, {} bytes announced, the connection cut in the middle",
        whole.len()
    );
    let exchange = context.send(request, &words).await;
    for _ in 0..2 {
        match context.head(context.bucket(), &key).await {
            Err(problem) if problem.kind == ProblemKind::NotFound => {}
            Err(problem) => {
                return Err(Broken::Skip(format!(
                    "it is not known whether an object is there: {}",
                    problem.message
                )));
            }
            Ok(head) => {
                return Err(Broken::Fail(Box::new(Failing {
                    message: format!(
                        "an object of {} bytes is there, of which {} were announced",
                        head.size.0, size
                    ),
                    request: exchange.request,
                    answer: "none: the connection was cut".to_owned(),
                    cause: "the endpoint, or a proxy in front of it, takes half an upload for a whole one".to_owned(),
                })));
            }
        }
        tokio::time::sleep(AFTER_THE_CUT).await;
    }
    Ok("no object is there".to_owned())
}

fn cut_in_the_middle(whole: &Bytes) -> RawBody {
    let half = whole.slice(..whole.len() / 2);
    let cut = stream::once(async {
        tokio::time::sleep(BEFORE_THE_CUT).await;
        Err(io::Error::other("the test cuts the connection"))
    });
    RawBody::Stream {
        length: Some(whole.len() as u64),
        pieces: Box::pin(stream::iter([Ok(half)]).chain(cut)),
    }
}
