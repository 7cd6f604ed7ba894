//! DynamoDB requests: the items of a table.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::aws::dynamodb::{client, explain};
use crate::aws::explain::Call;
use crate::aws::{Aws, Meter, Problem, operations};
use crate::domain::Region;
use crate::domain::registry::texts_of_bytes;

/// A table, and the attributes to read.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    client: aws_sdk_dynamodb::Client,
    name: String,
    /// The attributes with ids or keys.
    attributes: Vec<String>,
    /// The attribute with the owner.
    owner: Option<String>,
    /// Whether to use strongly consistent reads.
    consistent: bool,
}

/// A segment of a parallel scan.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Segment {
    /// Its number, from 0.
    pub number: i32,
    /// The number of segments.
    pub of: i32,
}

/// The position of the next page.
#[derive(Debug, Clone)]
pub(crate) struct After(HashMap<String, AttributeValue>);

/// The contents of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    /// The texts of the id attributes that exist.
    pub ids: Vec<String>,
    /// The owner.
    pub owner: Option<String>,
    /// Whether one of the attributes is not a text.
    pub malformed: bool,
    /// For a malformed item, all texts and numbers that were read.
    pub held: Vec<String>,
    /// Whether each unreadable attribute contains some text or number.
    pub names: bool,
}

/// One page of items.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub items: Vec<Item>,
    /// The position of the next page; `None` on the last one.
    pub next: Option<After>,
}

impl Table {
    /// Prepares reading a table without sending anything.
    #[must_use]
    pub(crate) fn new(
        aws: &Aws,
        region: &Region,
        name: &str,
        attributes: &[String],
        owner: Option<&str>,
        consistent: bool,
    ) -> Self {
        Self {
            client: client(aws, region),
            name: name.to_owned(),
            attributes: attributes.to_vec(),
            owner: owner.map(str::to_owned),
            consistent,
        }
    }

    /// Requests one page of a segment. Only the needed attributes of each item are returned.
    pub(crate) async fn scan(
        &self,
        aws: &Aws,
        segment: Segment,
        after: Option<After>,
        meter: &Meter,
    ) -> Result<Page, Problem> {
        let call = Call::new(&operations::SCAN, self.name.as_str());
        // All names use placeholders, because many words are reserved, and a dot means a path.
        let attributes: Vec<(String, &String)> = self
            .attributes
            .iter()
            .chain(&self.owner)
            .enumerate()
            .map(|(at, name)| (format!("#a{at}"), name))
            .collect();
        let placeholders: Vec<&str> = attributes.iter().map(|(place, _)| place.as_str()).collect();
        let projection = placeholders.join(", ");
        let meanings = attributes
            .iter()
            .map(|(place, name)| (place.clone(), (*name).clone()));
        let answer = self
            .client
            .scan()
            .table_name(&self.name)
            .projection_expression(projection)
            .set_expression_attribute_names(Some(meanings.collect()))
            .consistent_read(self.consistent)
            .segment(segment.number)
            .total_segments(segment.of)
            .set_exclusive_start_key(after.map(|After(key)| key))
            .customize()
            .interceptor(meter.counting())
            .send()
            .await
            .map_err(|error| explain(aws, &call, &error))?;
        Ok(Page {
            items: answer.items().iter().map(|item| self.read(item)).collect(),
            next: answer
                .last_evaluated_key()
                .filter(|key| !key.is_empty())
                .cloned()
                .map(After),
        })
    }

    fn read(&self, item: &HashMap<String, AttributeValue>) -> Item {
        let mut unreadable = Vec::new();
        let mut text = |name: &String| match item.get(name) {
            Some(AttributeValue::S(text)) => Some(text.clone()),
            None | Some(AttributeValue::Null(_)) => None,
            Some(other) => {
                unreadable.push((name.clone(), other));
                None
            }
        };
        let ids: Vec<String> = self.attributes.iter().filter_map(&mut text).collect();
        let owner = self.owner.as_ref().and_then(&mut text);
        let mut held: Vec<String> = Vec::new();
        let mut names = true;
        for (name, value) in &unreadable {
            let before = held.len();
            leaves(value, &mut held);
            names &= held.len() > before || Some(name) == self.owner.as_ref();
        }
        if !unreadable.is_empty() {
            held.extend(ids.iter().cloned());
        }
        Item {
            names: names && !(held.is_empty() && ids.is_empty()),
            malformed: !unreadable.is_empty(),
            ids,
            owner,
            held,
        }
    }
}

/// All texts and numbers inside a value.
fn leaves(value: &AttributeValue, into: &mut Vec<String>) {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => into.push(text.clone()),
        AttributeValue::Ss(texts) | AttributeValue::Ns(texts) => into.extend(texts.iter().cloned()),
        AttributeValue::L(values) => values.iter().for_each(|value| leaves(value, into)),
        AttributeValue::M(fields) => fields.values().for_each(|value| leaves(value, into)),
        AttributeValue::B(bytes) => into.extend(texts_of_bytes(bytes.as_ref())),
        AttributeValue::Bs(all) => {
            into.extend(all.iter().flat_map(|bytes| texts_of_bytes(bytes.as_ref())));
        }
        _ => {}
    }
}
