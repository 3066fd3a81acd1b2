//! COMBINE archives (`.omex`): a PEtab problem with all its files in one zip file.
//!
//! The format: Bergmann et al. 2014, doi:10.1186/s12859-014-0369-z. `manifest.xml` names the files, their formats and the master file. What the files
//! mean lives in [`crate::exchange::petab`].
//!
//! Archives come from anywhere, so nothing in them is believed: names must stay within the archive, links are refused, and files and bytes are
//! counted while they are read.
mod error;
mod manifest;

pub use error::{OmexError, OmexErrorKind};

use crate::exchange::files::write_files;
use std::{
    collections::HashSet,
    fs::File,
    io::{BufReader, Cursor, Read, Seek, Write},
    path::{Path, PathBuf},
};
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter, write::SimpleFileOptions};

const MANIFEST: &str = "manifest.xml";
/// More files than any problem has.
const MOST_FILES: usize = 10_000;
/// More bytes than any problem has: 1 GiB.
const MOST_BYTES: u64 = 1 << 30;

/// The files of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// names, with `/` between folders, and contents; without the manifest
    pub files: Vec<(String, Vec<u8>)>,
    /// name of the problem's YAML file
    pub problem: String,
}

/// Whether a path names an archive.
pub fn is_archive(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    extension.eq_ignore_ascii_case("omex")
}

/// Reads an archive. The problem is the master file if that is one of PEtab or YAML, else the one file whose format is PEtab's,
/// else the one YAML file.
///
/// # Errors
/// A file that is no zip file, names that lead out of it, links, more than 10 000 files or 1 GiB, a manifest that is missing or names what is
/// not there, and no problem or several.
pub fn read(file: &Path) -> Result<Archive, OmexError> {
    let located = |kind| OmexError {
        file: file.to_owned(),
        kind,
    };
    let open = File::open(file).map_err(|e| located(OmexErrorKind::Unreadable(e)))?;
    read_from(BufReader::new(open), MOST_BYTES).map_err(located)
}

fn read_from(source: impl Read + Seek, most_bytes: u64) -> Result<Archive, OmexErrorKind> {
    let mut zip = ZipArchive::new(source)?;
    if zip.len() > MOST_FILES {
        return Err(OmexErrorKind::Files {
            number: zip.len(),
            limit: MOST_FILES,
        });
    }
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut names = HashSet::new();
    let mut left = most_bytes;
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index)?;
        let name = inside(&entry.name()?)?;
        if entry.is_symlink() {
            return Err(OmexErrorKind::Link { name });
        }
        if entry.is_dir() || name.is_empty() {
            continue;
        }
        // some disks do not tell small letters from large ones
        if !names.insert(name.to_lowercase()) {
            return Err(OmexErrorKind::Twice { name });
        }
        let mut bytes = Vec::new();
        // the size that the archive says may be a lie
        let read = (&mut entry).take(left + 1).read_to_end(&mut bytes);
        read.map_err(|error| OmexErrorKind::Entry {
            name: name.clone(),
            message: error.to_string(),
        })?;
        if bytes.len() as u64 > left {
            return Err(OmexErrorKind::Size { limit: most_bytes });
        }
        left -= bytes.len() as u64;
        files.push((name, bytes));
    }
    let manifest = files.iter().position(|(name, _)| name == MANIFEST);
    let (_, manifest) = files.remove(manifest.ok_or(OmexErrorKind::NoManifest)?);
    let manifest = String::from_utf8(manifest).map_err(|_| OmexErrorKind::Manifest {
        message: "it is not UTF-8".to_owned(),
    })?;
    let contents = manifest::read(manifest.trim_start_matches('\u{feff}'))?;
    let problem = problem(&contents, &files)?;
    Ok(Archive { files, problem })
}

/// The name of a file without `./`, which must not lead elsewhere.
fn inside(name: &str) -> Result<String, OmexErrorKind> {
    let plain = name.replace('\\', "/");
    let parts: Vec<&str> = plain
        .split('/')
        .filter(|part| !matches!(*part, "" | "."))
        .collect();
    let odd = |part: &&str| *part == ".." || part.contains([':', '\0']);
    if plain.starts_with('/') || parts.iter().any(odd) {
        let name = name.to_owned();
        return Err(OmexErrorKind::Outside { name });
    }
    Ok(parts.join("/"))
}

