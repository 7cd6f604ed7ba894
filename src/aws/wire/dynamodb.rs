//! What is asked of DynamoDB: the items of a table.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::aws::dynamodb::{client, explain};
use crate::aws::explain::Call;
use crate::aws::{Aws, Meter, Problem, operations};
use crate::domain::Region;
use crate::domain::registry::texts_of_bytes;

/// A table, and what is read of each of its items.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    client: aws_sdk_dynamodb::Client,
    name: String,
    /// The attributes that hold ids or keys.
    attributes: Vec<String>,
    /// The one that holds the owner.
    owner: Option<String>,
    /// Whether to see every write that was answered before.
    consistent: bool,
}

/// One of the equal parts that a table is read in at the same time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Segment {
    /// Which one, from 0.
    pub number: i32,
    /// Of how many.
    pub of: i32,
}

/// Where the next page of a segment begins.
#[derive(Debug, Clone)]
pub(crate) struct After(HashMap<String, AttributeValue>);

/// What was read of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    /// The texts of the attributes that hold ids or keys, without those that are not there.
    pub ids: Vec<String>,
    /// Whose they are.
    pub owner: Option<String>,
    /// Whether one of the attributes holds something other than text.
    pub malformed: bool,
    /// Of a malformed item, the texts and numbers within what was read of it.
    pub held: Vec<String>,
    /// Whether each attribute that cannot be read holds some text or number.
    pub names: bool,
}

/// One page of items.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    /// What is on it.
    pub items: Vec<Item>,
    /// Where the next one begins; `None` on the last.
    pub next: Option<After>,
}

impl Table {
    /// Prepares to read a table. Contacts nobody.
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

    /// Asks for one page of a segment. Of each item only the attributes that are needed are sent.
    pub(crate) async fn scan(
        &self,
        aws: &Aws,
        segment: Segment,
        after: Option<After>,
        meter: &Meter,
    ) -> Result<Page, Problem> {
        let call = Call::new(&operations::SCAN, self.name.as_str());
        // Names stand for themselves nowhere: many words are reserved, and a dot means a path.
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

/// All texts and numbers within a value.
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
