//! Real bodies, as small as their formats allow: for what is opened rather than counted.

use std::fmt::Write as _;

use hyper::body::Bytes;

use super::rng::Rng;

/// A body for an object of this content type.
pub(crate) fn of_type(content_type: &str, rng: &mut Rng) -> Bytes {
    match content_type {
        "image/png" => png(colour(rng)),
        "image/jpeg" => jpeg(),
        "application/pdf" => pdf(&format!("Statement {}", rng.hex(6))),
        _ => Bytes::from(format!("This is file {} of a made-up world.\n", rng.hex(8))),
    }
}

/// The content type that a file name's extension stands for.
pub(crate) fn type_of(key: &str) -> &'static str {
    let extension = key
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension)
        .to_ascii_lowercase();
    match extension.as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "mp4" => "video/mp4",
        "mov" => "video/quicktime",
        "pdf" => "application/pdf",
        "txt" | "log" => "text/plain; charset=utf-8",
        "csv" => "text/csv",
        "json" => "application/json",
        "html" => "text/html; charset=utf-8",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "zip" => "application/zip",
        _ => "application/octet-stream",
    }
}

fn colour(rng: &mut Rng) -> [u8; 3] {
    let mut channel = || u8::try_from(rng.between([0, 255])).unwrap_or_default();
    [channel(), channel(), channel()]
}

/// A PNG of 8×8 pixels in one colour; the pixels are stored, not compressed.
pub(crate) fn png(colour: [u8; 3]) -> Bytes {
    const SIDE: u8 = 8;
    let row: Vec<u8> = std::iter::once(0)
        .chain(colour.iter().copied().cycle().take(3 * usize::from(SIDE)))
        .collect();
    let pixels = row.repeat(usize::from(SIDE));
    let length = u16::try_from(pixels.len()).unwrap_or_default();

    // A zlib stream of a single stored block.
    let mut data = vec![0x78, 0x01, 0x01];
    data.extend(length.to_le_bytes());
    data.extend((!length).to_le_bytes());
    data.extend(&pixels);
    data.extend(adler32(&pixels).to_be_bytes());

    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(
        &mut png,
        *b"IHDR",
        &[0, 0, 0, SIDE, 0, 0, 0, SIDE, 8, 2, 0, 0, 0],
    );
    chunk(&mut png, *b"IDAT", &data);
    chunk(&mut png, *b"IEND", &[]);
    Bytes::from(png)
}

fn chunk(png: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    png.extend(u32::try_from(data.len()).unwrap_or_default().to_be_bytes());
    let mut crc = crc32fast::Hasher::new();
    crc.update(&kind);
    crc.update(data);
    png.extend(kind);
    png.extend(data);
    png.extend(crc.finalize().to_be_bytes());
}

fn adler32(data: &[u8]) -> u32 {
    let (a, b) = data.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    b << 16 | a
}

/// A grey JPEG of one block of 8×8 pixels: baseline, one component, Huffman tables of one code each.
pub(crate) fn jpeg() -> Bytes {
    let mut jpeg = vec![0xff, 0xd8];
    let mut segment = |marker: u8, data: &[u8]| {
        jpeg.extend([0xff, marker]);
        jpeg.extend((u16::try_from(data.len()).unwrap_or_default() + 2).to_be_bytes());
        jpeg.extend(data);
    };
    segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    let mut quantisation = vec![0];
    quantisation.extend([1_u8; 64]);
    segment(0xdb, &quantisation);
    segment(0xc0, &[8, 0, 8, 0, 8, 1, 1, 0x11, 0]);
    // One code of one bit in each table: "no difference" for DC, "end of block" for AC.
    for class in [0x00, 0x10] {
        let mut table = vec![class, 1];
        table.extend([0; 15]);
        table.push(0);
        segment(0xc4, &table);
    }
    segment(0xda, &[1, 1, 0x00, 0, 63, 0]);
    // Two codes "0", filled up with ones, and the end of the image.
    jpeg.extend([0x3f, 0xff, 0xd9]);
    Bytes::from(jpeg)
}

/// A PDF of one empty page with a title.
fn pdf(title: &str) -> Bytes {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>".to_owned(),
        format!("<< /Title ({title}) >>"),
    ];
    let mut pdf = "%PDF-1.4\n".to_owned();
    let mut index = "0000000000 65535 f \n".to_owned();
    for (object, number) in objects.iter().zip(1..) {
        let _ = writeln!(index, "{:010} 00000 n ", pdf.len());
        let _ = writeln!(pdf, "{number} 0 obj\n{object}\nendobj");
    }
    let start = pdf.len();
    let _ = writeln!(
        pdf,
        "xref\n0 5\n{index}trailer\n<< /Size 5 /Root 1 0 R /Info 4 0 R >>\nstartxref\n{start}\n%%EOF"
    );
    Bytes::from(pdf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_png_begins_and_ends_as_one_and_its_checksums_are_right() {
        let png = png([1, 2, 3]);
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
        // The checksum of an empty IEND chunk is known from the specification.
        assert!(png.ends_with(&[0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82]));
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
    }

    #[test]
    fn every_type_has_a_body_that_begins_like_it() {
        let mut rng = Rng::new(1, "bodies");
        for (name, start) in [
            ("a.JPG", &b"\xff\xd8\xff\xe0"[..]),
            ("a.png", b"\x89PNG"),
            ("a.pdf", b"%PDF-1.4"),
            ("a", b"This"),
        ] {
            assert!(
                of_type(type_of(name), &mut rng).starts_with(start),
                "{name}"
            );
        }
    }
}
