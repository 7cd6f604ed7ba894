//! An HTML form: the fields in order, and the file last, because S3 ignores everything after it.

use super::open_type;
use super::quote::attribute;
use crate::domain::presign::form::TypeRule;
use crate::domain::presign::request::Action;
use crate::domain::presign::signed::Signed;

pub(super) fn snippet(signed: &Signed) -> String {
    let mut lines = vec![format!(
        "<form action={} method=\"post\" enctype=\"multipart/form-data\">",
        attribute(&signed.url)
    )];
    lines.extend(signed.fields.iter().map(|(name, value)| {
        format!(
            "  <input type=\"hidden\" name={} value={}>",
            attribute(name),
            attribute(value)
        )
    }));
    let accept = match &signed.request.action {
        Action::Post(form) => match &form.content_type {
            Some(TypeRule::Exact(exact)) => format!(" accept={}", attribute(exact)),
            Some(TypeRule::Prefix(prefix)) if prefix.ends_with('/') => {
                format!(" accept={}", attribute(&format!("{prefix}*")))
            }
            _ => String::new(),
        },
        _ => String::new(),
    };
    // The field above contains an example; the object should get the file's own type.
    let own_type = match open_type(signed) {
        Some(_) => " onchange=\"this.form.elements['Content-Type'].value = this.files[0].type\"",
        None => "",
    };
    lines.push(format!(
        "  <input type=\"file\" name=\"file\"{accept}{own_type} required>"
    ));
    lines.push("  <button>Upload</button>".to_owned());
    lines.push("</form>\n".to_owned());
    lines.join("\n")
}
