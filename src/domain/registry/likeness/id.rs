//! The notations in which spreadsheets, exports and migrations write an owner's id.
//!
//! Each function removes one layer from a text that is already folded ([`super::text::core`]), and returns `None` if
//! the layer is not there.

/// Words before an id that only mean "user": `user:7`, `USER#7`, `users/7`. Other words stay: `shop-a:7` and `shop-b:7`
/// are two owners.
const WORDS: [&str; 24] = [
    "user",
    "users",
    "usr",
    "u",
    "uid",
    "userid",
    "user_id",
    "user-id",
    "id",
    "_id",
    "account",
    "accounts",
    "acct",
    "member",
    "members",
    "customer",
    "customers",
    "client",
    "clients",
    "owner",
    "owners",
    "profile",
    "profiles",
    "people",
];

/// Schemes before an id and a colon, in a URI or a log.
const SCHEMES: [&str; 12] = [
    "urn", "mailto", "tel", "acct", "uuid", "guid", "oid", "sub", "key", "name", "str", "int",
];

/// The text inside quotation marks, brackets or the syntax of a database type: `"7"`, `{…}`, `ObjectId("…")`, `{"$oid":
/// "…"}`, `="7"`.
pub(super) fn unwrapped(text: &str) -> Option<&str> {
    const PAIRS: [(char, char); 10] = [
        ('"', '"'),
        ('\'', '\''),
        ('`', '`'),
        ('{', '}'),
        ('[', ']'),
        ('(', ')'),
        ('<', '>'),
        ('“', '”'),
        ('‘', '’'),
        ('«', '»'),
    ];
    if let Some(inner) = element(text) {
        return Some(inner);
    }
    // These tell a spreadsheet that a number is a text.
    for mark in ["=", "'"] {
        let rest = text.strip_prefix(mark);
        if let Some(rest) = rest.filter(|rest| !rest.is_empty() && !rest.ends_with('\'')) {
            return Some(rest.trim());
        }
    }
    for (open, close) in PAIRS {
        let inner = text
            .strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close));
        let Some(inner) = inner.map(str::trim).filter(|inner| !inner.is_empty()) else {
            continue;
        };
        // A JSON object with one field means its value.
        let field = (open == '{' && inner.starts_with(['"', '\'', '$']))
            .then(|| inner.split_once(':'))
            .flatten();
        return Some(field.map_or(inner, |(_, value)| value.trim()));
    }
    // `objectid(…)`, `uuid(…)`, and `b'…'` in Python.
    let open = text.find(['(', '\'', '"'])?;
    let (word, rest) = text.split_at_checked(open)?;
    let is_word = !word.is_empty()
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$'));
    let is_closed = rest.ends_with([')', '\'', '"']) && rest.len() > 2;
    (is_word && is_closed).then_some(rest)
}

/// The content of a markup element: `<id>7</id>`.
fn element(text: &str) -> Option<&str> {
    let (tag, rest) = text.strip_prefix('<')?.split_once('>')?;
    let name = tag.split(' ').next().unwrap_or(tag);
    let rest = rest.strip_suffix('>')?.trim_end();
    let inner = rest.strip_suffix(name)?.strip_suffix("</")?.trim();
    (!name.is_empty() && !inner.is_empty()).then_some(inner)
}

/// Removes characters at the start and end that are no part of an id: a bullet, a currency sign, a slash, a comma.
pub(super) fn undecorated(text: &str) -> Option<&str> {
    let is_none =
        |c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_' | '.' | '?' | '\u{fffd}');
    let inner = text.strip_prefix("- ").unwrap_or(text);
    let inner = inner.trim_matches(is_none);
    (!inner.is_empty() && inner.len() < text.len()).then_some(inner)
}

/// A UUID in its usual form with hyphens, from any notation: without hyphens, after `urn:uuid:`.
pub(super) fn uuid(text: &str) -> Option<String> {
    let text = text.strip_prefix("urn:").unwrap_or(text);
    let text = text.strip_prefix("uuid:").unwrap_or(text);
    let digits: String = match text.len() {
        32 => text.to_owned(),
        36 => {
            let at = [8, 13, 18, 23];
            let has_hyphens = at.iter().all(|&at| text.as_bytes().get(at) == Some(&b'-'));
            has_hyphens.then(|| text.replace('-', ""))?
        }
        _ => return None,
    };
    if digits.len() != 32 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let parts = [
        digits.get(..8)?,
        digits.get(8..12)?,
        digits.get(12..16)?,
        digits.get(16..20)?,
        digits.get(20..)?,
    ];
    Some(parts.join("-"))
}

