//! Python 3 with its standard library only: `urllib` sends a path unchanged, and nothing needs to be installed.

use std::fmt::Write as _;

use super::quote::python as quote;
use super::{exact_length, told_headers, type_comment};
use crate::domain::presign::request::Method;
use crate::domain::presign::signed::Signed;

/// Joins the fields and the file as `multipart/form-data`.
const MULTIPART: &str = r#"boundary = secrets.token_hex(16)
parts = [
    f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    for name, value in fields
]
parts += [
    f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n\r\n'.encode(),
    content,
    f"\r\n--{boundary}--\r\n".encode(),
]
"#;

pub(super) fn snippet(signed: &Signed, file: &str) -> String {
    let method = signed.method();
    let is_upload = matches!(method, Method::Put | Method::Part | Method::Post);
    // Writing to a string cannot fail.
    let mut out = String::new();
    if method == Method::Post {
        out.push_str("import secrets\n");
    }
    out.push_str("import urllib.request\n");
    if is_upload || method == Method::Get {
        out.push_str("from pathlib import Path\n");
    }
    out.push('\n');
    if is_upload {
        let _ = writeln!(out, "content = Path({}).read_bytes()", quote(file));
    }
    if let Some(length) = exact_length(signed) {
        let _ = writeln!(out, "assert len(content) == {length}");
    }
    let mut headers: Vec<(String, String)> = told_headers(signed)
        .map(|(name, value)| (quote(name), quote(value)))
        .collect();
    let mut data = "";
    match method {
        Method::Post => {
            out.push_str(&type_comment(signed));
            out.push_str("fields = [\n");
            for (name, value) in &signed.fields {
                let _ = writeln!(out, "    ({}, {}),", quote(name), quote(value));
            }
            out.push_str("]\n");
            out.push_str(MULTIPART);
            headers.push((
                quote("Content-Type"),
                "f\"multipart/form-data; boundary={boundary}\"".to_owned(),
            ));
            data = "    data=b\"\".join(parts),\n";
        }
        Method::Put | Method::Part => {
            // urllib would set the type of a web form.
            if !headers.iter().any(|(name, _)| name == "\"content-type\"") {
                headers.push((quote("content-type"), quote("application/octet-stream")));
            }
            data = "    data=content,\n";
        }
        Method::Get | Method::Head | Method::Delete => {}
    }
    let _ = write!(
        out,
        "request = urllib.request.Request(\n    {},\n    method={},\n{data}",
        quote(&signed.url),
        quote(method.http())
    );
    if !headers.is_empty() {
        out.push_str("    headers={\n");
        for (name, value) in headers {
            let _ = writeln!(out, "        {name}: {value},");
        }
        out.push_str("    },\n");
    }
    out.push_str(")\nwith urllib.request.urlopen(request) as response:\n");
    if method == Method::Get {
        let _ = writeln!(
            out,
            "    Path({}).write_bytes(response.read())",
            quote(file)
        );
    }
    out.push_str("    print(response.status, dict(response.headers))\n");
    out
}
