//! An upload by a form, as a browser sends it.

use crate::ops::smoke::check::Outcome;
use crate::ops::smoke::trial::Trial;

pub(super) async fn run(trial: &Trial<'_>) -> Outcome {
    let key = trial.key("form")?;
    let signed = trial.sign_form(&key)?;
    let picture = trial.picture();
    let exchange = trial.post(&signed, &picture).await;
    let status = exchange.success("the form")?.status;
    trial.same_bytes(&key, &picture).await?;
    Ok(format!(
        "answered {status}, and the file came back byte for byte"
    ))
}
