//! A curl command. `--globoff` and `--path-as-is` prevent curl from interpreting brackets and dots in a URL.

use super::{exact_length, told_headers, type_comment};
use crate::domain::presign::request::Method;
use crate::domain::presign::signed::Signed;
use crate::domain::text::shell_quote;

pub(super) fn snippet(signed: &Signed, file: &str) -> String {
    let mut before = String::new();
    let mut words: Vec<String> = vec!["curl --fail-with-body --globoff --path-as-is".to_owned()];
    match signed.method() {
        Method::Get => words.push(format!("--output {}", shell_quote(file))),
        Method::Head => words.push("--head".to_owned()),
        Method::Delete => words.push("--request DELETE".to_owned()),
        Method::Put | Method::Part => {
            if let Some(length) = exact_length(signed) {
                before = format!("# the file has to have exactly {length} bytes\n");
            }
            words.push(format!("--upload-file {}", shell_quote(file)));
        }
        Method::Post => {
            before = type_comment(signed);
            words.extend(signed.fields.iter().map(|(name, value)| {
                // Not --form, which would interpret `@`, `<` and `;`.
                format!("--form-string {}", shell_quote(&format!("{name}={value}")))
            }));
            words.push(format!("--form {}", shell_quote(&file_field(file))));
        }
    }
    words.extend(told_headers(signed).map(|(name, value)| {
        // A colon without a value would remove the header.
        let header = match value {
            "" => format!("{name};"),
            value => format!("{name}: {value}"),
        };
        format!("--header {}", shell_quote(&header))
    }));
    words.push(shell_quote(&signed.url).into_owned());
    format!("{before}{}\n", words.join(" \\\n  "))
}

/// `file=@"NAME"`, quoted for curl, where `\` and `"` are special.
fn file_field(file: &str) -> String {
    let name = file.replace('\\', "\\\\").replace('"', "\\\"");
    format!("file=@\"{name}\"")
}
