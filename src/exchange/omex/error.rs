//! What can be wrong with an archive.
use std::{io, path::PathBuf};
use zip::result::ZipError;

/// An error of an archive, with its file.
#[derive(Debug, thiserror::Error)]
#[error("{}: {kind}", .file.display())]
pub struct OmexError {
    /// the archive
    pub file: PathBuf,
    /// what is wrong
    #[source]
    pub kind: OmexErrorKind,
}

/// The kinds of errors.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OmexErrorKind {
    /// The file cannot be read.
    #[error("the archive cannot be read: {0}")]
    Unreadable(io::Error),
    /// Not a zip file, or a damaged one.
    #[error("this is not a sound zip file: {0}")]
    Zip(#[from] ZipError),
    /// A file of the archive cannot be read.
    #[error("the file `{name}` of the archive cannot be read: {message}")]
    Entry {
        /// its name
        name: String,
        /// what is wrong
        message: String,
    },
    /// A name that leads out of the archive.
    #[error("the name `{name}` of a file leads out of the archive")]
    Outside {
        /// the name
        name: String,
    },
    /// A file that is a link.
    #[error("the file `{name}` is a link; an archive must hold the file itself")]
    Link {
        /// its name
        name: String,
    },
    /// Two files of one name.
    #[error("there are two files `{name}`")]
    Twice {
        /// the name
        name: String,
    },
    /// More files than a problem has.
    #[error("there are {number} files, more than {limit}")]
    Files {
        /// number of files
        number: usize,
        /// the most
        limit: usize,
    },
    /// More bytes than a problem has.
    #[error("the files are larger than {limit} bytes together")]
    Size {
        /// the most
        limit: u64,
    },
    /// No manifest.
    #[error("there is no manifest.xml, so this is no COMBINE archive")]
    NoManifest,
    /// A manifest that cannot be read.
    #[error("manifest.xml: {message}")]
    Manifest {
        /// what is wrong
        message: String,
    },
    /// A file of the manifest that is not there.
    #[error("manifest.xml names `{name}`, which is not in the archive")]
    Missing {
        /// the file
        name: String,
    },
    /// No problem.
    #[error("there is no PEtab problem: no file of this format, and no YAML file")]
    NoProblem,
    /// Several problems.
    #[error("there are several PEtab problems and none is the master file: {}", .names.join(", "))]
    Problems {
        /// their files
        names: Vec<String>,
    },
    /// A folder that the files cannot be written to.
    #[error("the archive cannot be unpacked: {0}")]
    Unpack(#[from] crate::exchange::files::WriteError),
}
