//! The bytes of an object: kept, or made up while they are read.
//!
//! A world says that an object has 4 GB without anybody keeping 4 GB: such a body is made from a seed, the same bytes
//! each time and from any offset, one chunk at a time.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures::Stream;
use hyper::body::Bytes;
use md5::{Digest, Md5};
use s3s::StdError;
use s3s::dto::StreamingBlob;
use s3s::stream::{ByteStream, RemainingLength};

/// How much of a made-up body is made at once, in bytes.
const CHUNK: u64 = 64 * 1024;

/// The body of an object or of a part, as pieces one after the other. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Body {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Kept(Bytes),
    /// Bytes `offset..offset + length` of the endless sequence that the seed begins.
    MadeUp {
        seed: u64,
        offset: u64,
        length: u64,
    },
}

impl Piece {
    fn length(&self) -> u64 {
        match self {
            Self::Kept(bytes) => bytes.len() as u64,
            Self::MadeUp { length, .. } => *length,
        }
    }

    /// Bytes `start..end` of this piece; what lies outside is left out.
    fn slice(&self, start: u64, end: u64) -> Self {
        let end = end.min(self.length());
        let start = start.min(end);
        match self {
            Self::Kept(bytes) => {
                // A piece that is kept fits in memory, so its offsets fit in a usize.
                let index = |at: u64| usize::try_from(at).unwrap_or(bytes.len());
                Self::Kept(bytes.slice(index(start)..index(end)))
            }
            Self::MadeUp { seed, offset, .. } => Self::MadeUp {
                seed: *seed,
                offset: offset + start,
                length: end - start,
            },
        }
    }
}

impl Body {
    /// A body that is kept in memory.
    #[must_use]
    pub fn kept(bytes: Bytes) -> Self {
        Self {
            pieces: vec![Piece::Kept(bytes)],
        }
    }

    /// A body of that many bytes that is made from the seed while it is read.
    #[must_use]
    pub fn made_up(seed: u64, length: u64) -> Self {
        Self {
            pieces: vec![Piece::MadeUp {
                seed,
                offset: 0,
                length,
            }],
        }
    }

    /// Bodies one after the other, as a multipart upload puts them together.
    #[must_use]
    pub fn concatenated<'a>(bodies: impl IntoIterator<Item = &'a Body>) -> Self {
        Self {
            pieces: bodies
                .into_iter()
                .flat_map(|body| body.pieces.iter().cloned())
                .collect(),
        }
    }

    /// Length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.pieces.iter().map(Piece::length).sum()
    }

    /// Bytes `start..end`; what lies outside is left out.
    #[must_use]
    pub fn slice(&self, start: u64, end: u64) -> Self {
        let mut pieces = Vec::new();
        let mut before = 0;
        for piece in &self.pieces {
            let after = before + piece.length();
            if before < end && start < after {
                pieces.push(piece.slice(start.saturating_sub(before), end - before));
            }
            before = after;
        }
        Self { pieces }
    }

    /// The [digest](Self::digest) of a made-up body, without making the body: the usual case in a listing of a million
    /// keys, where an MD5 for each row would be most of the work.
    #[must_use]
    pub fn digest_of_made_up(seed: u64, offset: u64, length: u64) -> [u8; 16] {
        let low = splitmix(seed ^ length.rotate_left(40) ^ offset.rotate_left(20));
        (u128::from(low) << 64 | u128::from(splitmix(low ^ seed))).to_be_bytes()
    }

    /// The MD5 of the bytes where they are all kept. Of a made-up body it is a digest of its description: as good to
    /// tell two objects apart, without making gigabytes for it.
    #[must_use]
    pub fn digest(&self) -> [u8; 16] {
        if let [
            Piece::MadeUp {
                seed,
                offset,
                length,
            },
        ] = *self.pieces
        {
            return Self::digest_of_made_up(seed, offset, length);
        }
        let mut hasher = Md5::new();
        for piece in &self.pieces {
            match piece {
                Piece::Kept(bytes) => hasher.update(bytes),
                Piece::MadeUp {
                    seed,
                    offset,
                    length,
                } => {
                    hasher.update(seed.to_be_bytes());
                    hasher.update(offset.to_be_bytes());
                    hasher.update(length.to_be_bytes());
                }
            }
        }
        hasher.finalize().into()
    }

    /// The bytes, piece by piece, unless any of them are made up.
    #[must_use]
    pub fn kept_pieces(&self) -> Option<Vec<&[u8]>> {
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Kept(bytes) => Some(&**bytes),
                Piece::MadeUp { .. } => None,
            })
            .collect()
    }

    /// The bytes as a stream that knows how many are left.
    #[must_use]
    pub fn into_stream(self) -> StreamingBlob {
        StreamingBlob::new(Reader {
            left: self.length(),
            pieces: self.pieces.into_iter(),
            current: None,
        })
    }
}

