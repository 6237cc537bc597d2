//! Archives are the same for the same files, bounded, and lead out of no folder.

use super::*;

#[test]
fn an_archive_comes_back_and_its_stored_form_is_always_the_same() {
    let long = "x/".repeat(120) + "y.png";
    let archive = Archive::of_files(&[("module/a.py", "x = 1\n"), (&long, "picture"), ("empty", "")]);
    let packed = archive.pack().unwrap();
    assert_eq!(packed, archive.clone().pack().unwrap());
    assert_eq!(Archive::unpack(&packed).unwrap(), archive);
    let folder = tempfile::tempdir().unwrap();
    archive.write_to(folder.path()).unwrap();
    assert_eq!(std::fs::read_to_string(folder.path().join(&long)).unwrap(), "picture");
}

#[test]
fn a_digest_tells_names_and_contents_apart() {
    let digests = [
        Archive::of_files(&[("a", "b"), ("c", "d")]),
        Archive::of_files(&[("a", "bc"), ("d", "")]),
        Archive::of_files(&[("ab", ""), ("c", "d")]),
        Archive::of_files(&[("a", "b")]),
    ]
    .map(|archive| archive.digest());
    for (index, digest) in digests.iter().enumerate() {
        assert_eq!(digest.len(), 64);
        assert!(!digests[..index].contains(digest));
    }
}

#[test]
fn too_much_is_refused_before_it_is_read_and_the_largest_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("small.png"), [0; 10]).unwrap();
    std::fs::write(folder.path().join("large.png"), [0; 100]).unwrap();
    let mut gathered = Gathered { archive: Archive::default(), limit: 105, size: 0 };
    let error = gathered.read_folder("scenes/game/assets", folder.path()).unwrap_err();
    assert!(matches!(&error, ArchiveError::TooLarge { size: 100, .. }), "{error:?}");
    assert!(error.to_string().contains("scenes/game/assets/large.png"), "{error}");
}

#[test]
fn what_is_no_archive_is_refused() {
    assert!(matches!(Archive::unpack(b"nothing"), Err(ArchiveError::Damaged(_))));
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_size(1);
    header.as_gnu_mut().unwrap().name[..7].copy_from_slice(b"../evil");
    header.set_cksum();
    tar.append(&header, &b"x"[..]).unwrap();
    let packed = tar.into_inner().unwrap().finish().unwrap();
    let error = Archive::unpack(&packed).unwrap_err();
    assert!(error.to_string().contains("../evil"), "{error}");
}
