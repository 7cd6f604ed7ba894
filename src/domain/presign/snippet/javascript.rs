//! JavaScript for a browser; `file` is a `File` or `Blob`.

use super::quote::javascript as quote;
use super::{exact_length, open_type, told_headers};
use crate::domain::presign::encode;
use crate::domain::presign::request::Method;
use crate::domain::presign::signed::Signed;

pub(super) fn snippet(signed: &Signed) -> String {
    let mut lines = Vec::new();
    let url = quote(&signed.url);
    if signed.method() == Method::Post {
        lines.push("const form = new FormData();".to_owned());
        lines.extend(signed.fields.iter().map(|(name, value)| {
            let value = match (name.as_str(), open_type(signed)) {
                ("Content-Type", Some(_)) => "file.type".to_owned(),
                _ => quote(value),
            };
            format!("form.append({}, {value});", quote(name))
        }));
        lines.push("form.append(\"file\", file);".to_owned());
        lines.push(format!(
            "const response = await fetch({url}, {{ method: \"POST\", body: form }});"
        ));
    } else {
        if encode::has_dot_segments(signed.request.key.as_str()) {
            lines.push(
                "// fetch resolves the '.' and '..' of this key: S3 will refuse the signature."
                    .to_owned(),
            );
        }
        if let Some(length) = exact_length(signed) {
            lines.push(format!("// file.size has to be {length}."));
        }
        lines.push(format!("const response = await fetch({url}, {{"));
        lines.push(format!("  method: {},", quote(signed.method().http())));
        let headers: Vec<String> = told_headers(signed)
            .map(|(name, value)| format!("    {}: {},", quote(name), quote(value)))
            .collect();
        if !headers.is_empty() {
            lines.push("  headers: {".to_owned());
            lines.extend(headers);
            lines.push("  },".to_owned());
        }
        if matches!(signed.method(), Method::Put | Method::Part) {
            lines.push("  body: file,".to_owned());
        }
        lines.push("});".to_owned());
    }
    lines.push(
        "if (!response.ok) throw new Error(response.status + \" \" + (await response.text()));"
            .to_owned(),
    );
    match signed.method() {
        Method::Get => lines.push("const content = await response.blob();".to_owned()),
        Method::Head => lines.push("console.log(Object.fromEntries(response.headers));".to_owned()),
        Method::Part => {
            lines.push(
                "const etag = response.headers.get(\"etag\"); // CORS has to expose it".to_owned(),
            );
        }
        _ => {}
    }
    lines.join("\n") + "\n"
}
