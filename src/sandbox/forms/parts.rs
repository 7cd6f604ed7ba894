//! A form's fields and its file, taken out of a body of type `multipart/form-data` (RFC 7578).

use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderMap};

use super::{Refused, invalid, refusal};

/// What S3 replaces with the name of the file.
const FILENAME: &str = "${filename}";

/// A form's fields, names in lower case, and its file.
pub(super) struct Form {
    fields: Vec<(String, String)>,
    file: Option<(String, Bytes)>,
}

/// The boundary that the content type names.
pub(super) fn boundary(headers: &HeaderMap) -> Option<String> {
    let content_type = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        (name.trim().eq_ignore_ascii_case("boundary"))
            .then(|| value.trim().trim_matches('"').to_owned())
    })
}

impl Form {
    /// Reads a form. What stands after the file is ignored, as S3 does.
    pub(super) fn parse(body: &Bytes, boundary: &str) -> Result<Self, Refused> {
        let malformed = || {
            refusal(
                hyper::StatusCode::BAD_REQUEST,
                "MalformedPOSTRequest",
                "The body of your POST request is not well-formed multipart/form-data.",
            )
        };
        let open = format!("--{boundary}");
        let delimiter = format!("\r\n--{boundary}");
        let mut at = find(body, open.as_bytes(), 0).ok_or_else(malformed)? + open.len();
        let mut form = Self {
            fields: Vec::new(),
            file: None,
        };
        while form.file.is_none() && !body.get(at..).is_some_and(|rest| rest.starts_with(b"--")) {
            let head_end = find(body, b"\r\n\r\n", at).ok_or_else(malformed)?;
            let end = find(body, delimiter.as_bytes(), head_end + 2).ok_or_else(malformed)?;
            let head = body.get(at..head_end).unwrap_or_default();
            let head = String::from_utf8_lossy(head);
            let content = body.slice((head_end + 4).min(end)..end);
            let (name, filename) = disposition(&head).ok_or_else(malformed)?;
            if name == "file" {
                form.file = Some((filename.unwrap_or_default(), content));
            } else {
                let value = String::from_utf8(content.to_vec()).map_err(|_| malformed())?;
                form.fields.push((name, value));
            }
            at = end + delimiter.len();
        }
        Ok(form)
    }

    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The key, with the file's name in it where the form asks for that: conditions look at it afterwards.
    pub(super) fn key(&self) -> Result<String, Refused> {
        let key = self.field("key").filter(|key| !key.is_empty());
        let key = key.ok_or_else(|| {
            invalid(
                "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
            )
        })?;
        let name = self.file.as_ref().map(|(name, _)| name.as_str());
        // Some browsers send the whole path.
        let name = name.and_then(|name| name.rsplit(['/', '\\']).next());
        Ok(key.replace(FILENAME, name.unwrap_or_default()))
    }

    pub(super) fn file(&self) -> Result<Bytes, Refused> {
        let file = self.file.as_ref().map(|(_, bytes)| bytes.clone());
        file.ok_or_else(|| invalid("POST requires exactly one file upload per request."))
    }

    pub(super) fn size(&self) -> u64 {
        self.file
            .as_ref()
            .map_or(0, |(_, bytes)| bytes.len() as u64)
    }
}

fn find(text: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    rest.windows(wanted.len())
        .position(|window| window == wanted)
        .map(|at| from + at)
}

/// The name of a part, in lower case, and that of its file.
fn disposition(head: &str) -> Option<(String, Option<String>)> {
    let line = head.lines().find(|line| {
        line.to_ascii_lowercase()
            .starts_with("content-disposition:")
    })?;
    let name = parameter(line, "name")?.to_ascii_lowercase();
    Some((name, parameter(line, "filename")))
}

fn parameter(line: &str, name: &str) -> Option<String> {
    let mut rest = line;
    loop {
        let (_, after) = rest.split_once(';')?;
        rest = after;
        let Some((found, value)) = rest.split_once('=') else {
            continue;
        };
        if found.trim().eq_ignore_ascii_case(name) {
            let quoted = value
                .strip_prefix('"')
                .and_then(|value| value.split_once('"'));
            let plain = || value.split(';').next().unwrap_or_default().trim();
            return Some(quoted.map_or_else(plain, |(value, _)| value).to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(body: &str) -> Form {
        Form::parse(&Bytes::from(body.to_owned()), "b").unwrap_or_else(|_| panic!("{body}"))
    }

    #[test]
    fn fields_and_the_file_are_taken_out_byte_for_byte() {
        let form = form(
            "--b\r\nContent-Disposition: form-data; name=\"Key\"\r\n\r\nu/${filename}\r\n--b\r\ncontent-disposition: \
             form-data; name=\"file\"; filename=\"C:\\x\\a;b.jpg\"\r\nContent-Type: x\r\n\r\n--a\r\n--\r\n--b--\r\n",
        );
        assert_eq!(form.key().unwrap_or_default(), "u/a;b.jpg");
        assert_eq!(form.file().unwrap_or_default(), "--a\r\n--");
        assert_eq!(form.size(), 7);
    }

    #[test]
    fn an_empty_file_is_a_file() {
        let form = form(
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n\r\n\r\n--b--",
        );
        assert_eq!(form.file().unwrap_or_default(), "");
    }

    #[test]
    fn a_form_that_ends_early_is_none() {
        for body in [
            "",
            "--b",
            "--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nvalue",
        ] {
            assert!(Form::parse(&Bytes::from(body), "b").is_err(), "{body}");
        }
    }
}
