//! A second evaluator, written as literally as possible from AWS's pages *Policy evaluation logic* and on condition
//! operators. It works directly on JSON, without the types of the first. Generated policies and requests must get the
//! same result from both.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// In the order of the page: an explicit Deny, otherwise an Allow, otherwise nothing.
fn naive(policy: &Value, asked: &Asked) -> Decision {
    let statements = policy["Statement"].as_array().unwrap();
    let mut answer = Decision::Silent;
    for effect in ["Deny", "Allow"] {
        for statement in statements.iter().filter(|s| s["Effect"] == effect) {
            if applies(statement, asked) {
                return if effect == "Deny" {
                    Decision::Deny
                } else {
                    Decision::Allow
                };
            }
        }
        answer = Decision::Silent;
    }
    answer
}

fn applies(statement: &Value, asked: &Asked) -> bool {
    let element = |plain: &str, negated: &str, test: &dyn Fn(&str) -> bool| {
        let any = |value: &Value| texts(value).iter().any(|text| test(text));
        match (statement.get(plain), statement.get(negated)) {
            (Some(value), _) => any(value),
            (_, Some(value)) => !any(value),
            _ => unreachable!(),
        }
    };
    let who = match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(principal), _) => is_named(principal, asked, true),
        (_, Some(principal)) => !is_named(principal, asked, false),
        _ => unreachable!(),
    };
    let action = asked.action.to_lowercase();
    who && element("Action", "NotAction", &|text| {
        like(&chars(&text.to_lowercase()), &chars(&action))
    }) && element("Resource", "NotResource", &|text| {
        like(&chars(text), &chars(&asked.resource))
    }) && statement.get("Condition").is_none_or(|operators| {
        operators
            .as_object()
            .unwrap()
            .iter()
            .all(|(operator, keys)| {
                keys.as_object()
                    .unwrap()
                    .iter()
                    .all(|(key, values)| holds(operator, key, &texts(values), asked))
            })
    })
}

fn is_named(principal: &Value, asked: &Asked, account_means_all: bool) -> bool {
    if principal == "*" {
        return true;
    }
    texts(&principal["AWS"]).iter().any(|name| {
        name == "*"
            || asked.who.as_ref().is_some_and(|(account, arn)| {
                name == arn
                    || (account_means_all
                        && (name == account || *name == format!("arn:aws:iam::{account}:root")))
            })
    })
}

fn holds(operator: &str, key: &str, wanted: &[String], asked: &Asked) -> bool {
    let found = asked
        .keys
        .iter()
        .find(|(name, _)| name.to_lowercase() == key.to_lowercase())
        .map(|(_, values)| values.clone());
    if operator == "Null" {
        return wanted.contains(&found.is_none().to_string());
    }
    let (set, operator) = operator.split_once(':').unwrap_or(("", operator));
    let optional = operator.ends_with("IfExists");
    let operator = operator.trim_end_matches("IfExists");
    let negated = operator.contains("Not");
    let operator = operator.replace("Not", "");
    let Some(found) = found else {
        return match set {
            "ForAllValues" => true,
            "ForAnyValue" => false,
            _ => optional || negated,
        };
    };
    let one = |value: &String| {
        let matches = wanted.iter().any(|wanted| match operator.as_str() {
            "StringEquals" => value == wanted,
            "StringLike" => like(&chars(wanted), &chars(value)),
            "Bool" => value.to_lowercase() == wanted.to_lowercase(),
            "NumericLessThan" => value.parse::<i64>().unwrap() < wanted.parse::<i64>().unwrap(),
            "IpAddress" => in_block(value, wanted),
            _ => unreachable!("{operator}"),
        });
        matches != negated
    };
    match set {
        "ForAllValues" => found.iter().all(one),
        _ => found.iter().any(one),
    }
}

/// Compares IPv4 addresses bit by bit.
fn in_block(address: &str, block: &str) -> bool {
    let bits = |text: &str| -> String {
        let parts = text.split('.').map(|part| part.parse::<u8>().unwrap());
        let parts: Vec<String> = parts.map(|part| format!("{part:08b}")).collect();
        parts.concat()
    };
    let (base, length) = block.split_once('/').unwrap_or((block, "32"));
    let length: usize = length.parse().unwrap();
    bits(address)[..length] == bits(base)[..length]
}

