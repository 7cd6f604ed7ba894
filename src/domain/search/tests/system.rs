//! The application as a blueprint describes it, which is all that s3warden knows about it.

use super::application::{Application, Area, MAKES, MEDIA, Make, PREVIEWS, REPLICA, Replica, TINY};

/// What the blueprint says about the keys in the bucket of previews.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layouts {
    None,
    /// The keys of objects derived from uploads below `users/` name the owner.
    ByOwner,
    /// The folder below `flat/` names somebody who is not the owner.
    Misleading,
    /// The metadata of everything in the bucket names the owner.
    ByMetadata,
}

/// Whether another layout reads a different owner from keys below `users/`, and its position in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rival {
    None,
    Before,
    After,
    /// With an ending that few keys have. Its anchor still counts.
    Tailed,
    /// Only the metadata of this name gives the owner.
    Metadata,
}

const TAILED: &str = "id = \"rival\"\nkey = \"users/{folder}/{user}/{name}.gz\"\nowner = \"user\"";
const METADATA: &str =
    "id = \"rival\"\nkey = \"users/{folder}/{x}/{name}\"\nowner_from = \"metadata:owner\"";
const RIVAL: &str = "id = \"rival\"\nkey = \"users/{folder}/{user}/{name...}\"\nowner = \"user\"";

const LAYOUTS: [(Area, &str); 4] = [
    (
        Area::Users,
        "id = \"users\"\nkey = \"users/{user}/{name...}\"\nowner = \"user\"",
    ),
    (
        Area::Folders,
        "id = \"folders\"\nkey = \"{folder}/{user}/{name...}\"\nowner = \"user\"\nshape = { folder = [\"up\", \"up.v2\"] }",
    ),
    (
        Area::Records,
        "id = \"records\"\nkey = \"blobs/{name}\"\nowner_from = \"registry\"",
    ),
    (
        Area::Metadata,
        "id = \"metadata\"\nkey = \"meta/{name}\"\nowner_from = \"metadata:owner\"",
    ),
];

fn rule(make: Make) -> (&'static str, &'static str, &'static str) {
    match make {
        Make::Suffix => (
            "suffix",
            MEDIA,
            r"regex = '^(.+)(\..+?)$'
replace = '$1-small$2'",
        ),
        Make::DropExtension => (
            "drop-extension",
            PREVIEWS,
            r"regex = '^(.+)\.([^.]+)$'
replace = 'previews/$1.jpg'",
        ),
        Make::SwapFolder => (
            "swap-folder",
            PREVIEWS,
            r"regex = '^users/(.+)\.mov$'
replace = 'encoded/$1.mp4'",
        ),
        Make::DropOwner => (
            "drop-owner",
            PREVIEWS,
            r"regex = '^users/[^/]+/(.+)$'
replace = 'flat/$1'",
        ),
        Make::CutEnd => (
            "cut-end",
            PREVIEWS,
            r"steps = [{ regex = '^', replace = 'cut/' }, { cut_from_last = '.' }, { append = '.webp' }]",
        ),
        Make::ReplaceFolder => (
            "replace-folder",
            PREVIEWS,
            "steps = [{ replace_all = 'users/', with = 'thumbs/' }]",
        ),
        Make::OnePerOwner => (
            "one-per-owner",
            PREVIEWS,
            r"regex = '^users/([^/]+)/.*$'
replace = 'covers/$1.png'",
        ),
        Make::Again => (
            "again",
            TINY,
            r"regex = '^previews/(.+)$'
replace = 'tiny/$1'",
        ),
    }
}

fn id(area: Area) -> &'static str {
    match area {
        Area::Users => "users",
        Area::Folders => "folders",
        Area::Records => "records",
        Area::Metadata => "metadata",
    }
}

fn push(text: &mut String, more: std::fmt::Arguments<'_>) {
    std::fmt::Write::write_fmt(text, more).unwrap();
}

/// The blueprint of an application, as a person would write it.
pub(super) fn blueprint(application: &Application, layouts: Layouts, rival: Rival) -> String {
    let mut text = format!("version = 1\nname = \"oracle\"\n\n[[bucket]]\nname = \"{MEDIA}\"\n");
    if rival == Rival::Before {
        push(&mut text, format_args!("\n[[bucket.layout]]\n{RIVAL}\n"));
    }
    for (area, layout) in LAYOUTS {
        if application.areas.contains(&area) {
            push(&mut text, format_args!("\n[[bucket.layout]]\n{layout}\n"));
        }
    }
    let behind = match rival {
        Rival::None | Rival::Before => None,
        Rival::After => Some(RIVAL),
        Rival::Tailed => Some(TAILED),
        Rival::Metadata => Some(METADATA),
    };
    if let Some(layout) = behind {
        push(&mut text, format_args!("\n[[bucket.layout]]\n{layout}\n"));
    }
    let rules = MAKES
        .into_iter()
        .filter(|make| application.does(*make) && *make != Make::Again);
    for make in rules {
        let (name, to, steps) = rule(make);
        let from: Vec<String> = make
            .of()
            .iter()
            .filter(|area| application.areas.contains(area))
            .map(|area| format!("{:?}", id(*area)))
            .collect();
        let from = from.join(", ");
        push(
            &mut text,
            format_args!(
                "\n[[bucket.derived]]\nid = \"{name}\"\nfrom = [{from}]\nto_bucket = \"{to}\"\n{steps}\n"
            ),
        );
    }
    push(
        &mut text,
        format_args!("\n[[bucket]]\nname = \"{PREVIEWS}\"\n"),
    );
    let layout = match layouts {
        Layouts::None => "",
        Layouts::ByOwner => {
            "id = \"preview\"\nkey = \"previews/users/{user}/{name...}\"\nowner = \"user\""
        }
        Layouts::ByMetadata => {
            "id = \"stated\"\nkey = \"{name...}\"\nowner_from = \"metadata:owner\""
        }
        Layouts::Misleading => "id = \"flat\"\nkey = \"flat/{user}/{name...}\"\nowner = \"user\"",
    };
    if !layout.is_empty() {
        push(&mut text, format_args!("\n[[bucket.layout]]\n{layout}\n"));
    }
    if application.does(Make::Again) && layouts == Layouts::ByOwner {
        let (name, to, steps) = rule(Make::Again);
        push(
            &mut text,
            format_args!(
                "\n[[bucket.derived]]\nid = \"{name}\"\nfrom = \"preview\"\nto_bucket = \"{to}\"\n{steps}\n"
            ),
        );
    }
    push(&mut text, format_args!("\n[[bucket]]\nname = \"{TINY}\"\n"));
    if application.replica != Replica::None {
        push(
            &mut text,
            format_args!("\n[[bucket]]\nname = \"{REPLICA}\"\n"),
        );
    }
    if application.replica == Replica::WithUploads {
        push(&mut text, format_args!("\n[[bucket.layout]]\n{RIVAL}\n"));
    }
    text
}