/// The id after a word that only means "user". A hyphen or underscore counts only before a number or a UUID: `user-ada`
/// is a name.
pub(super) fn without_word(text: &str) -> Option<&str> {
    let at = text.find([':', '#', '|', '=', '/', '-', '_'])?;
    for (at, sign) in text
        .char_indices()
        .skip_while(|(start, _)| *start < at)
        .filter(|(_, c)| matches!(c, ':' | '#' | '|' | '=' | '/' | '-' | '_'))
        .take(2)
    {
        let (word, rest) = text.split_at_checked(at)?;
        let rest = rest.get(sign.len_utf8()..)?.trim_start();
        let is_scheme = sign == ':' && SCHEMES.contains(&word);
        if rest.is_empty() || !is_scheme && !WORDS.contains(&word) {
            continue;
        }
        let is_joined = matches!(sign, '-' | '_');
        if !is_joined || rest.bytes().all(|byte| byte.is_ascii_digit()) || uuid(rest).is_some() {
            return Some(rest);
        }
    }
    None
}

/// The maximum number of digits when a number is written out.
const MOST_DIGITS: usize = 64;

/// Everything that a text may mean as a number, in plain notation: no leading zeros, fraction of zeros, exponent or
/// digit groups. `1.001` may be a thousand and one, or a little more than one. Empty if it is not a number.
pub(super) fn numbers(text: &str) -> Vec<String> {
    let Some(first) = text.bytes().next() else {
        return Vec::new();
    };
    if let Some(number) = hexadecimal(text) {
        return vec![number];
    }
    let text = without_type(text);
    if !matches!(first, b'0'..=b'9' | b'-' | b'.' | b',') || text.len() > MOST_DIGITS {
        return Vec::new();
    }
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (mantissa, exponent) = match text.split_once('e') {
        Some((mantissa, exponent)) => match exponent.trim_start().parse::<i32>() {
            Ok(exponent) => (mantissa.trim_end(), exponent),
            Err(_) => return Vec::new(),
        },
        None => (text, 0),
    };
    let mut found = Vec::new();
    for (whole, fraction) in readings(mantissa) {
        if let Some(plain) = plain(&whole, &fraction, exponent) {
            let plain = if plain == "0" {
                plain
            } else {
                format!("{sign}{plain}")
            };
            if !found.contains(&plain) {
                found.push(plain);
            }
        }
    }
    found
}

/// `0x3e9`: numbers and bytes in debuggers and databases.
fn hexadecimal(text: &str) -> Option<String> {
    let digits = text.strip_prefix("0x")?;
    let number = u128::from_str_radix(digits, 16).ok()?;
    Some(number.to_string())
}

/// Removes the type suffix of a whole number: `1001l`, `1001n`.
fn without_type(text: &str) -> &str {
    let digits = text.trim_end_matches(['l', 'n', 'u']);
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && !digits.is_empty() && text.len() - digits.len() <= 3 {
        digits
    } else {
        text
    }
}

/// The possible meanings of a mantissa: whole digits and digits of the fraction.
fn readings(mantissa: &str) -> Vec<(String, String)> {
    const SIGNS: [char; 8] = ['.', ',', ' ', '\'', '_', '\u{a0}', '\u{202f}', '’'];
    let signs: Vec<char> = mantissa.chars().filter(|c| !c.is_ascii_digit()).collect();
    if signs.iter().any(|sign| !SIGNS.contains(sign))
        || !mantissa.bytes().any(|byte| byte.is_ascii_digit())
    {
        return Vec::new();
    }
    let mut found = Vec::new();
    let Some(&last) = signs.last() else {
        return vec![(mantissa.to_owned(), String::new())];
    };
    let grouping = signs.first().copied().unwrap_or(last);
    let is_one_sign = signs.iter().all(|sign| *sign == grouping);
    if is_one_sign && is_grouped(mantissa, grouping) {
        found.push((mantissa.replace(grouping, ""), String::new()));
    }
    let is_fraction = matches!(last, '.' | ',');
    if is_fraction && let Some((whole, fraction)) = mantissa.rsplit_once(last) {
        let others: Vec<char> = signs.iter().copied().filter(|sign| *sign != last).collect();
        let is_last_once = signs.iter().filter(|sign| **sign == last).count() == 1;
        let is_whole = match others.first() {
            None => true,
            Some(&sign) => others.iter().all(|o| *o == sign) && is_grouped(whole, sign),
        };
        if is_last_once && is_whole {
            let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
            found.push((whole, fraction.to_owned()));
        }
    }
    found
}

