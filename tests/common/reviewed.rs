//! Files whose text was reviewed, in `tests/handover/`.

use std::path::PathBuf;

use privlink::Files;

/// Compares with the reviewed files of a pair; `PRIVLINK_REVIEW=1` writes them anew, to be read.
pub(crate) fn is_as_reviewed(pair: &str, format: &str, files: &Files) {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/handover").join(pair).join(format);
    if std::env::var_os("PRIVLINK_REVIEW").is_some() {
        files.write_to(&directory).unwrap();
    }
    let mut reviewed: Vec<String> =
        std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    reviewed.sort();
    assert_eq!(files.iter().map(|(name, _)| name).collect::<Vec<_>>(), reviewed, "the files of {pair} as {format}");
    for (name, text) in files.iter() {
        let known = std::fs::read_to_string(directory.join(name)).unwrap();
        assert_eq!(text, known, "{name} of {pair}; PRIVLINK_REVIEW=1 writes it anew");
    }
}
