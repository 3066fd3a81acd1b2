//! What a report says about where its problem came from: model, compositions, and the SHA-256 of every file.
use crate::exchange::{
    model::Model,
    petab::{Composition, FileError, PetabProblem},
};
use sha2::{Digest, Sha256};

/// One file and its SHA-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDigest {
    /// its name, without its folder
    pub name: String,
    /// number of bytes
    pub bytes: usize,
    /// SHA-256 (FIPS 180-4) in hexadecimal digits
    pub sha256: String,
}

impl FileDigest {
    /// Digests a file's content.
    pub fn of(name: &str, content: &[u8]) -> Self {
        let hash = Sha256::digest(content);
        FileDigest {
            name: name.to_owned(),
            bytes: content.len(),
            sha256: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

/// Where a problem came from. Make it before a long fit: it is what the files hold now.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// key of the model in the problem
    pub model_id: String,
    /// the model, for its equations and the sources of its numbers
    pub model: Option<Model>,
    /// groups of observables that form a composition
    pub compositions: Vec<Composition>,
    /// the YAML file, the tables and the model
    pub files: Vec<FileDigest>,
}

/// Why the sources of a problem cannot be told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourcesError {
    /// a file that can no longer be read
    #[error(transparent)]
    File(#[from] FileError),
    /// a model that can no longer be read
    #[error("the model cannot be read again: {}", .messages.join("; "))]
    Model {
        /// in the words of its reader
        messages: Vec<String>,
    },
}

impl Sources {
    /// Reads and digests the files of a problem.
    ///
    /// # Errors
    /// A file or model that can no longer be read.
    pub fn of(problem: &PetabProblem) -> Result<Self, SourcesError> {
        let files = problem.contents()?;
        let files = files
            .iter()
            .map(|(name, content)| FileDigest::of(name, content));
        Ok(Self {
            model_id: (problem.models.iter())
                .map(|model| model.id.as_str())
                .collect::<Vec<_>>()
                .join(", "),
            files: files.collect(),
            // a page tells one story; several models are listed among the files
            model: match problem.models.as_slice() {
                [model] => {
                    Some((model.read()).map_err(|messages| SourcesError::Model { messages })?)
                }
                _ => None,
            },
            compositions: problem.compositions(),
        })
    }
}