/// The YAML file of the problem.
fn problem(
    contents: &[manifest::Content],
    files: &[(String, Vec<u8>)],
) -> Result<String, OmexErrorKind> {
    let is_yaml = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.ends_with(".yaml") || name.ends_with(".yml")
    };
    let named = |content: &manifest::Content| {
        let name = inside(&content.name)?;
        match files.iter().any(|(known, _)| *known == name) {
            true => Ok(name),
            false => Err(OmexErrorKind::Missing { name }),
        }
    };
    let is_problem = |c: &&manifest::Content| manifest::is_petab(&c.format) || is_yaml(&c.name);
    let masters = contents.iter().filter(|c| c.master).filter(is_problem);
    let formats = contents.iter().filter(|c| manifest::is_petab(&c.format));
    // tables may carry the format of the problem that they belong to
    let formats = formats.filter(|c| is_yaml(&c.name));
    let of_manifest = |found: Vec<&manifest::Content>| {
        found
            .into_iter()
            .map(named)
            .collect::<Result<Vec<String>, _>>()
    };
    let mut found = of_manifest(masters.collect())?;
    if found.is_empty() {
        found = of_manifest(formats.collect())?;
    }
    if found.is_empty() {
        let names = files.iter().map(|(name, _)| name);
        found = names.filter(|name| is_yaml(name)).cloned().collect();
    }
    match found.len() {
        0 => Err(OmexErrorKind::NoProblem),
        1 => Ok(found.remove(0)),
        _ => Err(OmexErrorKind::Problems { names: found }),
    }
}

impl Archive {
    /// Writes the files into a folder and returns the path of the problem's YAML file.
    ///
    /// # Errors
    /// when a file cannot be written.
    pub fn unpack(&self, folder: &Path) -> Result<PathBuf, OmexErrorKind> {
        write_files(folder, &self.files)?;
        Ok(folder.join(&self.problem))
    }
}

/// The bytes of an archive with these files, of which the last is the problem's YAML file. The same files give the same bytes.
///
/// ```
/// let files = [("a.tsv".to_owned(), b"x\n".to_vec()), ("problem.yaml".to_owned(), b"format_version: 2.0.0\n".to_vec())];
/// let folder = tempfile::tempdir().unwrap();
/// let file = folder.path().join("problem.omex");
/// std::fs::write(&file, holobiont::exchange::omex::write(&files)).unwrap();
/// let archive = holobiont::exchange::omex::read(&file).unwrap();
/// assert_eq!(archive.problem, "problem.yaml");
/// assert_eq!(archive.files, files);
/// ```
pub fn write(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    const MEMORY: &str = "memory takes every byte";
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let manifest = manifest::write(&names);
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let all = files.iter().map(|(name, bytes)| (name.as_str(), bytes));
    for (name, bytes) in std::iter::once((MANIFEST, &manifest)).chain(all) {
        zip.start_file(name, options).expect(MEMORY);
        zip.write_all(bytes).expect(MEMORY);
    }
    zip.finish().expect(MEMORY).into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_within_the_archive() {
        for (name, wanted) in [("./a/b.tsv", "a/b.tsv"), ("a\\b", "a/b"), ("a//b/", "a/b")] {
            assert_eq!(inside(name).unwrap(), wanted);
        }
        for name in [
            "../a",
            "a/../../b",
            "/etc/passwd",
            "C:/a",
            "a\\..\\..\\b",
            "a\0b",
        ] {
            assert!(
                matches!(inside(name), Err(OmexErrorKind::Outside { .. })),
                "{name}"
            );
        }
    }

    #[test]
    fn bytes_are_counted_as_they_are_read() {
        let files = [
            ("a.tsv".to_owned(), vec![b'x'; 100_000]),
            ("p.yaml".to_owned(), Vec::new()),
        ];
        let archive = write(&files);
        assert!(archive.len() < 10_000);
        let read = |limit| read_from(Cursor::new(archive.clone()), limit);
        assert!(matches!(
            read(50_000),
            Err(OmexErrorKind::Size { limit: 50_000 })
        ));
        assert_eq!(read(200_000).unwrap().problem, "p.yaml");
    }
}
