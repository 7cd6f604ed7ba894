//! A server that answers what it is told, so that a test can say what comes back byte for byte.

use std::sync::{Arc, Mutex};

use s3warden::facade::aws::{Aws, ConnectOptions, StaticCredentials};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What to do with a request.
#[derive(Clone)]
pub enum Answer {
    /// Status, further headers (each ending in CRLF) and body.
    Http(u16, &'static str, String),
    /// Close the connection without a word.
    Drop,
    /// Promise more than is sent, then close.
    CutOff,
    /// Something that is no HTTP.
    Gibberish,
}

impl Answer {
    pub fn xml(status: u16, body: &str) -> Self {
        Self::Http(status, "content-type: application/xml\r\n", body.to_owned())
    }

    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self::xml(
            status,
            &format!(
                "<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
            ),
        )
    }
}

/// The running server. It gives the answers in turn, the last one for ever, and remembers the request lines.
pub struct Stub {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
    server: JoinHandle<()>,
}

impl Stub {
    pub async fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let server = tokio::spawn(async move {
            let mut answers = answers.into_iter();
            let mut answer = answers.next().unwrap();
            while let Ok((mut stream, _)) = listener.accept().await {
                let head = read_request(&mut stream).await;
                seen.lock().unwrap().push(head);
                write_answer(&mut stream, &answer).await;
                if let Some(next) = answers.next() {
                    answer = next;
                }
            }
        });
        Self {
            url,
            requests,
            server,
        }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Method and target of each request, with its Authorization header's Region: `GET /b?x us-east-1`.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    pub async fn connect(&self) -> Aws {
        connect(&self.url).await
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.server.abort();
    }
}

pub async fn connect(url: &str) -> Aws {
    Aws::connect(ConnectOptions {
        endpoint_url: Some(url.to_owned()),
        region: Some("us-east-1".to_owned()),
        credentials: Some(StaticCredentials {
            access_key: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_key: "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY".to_owned(),
            session_token: None,
        }),
        ..ConnectOptions::default()
    })
    .await
    .unwrap()
}

pub async fn read_request(stream: &mut TcpStream) -> String {
    let mut data = Vec::new();
    let mut buffer = [0; 4096];
    // A TLS hello begins with 0x16 and has no blank line to wait for.
    while !data.windows(4).any(|window| window == b"\r\n\r\n") && data.first() != Some(&0x16) {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(n) => data.extend_from_slice(&buffer[..n]),
        }
    }
    // What was sent is read to its end: closing with something unread would reset the connection.
    let head = data.windows(4).position(|window| window == b"\r\n\r\n");
    let text = String::from_utf8_lossy(&data).into_owned();
    let mut missing = text
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, length)| length.parse::<usize>().ok())
        .zip(head)
        .map_or(0, |(length, head)| {
            (head + 4 + length).saturating_sub(data.len())
        });
    while missing > 0 {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(n) => missing = missing.saturating_sub(n),
        }
    }
    let line = text.lines().next().unwrap_or_default();
    let target: Vec<&str> = line.split(' ').take(2).collect();
    let region = text
        .split_once("Credential=")
        .and_then(|(_, scope)| scope.split('/').nth(2))
        .unwrap_or("unsigned");
    format!("{} {region}", target.join(" "))
}

pub async fn write_answer(stream: &mut TcpStream, answer: &Answer) {
    let bytes = match answer {
        Answer::Http(status, headers, body) => format!(
            "HTTP/1.1 {status} Whatever\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        ),
        Answer::Drop => return,
        Answer::CutOff => {
            "HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n<?xml version=\"1.0\"?><ListBucketResult>"
                .to_owned()
        }
        Answer::Gibberish => "SSH-2.0-OpenSSH_9.6\r\n".to_owned(),
    };
    let _ = stream.write_all(bytes.as_bytes()).await;
    let _ = stream.shutdown().await;
}
