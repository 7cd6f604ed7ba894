//! The options of `purge`.

use std::path::PathBuf;

use clap::Args;

use super::plan::Prepared;
use crate::cli::find::owner;
use crate::cli::lists::ListArgs;
use crate::domain::command_line::Given;
use crate::domain::orphans::Limits;
use crate::domain::{ByteSize, OwnerId, S3Uri};

/// Whose things are deleted, and how far it goes.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct PurgeArgs {
    /// The user's id, exactly as it stands in keys; no character in it is a wildcard
    #[arg(value_name = "USER", value_parser = owner, allow_hyphen_values = true, required_unless_present_any = ["plan", "resume", "undo", "from"], conflicts_with = "from")]
    pub owner: Option<OwnerId>,

    /// Plan for every user in a file of erasure requests: a user a line, CSV with a column `id`, or JSON; a column `case` is
    /// kept beside each. Confirmed with users:COUNT
    #[arg(long, value_name = "FILE", conflicts_with_all = ["plan", "resume", "undo", "soft", "owner_still_exists"])]
    pub from: Option<PathBuf>,

    /// Delete; needs --write and --confirm. Without it a plan is made and nothing is changed
    #[arg(long)]
    pub execute: bool,

    /// The user's id once more, for --execute; with --from users:COUNT, the number of users to purge
    #[arg(long, value_name = "USER", allow_hyphen_values = true)]
    pub confirm: Option<String>,

    /// Hide instead of deleting: adds delete markers to the current objects, which --undo takes away again
    #[arg(long, conflicts_with_all = ["plan", "resume", "undo"])]
    pub soft: bool,

    /// Take away again the delete markers that a --soft purge made, by its receipt, and nothing else
    #[arg(long, value_name = "RECEIPT")]
    pub undo: Option<PathBuf>,

    /// Carry out this plan instead of making one
    #[arg(long, value_name = "FILE", conflicts_with_all = ["resume", "plan_out"])]
    pub plan: Option<PathBuf>,

    /// Go on with a plan that was begun and did not come to its end
    #[arg(long, value_name = "FILE", conflicts_with = "plan_out")]
    pub resume: Option<PathBuf>,

    /// Where the plan is written [default: s3warden/purge in the XDG state folder]
    #[arg(long, value_name = "FILE")]
    pub plan_out: Option<PathBuf>,

    /// Refuse to delete more things than this [default: 10000 where the plan is made and carried out in one go]
    #[arg(long, value_name = "N")]
    pub max_objects: Option<u64>,

    /// Refuse to delete more than this, such as 5GiB [default: 100GiB where the plan is made and carried out in one go]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub max_bytes: Option<ByteSize>,

    /// The most objects that are asked one by one for an owner who stands in their metadata, at a HEAD request each
    #[arg(long, value_name = "N", default_value_t = Limits::default().heads)]
    pub max_heads: u64,

    /// Count the annotations of every version that is deleted, at a request each; without it plans of up to 100 versions count them
    #[arg(long)]
    pub count_annotations: bool,

    /// Keep plan and journal when everything is gone; they hold the user's keys
    #[arg(long)]
    pub keep_plan: bool,

    /// Let the receipt hold the user's id as given, and not only its HMAC
    #[arg(long)]
    pub subject_as_given: bool,

    /// Store a copy of the receipt, too; under a name of its own where KEY ends in a '/' or is left out
    #[arg(long, value_name = "s3://BUCKET[/KEY]")]
    pub receipt_to: Option<S3Uri>,

    /// Go on although the list of users still holds this one; the receipt says why
    #[arg(long, value_name = "REASON", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub owner_still_exists: Option<String>,

    /// The lists.
    #[command(flatten)]
    pub lists: ListArgs,
}