fn like(pattern: &[char], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some(('*', rest)), None) => like(rest, text),
        (Some(('*', rest)), Some((_, tail))) => like(rest, text) || like(pattern, tail),
        (Some(('?', rest)), Some((_, tail))) => like(rest, tail),
        (Some((wanted, rest)), Some((found, tail))) => wanted == found && like(rest, tail),
        _ => false,
    }
}

fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        _ => Vec::new(),
    }
}

#[derive(Debug, Clone)]
struct Asked {
    who: Option<(String, String)>,
    action: String,
    resource: String,
    keys: BTreeMap<String, Vec<String>>,
}

const ACCOUNTS: [&str; 2] = ["123456789012", "999999999999"];
const SINGLE: [(&str, &[&str], &[&str]); 4] = [
    (
        "aws:Referer",
        &[
            "StringEquals",
            "StringNotEquals",
            "StringLike",
            "StringNotLike",
        ],
        &["a", "ab", "b/c", "a*", "?b", "*"],
    ),
    ("aws:SecureTransport", &["Bool"], &["true", "false"]),
    (
        "aws:SourceIp",
        &["IpAddress", "NotIpAddress"],
        &["10.0.0.0/8", "10.1.2.3", "0.0.0.0/0", "128.0.0.0/1"],
    ),
    ("s3:max-keys", &["NumericLessThan"], &["1", "10"]),
];
const MANY: (&str, &[&str], &[&str]) = (
    "aws:TagKeys",
    &[
        "ForAllValues:StringEquals",
        "ForAllValues:StringNotEquals",
        "ForAnyValue:StringEquals",
        "ForAnyValue:StringNotEquals",
        "ForAllValues:StringLike",
        "ForAnyValue:StringLike",
    ],
    &["a", "b", "a*"],
);

fn one_or_more(from: &'static [&'static str]) -> impl Strategy<Value = Value> {
    prop_oneof![
        prop::sample::select(from).prop_map(|text| json!(text)),
        prop::sample::subsequence(from, 1..=from.len()).prop_map(|texts| json!(texts)),
    ]
}

fn principal() -> impl Strategy<Value = Value> {
    const NAMES: &[&str] = &[
        "*",
        "123456789012",
        "arn:aws:iam::123456789012:root",
        "arn:aws:iam::123456789012:user/u",
        "arn:aws:iam::999999999999:user/u",
        "999999999999",
    ];
    prop_oneof![
        Just(json!("*")),
        one_or_more(NAMES).prop_map(|names| json!({ "AWS": names })),
    ]
}

fn condition() -> impl Strategy<Value = (String, String, Value)> {
    let single = prop::sample::select(&SINGLE[..]).prop_flat_map(|(key, operators, values)| {
        (
            prop::sample::select(operators),
            any::<bool>(),
            any::<bool>(),
            one_or_more(values),
        )
            .prop_map(move |(operator, optional, capital, values)| {
                let operator = format!("{operator}{}", if optional { "IfExists" } else { "" });
                let key = if capital {
                    key.to_uppercase()
                } else {
                    key.to_owned()
                };
                (operator, key, values)
            })
    });
    let many = (prop::sample::select(MANY.1), one_or_more(MANY.2))
        .prop_map(|(operator, values)| (operator.to_owned(), MANY.0.to_owned(), values));
    let null = (
        prop::sample::select(&SINGLE[..]),
        prop::sample::select(&["true", "false"][..]),
    )
        .prop_map(|((key, ..), value)| ("Null".to_owned(), key.to_owned(), json!(value)));
    prop_oneof![4 => single, 2 => many, 1 => null]
}

fn statement() -> impl Strategy<Value = Value> {
    const ACTIONS: &[&str] = &[
        "*",
        "s3:*",
        "s3:Get*",
        "s3:GetObject",
        "S3:PUTOBJECT",
        "s3:?etObject",
        "iam:*",
    ];
    const RESOURCES: &[&str] = &[
        "*",
        "arn:aws:s3:::b",
        "arn:aws:s3:::b/*",
        "arn:aws:s3:::b/a*",
        "arn:aws:s3:::b/*c",
        "arn:aws:s3:::b/?",
    ];
    (
        any::<[bool; 4]>(),
        principal(),
        one_or_more(ACTIONS),
        one_or_more(RESOURCES),
        prop::collection::vec(condition(), 0..3),
    )
        .prop_map(
            |([deny, not_who, not_action, not_resource], who, action, resource, conditions)| {
                let mut statement = serde_json::Map::new();
                let name = |negated: bool, name: &str| {
                    format!("{}{name}", if negated { "Not" } else { "" })
                };
                statement.insert("Effect".into(), json!(if deny { "Deny" } else { "Allow" }));
                statement.insert(name(not_who, "Principal"), who);
                statement.insert(name(not_action, "Action"), action);
                statement.insert(name(not_resource, "Resource"), resource);
                let mut operators = serde_json::Map::new();
                for (operator, key, values) in conditions {
                    operators.entry(operator).or_insert_with(|| json!({}))[key] = values;
                }
                if !operators.is_empty() {
                    statement.insert("Condition".into(), Value::Object(operators));
                }
                Value::Object(statement)
            },
        )
}

