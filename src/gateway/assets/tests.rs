//! Every file comes in the best form, and none but those that were put in.

use std::io::Write;

use hyper::StatusCode;
use hyper::header;

use super::*;

fn request(headers: &[(header::HeaderName, &str)]) -> HeaderMap {
    headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
}

fn store() -> (tempfile::TempDir, Assets, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("inner")).unwrap();
    std::fs::write(folder.path().join("inner/a.mjs"), "export {};\n".repeat(50)).unwrap();
    std::fs::write(folder.path().join("big.wasm"), "wasm").unwrap();
    std::fs::write(folder.path().join("big.wasm.br"), "its own").unwrap();
    std::fs::write(folder.path().join(".secret"), "no").unwrap();
    let mut assets = Assets::default();
    let prefix = assets.add_immutable("client", folder.path()).unwrap();
    (folder, assets, prefix)
}

#[test]
fn a_file_comes_compressed_typed_and_for_good() {
    let (_folder, assets, prefix) = store();
    let accept = request(&[(header::ACCEPT_ENCODING, "gzip, br;q=0.9")]);
    let response = assets.get(&format!("{prefix}inner/a.mjs"), &accept).unwrap();
    assert_eq!(response.headers()[header::CONTENT_ENCODING], "br");
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
    assert!(response.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    let etag = response.headers()[header::ETAG].to_str().unwrap().to_owned();
    let again = assets.get(&format!("{prefix}inner/a.mjs"), &request(&[(header::IF_NONE_MATCH, &etag)])).unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
}

#[test]
fn a_compressed_variant_beside_a_file_is_used_and_not_served_by_itself() {
    let (_folder, assets, prefix) = store();
    let wasm = format!("{prefix}big.wasm");
    let plain = assets.get(&wasm, &request(&[(header::ACCEPT_ENCODING, "br;q=0")])).unwrap();
    assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
    let small = assets.get(&wasm, &request(&[(header::ACCEPT_ENCODING, "br")])).unwrap();
    assert_eq!(small.headers()[header::CONTENT_TYPE], "application/wasm");
    assert_eq!(small.headers()[header::CONTENT_ENCODING], "br");
    assert!(assets.get(&format!("{wasm}.br"), &HeaderMap::new()).is_none());
}

#[test]
fn no_address_leads_out_of_the_folder() {
    let (_folder, assets, prefix) = store();
    for path in ["../a", "inner/../../x", ".secret", "inner", "", "%2e%2e/x", "inner//a.mjs"] {
        assert!(assets.get(&format!("{prefix}{path}"), &HeaderMap::new()).is_none(), "{path}");
    }
}

#[test]
fn the_compressed_files_of_a_build_are_unpacked_by_the_browser_or_else_by_us() {
    let plain = b"\0asm of a build, of a build, of a build, of a build".to_vec();
    let marked = || {
        let mut gzip = flate2::GzBuilder::new()
            .comment("UnityWeb Compressed Content (gzip)")
            .write(Vec::new(), flate2::Compression::best());
        gzip.write_all(&plain).unwrap();
        gzip.finish().unwrap()
    };
    let files = vec![
        ("Build/a.wasm.br".to_owned(), compress_brotli(&plain)),
        ("Build/a.data.gz".to_owned(), compress_gzip(&plain)),
        ("Build/a.framework.js.unityweb".to_owned(), marked()),
        ("Build/b.data.unityweb".to_owned(), plain.clone()),
    ];
    let mut assets = Assets::default();
    let prefix = assets.add_document("assets/document-", files).unwrap();
    let cases = [
        ("a.wasm.br", "application/wasm", Some("br")),
        ("a.data.gz", "application/octet-stream", Some("gzip")),
        ("a.framework.js.unityweb", "text/javascript; charset=utf-8", Some("gzip")),
        ("b.data.unityweb", "application/octet-stream", None),
    ];
    for (name, mime, encoding) in cases {
        let get = |accepted: &str| {
            let request = request(&[(header::ACCEPT_ENCODING, accepted)]);
            assets.get(&format!("{prefix}Build/{name}"), &request).unwrap()
        };
        let answer = get("gzip, br");
        assert_eq!(answer.headers()[header::CONTENT_TYPE], mime, "{name}");
        let told = answer.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap());
        assert_eq!(told, encoding, "{name}");
        assert_eq!(assets.files[&format!("{prefix}Build/{name}")].plain, plain, "{name}");
        // Browsers take Brotli over HTTPS only.
        assert!(!get("identity").headers().contains_key(header::CONTENT_ENCODING), "{name}");
    }
    let broken = vec![("a.wasm.br".to_owned(), b"version https://git-lfs.github.com/spec/v1".to_vec())];
    let error = Assets::default().add_document("assets/document-", broken).unwrap_err().to_string();
    assert!(error.contains("a.wasm.br") && error.contains("cannot be decompressed"), "{error}");
}

#[test]
fn a_part_of_a_file_is_given_as_asked_for() {
    let mut assets = Assets::default();
    assets.add_file("film.mp4", b"0123456789".to_vec());
    let ask = |range: &str| assets.get("film.mp4", &request(&[(header::RANGE, range)])).unwrap();
    for (range, told) in [
        ("bytes=2-5", "bytes 2-5/10"),
        ("bytes=7-", "bytes 7-9/10"),
        ("bytes=-3", "bytes 7-9/10"),
        ("bytes=0-99", "bytes 0-9/10"),
    ] {
        let answer = ask(range);
        assert_eq!(answer.status(), StatusCode::PARTIAL_CONTENT, "{range}");
        assert_eq!(answer.headers()[header::CONTENT_RANGE], told);
    }
    for odd in ["bytes=5-2", "bytes=99-", "bytes=a-b", "lines=1-2", "bytes=0-1,4-5"] {
        assert_eq!(ask(odd).status(), StatusCode::OK, "{odd}");
    }
    // Who has the beginning of another form, or of another file, gets all of it.
    let own = ask("bytes=0-1").headers()[header::ETAG].to_str().unwrap().to_owned();
    let packed = own.replace("\"", "") + "-br";
    for (tag, status) in [(own.as_str(), 206), (&format!("\"{packed}\""), 200), ("\"other\"", 200)] {
        let other = request(&[(header::RANGE, "bytes=0-1"), (header::IF_RANGE, tag)]);
        assert_eq!(assets.get("film.mp4", &other).unwrap().status(), status, "{tag}");
    }
}

#[test]
fn a_changed_file_has_a_new_address() {
    let (folder, mut assets, prefix) = store();
    std::fs::write(folder.path().join("inner/a.mjs"), "other").unwrap();
    assert_ne!(assets.add_immutable("client", folder.path()).unwrap(), prefix);
}
