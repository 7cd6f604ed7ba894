//! Elements of XML documents that s3s has no field for: S3 has had them for less time than s3s knows it.

use std::borrow::Cow;

/// The document without its first element of this name, and what stood in the element.
pub(super) fn take<'d>(document: &'d str, name: &str) -> (Cow<'d, str>, Option<&'d str>) {
    let (opening, closing) = (format!("<{name}>"), format!("</{name}>"));
    let found = document.split_once(&opening).and_then(|(before, rest)| {
        let (inner, after) = rest.split_once(&closing)?;
        Some((before, inner, after))
    });
    match found {
        Some((before, inner, after)) => (Cow::Owned(format!("{before}{after}")), Some(inner)),
        None => (Cow::Borrowed(document), None),
    }
}

/// What stands in the first element of this name.
pub(super) fn inside<'d>(document: &'d str, name: &str) -> Option<&'d str> {
    take(document, name).1.map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_taken_out_with_what_is_in_it() {
        for (document, rest, inner) in [
            ("<a><b>1</b><c>2</c></a>", "<a><c>2</c></a>", Some("1")),
            ("<a><b> <d>1</d> </b></a>", "<a></a>", Some(" <d>1</d> ")),
            ("<a><bb>1</bb></a>", "<a><bb>1</bb></a>", None),
            ("<a><b>1</a>", "<a><b>1</a>", None),
            ("", "", None),
        ] {
            assert_eq!(
                take(document, "b"),
                (Cow::Borrowed(rest), inner),
                "{document}"
            );
        }
    }
}
