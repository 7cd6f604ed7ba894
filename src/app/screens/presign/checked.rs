//! From what stands in the lines to a request: what is missing, what is wrong and on which line, and what is doubtful.

use std::collections::BTreeMap;

use super::field::Field;
use super::form::{CLASSES, Form};
use super::values;
use crate::domain::blueprint::{Parts, Shape};
use crate::domain::presign::warning::before_signing;
use crate::domain::presign::{
    Draft, DraftError, Method, Overrides, PresignError, PresignRequest, Success, Warning,
};
use crate::domain::{BucketName, ObjectKey, StorageClass, VersionId};

/// What follows from the lines of a form.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    /// The key, once there is one.
    pub key: Option<ObjectKey>,
    /// The request, once it can be signed.
    pub request: Option<PresignRequest>,
    /// What is missing or wrong, by line.
    pub faults: BTreeMap<Field, Fault>,
    /// What is wrong with the request as a whole.
    pub whole: Option<String>,
    /// What is doubtful about the request.
    pub warnings: Vec<Warning>,
}

/// Why a line keeps the request from being signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Something has to stand there: what.
    Missing(String),
    /// What stands there cannot be.
    Wrong(String),
}

impl Fault {
    /// Its words.
    #[must_use]
    pub(crate) fn words(&self) -> &str {
        match self {
            Self::Missing(words) | Self::Wrong(words) => words,
        }
    }
}

/// Works out what follows from the lines of a form.
pub(super) fn check(form: &Form) -> Checked {
    let mut reader = Reader {
        form,
        shown: form.fields(),
        faults: BTreeMap::new(),
    };
    let bucket = reader.bucket();
    let key = reader.key();
    let Some(draft) = reader.draft(bucket, key.clone()) else {
        return Checked {
            key,
            faults: reader.faults,
            ..Checked::default()
        };
    };
    let mut checked = Checked {
        key,
        faults: reader.faults,
        ..Checked::default()
    };
    let request = match draft.complete(form.rule()) {
        Ok(request) => request,
        Err(why) => {
            checked.incomplete(&why);
            return checked;
        }
    };
    if let Err(why) = request.check() {
        checked.refused(form, &why);
    }
    if checked.faults.is_empty() && checked.whole.is_none() {
        let bucket = form.rules.as_ref().map(|rules| &*rules.bucket);
        checked.warnings = before_signing(&request, bucket, form.rule());
        checked.request = Some(request);
    }
    checked
}

impl Checked {
    fn incomplete(&mut self, why: &DraftError) {
        self.whole = Some(why.to_string());
    }

    /// What S3 would refuse, on the line that it is about.
    fn refused(&mut self, form: &Form, why: &PresignError) {
        let field = match why {
            PresignError::Expiry { .. } => Some(Field::Expires),
            PresignError::PartNumber(_) => Some(Field::PartNumber),
            PresignError::NoUploadId => Some(Field::UploadId),
            PresignError::Checksum { .. } | PresignError::ChecksumForm(_) => Some(Field::Checksum),
            PresignError::MetadataName(_) | PresignError::Metadata { .. } => Some(Field::Metadata),
            PresignError::SizeRange { .. } => Some(Field::MaxSize),
            PresignError::FilenameTwice if form.layout().is_none() => Some(Field::Key),
            PresignError::HeaderValue { name, .. } => field_of_header(form, name),
            _ => None,
        };
        match field {
            Some(field) => {
                self.faults.insert(field, Fault::Wrong(why.to_string()));
            }
            None => self.whole = Some(why.to_string()),
        }
    }
}

fn field_of_header(form: &Form, name: &str) -> Option<Field> {
    match name {
        "content-type" => Some(Field::ContentType),
        "x-amz-server-side-encryption-aws-kms-key-id" => Some(Field::KmsKey),
        name => {
            let meta = name.strip_prefix("x-amz-meta-")?;
            let own = |field: &Field| matches!(field, Field::Meta(name) if name.eq_ignore_ascii_case(meta));
            let own = form.fields().into_iter().find(own);
            Some(own.unwrap_or(Field::Metadata))
        }
    }
}

/// Reads the lines that are shown; what stands in the others is kept and does not count.
struct Reader<'f> {
    form: &'f Form,
    shown: Vec<Field>,
    faults: BTreeMap<Field, Fault>,
}