impl PurgeArgs {
    /// All options that were given, except those about the subject, the plan and the confirmation, to repeat them in a
    /// suggested command.
    pub(super) fn again(&self) -> Vec<Given> {
        // Without `..`, so that a new option cannot be forgotten here.
        let Self {
            owner: _,
            from: _,
            execute: _,
            confirm: _,
            soft: _,
            undo: _,
            plan: _,
            resume: _,
            plan_out: _,
            count_annotations,
            max_objects,
            max_bytes,
            max_heads,
            keep_plan,
            subject_as_given,
            receipt_to,
            owner_still_exists,
            lists,
        } = self;
        let heads = (*max_heads != Limits::default().heads).then_some(*max_heads);
        let values = [
            ("--max-objects", max_objects.map(|most| most.to_string())),
            (
                "--max-bytes",
                max_bytes.map(|most| most.bytes().to_string()),
            ),
            ("--max-heads", heads.map(|most| most.to_string())),
            ("--receipt-to", receipt_to.as_ref().map(S3Uri::to_string)),
            ("--owner-still-exists", owner_still_exists.clone()),
        ];
        let flags = [
            ("--keep-plan", *keep_plan),
            ("--count-annotations", *count_annotations),
            ("--subject-as-given", *subject_as_given),
        ];
        let mut again = lists.again();
        let values = values.into_iter();
        again.extend(values.filter_map(|(name, value)| Some((name, Some(value?)))));
        let flags = flags.into_iter().filter(|(_, is_given)| *is_given);
        again.extend(flags.map(|(name, _)| (name, None)));
        again
    }

    /// Whether to delete. Resuming a plan always means to carry it out.
    pub(super) fn is_carried_out(&self) -> bool {
        self.execute || self.resume.is_some()
    }

    /// The user, for messages.
    pub(super) fn subject<'a>(&'a self, prepared: &'a Prepared) -> &'a str {
        let owner = self.owner.as_ref().map(OwnerId::as_str);
        owner.unwrap_or_else(|| prepared.user())
    }
}

/// Parses a size: a number of bytes, or with a unit (`5GiB`, `100 MB`).
fn size(text: &str) -> Result<ByteSize, String> {
    const UNITS: [(&str, u64); 9] = [
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
        ("TiB", 1 << 40),
        ("kB", 1_000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("TB", 1_000_000_000_000),
        ("B", 1),
    ];
    let unit = UNITS.iter().find_map(|(unit, size)| {
        let number = text.strip_suffix(unit)?;
        Some((number.trim_end(), *size))
    });
    let (number, unit) = unit.unwrap_or((text, 1));
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(unit))
        .map(ByteSize)
        .ok_or_else(|| {
            "expected a whole number with or without a unit, such as 500MiB or 5GB".to_owned()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_decimal_and_binary_units() {
        for (text, bytes) in [
            ("0", 0),
            ("1024", 1024),
            ("5GiB", 5 << 30),
            ("100 MB", 100_000_000),
            ("7B", 7),
        ] {
            assert_eq!(size(text), Ok(ByteSize(bytes)), "{text}");
        }
        for text in ["", "GiB", "-1", "1.5GiB", "99999999999TiB", "5gib"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[derive(Debug, clap::Parser)]
    struct Line {
        #[command(flatten)]
        purge: PurgeArgs,
    }

    /// The options that a suggested command sets itself: subject, plan and confirmation.
    const OWN: [&str; 8] = [
        "--from",
        "--execute",
        "--confirm",
        "--soft",
        "--undo",
        "--plan",
        "--resume",
        "--plan-out",
    ];

    #[test]
    fn what_was_said_of_a_purge_is_said_again_with_every_option() {
        use clap::{CommandFactory, Parser};
        let typed = [
            "s3warden",
            "ada",
            "--max-objects=5",
            "--max-bytes=5GiB",
            "--max-heads=7",
            "--keep-plan",
            "--subject-as-given",
            "--receipt-to=s3://receipts/all/",
            "--owner-still-exists=by letter",
            "--count-annotations",
            "--registry=users.txt",
        ];
        let line = Line::parse_from(typed);
        let again = line.purge.again();
        let words = again.iter().map(|(name, value)| match value {
            Some(value) => format!("{name}={value}"),
            None => (*name).to_owned(),
        });
        let once_more = ["s3warden".to_owned(), "ada".to_owned()];
        let once_more = Line::parse_from(once_more.into_iter().chain(words));
        assert_eq!(format!("{once_more:?}"), format!("{line:?}"));
        let line = Line::command();
        let options = line.get_arguments().filter_map(clap::Arg::get_long);
        for name in options.filter(|name| *name != "help") {
            let name = format!("--{name}");
            // The options for lists have a test of their own.
            let is_of_lists =
                name.contains("registry") || name == "--max-malformed" || name == "--expect-rows";
            let is_own = OWN.contains(&name.as_str());
            assert!(
                is_own || is_of_lists || again.iter().any(|(said, _)| *said == name),
                "{name} is forgotten"
            );
        }
    }
}
