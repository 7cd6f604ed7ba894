//! The form: what was typed and chosen, kept while the method changes, and which lines are there.
//!
//! Every change ends in [`Form::check`], so that what is wrong stands beside its line at once and nothing that S3 would
//! refuse can be signed.

use std::collections::BTreeMap;
use std::sync::Arc;

use tui_input::Input;

use super::checked::{self, Checked};
use super::field::{self, Field};
use crate::domain::BucketName;
use crate::domain::blueprint::{Blueprint, BucketBlueprint, Layout, PresignRule, Shape};
use crate::domain::presign::key::uuid_of;
use crate::domain::presign::{Method, Sse};

/// The storage classes that are offered; the first is what S3 takes when nothing is said.
pub(crate) const CLASSES: [&str; 7] = [
    "STANDARD",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE",
];

/// What is known of the bucket, and by whom.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    /// The blueprint's name.
    pub name: String,
    pub bucket: Arc<BucketBlueprint>,
}

/// What was typed and chosen.
#[derive(Debug)]
pub(crate) struct Form {
    /// The line of the cursor.
    pub cursor: Field,
    /// Whether keys go into the line of the cursor.
    pub typing: bool,
    /// What is known of the bucket.
    pub rules: Option<Rules>,
    /// What follows from the lines as they are.
    pub checked: Checked,
    pub(super) texts: BTreeMap<Field, Input>,
    choices: BTreeMap<Field, usize>,
    /// The UUIDs that stand in for parts nobody typed, until the next one is asked for.
    uuids: BTreeMap<String, String>,
    random: fastrand::Rng,
    /// A blueprint that was asked for by name goes before the built-in ones.
    named: Option<Blueprint>,
}

impl Form {
    /// An empty form: a GET of nothing yet. UUIDs for keys come from the seed.
    #[must_use]
    pub(crate) fn new(named: Option<Blueprint>, seed: u64) -> Self {
        let mut form = Self {
            cursor: Field::Method,
            typing: false,
            rules: None,
            checked: Checked::default(),
            texts: BTreeMap::new(),
            choices: BTreeMap::new(),
            uuids: BTreeMap::new(),
            random: fastrand::Rng::with_seed(seed),
            named,
        };
        form.check();
        form
    }

    /// The kind of request.
    #[must_use]
    pub(crate) fn method(&self) -> Method {
        let at = self.choice(&Field::Method);
        Method::ALL.get(at).copied().unwrap_or(Method::Get)
    }

    /// What was typed into a line.
    #[must_use]
    pub(crate) fn text(&self, field: &Field) -> &str {
        self.texts.get(field).map_or("", Input::value)
    }

    /// What is typed into a line, with its cursor.
    #[must_use]
    pub(crate) fn input(&self, field: &Field) -> Input {
        self.texts.get(field).cloned().unwrap_or_default()
    }

    /// Which of its options a line has, by number.
    #[must_use]
    pub(crate) fn choice(&self, field: &Field) -> usize {
        self.choices.get(field).copied().unwrap_or(0)
    }

