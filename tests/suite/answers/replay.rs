//! A server that answers as another one does, by a file of its answers.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use percent_encoding::percent_decode_str;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
struct Answer {
    status: u16,
    body: String,
}

#[derive(Debug, Clone, Deserialize)]
struct Upload {
    key: String,
    id: String,
}

#[derive(Debug, Clone, Deserialize)]
struct Answers {
    server: String,
    list: Answer,
    parts: Answer,
    no_parts: Answer,
    block: Answer,
    identity: Answer,
    buckets: Answer,
    no_abort: Answer,
    upload: Vec<Upload>,
    #[serde(default)]
    policy: Option<String>,
}

/// A server that serves until the process ends: its thread waits for connections.
pub struct Replay {
    url: String,
    answers: Answers,
    there: Arc<Mutex<Vec<Upload>>>,
}

/// One of each file.
pub fn servers() -> Vec<Replay> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/answers");
    let files = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    assert!(files.len() >= 5, "{files:?}");
    let read = |file: &_| {
        let text = std::fs::read_to_string(file).unwrap();
        let mut answers: Answers = toml::from_str(&text).unwrap();
        answers.list.body = long_ago(&answers.list.body);
        Replay::serve(answers)
    };
    files.iter().map(read).collect()
}

/// The same with uploads that were begun long ago, whenever they were recorded.
fn long_ago(list: &str) -> String {
    let mut parts = list.split("<Initiated>");
    let mut dated = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (_, after) = part.split_once("</Initiated>").unwrap();
        dated.push_str("<Initiated>2026-03-01T12:00:00.000Z</Initiated>");
        dated.push_str(after);
    }
    dated
}