/// Whether the digits are grouped by three, as in `1,001`; in India by two before the last group; elsewhere by two or
/// by four. Of the last kind there must be several groups, because `10,25` is a fraction, and no dots, because
/// `10.20.30` is a version.
fn is_grouped(text: &str, sign: char) -> bool {
    let groups: Vec<usize> = text.split(sign).map(str::len).collect();
    let Some((first, rest)) = groups.split_first() else {
        return false;
    };
    let Some((last, middle)) = rest.split_last() else {
        return false;
    };
    let is_usual =
        (1..=3).contains(first) && *last == 3 && middle.iter().all(|group| matches!(group, 2 | 3));
    let is_even = matches!(last, 2 | 4)
        && (1..=*last).contains(first)
        && !middle.is_empty()
        && middle.iter().all(|group| group == last);
    is_usual || is_even && sign != '.'
}

/// Decodes bytes that a database prints as hexadecimal digits: `\x…`, `0x…`, `x'…'`. Returns the digits, and the text
/// if they are one.
pub(super) fn of_bytes(text: &str) -> Vec<String> {
    let digits = text
        .strip_prefix("\\x")
        .or_else(|| text.strip_prefix("0x"))
        .or_else(|| text.strip_prefix("x'")?.strip_suffix('\''));
    let is_hex = |digits: &&str| {
        digits.len() >= 2
            && digits.len().is_multiple_of(2)
            && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let Some(digits) = digits.filter(is_hex) else {
        return Vec::new();
    };
    let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(byte).collect();
    let mut found = vec![digits.to_owned()];
    found.extend(bytes.and_then(|bytes| String::from_utf8(bytes).ok()));
    found
}

/// A number in brackets, which means a negative number in accounting.
pub(super) fn negative(text: &str) -> Vec<String> {
    let inner = text
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'));
    let numbers = inner.map(numbers).unwrap_or_default().into_iter();
    numbers
        .filter(|number| !number.starts_with('-') && number != "0")
        .map(|number| format!("-{number}"))
        .collect()
}

fn plain(whole: &str, fraction: &str, exponent: i32) -> Option<String> {
    let digits = format!("{whole}{fraction}");
    let point = i64::try_from(whole.len()).ok()? + i64::from(exponent);
    let length = i64::try_from(digits.len()).ok()?;
    let most = i64::try_from(MOST_DIGITS).ok()?;
    if point > most || point < -most {
        return None;
    }
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
    let (whole, fraction) = if point <= 0 {
        (String::new(), format!("{}{digits}", zeros(-point)))
    } else if point >= length {
        (format!("{digits}{}", zeros(point - length)), String::new())
    } else {
        let (whole, fraction) = digits.split_at_checked(usize::try_from(point).ok()?)?;
        (whole.to_owned(), fraction.to_owned())
    };
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let fraction = fraction.trim_end_matches('0');
    Some(if fraction.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{fraction}")
    })
}

/// Whether a number is written with an exponent, which may have lost its last digits.
pub(super) fn is_scientific(text: &str) -> bool {
    text.contains('e') && !numbers(text).is_empty()
}

/// A long number after it is cut or rounded to this many digits.
pub(super) fn rounded(digits: &str, kept: usize) -> Vec<String> {
    let length = digits.len();
    if kept == 0 || kept >= length || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    let Some(number) = digits.parse::<u128>().ok() else {
        return Vec::new();
    };
    let Some(unit) = u32::try_from(length - kept)
        .ok()
        .and_then(|zeros| 10_u128.checked_pow(zeros))
    else {
        return Vec::new();
    };
    let cut = number / unit * unit;
    let mut found = vec![cut.to_string()];
    if let Some(up) = cut.checked_add(unit) {
        found.push(up.to_string());
    }
    found
}

/// A long number as printed by programs that store numbers as doubles: all digits of the double, and the fewest that
/// identify it. Some programs are not exact in the last bit, so the neighbours of the double count, too.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the loss is what is looked for"
)]
pub(super) fn as_double(digits: &str) -> Vec<String> {
    let Ok(number) = digits.parse::<u128>() else {
        return Vec::new();
    };
    let double = number as f64;
    let mut found = vec![(double as u128).to_string()];
    for near in [double, double.next_down(), double.next_up()] {
        found.extend(numbers(&format!("{near:e}")));
    }
    found
}
