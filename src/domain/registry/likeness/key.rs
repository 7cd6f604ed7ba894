//! The notations in which records write an object's key: as a path, a URL, an ARN.

/// The path of a key without decoration: `/key`, `./key`, `s3://bucket/key`, `arn:aws:s3:::bucket/key`,
/// `https://host/key?X-Amz-…`, backslashes, doubled slashes. The text must be folded already.
pub(super) fn place(text: &str) -> String {
    let text = text.trim_matches(['"', '\'', '<', '>']);
    let text = text.replace('\\', "/");
    let mut path = text.as_str();
    if let Some(rest) = scheme(path) {
        path = rest.split_once('/').map_or("", |(_, path)| path);
    }
    // A question mark may be part of a key, but hardly one that is followed by names and values.
    if let Some((before, query)) = path.split_once('?')
        && query.contains('=')
    {
        path = before;
    }
    if scheme(&text).is_some()
        && let Some((before, _)) = path.split_once('#')
    {
        path = before;
    }
    let parts: Vec<&str> = path
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    parts.join("/")
}

/// The text after `s3://`, `https://`, `//` or `arn:aws:s3:::`: a host or bucket, and a path.
fn scheme(text: &str) -> Option<&str> {
    if let Some(rest) = text.strip_prefix("arn:") {
        return rest.split_once(":s3:::").map(|(_, rest)| rest);
    }
    let (scheme, rest) = text.split_once("://")?;
    let is_scheme = !scheme.is_empty()
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    is_scheme.then_some(rest)
}

/// The path without its first folder, which may be a bucket.
pub(super) fn without_first(path: &str) -> Option<&str> {
    let (_, rest) = path.split_once('/')?;
    (!rest.is_empty()).then_some(rest)
}

/// The ends of a path, from its second folder down to the bare name.
pub(super) fn ends(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/')
        .filter_map(|(at, _)| path.get(at + 1..))
        .filter(|end| !end.is_empty())
}

/// A path without its extension.
pub(super) fn stem(path: &str) -> Option<&str> {
    let name = path.rfind('/').map_or(0, |slash| slash + 1);
    let at = path.rfind('.').filter(|at| *at > name)?;
    path.get(..at)
}

/// Whether [`place`] would change nothing, which is the common case. It copies nothing.
pub(super) fn is_place(text: &str) -> bool {
    let bytes = text.as_bytes();
    !text.contains("//")
        && !text.contains("/./")
        && !bytes.contains(&b'\\')
        && !bytes.contains(&b'?')
        && !text.starts_with(['/', '"', '\'', '<', '.'])
        && !text.ends_with(['/', '"', '\'', '>'])
        && !text.ends_with("/.")
        && !text.starts_with("arn:")
}
