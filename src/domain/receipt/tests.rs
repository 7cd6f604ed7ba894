use proptest::prelude::*;

use super::*;
use crate::domain::change::Subject;

fn secret(first: u8) -> Secret {
    let mut bytes = [7; 32];
    bytes[0] = first;
    Secret::new(bytes)
}

fn user(id: &str) -> Subject {
    Subject::User { id: id.to_owned() }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_760_000_000 + seconds, 0).unwrap()
}

fn items() -> Vec<SealedItem> {
    [
        (Outcome::Deleted, None),
        (Outcome::Deleted, None),
        (Outcome::GoneBefore, None),
        (Outcome::Retained, Some("locked until 2030")),
        (Outcome::StillThere, Some("<b>AccessDenied</b> | no")),
    ]
    .into_iter()
    .zip(1..)
    .map(|((outcome, reason), n)| SealedItem {
        bucket: if n % 2 == 0 { "media" } else { "thumbs" }.to_owned(),
        kind: "version".to_owned(),
        bytes: n,
        outcome,
        reason: reason.map(str::to_owned),
        hmac: format!("{n:064x}"),
    })
    .collect()
}

fn receipt() -> Receipt {
    Receipt {
        schema: SCHEMA.to_owned(),
        case: "0".repeat(32),
        tool: "0.1.0".to_owned(),
        operator: Operator {
            account: "123456789012".to_owned(),
            arn: "arn:aws:iam::123456789012:user/demo".to_owned(),
            source: None,
        },
        endpoint: Some("http://127.0.0.1:9000".to_owned()),
        blueprint: "pilotforce".to_owned(),
        blueprint_sha256: "ab".to_owned(),
        act: Act::Delete,
        subject: "a user".to_owned(),
        subject_hmac: secret(1).subject(&user("user-1")),
        subject_as_given: None,
        key_id: String::new(),
        existence: Some(Existence::NotChecked),
        owner_still_exists: None,
        planned_at: at(0),
        began_at: at(1),
        seen_at: None,
        verified_at: at(2),
        buckets: BTreeMap::new(),
        items: items(),
        merkle_root: String::new(),
        appeared: 1,
        not_searched: Vec::new(),
        contested: Vec::new(),
        other_buckets: None,
        unexplained: Vec::new(),
        annotations: None,
        conditions: Vec::new(),
        window: None,
        markers: None,
        invalidation: None,
        audit_head: "0".repeat(64),
        digest: String::new(),
        seal: String::new(),
    }
    .sealed(&secret(1))
    .unwrap()
}

#[test]
fn a_receipt_holds_and_says_whether_the_seal_was_checked() {
    let text = receipt().text().unwrap();
    assert_eq!(verify(&text, Some(&secret(1))).unwrap().seal, Seal::Ours);
    assert_eq!(verify(&text, None).unwrap().seal, Seal::Unchecked);
    assert_eq!(
        verify(&text, Some(&secret(2))).unwrap().seal,
        Seal::Unchecked
    );
}

/// An edit by somebody who updates the digest, but nothing else.
fn edited(edit: impl FnOnce(&mut Receipt)) -> String {
    let mut receipt = receipt();
    edit(&mut receipt);
    let items = Written::of(&receipt.items).unwrap();
    let body = receipt.body(&items).unwrap();
    receipt.digest = canonical::digest(&body);
    receipt.text().unwrap()
}

#[test]
fn the_first_thing_that_does_not_hold_is_named() {
    let of = |text: &str| verify(text, Some(&secret(1))).unwrap_err();
    let whole = receipt().text().unwrap();
    assert!(of(whole.trim_end()).contains("one way"));
    assert!(of(&whole[..whole.len() / 2]).contains("not a whole one"));
    assert!(of(&whole.replace("user/demo", "user/else")).contains("digest"));
    assert!(of(&edited(|r| drop(r.items.pop()))).contains("merkle_root"));
    assert!(
        of(&edited(|r| r
            .buckets
            .get_mut("media")
            .unwrap()
            .deleted
            .items += 1))
        .contains("media")
    );
    assert!(of(&edited(|r| drop(r.buckets.remove("thumbs")))).contains("thumbs"));
    assert!(of(&edited(|r| r.appeared = 0)).contains("seal"));
}

#[test]
fn the_page_is_plain_words_whatever_others_wrote() {
    let page = page::page(&receipt());
    assert!(
        page.contains("&lt;b&gt;AccessDenied&lt;/b&gt; \\| no"),
        "{page}"
    );
    assert!(page.contains("| media | ? | 2 (6 B) |"), "{page}");
    assert!(page.contains("1 thing was found"), "{page}");
}

#[test]
fn secrets_differ_in_all_that_they_make() {
    assert_ne!(secret(1).id(), secret(2).id());
    assert_ne!(secret(1).subject(&user("u")), secret(2).subject(&user("u")));
    assert_ne!(secret(1).subject(&user("u")), secret(1).seal("u"));
    let orphans = Subject::Orphans {
        bucket: "u".to_owned(),
    };
    assert_ne!(secret(1).subject(&user("u")), secret(1).subject(&orphans));
}

proptest! {
    #[test]
    fn a_receipt_of_which_a_byte_differs_does_not_hold(at in any::<prop::sample::Index>(), to in b' '..b'~') {
        let text = receipt().text().unwrap();
        let at = at.index(text.len());
        let mut bytes = text.clone().into_bytes();
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        let damaged = String::from_utf8(bytes).unwrap();
        prop_assert!(verify(&damaged, Some(&secret(1))).is_err());
    }
}

#[test]
fn items_that_several_threads_write_stand_as_one_would_write_them() {
    let item = receipt().items.swap_remove(0);
    for count in [0, 1, MANY - 1, MANY, MANY + 1, 2 * MANY + 3] {
        let numbered = (0..count).map(|number| SealedItem {
            bytes: number as u64,
            ..item.clone()
        });
        let items: Vec<SealedItem> = numbered.collect();
        let (together, alone) = (Written::of(&items), Written::one_by_one(&items));
        let (together, alone) = (together.unwrap(), alone.unwrap());
        assert_eq!(together.text, alone.text, "{count}");
        assert_eq!(together.ends, alone.ends, "{count}");
    }
}

#[test]
fn a_receipt_is_written_as_canonical_json_is() {
    let receipt = receipt().sealed(&secret(1)).unwrap();
    let sorted = |text: &str| {
        canonical::text(&serde_json::from_str::<serde_json::Value>(text).unwrap()).unwrap()
    };
    assert_eq!(
        receipt.text().unwrap(),
        canonical::text(&receipt).unwrap() + "\n"
    );
    let written = Written::of(&receipt.items).unwrap();
    let leaves = written.each();
    assert_eq!(leaves.len(), receipt.items.len());
    for (item, leaf) in receipt.items.iter().zip(leaves) {
        let leaf = String::from_utf8(leaf.to_vec()).unwrap();
        assert_eq!(leaf, serde_json::to_string(item).unwrap());
        assert_eq!(leaf, sorted(&leaf));
    }
    // A text that looks like the place of the items must not be taken for it.
    let named = Receipt {
        case: r#""items":[]"#.to_owned(),
        blueprint: r#"\","items":[],"x":""#.to_owned(),
        items: Vec::new(),
        ..receipt
    };
    assert_eq!(
        named.text().unwrap(),
        canonical::text(&named).unwrap() + "\n"
    );
}