/// Hands out a body, kept pieces whole and made-up ones in chunks.
struct Reader {
    left: u64,
    pieces: std::vec::IntoIter<Piece>,
    current: Option<Piece>,
}

impl Reader {
    fn next_chunk(&mut self) -> Option<Bytes> {
        loop {
            match self.current.take().or_else(|| self.pieces.next())? {
                Piece::Kept(bytes) if bytes.is_empty() => {}
                Piece::Kept(bytes) => {
                    self.left = self.left.saturating_sub(bytes.len() as u64);
                    return Some(bytes);
                }
                Piece::MadeUp { length: 0, .. } => {}
                Piece::MadeUp {
                    seed,
                    offset,
                    length,
                } => {
                    let now = length.min(CHUNK);
                    self.current = Some(Piece::MadeUp {
                        seed,
                        offset: offset + now,
                        length: length - now,
                    });
                    self.left = self.left.saturating_sub(now);
                    return Some(make_up(seed, offset, now));
                }
            }
        }
    }
}

impl Stream for Reader {
    type Item = Result<Bytes, StdError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.next_chunk().map(Ok))
    }
}

impl ByteStream for Reader {
    fn remaining_length(&self) -> RemainingLength {
        usize::try_from(self.left)
            .map_or_else(|_| RemainingLength::unknown(), RemainingLength::new_exact)
    }
}

/// Bytes `offset..offset + length` of the seed's sequence. Each eight bytes depend on the seed and their own place
/// alone (splitmix64), so that a range is the same bytes as in the whole.
fn make_up(seed: u64, offset: u64, length: u64) -> Bytes {
    let skip = usize::try_from(offset % 8).unwrap_or_default();
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let mut bytes = Vec::with_capacity(length.saturating_add(16));
    let mut word = offset / 8;
    while bytes.len() < length + skip {
        bytes.extend_from_slice(&splitmix(seed.wrapping_add(word)).to_le_bytes());
        word += 1;
    }
    Bytes::from(bytes).slice(skip..skip + length)
}

fn splitmix(counter: u64) -> u64 {
    let mut z = counter.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use futures::{StreamExt, executor::block_on};

    use super::*;

    fn bytes_of(body: Body) -> Vec<u8> {
        block_on(async {
            let mut stream = body.into_stream();
            let mut bytes = Vec::new();
            while let Some(chunk) = stream.next().await {
                let chunk = chunk.unwrap();
                assert!(chunk.len() as u64 <= CHUNK, "a chunk of {}", chunk.len());
                bytes.extend_from_slice(&chunk);
            }
            bytes
        })
    }

    #[test]
    fn a_range_of_a_made_up_body_is_that_range_of_the_whole() {
        let body = Body::made_up(7, 2 * CHUNK + 5);
        let whole = bytes_of(body.clone());
        assert_eq!(whole.len() as u64, body.length());
        for (start, end) in [(0, 1), (3, 21), (CHUNK - 1, CHUNK + 9), (5, 2 * CHUNK + 5)] {
            let range = usize::try_from(start).unwrap()..usize::try_from(end).unwrap();
            assert_eq!(bytes_of(body.slice(start, end)), whole[range]);
        }
    }

    #[test]
    fn a_slice_across_pieces_takes_a_part_of_each() {
        let body = Body::concatenated([
            &Body::kept(Bytes::from_static(b"abc")),
            &Body::kept(Bytes::new()),
            &Body::kept(Bytes::from_static(b"defg")),
        ]);
        assert_eq!(bytes_of(body.slice(2, 5)), b"cde");
        assert_eq!(bytes_of(body.slice(6, 99)), b"g");
        assert_eq!(bytes_of(body.slice(7, 99)), b"");
    }

    #[test]
    fn the_digest_of_kept_bytes_is_their_md5() {
        let digest = Body::kept(Bytes::from_static(b"hello")).digest();
        assert_eq!(
            u128::from_be_bytes(digest),
            0x5d41_402a_bc4b_2a76_b971_9d91_1017_c592
        );
    }

    #[test]
    fn the_stream_says_how_much_is_left() {
        let stream = Body::made_up(1, 5 << 30).into_stream();
        assert_eq!(stream.remaining_length().exact(), Some(5 << 30));
    }
}
