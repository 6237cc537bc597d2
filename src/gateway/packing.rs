//! Compressed files: which ones come so, and how they are packed and unpacked.

use std::io::{Read, Write};

/// How a file is compressed, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Brotli,
    Gzip,
    /// One or the other, or not at all.
    Unity,
}

/// How a file is compressed, by its name; not at all when nothing is returned.
pub(super) fn packing(name: &str) -> Option<Packing> {
    match name.rsplit_once('.')?.1 {
        "br" => Some(Packing::Brotli),
        "gz" => Some(Packing::Gzip),
        "unityweb" => Some(Packing::Unity),
        _ => None,
    }
}

/// Whether a file is compressed as Unity marks it: by Brotli, with a comment of its own.
pub(super) fn is_marked_brotli(contents: &[u8]) -> bool {
    holds_early(contents, b"UnityWeb Compressed Content (brotli)")
}

/// Whether a file is compressed by gzip.
pub(super) fn is_gzip(contents: &[u8]) -> bool {
    contents.starts_with(&[0x1f, 0x8b])
}

fn holds_early(contents: &[u8], words: &[u8]) -> bool {
    let head = &contents[..contents.len().min(words.len() + 16)];
    head.windows(words.len()).any(|window| window == words)
}

/// Unpacks Brotli.
pub(super) fn unpack_brotli(contents: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut plain = Vec::new();
    brotli::BrotliDecompress(&mut &contents[..], &mut plain)?;
    Ok(plain)
}

/// Unpacks gzip.
pub(super) fn unpack_gzip(contents: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut plain = Vec::new();
    flate2::read::MultiGzDecoder::new(contents).read_to_end(&mut plain)?;
    Ok(plain)
}

/// Compresses by Brotli.
pub(super) fn compress_brotli(contents: &[u8]) -> Vec<u8> {
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: 9, ..Default::default() };
    // Writing to memory does not fail; an empty result would be left out as not smaller.
    let _ = brotli::BrotliCompress(&mut &contents[..], &mut compressed, &parameters);
    compressed
}

/// Compresses by gzip.
pub(super) fn compress_gzip(contents: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let _ = encoder.write_all(contents);
    encoder.finish().unwrap_or_default()
}
