//! Output that is whole or absent: files are written under temporary names and renamed when all of them stand.
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// A file that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be written: {source}", .file.display())]
pub struct WriteError {
    /// the file
    pub file: PathBuf,
    /// what the operating system said
    pub source: io::Error,
}

/// Writes one file; after a failure the old file, or none, stands there.
pub fn write_file(file: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let folder = file
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let name = file
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    write_files(folder, &[(name, bytes.to_vec())])
}

/// Writes several files into a folder, which is made when absent: first all under temporary names, then renamed in the order
/// given, so that the last one says that the others are there. After a failure no temporary file and no new folder is left, and no new file
/// unless a rename itself failed half-way.
///
/// ```
/// let folder = tempfile::tempdir().unwrap();
/// let files = [("a.tsv".to_owned(), b"x\n".to_vec()), ("problem.yaml".to_owned(), b"a: 1\n".to_vec())];
/// holobiont::exchange::files::write_files(folder.path(), &files).unwrap();
/// assert_eq!(std::fs::read(folder.path().join("a.tsv")).unwrap(), b"x\n");
/// ```
pub fn write_files(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<(), WriteError> {
    let error = |file: &Path, source| WriteError {
        file: file.to_owned(),
        source,
    };
    let mut made: Vec<PathBuf> = Vec::new();
    let mut make = |path: &Path| {
        let absent = path.ancestors().take_while(|p| !p.exists());
        made.extend(absent.map(Path::to_owned));
        fs::create_dir_all(path).map_err(|e| error(path, e))
    };
    let temporary = |name: &str| {
        let path = Path::new(name);
        let file = path
            .file_name()
            .map(|f| f.to_string_lossy().into_owned())
            .unwrap_or_default();
        folder.join(path.with_file_name(format!(".{file}.{}.partial", std::process::id())))
    };
    let staged = make(folder).and_then(|()| {
        files.iter().try_for_each(|(name, bytes)| {
            let path = temporary(name);
            if let Some(parent) = path.parent() {
                make(parent)?;
            }
            let target = folder.join(name);
            if target.is_dir() {
                return Err(error(
                    &target,
                    io::Error::new(
                        io::ErrorKind::IsADirectory,
                        "a folder of this name stands there",
                    ),
                ));
            }
            let write = || -> io::Result<()> {
                let mut file = fs::File::create(&path)?;
                file.write_all(bytes)?;
                file.sync_all()
            };
            write().map_err(|e| error(&target, e))
        })
    });
    let renamed = staged.and_then(|()| {
        files.iter().try_for_each(|(name, _)| {
            let target = folder.join(name);
            fs::rename(temporary(name), &target).map_err(|e| error(&target, e))
        })
    });
    if renamed.is_err() {
        for (name, _) in files {
            // a file that was never written is not there to remove
            let _ = fs::remove_file(temporary(name));
        }
        made.sort_by_key(|path| std::cmp::Reverse(path.components().count()));
        for path in made {
            // what holds something else by now stays
            let _ = fs::remove_dir(path);
        }
    }
    renamed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_leaves_neither_new_nor_temporary_files() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("b.tsv")).unwrap();
        let files = [
            ("a.tsv".to_owned(), b"1".to_vec()),
            ("c/d.tsv".to_owned(), b"3".to_vec()),
            ("b.tsv".to_owned(), b"2".to_vec()),
        ];
        let error = write_files(folder.path(), &files).unwrap_err();
        assert!(
            error.to_string().contains("b.tsv cannot be written"),
            "{error}"
        );
        let left: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        assert_eq!(left, ["b.tsv"]);
    }

    #[test]
    fn an_old_file_is_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("fit.json");
        write_file(&file, b"old and long").unwrap();
        write_file(&file, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
    }
}
