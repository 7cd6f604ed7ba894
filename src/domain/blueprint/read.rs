//! Converts a file to a blueprint. It reports all errors, not only the first.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;

use super::derived::{Replacement, Step};
use super::error::{Fault, line_of, toml_fault};
use super::file::{BucketFile, DerivedFile, File, LayoutFile, StepFile};
use super::layout::OwnerSource;
use super::registry::{Alarm, Registry, ServiceLevels};
use super::shape::Shape;
use super::values::Over;
use super::{Blueprint, BlueprintError, BucketBlueprint, DerivedRule, Layout, Template};
use crate::domain::BucketName;

pub(super) fn read(source: &str, text: &str) -> Result<Blueprint, BlueprintError> {
    let mut reader = Reader {
        text,
        faults: Vec::new(),
    };
    let blueprint = match toml::from_str::<File>(text) {
        Ok(file) => Some(reader.blueprint(file)),
        Err(error) => {
            reader.faults.push(toml_fault(text, &error));
            None
        }
    };
    match blueprint {
        Some(blueprint) if reader.faults.is_empty() => Ok(blueprint),
        _ => {
            reader.faults.sort_by_key(|fault| fault.line);
            Err(BlueprintError {
                source: source.to_owned(),
                faults: reader.faults,
            })
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn blueprint(&mut self, file: File) -> Blueprint {
        if *file.version.get_ref() != 1 {
            let found = file.version.get_ref();
            self.fault(
                &file.version.span(),
                format!("version = {found} is not known here; expected version = 1"),
            );
        }
        if file.name.get_ref().is_empty() {
            self.fault(
                &file.name.span(),
                "the name is empty; expected a name such as \"my-app\"",
            );
        }
        let base = file.extends.as_ref().and_then(|name| self.base(name));
        let mut blueprint = base.unwrap_or_else(|| Blueprint {
            name: String::new(),
            description: None,
            extends: None,
            buckets: Vec::new(),
            registry: Registry::default(),
            service_levels: ServiceLevels::default(),
            alarms: Vec::new(),
        });
        blueprint.name = file.name.into_inner();
        blueprint.extends = file.extends.map(Spanned::into_inner);
        blueprint.description = file.description.or(blueprint.description);

        blueprint.registry = file.registry.over(blueprint.registry);
        blueprint.service_levels = file.service_levels.over(blueprint.service_levels);
        self.alarms(file.alarm, &mut blueprint.alarms);

        let mut seen = Vec::new();
        for bucket in file.bucket {
            let span = bucket.name.span();
            let name = match BucketName::new(bucket.name.get_ref().as_str()) {
                Ok(name) => name,
                Err(error) => {
                    self.fault(&span, error.to_string());
                    continue;
                }
            };
            if seen.contains(&name) {
                self.fault(
                    &span,
                    format!("the bucket {name} occurs twice; expected one table for each bucket"),
                );
                continue;
            }
            seen.push(name.clone());
            let place = blueprint
                .buckets
                .iter()
                .position(|b| b.name == name)
                .unwrap_or_else(|| {
                    blueprint.buckets.push(BucketBlueprint::unknown(name));
                    blueprint.buckets.len() - 1
                });
            if let Some(into) = blueprint.buckets.get_mut(place) {
                self.bucket(bucket, into);
            }
        }
        blueprint
    }

    fn base(&mut self, extends: &Spanned<String>) -> Option<Blueprint> {
        let base = Blueprint::builtin(extends.get_ref());
        if base.is_none() {
            let names = Blueprint::builtin_names().join(", ");
            let message = format!(
                "extends = {:?} names no built-in; expected one of {names}",
                extends.get_ref()
            );
            self.fault(&extends.span(), message);
        }
        base
    }

    fn alarms(&mut self, files: Vec<Spanned<Alarm>>, into: &mut Vec<Alarm>) {
        let mut seen = Vec::new();
        for alarm in files {
            let span = alarm.span();
            let alarm = alarm.into_inner();
            if seen.contains(&alarm.name) {
                let message = format!(
                    "the alarm {:?} occurs twice; expected each name once",
                    alarm.name
                );
                self.fault(&span, message);
                continue;
            }
            seen.push(alarm.name.clone());
            match into.iter_mut().find(|old| old.name == alarm.name) {
                Some(old) => *old = alarm,
                None => into.push(alarm),
            }
        }
    }

    /// Merges a bucket of the file into the base: a layout or rule replaces the one with the same id.
    fn bucket(&mut self, file: BucketFile, into: &mut BucketBlueprint) {
        into.purpose = file.purpose.or(into.purpose.take());
        into.expect = file.expect.over(std::mem::take(&mut into.expect));
        into.presign = file.presign.over(std::mem::take(&mut into.presign));
        let mut seen = Vec::new();
        for layout in file.layout {
            let span = layout.id.span();
            let id = layout.id.get_ref().clone();
            if id.is_empty() || seen.contains(&id) {
                let message = format!(
                    "the layout id {id:?} is empty or occurs twice in this bucket; expected one of its own"
                );
                self.fault(&span, message);
                continue;
            }
            seen.push(id);
            if let Some(layout) = self.layout(layout) {
                match into.layouts.iter_mut().find(|l| l.id() == layout.id()) {
                    Some(old) => *old = layout,
                    None => into.layouts.push(layout),
                }
            }
        }
        let mut seen = Vec::new();
        for rule in file.derived {
            let span = rule.from.span();
            if let Some(rule) = self.derived(rule, into) {
                if seen.contains(&rule.id) {
                    let message = format!(
                        "the derived rule {:?} occurs twice in this bucket; give each an id",
                        rule.id
                    );
                    self.fault(&span, message);
                    continue;
                }
                seen.push(rule.id.clone());
                match into.derived.iter_mut().find(|r| r.id == rule.id) {
                    Some(old) => *old = rule,
                    None => into.derived.push(rule),
                }
            }
        }
    }

    fn layout(&mut self, file: LayoutFile) -> Option<Layout> {
        let mut shapes: BTreeMap<String, Shape> = BTreeMap::new();
        let mut shape_spans = Vec::new();
        for (name, shape) in file.shape {
            shape_spans.push((name.clone(), shape.span()));
            shapes.insert(name, shape.into_inner().0);
        }
        let template = match Template::parse(file.key.get_ref(), &shapes) {
            Ok(template) => template,
            Err(error) => {
                self.fault(&file.key.span(), error.to_string());
                return None;
            }
        };
        for (name, span) in shape_spans {
            if !template.parts().any(|part| part.name == name) {
                let message =
                    format!("shape.{name} is for a part that the key template does not have");
                self.fault(&span, message);
            }
        }
        let (owner, span) = match (file.owner, file.owner_from) {
            (Some(owner), None) => {
                let span = owner.span();
                (OwnerSource::Part(owner.into_inner()), span)
            }
            (None, Some(from)) => {
                let span = from.span();
                (self.owner_from(from.get_ref(), &span)?, span)
            }
            (both, _) => {
                let what = if both.is_some() {
                    "both owner and owner_from"
                } else {
                    "no owner"
                };
                let message = format!(
                    "the layout says {what}; expected either owner = \"part\" or \
                     owner_from = \"registry\" or \"metadata:NAME\""
                );
                self.fault(&file.id.span(), message);
                return None;
            }
        };
        Layout::new(file.id.get_ref(), template, owner)
            .map_err(|message| self.fault(&span, message))
            .ok()
    }

    fn owner_from(&mut self, from: &str, span: &Range<usize>) -> Option<OwnerSource> {
        match (from, from.strip_prefix("metadata:")) {
            ("registry", _) => Some(OwnerSource::Registry),
            (_, Some(name)) if !name.is_empty() => {
                Some(OwnerSource::Metadata(name.to_ascii_lowercase()))
            }
            _ => {
                let message =
                    format!("owner_from = {from:?}; expected \"registry\" or \"metadata:NAME\"");
                self.fault(span, message);
                None
            }
        }
    }

    fn derived(&mut self, file: DerivedFile, bucket: &BucketBlueprint) -> Option<DerivedRule> {
        let span = file.from.span();
        let from = file.from.into_inner().0;
        let ids = || {
            bucket
                .layouts
                .iter()
                .map(Layout::id)
                .collect::<Vec<_>>()
                .join(", ")
        };
        if from.is_empty() {
            self.fault(
                &span,
                format!("from names no layout; expected one of {}", ids()),
            );
        }
        for unknown in from.iter().filter(|id| bucket.layout(id).is_none()) {
            self.fault(
                &span,
                format!(
                    "from = {unknown:?} is no layout of this bucket; expected one of {}",
                    ids()
                ),
            );
        }
        let to_bucket = match &file.to_bucket {
            None => Some(bucket.name.clone()),
            Some(name) => BucketName::new(name.get_ref().as_str())
                .map_err(|error| self.fault(&name.span(), error.to_string()))
                .ok(),
        };
        let steps = match (file.regex, file.replace, file.steps) {
            (Some(regex), Some(replace), None) => {
                Replacement::new(regex.get_ref(), replace.get_ref())
                    .map(|replacement| vec![Step::Regex(replacement)])
                    .map_err(|message| self.fault(&regex.span(), message))
                    .ok()
            }
            (None, None, Some(steps)) if !steps.is_empty() => steps
                .into_iter()
                .map(|step| {
                    let span = step.span();
                    Step::try_from(step.into_inner())
                        .map_err(|message| self.fault(&span, message))
                        .ok()
                })
                .collect(),
            _ => {
                self.fault(
                    &span,
                    "a derived rule needs either regex and replace, or a list of steps",
                );
                None
            }
        };
        let id = file
            .id
            .map(Spanned::into_inner)
            .or_else(|| from.first().cloned())?;
        Some(DerivedRule {
            id,
            from,
            to_bucket: to_bucket?,
            steps: steps?,
        })
    }

    fn fault(&mut self, span: &Range<usize>, message: impl Into<String>) {
        self.faults.push(Fault {
            line: Some(line_of(self.text, span)),
            message: message.into(),
        });
    }
}

impl TryFrom<StepFile> for Step {
    type Error = String;

    fn try_from(file: StepFile) -> Result<Self, String> {
        match file {
            StepFile { regex: Some(regex), replace: Some(replace), replace_all: None, with: None, cut_from_last: None, append: None } => {
                Replacement::new(&regex, &replace).map(Self::Regex)
            }
            StepFile { regex: None, replace: None, replace_all: Some(text), with: Some(with), cut_from_last: None, append: None }
                if !text.is_empty() =>
            {
                Ok(Self::ReplaceAll { text, with })
            }
            StepFile { regex: None, replace: None, replace_all: None, with: None, cut_from_last: Some(text), append: None }
                if !text.is_empty() =>
            {
                Ok(Self::CutFromLast(text))
            }
            StepFile { regex: None, replace: None, replace_all: None, with: None, cut_from_last: None, append: Some(text) } => {
                Ok(Self::Append(text))
            }
            _ => Err("a step is { regex, replace }, { replace_all, with }, { cut_from_last } or { append }, \
                      and what is replaced or cut is not empty"
                .to_owned()),
        }
    }
}

#[cfg(test)]
mod tests;
