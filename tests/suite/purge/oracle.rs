//! Whose each key of the five worlds is, said once more in the words of the applications' documents.
//!
//! Nothing of the program is asked here, no blueprint and no regular expression of one: were the program wrong about a
//! layout, this would still be right. It is the slow and plain way, every key by itself.

use std::collections::BTreeSet;

use super::bench::Thing;

/// A bucket and a key.
type Place = (String, String);

/// What the Lambda of `PilotForce` puts before what it takes for the extension.
const THUMBNAIL: &str = "-thumbnail";

const MEDIA: &str = "quikapp-media-prod";
const MEDIA_AND_REPLICAS: [&str; 3] = [MEDIA, "quikapp-media-prod-eu", "quikapp-media-prod-apac"];

/// Everything of a user: what names them, what records give them, and what was made of either.
pub fn owned(
    things: &BTreeSet<Thing>,
    user: &str,
    records: Option<&BTreeSet<String>>,
) -> BTreeSet<Thing> {
    let place = |thing: &Thing| (thing.0.clone(), thing.1.clone());
    let there: BTreeSet<Place> = things.iter().map(place).collect();
    let is_recorded = |(bucket, key): &Place| {
        MEDIA_AND_REPLICAS.contains(&bucket.as_str())
            && message_kind(key).is_some()
            && records.is_some_and(|records| records.contains(key))
    };
    let mut of_user: BTreeSet<Place> = there
        .iter()
        .filter(|place| {
            let (bucket, key) = place;
            let is_named = named(bucket, key) == Some(user);
            (is_named && !is_made_from_anothers(bucket, key, user)) || is_recorded(place)
        })
        .cloned()
        .collect();
    // What an upload alone stands for was never there: nothing was made of it.
    let objects = things.iter().filter(|thing| thing.2 != "upload");
    let objects: BTreeSet<Place> = objects.map(place).collect();
    let mut sources: Vec<Place> = of_user.intersection(&objects).cloned().collect();
    while let Some((bucket, key)) = sources.pop() {
        for made in made_of(&bucket, &key) {
            if there.contains(&made) && of_user.insert(made.clone()) && objects.contains(&made) {
                sources.push(made);
            }
        }
    }
    let is_users = |thing: &&Thing| of_user.contains(&place(thing));
    things.iter().filter(is_users).cloned().collect()
}

/// The users whom keys name.
pub fn users(things: &BTreeSet<Thing>) -> BTreeSet<&str> {
    let keys = things.iter();
    keys.filter_map(|(bucket, key, ..)| named(bucket, key))
        .collect()
}

/// The user whom a key names.
pub fn named<'k>(bucket: &str, key: &'k str) -> Option<&'k str> {
    let folders: Vec<&str> = key.split('/').collect();
    let user = match (bucket, folders.as_slice()) {
        ("elimination-profile-pictures", ["profiles", user, _, ..])
        | ("infinite-images", ["users", user, _, ..])
        | ("leadshop-assets", ["screenshots" | "reports" | "temp", user, _, ..]) => user,
        ("elimination-verifications", ["verifications", game, user, _, ..]) if !game.is_empty() => {
            user
        }
        ("pilotforce-user-uploads", [directory, user, _, ..]) if !directory.is_empty() => user,
        (bucket, folders) if MEDIA_AND_REPLICAS.contains(&bucket) => match folders {
            ["dm", conversation, "avatars", user, _, ..] if !conversation.is_empty() => user,
            [workspace, "avatars", user, _, ..] if !["", "dm"].contains(workspace) => user,
            _ => return None,
        },
        _ => return None,
    };
    (!user.is_empty()).then_some(user)
}

/// `photos`, `videos`, `voice` or `files`, where a key is a message's.
fn message_kind(key: &str) -> Option<&str> {
    let folders: Vec<&str> = key.split('/').collect();
    let (kind, channel, message, file) = match folders.as_slice() {
        ["dm", conversation, kind, channel, message, file] if !conversation.is_empty() => {
            (*kind, channel, message, file)
        }
        [workspace, kind, channel, message, file] if !["", "dm"].contains(workspace) => {
            (*kind, channel, message, file)
        }
        _ => return None,
    };
    let (uuid, rest) = file.split_at_checked(36)?;
    let is_uuid = uuid.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    let inner = rest.strip_suffix(".enc")?;
    let by_name = inner.strip_prefix('_').is_some_and(|name| !name.is_empty());
    let by_extension = match kind {
        "photos" | "videos" => inner.strip_prefix('.').is_some_and(|ext| !ext.is_empty()),
        "voice" => inner == ".opus",
        _ => false,
    };
    let is_kind = ["photos", "videos", "voice", "files"].contains(&kind);
    let is_message = is_kind
        && is_uuid
        && (by_name || by_extension)
        && !channel.is_empty()
        && !message.is_empty();
    is_message.then_some(kind)
}

/// What an application makes of an object.
fn made_of(bucket: &str, key: &str) -> Vec<Place> {
    match bucket {
        "pilotforce-user-uploads" if named(bucket, key).is_some() => {
            vec![(bucket.to_owned(), thumbnail(key))]
        }
        MEDIA if message_kind(key) == Some("photos") => {
            let preview = |size| {
                let key = key.replace("photos/", &format!("thumbnails/{size}/"));
                let stem = key.rfind('.').map_or(key.as_str(), |at| &key[..at]);
                ("quikapp-thumbnails-prod".to_owned(), format!("{stem}.webp"))
            };
            ["small", "medium", "large"].map(preview).to_vec()
        }
        _ => Vec::new(),
    }
}

/// `key.replace(/^(.+)(\..+?)$/, '$1-thumbnail$2')`: before the last dot that has something on both sides.
fn thumbnail(key: &str) -> String {
    let mut letters = key.char_indices();
    let dot = letters.rfind(|(at, c)| *c == '.' && *at > 0 && at + 1 < key.len());
    match dot {
        Some((at, _)) if !key.contains(['\n', '\r', '\u{2028}', '\u{2029}']) => {
            format!("{}{THUMBNAIL}{}", &key[..at], &key[at..])
        }
        _ => key.to_owned(),
    }
}

/// Whether a key that names a user is the thumbnail of what is another's: then it is that one's.
fn is_made_from_anothers(bucket: &str, key: &str, user: &str) -> bool {
    bucket == "pilotforce-user-uploads"
        && key.match_indices(THUMBNAIL).any(|(at, _)| {
            let source = format!("{}{}", &key[..at], &key[at + THUMBNAIL.len()..]);
            thumbnail(&source) == key
                && (named(bucket, &source).is_some_and(|of_source| of_source != user)
                    || is_made_from_anothers(bucket, &source, user))
        })
}
