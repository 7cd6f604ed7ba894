//! A small picture, uploaded like the application does it.

use crate::ops::smoke::check::Outcome;
use crate::ops::smoke::context::CheckContext;

pub(super) async fn run(context: &CheckContext<'_>) -> Outcome {
    let picture = context.picture();
    let key = context.there_and_back("small", &picture).await?;
    let how = if context.by_form() { "form" } else { "PUT" };
    Ok(format!(
        "{} bytes by a signed {how} and back, at {}",
        picture.len(),
        key.as_str()
    ))
}
