//! A small picture, uploaded as the application does.

use crate::ops::smoke::check::Outcome;
use crate::ops::smoke::trial::Trial;

pub(super) async fn run(trial: &Trial<'_>) -> Outcome {
    let picture = trial.picture();
    let key = trial.there_and_back("small", &picture).await?;
    let how = if trial.by_form() { "form" } else { "PUT" };
    Ok(format!(
        "{} bytes by a signed {how} and back, at {}",
        picture.len(),
        key.as_str()
    ))
}
