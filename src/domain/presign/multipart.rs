//! The body of a form upload as browsers send it: `multipart/form-data` (RFC 7578).

/// A form's body and its content type.
///
/// The fields come first and in order, because S3 ignores everything after the file. `boundary` must not occur in the
/// content: use a random one of at least 16 letters.
#[must_use]
pub fn multipart(
    fields: &[(String, String)],
    file: &str,
    content: &[u8],
    boundary: &str,
) -> (String, Vec<u8>) {
    let mut body = Vec::with_capacity(content.len() + 4096);
    for (name, value) in fields {
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n",
            quoted(name)
        );
        body.extend(head.bytes().chain(value.bytes()).chain(*b"\r\n"));
    }
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n",
        quoted(file)
    );
    body.extend(head.bytes());
    body.extend(content);
    body.extend(format!("\r\n--{boundary}--\r\n").bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}

/// A name in quotation marks, escaped as the HTML standard specifies.
fn quoted(name: &str) -> String {
    name.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_breaks_out_of_its_quotes() {
        let fields = [("a\"\r\nX: y".to_owned(), "1".to_owned())];
        let (content_type, body) = multipart(&fields, "f\"; name=\"key", b"content", "BOUNDARY");
        assert_eq!(content_type, "multipart/form-data; boundary=BOUNDARY");
        assert_eq!(
            String::from_utf8(body).unwrap(),
            "--BOUNDARY\r\nContent-Disposition: form-data; name=\"a%22%0D%0AX: y\"\r\n\r\n1\r\n\
             --BOUNDARY\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f%22; name=%22key\"\r\n\
             Content-Type: application/octet-stream\r\n\r\ncontent\r\n--BOUNDARY--\r\n"
        );
    }
}