impl Reader<'_> {
    /// What stands in a line, when it is shown and anything does.
    fn text(&self, field: &Field) -> Option<&str> {
        let text = self.form.text(field);
        (!text.is_empty() && self.shown.contains(field)).then_some(text)
    }

    fn choice(&self, field: &Field) -> usize {
        if self.shown.contains(field) {
            self.form.choice(field)
        } else {
            0
        }
    }

    fn missing(&mut self, field: &Field, what: &str) {
        self.faults
            .insert(field.clone(), Fault::Missing(what.to_owned()));
    }

    fn wrong(&mut self, field: &Field, why: impl Into<String>) {
        self.faults.insert(field.clone(), Fault::Wrong(why.into()));
    }

    /// What a line means, read by a function that says what is wrong.
    fn read<T>(
        &mut self,
        field: &Field,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        match read(self.text(field)?.trim()) {
            Ok(value) => Some(value),
            Err(why) => {
                self.wrong(field, why);
                None
            }
        }
    }

    fn words(&self, field: &Field) -> Option<String> {
        let words = self.text(field)?.trim();
        (!words.is_empty()).then(|| words.to_owned())
    }

    fn bucket(&mut self) -> Option<BucketName> {
        if self.text(&Field::Bucket).is_none() {
            self.missing(&Field::Bucket, "the bucket's name");
            return None;
        }
        self.read(&Field::Bucket, |text| {
            BucketName::new(text).map_err(|why| why.to_string())
        })
    }

    fn key(&mut self) -> Option<ObjectKey> {
        if self.form.layout().is_some() {
            return self.key_of_layout();
        }
        let Some(text) = self.text(&Field::Key).map(str::to_owned) else {
            self.missing(&Field::Key, "the object's key");
            return None;
        };
        // Byte for byte: blanks at its ends belong to a key.
        match ObjectKey::new(text) {
            Ok(key) => Some(key),
            Err(why) => {
                self.wrong(&Field::Key, why.to_string());
                None
            }
        }
    }

    fn key_of_layout(&mut self) -> Option<ObjectKey> {
        let form = self.form;
        let layout = form.layout()?;
        let (mut parts, mut whole) = (Parts::new(), true);
        for part in layout.template().parts() {
            let field = Field::Part(part.name.clone());
            let typed = form.text(&field);
            let made_up = match &part.shape {
                Shape::Uuid => form.made_up(&part.name),
                Shape::OneOf(values) if values.len() == 1 => values.first().map(String::as_str),
                _ => None,
            };
            match (typed, made_up) {
                ("", Some(made_up)) => {
                    parts.insert(part.name.clone(), made_up.to_owned());
                }
                ("", None) => {
                    self.missing(&field, &part.shape.to_string());
                    whole = false;
                }
                (typed, _) if part.admits(typed) => {
                    parts.insert(part.name.clone(), typed.to_owned());
                }
                (typed, _) => {
                    let why = if part.shape.admits(typed) {
                        "no part but the last may hold '/'".to_owned()
                    } else {
                        format!("expected {}", part.shape)
                    };
                    self.wrong(&field, why);
                    whole = false;
                }
            }
        }
        if !whole {
            return None;
        }
        let made = layout.format(&parts).map_err(|why| why.to_string());
        match made.and_then(|key| ObjectKey::new(key).map_err(|why| why.to_string())) {
            Ok(key) => Some(key),
            Err(why) => {
                self.wrong(&Field::KeyFrom, why);
                None
            }
        }
    }

    /// The draft, when every line could be read. All of them are, so that every fault is told at once.
    fn draft(&mut self, bucket: Option<BucketName>, key: Option<ObjectKey>) -> Option<Draft> {
        let method = self.form.method();
        let expires = self.read(&Field::Expires, values::span);
        let size = self.read(&Field::Length, values::bytes);
        let min_size = self.read(&Field::MinSize, values::bytes);
        let max_size = self.read(&Field::MaxSize, values::bytes);
        let metadata = self.metadata();
        let checksum = self.read(&Field::Checksum, |text| {
            text.parse().map_err(|why: PresignError| why.to_string())
        });
        let part_number = self.read(&Field::PartNumber, |text| {
            text.parse::<u16>()
                .ok()
                .filter(|number| (1..=10_000).contains(number))
                .ok_or_else(|| "parts are numbered 1 to 10000".to_owned())
        });
        if method == Method::Part {
            for (field, what) in [
                (Field::UploadId, "the id that CreateMultipartUpload gave"),
                (Field::PartNumber, "1 to 10000"),
            ] {
                if self.text(&field).is_none() {
                    self.missing(&field, what);
                }
            }
        }
        let content_type = self.words(&Field::ContentType);
        if !self.faults.is_empty() {
            return None;
        }
        let shows_sse = self.shown.contains(&Field::Sse);
        let mut draft = Draft::new(method, bucket?, key?);
        draft.view_once = self.form.is_view_once();
        draft.expires = expires;
        draft.content_type = content_type;
        draft.size = size;
        draft.min_size = min_size;
        draft.max_size = max_size;
        draft.sse = if shows_sse { self.form.sse() } else { None };
        draft.metadata = metadata;
        draft.storage_class = match self.choice(&Field::StorageClass) {
            0 => None,
            at => CLASSES.get(at).map(|class| StorageClass::new(class)),
        };
        draft.checksum = checksum;
        draft.version = self.words(&Field::Version).map(VersionId);
        draft.upload_id = self.words(&Field::UploadId);
        draft.part_number = part_number;
        draft.success = match self.choice(&Field::Success) {
            1 => Some(Success::Status(200)),
            2 => Some(Success::Status(201)),
            _ => None,
        };
        draft.overrides = Overrides {
            content_type: self.words(&Field::AnswerType),
            content_disposition: self.words(&Field::AnswerDisposition),
            content_encoding: self.words(&Field::AnswerEncoding),
            content_language: self.words(&Field::AnswerLanguage),
            cache_control: self.words(&Field::AnswerCache),
            expires: self.words(&Field::AnswerExpires),
        };
        Some(draft)
    }

    /// Metadata of the lines that the rule gave, and of the one line for all the others.
    fn metadata(&mut self) -> BTreeMap<String, String> {
        let mut metadata = self
            .read(&Field::Metadata, values::pairs)
            .unwrap_or_default();
        for field in &self.shown {
            if let Field::Meta(name) = field
                && let Some(value) = self.words(field)
            {
                metadata.insert(name.clone(), value);
            }
        }
        metadata
    }
}