fn asked() -> impl Strategy<Value = Asked> {
    const VALUES: [&[&str]; 4] = [
        &["a", "ab", "b/c", ""],
        &["true", "false"],
        &["10.1.2.3", "192.0.2.1"],
        &["0", "1", "20"],
    ];
    let value = |n: usize| prop::option::of(prop::sample::select(VALUES[n]));
    (
        prop::option::of(prop::sample::select(&ACCOUNTS[..])),
        prop::sample::select(&["s3:GetObject", "s3:PutObject", "s3:ListBucket"][..]),
        prop::sample::select(&["", "/a", "/abc", "/x"][..]),
        (value(0), value(1), value(2), value(3)),
        prop::option::of(prop::sample::subsequence(&["a", "b", "ab"][..], 1..=3)),
    )
        .prop_map(
            |(account, action, key, (referer, secure, address, most), tags)| {
                let named = SINGLE.iter().map(|(name, ..)| *name);
                let mut keys: BTreeMap<String, Vec<String>> = named
                    .zip([referer, secure, address, most])
                    .filter_map(|(name, value)| Some((name.to_owned(), vec![value?.to_owned()])))
                    .collect();
                if let Some(tags) = tags {
                    keys.insert(
                        MANY.0.to_owned(),
                        tags.into_iter().map(str::to_owned).collect(),
                    );
                }
                Asked {
                    who: account.map(|account| {
                        (account.to_owned(), format!("arn:aws:iam::{account}:user/u"))
                    }),
                    action: action.to_owned(),
                    resource: format!("arn:aws:s3:::b{key}"),
                    keys,
                }
            },
        )
}

fn evaluated(policy: &Value, asked: &Asked) -> Verdict {
    let mut context = Context::new();
    for (key, values) in &asked.keys {
        context.set(key, Some(values.clone()));
    }
    let caller = match &asked.who {
        None => Caller::Anonymous,
        Some((id, arn)) => Caller::Account {
            id: id.clone(),
            arns: vec![arn.clone()],
            canonical: None,
        },
    };
    Policy::parse(&policy.to_string())
        .unwrap()
        .evaluate(&Request {
            caller: &caller,
            action: &asked.action,
            resource: &asked.resource,
            context: &context,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn both_evaluators_agree_on_every_request(
        statements in prop::collection::vec(statement(), 1..4),
        asked in asked(),
    ) {
        let policy = json!({ "Statement": statements });
        prop_assert_eq!(evaluated(&policy, &asked).decision(), naive(&policy, &asked));
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// No single anonymous request contradicts the result of the search.
    #[test]
    fn whoever_gets_in_without_signing_is_found_by_the_search(
        statements in prop::collection::vec(statement(), 1..4),
        asked in asked(),
    ) {
        let policy = json!({ "Statement": statements });
        let mut anonymous = Asked { who: None, ..asked };
        // Every request is either over TLS or not.
        let secure = anonymous.keys.entry("aws:SecureTransport".to_owned());
        secure.or_insert_with(|| vec!["true".to_owned()]);
        // The address needs a count, which is tested elsewhere.
        prop_assume!(!policy.to_string().to_lowercase().contains("sourceip"));
        let power = match anonymous.action.as_str() {
            "s3:GetObject" => Power::Read,
            "s3:PutObject" => Power::Write,
            _ => Power::List,
        };
        let is_about = anonymous.resource.contains('/') != (power == Power::List);
        if is_about && naive(&policy, &anonymous) == Decision::Allow {
            let parsed = Policy::parse(&policy.to_string()).unwrap();
            let reach = parsed.reach_of_anyone(setting(), power);
            prop_assert!(matches!(reach, Reach::Anyone(_)), "{:?}", reach);
        }
    }
}
