use proptest::prelude::*;

use super::*;

#[test]
fn ordinary_text_is_shown_as_it_is() {
    for text in [
        "",
        "a b",
        "user-1/photo.jpg",
        "Größe",
        "写真.jpg",
        "👍.png",
        "e\u{301}",
    ] {
        assert_eq!(safe(text), text);
        assert!(!has_hidden(text), "{text:?}");
    }
}

#[test]
fn what_moves_the_cursor_or_reorders_the_line_is_escaped() {
    for (text, shown) in [
        ("a\nb", r"a\nb"),
        ("a\r\tb", r"a\r\tb"),
        ("\x1b[2J", r"\x1b[2J"),
        ("\u{9b}2J", r"\u{9b}2J"),
        ("\x7f", r"\x7f"),
        ("gpj.\u{202e}exe", r"gpj.\u{202e}exe"),
        ("a\u{2066}b\u{2069}", r"a\u{2066}b\u{2069}"),
        ("a\u{200e}\u{200f}\u{61c}", r"a\u{200e}\u{200f}\u{61c}"),
    ] {
        assert_eq!(safe(text), shown);
        assert!(has_hidden(text), "{text:?}");
    }
}

#[test]
fn what_cannot_be_seen_is_escaped() {
    for (text, shown) in [
        ("a\u{200b}b", r"a\u{200b}b"),
        ("a\u{feff}b", r"a\u{feff}b"),
        ("a\u{ad}b", r"a\u{ad}b"),
        ("a\u{a0}b", r"a\u{a0}b"),
        ("a\u{3000}b", r"a\u{3000}b"),
        ("a\u{2028}b", r"a\u{2028}b"),
        ("a\u{3164}b", r"a\u{3164}b"),
        ("a\u{e0041}b", r"a\u{e0041}b"),
        ("a\u{e000}b", r"a\u{e000}b"),
        ("a\u{378}b", r"a\u{378}b"),
        ("❤\u{fe0f}", r"❤\u{fe0f}"),
        ("👨\u{200d}👩", r"👨\u{200d}👩"),
        ("\u{2800}", r"\u{2800}"),
    ] {
        assert_eq!(safe(text), shown);
        assert!(has_hidden(text), "{text:?}");
    }
}

#[test]
fn a_mark_that_stands_on_nothing_or_on_too_many_others_is_escaped() {
    assert_eq!(safe("\u{301}a"), r"\u{301}a");
    assert_eq!(safe("a\n\u{301}"), r"a\n\u{301}");
    assert_eq!(safe("a \u{301}"), r"a\x20\u{301}");
    assert_eq!(
        safe("a\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}"),
        "a\u{301}\u{302}\u{303}\u{304}\\u{305}\\u{306}"
    );
}

#[test]
fn spaces_at_the_ends_are_made_visible_but_are_no_secret() {
    assert_eq!(safe("  a b "), r"\x20\x20a b\x20");
    assert_eq!(safe(" "), r"\x20");
    assert!(!has_hidden(" a "));
}

#[test]
fn a_text_that_looks_like_an_escape_is_told_from_one() {
    assert_eq!(safe(r"a\n"), r"a\\n");
    assert_ne!(safe("\\u{202e}"), safe("\u{202e}"));
    assert!(!has_hidden(r"C:\temp"));
}