impl Replay {
    fn serve(answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let there = Arc::new(Mutex::new(answers.upload.clone()));
        let (served, held) = (answers.clone(), Arc::clone(&there));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (answers, there) = (served.clone(), Arc::clone(&held));
                std::thread::spawn(move || answer(stream.unwrap(), &answers, &there));
            }
        });
        Self {
            url,
            answers,
            there,
        }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn name(&self) -> &str {
        &self.answers.server
    }

    /// The true keys of a user's uploads that are still there.
    pub fn keys_of(&self, user: &str) -> BTreeSet<String> {
        let there = self.there.lock().unwrap();
        let keys = there.iter().map(|upload| upload.key.clone());
        keys.filter(|key| key.starts_with(&format!("uploads/{user}/")))
            .collect()
    }

    pub fn has_sts(&self) -> bool {
        self.answers.identity.status == 200
    }

    /// Whether anything says whose credentials these are.
    pub fn names_somebody(&self) -> bool {
        let owner = self.answers.buckets.body.split_once("<Owner>");
        let owner = owner.and_then(|(_, rest)| rest.split_once("</Owner>"));
        let is_named = owner.is_some_and(|(owner, _)| {
            let values = owner.split('<').filter_map(|tag| tag.split_once('>'));
            values
                .into_iter()
                .any(|(_, value)| !value.trim().is_empty())
        });
        self.has_sts() || is_named
    }

    /// The same where nothing says whose credentials these are.
    pub fn without_names(&self) -> Self {
        let mut answers = self.answers.clone();
        answers.identity.status = 405;
        "<Error><Code>MethodNotAllowed</Code></Error>".clone_into(&mut answers.identity.body);
        let body = &answers.buckets.body;
        if let (Some((before, _)), Some((_, after))) =
            (body.split_once("<Owner>"), body.split_once("</Owner>"))
        {
            answers.buckets.body = format!("{before}{after}");
        }
        Self::serve(answers)
    }

    /// The same where no upload is known by whichever key.
    pub fn without_parts(&self) -> Self {
        let mut answers = self.answers.clone();
        answers.parts = Answer {
            status: 404,
            body: "<Error><Code>NoSuchUpload</Code></Error>".to_owned(),
        };
        answers.no_parts = answers.parts.clone();
        Self::serve(answers)
    }

    /// The same where anybody may read the bucket.
    pub fn with_public_policy(&self) -> Self {
        let mut answers = self.answers.clone();
        answers.policy = Some(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::media/*"}]}"#
                .to_owned(),
        );
        Self::serve(answers)
    }
}

fn answer(mut stream: TcpStream, answers: &Answers, there: &Mutex<Vec<Upload>>) {
    let Some((method, target)) = request(&mut stream) else {
        return;
    };
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let path = percent_decode_str(path).decode_utf8_lossy().into_owned();
    let field = |name: &str| {
        query.split('&').find_map(|pair| {
            let (found, value) = pair.split_once('=').unwrap_or((pair, ""));
            (found == name).then(|| percent_decode_str(value).decode_utf8_lossy().into_owned())
        })
    };
    let of = |answer: &Answer| (answer.status, answer.body.clone());
    let error = |status, code: &str| (status, format!("<Error><Code>{code}</Code></Error>"));
    let is_upload = |upload: &Upload| {
        field("uploadId").as_deref() == Some(&upload.id)
            && path.strip_prefix("/media/") == Some(&upload.key)
    };
    let mut uploads = there.lock().unwrap();
    let (status, body) = match (method.as_str(), path.as_str()) {
        ("POST", "/") => of(&answers.identity),
        ("GET", "/") => of(&answers.buckets),
        (_, path) if path.starts_with("/v20180820") => error(404, "NoSuchKey"),
        ("GET", _) if field("uploadId").is_some() => {
            of(if uploads.iter().any(is_upload) {
                &answers.parts
            } else {
                &answers.no_parts
            })
        }
        ("DELETE", _) if field("uploadId").is_some() => {
            let before = uploads.len();
            uploads.retain(|upload| !is_upload(upload));
            if uploads.len() < before {
                (204, String::new())
            } else {
                of(&answers.no_abort)
            }
        }
        ("GET", _) if field("uploads").is_some() => {
            let asked = field("prefix").unwrap_or_default();
            (200, still_there(&answers.list.body, &uploads, &asked))
        }
        ("GET", _) if field("publicAccessBlock").is_some() => of(&answers.block),
        ("GET", _) if field("policy").is_some() => match &answers.policy {
            Some(policy) => (200, policy.clone()),
            None => error(404, "NoSuchBucketPolicy"),
        },
        ("GET", _) if field("acl").is_some() => (
            200,
            "<AccessControlPolicy><Owner><ID>media-app</ID></Owner><AccessControlList/></AccessControlPolicy>"
                .to_owned(),
        ),
        ("GET", _) if field("versions").is_some() => (200, empty("ListVersionsResult")),
        ("GET", _) if field("list-type").is_some() => (200, empty("ListBucketResult")),
        ("GET", _) if field("versioning").is_some() => (
            200,
            "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>".to_owned(),
        ),
        ("GET", _) if field("replication").is_some() => {
            error(404, "ReplicationConfigurationNotFoundError")
        }
        ("GET", _) if field("object-lock").is_some() => {
            error(404, "ObjectLockConfigurationNotFoundError")
        }
        ("HEAD", "/media" | "/media/") => (200, String::new()),
        ("HEAD", _) => (404, String::new()),
        ("GET", "/media" | "/media/") => error(501, "NotImplemented"),
        _ => error(404, "NoSuchKey"),
    };
    let head = format!(
        "HTTP/1.1 {status} Whatever\r\ncontent-type: application/xml\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes());
    if method != "HEAD" {
        let _ = stream.write_all(body.as_bytes());
    }
}

/// The list without what is not there any more, and below the prefix that was asked for by true keys.
fn still_there(list: &str, uploads: &[Upload], prefix: &str) -> String {
    let mut parts = list.split("<Upload>");
    let mut body = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (upload, after) = part.split_once("</Upload>").unwrap();
        let is_there = uploads.iter().any(|one| {
            one.key.starts_with(prefix) && upload.contains(&format!("<UploadId>{}<", one.id))
        });
        if is_there {
            body.extend(["<Upload>", upload, "</Upload>"]);
        }
        body.push_str(after);
    }
    body
}

fn empty(root: &str) -> String {
    format!(
        "<{root} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>media</Name><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated></{root}>"
    )
}

/// Method and target. What else was sent is read to its end.
fn request(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut data = Vec::new();
    let mut buffer = [0; 4096];
    let end = loop {
        let n = stream.read(&mut buffer).ok().filter(|n| *n > 0)?;
        data.extend_from_slice(&buffer[..n]);
        if let Some(end) = data.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let head = String::from_utf8_lossy(&data[..end]).into_owned();
    let length = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, length)| length.parse::<usize>().ok())
        .unwrap_or(0);
    let mut missing = (end + length).saturating_sub(data.len());
    while missing > 0 {
        let n = stream.read(&mut buffer).ok().filter(|n| *n > 0)?;
        missing = missing.saturating_sub(n);
    }
    let mut words = head.lines().next()?.split(' ');
    Some((words.next()?.to_owned(), words.next()?.to_owned()))
}