    /// What can be chosen in a line; a part of a layout that takes one of a few values can be chosen as well as typed.
    #[must_use]
    pub(crate) fn options(&self, field: &Field) -> Vec<String> {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        match field {
            Field::Method => Method::ALL
                .iter()
                .map(|m| m.word().to_uppercase())
                .collect(),
            Field::KeyFrom => {
                let layouts = self.layouts().iter();
                let layouts = layouts.map(|layout| format!("layout {}", layout.id()));
                std::iter::once("typed in full".to_owned())
                    .chain(layouts)
                    .collect()
            }
            Field::Rule => words(&["download", "view once"]),
            Field::Success => words(&["204, no content", "200", "201, with a document"]),
            Field::Sse => {
                let open = match self.sse_of_rule() {
                    Some(algorithm) => format!("{algorithm}, as the rule says"),
                    None => "left to the bucket".to_owned(),
                };
                let mut options = vec![open];
                options.extend(["AES256", "aws:kms", "aws:kms:dsse"].map(str::to_owned));
                options
            }
            Field::BucketKey => words(&["left to the bucket", "on", "off"]),
            Field::StorageClass => words(&CLASSES),
            Field::Part(name) => match self.shape(name) {
                Some(Shape::OneOf(values)) => values.clone(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// The lines that there are, from top to bottom.
    #[must_use]
    pub(crate) fn fields(&self) -> Vec<Field> {
        let mut fields = vec![Field::Method, Field::Bucket];
        if !self.layouts().is_empty() {
            fields.push(Field::KeyFrom);
        }
        match self.layout() {
            Some(layout) => {
                let parts = layout.template().parts();
                fields.extend(parts.map(|part| Field::Part(part.name.clone())));
            }
            None => fields.push(Field::Key),
        }
        let kms = self.wants_kms();
        let has_view_once = self
            .rules
            .as_ref()
            .is_some_and(|rules| rules.bucket.presign.view_once.is_some());
        for field in field::of_method(self.method()) {
            match field {
                Field::KmsKey | Field::BucketKey if !kms => {}
                Field::Rule if !has_view_once => {}
                Field::Metadata => {
                    let wanted = self.rule().and_then(|rule| rule.metadata.as_ref());
                    let wanted = wanted.into_iter().flatten();
                    fields.extend(wanted.map(|name| Field::Meta(name.clone())));
                    fields.push(Field::Metadata);
                }
                field => fields.push(field.clone()),
            }
        }
        fields
    }

    /// The layouts that a key can be made from.
    pub(super) fn layouts(&self) -> &[Layout] {
        self.rules
            .as_ref()
            .map_or(&[], |rules| rules.bucket.layouts.as_slice())
    }

    /// The layout that the key is made from; none when it is typed.
    #[must_use]
    pub(crate) fn layout(&self) -> Option<&Layout> {
        let at = self.choice(&Field::KeyFrom).checked_sub(1)?;
        self.layouts().get(at)
    }

    /// What a part of the layout takes.
    #[must_use]
    pub(crate) fn shape(&self, part: &str) -> Option<&Shape> {
        let mut parts = self.layout()?.template().parts();
        Some(&parts.find(|known| known.name == part)?.shape)
    }

    /// The UUID that stands in for a part while nobody types one.
    #[must_use]
    pub(crate) fn made_up(&self, part: &str) -> Option<&str> {
        self.uuids.get(part).map(String::as_str)
    }

    /// Whether downloads are by the rule for what is to be seen once.
    #[must_use]
    pub(crate) fn is_view_once(&self) -> bool {
        self.method() == Method::Get
            && self.choice(&Field::Rule) == 1
            && self
                .rules
                .as_ref()
                .is_some_and(|rules| rules.bucket.presign.view_once.is_some())
    }

    /// The blueprint's rule for this kind of request.
    #[must_use]
    pub(crate) fn rule(&self) -> Option<&PresignRule> {
        let rules = &self.rules.as_ref()?.bucket.presign;
        match self.method() {
            Method::Get if self.is_view_once() => rules.view_once.as_ref(),
            Method::Get | Method::Head => rules.get.as_ref(),
            Method::Put => rules.put.as_ref(),
            Method::Post => rules.post.as_ref(),
            Method::Part | Method::Delete => None,
        }
    }

    fn sse_of_rule(&self) -> Option<&str> {
        let headers = self.rule()?.headers.as_ref()?;
        headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("x-amz-server-side-encryption"))
            .map(|(_, algorithm)| algorithm.as_str())
    }

    fn wants_kms(&self) -> bool {
        match self.choice(&Field::Sse) {
            0 => self
                .sse_of_rule()
                .is_some_and(|sse| sse.starts_with("aws:kms")),
            1 => false,
            _ => true,
        }
    }

    /// The encryption that was chosen. A key for the rule's own algorithm is a choice as well.
    pub(super) fn sse(&self) -> Option<Sse> {
        let key = Some(self.text(&Field::KmsKey).trim()).filter(|key| !key.is_empty());
        let bucket_key = match self.choice(&Field::BucketKey) {
            1 => Some(true),
            2 => Some(false),
            _ => None,
        };
        let kms = |two_layers| Sse::Kms {
            key: key.map(str::to_owned),
            bucket_key,
            two_layers,
        };
        match self.choice(&Field::Sse) {
            0 if self.wants_kms() && (key.is_some() || bucket_key.is_some()) => {
                Some(kms(self.sse_of_rule() == Some("aws:kms:dsse")))
            }
            0 => None,
            1 => Some(Sse::S3),
            2 => Some(kms(false)),
            _ => Some(kms(true)),
        }
    }

    /// Puts a text into a line.
    pub(crate) fn set_text(&mut self, field: Field, text: &str) {
        self.set_input(field, Input::new(text.to_owned()));
    }

    /// Puts what was typed into a line.
    pub(crate) fn set_input(&mut self, field: Field, input: Input) {
        let is_bucket = field == Field::Bucket;
        self.texts.insert(field, input);
        if is_bucket {
            self.look_up_rules();
        }
        self.check();
    }

    /// Moves the cursor within a line; what was typed is the same.
    pub(crate) fn set_cursor(&mut self, field: Field, input: Input) {
        self.texts.insert(field, input);
    }

    /// Takes the option that is so many places on in a line; the first follows the last.
    pub(crate) fn turn(&mut self, field: &Field, by: isize) {
        let options = self.options(field);
        let Ok(count) = isize::try_from(options.len()) else {
            return;
        };
        if count == 0 {
            return;
        }
        let now = if field.is_choice() {
            self.choice(field)
        } else {
            let typed = self.text(field);
            match options.iter().position(|option| option == typed) {
                Some(at) => at,
                // From nothing, either way leads to an end of the list.
                None if by > 0 => options.len() - 1,
                None => 0,
            }
        };
        let now = isize::try_from(now).unwrap_or(0);
        let next = usize::try_from((now + by).rem_euclid(count)).unwrap_or(0);
        if field.is_choice() {
            self.choose(field.clone(), next);
        } else if let Some(option) = options.get(next) {
            self.set_text(field.clone(), option);
        }
    }

    /// Takes an option of a line by its number.
    pub(crate) fn choose(&mut self, field: Field, option: usize) {
        self.choices.insert(field, option);
        self.check();
    }

    /// Takes a kind of request.
    #[cfg(test)]
    pub(crate) fn choose_method(&mut self, method: Method) {
        let at = Method::ALL.iter().position(|known| *known == method);
        self.choose(Field::Method, at.unwrap_or(0));
    }

    /// Moves the cursor by so many lines, no further than to the ends.
    pub(crate) fn move_by(&mut self, lines: isize) {
        let fields = self.fields();
        let at = fields.iter().position(|field| *field == self.cursor);
        let last = fields.len().saturating_sub(1);
        let to = at.unwrap_or(0).saturating_add_signed(lines).min(last);
        if let Some(field) = fields.get(to) {
            self.cursor = field.clone();
        }
    }

    /// Empties the line of the cursor, or takes its first option.
    pub(crate) fn clear(&mut self) {
        let field = self.cursor.clone();
        if field.is_choice() {
            self.choose(field, 0);
        } else {
            self.set_text(field, "");
        }
    }

    /// Makes other UUIDs up.
    pub(crate) fn new_uuids(&mut self) {
        self.uuids.clear();
        self.check();
    }

    /// The blueprint that names a bucket: the one that was asked for, else a built-in.
    #[must_use]
    pub(crate) fn blueprint_of(&self, bucket: &BucketName) -> Option<Blueprint> {
        match &self.named {
            Some(named) => named.bucket(bucket).map(|_| named.clone()),
            None => Blueprint::for_bucket(bucket),
        }
    }

    /// What is known of the bucket whose name is typed now. A key is typed until a layout is chosen.
    fn look_up_rules(&mut self) {
        self.choices.remove(&Field::KeyFrom);
        self.choices.remove(&Field::Rule);
        self.rules = BucketName::new(self.text(&Field::Bucket))
            .ok()
            .and_then(|name| {
                let blueprint = self.blueprint_of(&name)?;
                Some(Rules {
                    bucket: Arc::new(blueprint.bucket(&name)?.clone()),
                    name: blueprint.name,
                })
            });
    }

    /// Works out what follows from the lines as they are.
    fn check(&mut self) {
        let parts: Vec<String> = self.layout().map_or_else(Vec::new, |layout| {
            let parts = layout.template().parts();
            let uuids = parts.filter(|part| part.shape == Shape::Uuid);
            uuids.map(|part| part.name.clone()).collect()
        });
        for part in parts {
            let random = &mut self.random;
            self.uuids
                .entry(part)
                .or_insert_with(|| uuid_of(random.u128(..)));
        }
        if !self.fields().contains(&self.cursor) {
            self.cursor = Field::Method;
            self.typing = false;
        }
        self.checked = checked::check(self);
    }
}