#[test]
fn fit_cuts_at_clusters_and_at_whole_escapes() {
    assert_eq!(fit("abc", 5), "abc  ");
    assert_eq!(fit("abcdef", 5), "abcd…");
    assert_eq!(fit("写真写真", 4), "写… ");
    assert_eq!(fit("ab\u{202e}", 6), "ab…   ");
    assert_eq!(fit("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
    assert_eq!(fit("abc", 1), "…");
    assert_eq!(fit("abc", 0), "");
    assert_eq!(fit_right("42", 5), "   42");
    assert_eq!(clip("abc", 5), "abc");
}

#[test]
fn fit_middle_keeps_the_file_name() {
    assert_eq!(
        fit_middle("uploads/user-1/2024/photo.jpg", 20),
        "uploads/u…/photo.jpg"
    );
    assert_eq!(fit_middle("a/b.jpg", 10), "a/b.jpg   ");
    let long = fit_middle("uploads/a-very-long-name-of-a-file.jpg", 16);
    assert!(
        long.starts_with("upl") && long.ends_with("file.jpg"),
        "{long}"
    );
}

#[test]
fn right_to_left_text_is_closed_with_a_left_to_right_blank() {
    assert_eq!(fit("שלום", 6), format!("שלום{GUARD} "));
    assert_eq!(fit("שלום", 4), format!("של…{GUARD}"));
    assert_eq!(safe("שלום"), "שלום");
}

#[test]
fn no_spreadsheet_computes_a_key() {
    for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "＝1", "'=1"] {
        assert_eq!(csv_cell(text), format!("'{text}"));
    }
    assert_eq!(csv_cell("a=1"), "a=1");
    assert_eq!(csv_cell(""), "");
}

#[test]
fn a_shell_takes_a_quoted_text_as_one_word() {
    assert_eq!(
        shell_quote("http://127.0.0.1:9000"),
        "http://127.0.0.1:9000"
    );
    assert_eq!(shell_quote(""), "''");
    assert_eq!(shell_quote("it's $HOME"), r"'it'\''s $HOME'");
}

/// Texts with many problematic characters.
fn hostile() -> impl Strategy<Value = String> {
    let troublemaker = prop::sample::select(vec![
        '\n',
        '\x1b',
        '\\',
        ' ',
        '\u{9b}',
        '\u{200d}',
        '\u{202e}',
        '\u{2067}',
        '\u{fe0f}',
        '\u{301}',
        '\u{1100}',
        '\u{1161}',
        '\u{11a8}',
        '\u{1f1e6}',
        '\u{1f3fb}',
        '👍',
        '写',
        'ש',
        '\u{600}',
        'ل',
        'ا',
        '\u{e33}',
        '\u{93e}',
        '\u{94d}',
        '\u{915}',
        '/',
        'x',
        '\u{20e3}',
        '\u{2800}',
        '\u{1f469}',
    ]);
    prop::collection::vec(prop_oneof![troublemaker, any::<char>()], 0..40)
        .prop_map(String::from_iter)
}

/// Undoes [`safe`].
fn unescape(shown: &str) -> String {
    let mut text = String::new();
    let mut rest = shown;
    while let Some(c) = rest.chars().next() {
        if c != '\\' {
            text.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let (decoded, length) = match &rest[1..2] {
            "\\" => ('\\', 2),
            "n" => ('\n', 2),
            "r" => ('\r', 2),
            "t" => ('\t', 2),
            "x" => (
                u32::from_str_radix(&rest[2..4], 16)
                    .unwrap()
                    .try_into()
                    .unwrap(),
                4,
            ),
            _ => {
                let end = rest.find('}').unwrap();
                (
                    u32::from_str_radix(&rest[3..end], 16)
                        .unwrap()
                        .try_into()
                        .unwrap(),
                    end + 1,
                )
            }
        };
        text.push(decoded);
        rest = &rest[length..];
    }
    text
}

proptest! {
    #[test]
    fn nothing_hidden_gets_through_and_nothing_is_lost(text in hostile()) {
        let shown = safe(&text);
        prop_assert!(!shown.chars().any(|c| c.is_control() || is_hidden(c)), "{shown:?}");
        prop_assert!(shown.graphemes(true).all(|cluster| cluster.width() > 0), "{shown:?}");
        prop_assert!(!shown.starts_with(' ') && !shown.ends_with(' '));
        prop_assert_eq!(unescape(&shown), text);
    }

    #[test]
    fn a_fitted_text_takes_exactly_its_columns(text in hostile(), columns in 0_usize..60) {
        for line in [fit(&text, columns), fit_right(&text, columns), fit_middle(&text, columns)] {
            prop_assert_eq!(width(&line), columns, "{:?}", line);
            prop_assert!(!line.chars().any(|c| c != GUARD && is_hidden(c)), "{:?}", line);
        }
        prop_assert!(width(&clip(&text, columns)) <= columns);
    }

    #[test]
    fn right_to_left_text_never_ends_a_column(text in hostile(), columns in 1_usize..60) {
        for line in [fit(&text, columns), fit_right(&text, columns), fit_middle(&text, columns)] {
            let after = line.rfind(is_right_to_left).map(|at| &line[at..]);
            prop_assert!(after.is_none_or(|after| after.contains(GUARD)), "{:?}", line);
        }
    }

    #[test]
    fn a_neutralised_cell_gives_the_text_back(text in hostile()) {
        let cell = csv_cell(&text);
        prop_assert_eq!(cell.strip_prefix('\'').unwrap_or(&cell), text.as_str());
    }
}

#[test]
fn wrapped_lines_fit_and_lose_nothing() {
    let arn = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab";
    assert_eq!(
        wrap(arn, 40),
        ["arn:aws:kms:us-east-1:123456789012:key/", "1234abcd-12ab"]
    );
    assert_eq!(wrap("", 10), [""]);
    assert_eq!(wrap("日本語", 4), ["日本", "語"]);
    for columns in 2..30 {
        let lines = wrap("a b/c\u{202e}d  日本語 ünal@example.org", columns);
        assert!(
            lines.iter().all(|line| width(line) <= columns),
            "{columns}: {lines:?}"
        );
        assert_eq!(
            lines.concat(),
            safe("a b/c\u{202e}d  日本語 ünal@example.org")
        );
    }
}

/// What somebody copies out of a line, such as a network or the id of a statement, is whole wherever a line has room for it.
#[test]
fn a_word_is_broken_only_where_no_line_has_room_for_it() {
    let words = [
        "203.0.113.0/24,",
        "2001:db8:1234::/48",
        "AllowCloudFrontServicePrincipalReadOnly:",
        "Allow",
        "*",
        "s3:GetObject",
        "on",
        "arn:aws:s3:::media/uploads/ünal/*",
        "日本語/写真",
        "if",
        "s3:x-amz-server-side-encryption",
    ];
    for first in 0..words.len() {
        let text: Vec<&str> = (0..words.len())
            .map(|n| words[(first + n * 7) % words.len()])
            .collect();
        let text = text.join(" ");
        for columns in 2..90 {
            let lines = wrap(&text, columns);
            assert_eq!(lines.concat(), text, "{columns}");
            assert!(lines.iter().all(|line| width(line) <= columns), "{lines:?}");
            let broken: Vec<&str> = words
                .into_iter()
                .filter(|word| !lines.iter().any(|line| line.contains(word)))
                .filter(|word| width(word) < columns)
                .collect();
            assert!(broken.is_empty(), "{columns}: {broken:?} in {lines:#?}");
        }
    }
}

#[test]
fn a_word_that_is_too_long_is_broken_after_a_comma_before_a_slash() {
    for (text, columns, lines) in [
        (
            "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16",
            27,
            &["10.0.0.0/8,172.16.0.0/12,", "192.168.0.0/16"][..],
        ),
        (
            "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16",
            12,
            &["10.0.0.0/8,", "172.16.0.0/", "12,192.168.0", ".0/16"],
        ),
        (
            "in s3://media/uploads/ada/a.jpg",
            20,
            &["in s3://media/", "uploads/ada/a.jpg"],
        ),
        // A comma or a slash at the very start of a line helps nobody.
        ("a/bcdefghijklmnop", 10, &["a/bcdefghi", "jklmnop"]),
        (
            "one two abcdefghijklm",
            10,
            &["one two ", "abcdefghij", "klm"],
        ),
        ("one abcdefghijklm", 10, &["one abcdef", "ghijklm"]),
    ] {
        assert_eq!(wrap(text, columns), lines, "{text:?} in {columns}");
    }
}
