//! Checkpoints of a multi-start fit and of profiles: a folder that a stopped or killed run leaves and a later run goes on from.
//!
//! The folder holds `checkpoint.json` (version and fingerprint of problem and options), one `start-00007.json` per finished start and
//! one `start-00007.running.json` per running one. Floats are written so that they read back to the same bits; every file is
//! written under a temporary name and renamed, so that a file is whole or absent.

use super::local::LocalFit;
use super::parameters::Search;
use super::trust_region::{Memory, TrustRegionOptions};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::path::{Path, PathBuf};

/// What can go wrong with a checkpoint folder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// a file could not be read or written
    #[error("{}: {source}", path.display())]
    File {
        /// the file
        path: PathBuf,
        /// the system's message
        source: std::io::Error,
    },
    /// a file does not hold what it should
    #[error("{}: not a checkpoint of this version ({source})", path.display())]
    Format {
        /// the file
        path: PathBuf,
        /// the parser's message
        source: serde_json::Error,
    },
    /// the folder belongs to another fit
    #[error(
        "{}: the checkpoint is of another problem or other options (fingerprint {found}, expected {expected}); give another folder or remove it",
        path.display()
    )]
    Mismatch {
        /// the folder
        path: PathBuf,
        /// fingerprint of this fit
        expected: String,
        /// fingerprint in the folder
        found: String,
    },
}

/// A checkpoint folder opened for one fit.
#[derive(Clone, Debug)]
pub struct CheckpointFolder {
    folder: PathBuf,
    every: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Head {
    version: String,
    fingerprint: String,
}

/// A running trust-region search as saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Running {
    pub x: Vec<f64>,
    pub value: f64,
    pub iteration: u64,
    pub memory: Memory,
}

impl CheckpointFolder {
    /// Opens a folder, new or left by an earlier run of the same fit. Running starts are saved every `every` iterations.
    ///
    /// # Errors
    /// when the folder cannot be made or read, or belongs to another fit.
    pub fn open(folder: &Path, fingerprint: &str, every: u64) -> Result<Self, CheckpointError> {
        std::fs::create_dir_all(folder).map_err(|source| CheckpointError::File {
            path: folder.to_path_buf(),
            source,
        })?;
        let path = folder.join("checkpoint.json");
        let head: Option<Head> = read(&path)?;
        match head {
            Some(head) if head.fingerprint != fingerprint => Err(CheckpointError::Mismatch {
                path: folder.to_path_buf(),
                expected: fingerprint.into(),
                found: head.fingerprint,
            }),
            Some(_) => Ok(()),
            None => write(
                &path,
                &Head {
                    version: env!("CARGO_PKG_VERSION").into(),
                    fingerprint: fingerprint.into(),
                },
            ),
        }?;
        Ok(CheckpointFolder {
            folder: folder.to_path_buf(),
            every: every.max(1),
        })
    }

    /// A file of the folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn finished_path(&self, start: usize) -> PathBuf {
        self.folder.join(format!("start-{start:05}.json"))
    }

    fn running_path(&self, start: usize) -> PathBuf {
        self.folder.join(format!("start-{start:05}.running.json"))
    }

    /// The result of a start that an earlier run finished.
    pub(super) fn finished(
        &self,
        start: usize,
    ) -> Result<Option<(Search, LocalFit)>, CheckpointError> {
        read(&self.finished_path(start))
    }

    /// Saves a finished start and drops its running state.
    pub(super) fn finish(
        &self,
        start: usize,
        from: &Search,
        fit: &LocalFit,
    ) -> Result<(), CheckpointError> {
        write(&self.finished_path(start), &(from, fit))?;
        let running = self.running_path(start);
        if running.exists() {
            std::fs::remove_file(&running).map_err(|source| CheckpointError::File {
                path: running,
                source,
            })?;
        }
        Ok(())
    }

    pub(super) fn running(
        &self,
        start: usize,
        bounds: (&[f64], &[f64]),
        options: TrustRegionOptions,
    ) -> RunningStart {
        RunningStart {
            path: self.running_path(start),
            every: self.every,
            bounds: (bounds.0.to_vec(), bounds.1.to_vec()),
            options,
        }
    }
}

/// Saves and loads one running trust-region search.
pub(super) struct RunningStart {
    path: PathBuf,
    pub every: u64,
    pub bounds: (Vec<f64>, Vec<f64>),
    pub options: TrustRegionOptions,
}

impl RunningStart {
    pub(super) fn write(
        &self,
        x: &[f64],
        value: f64,
        iteration: u64,
        memory: &Memory,
    ) -> Result<(), CheckpointError> {
        write(
            &self.path,
            &Running {
                x: x.to_vec(),
                value,
                iteration,
                memory: memory.clone(),
            },
        )
    }

    pub(super) fn read(&self) -> Result<Option<Running>, CheckpointError> {
        read(&self.path)
    }
}

pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, CheckpointError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            return Err(CheckpointError::File {
                path: path.to_path_buf(),
                source,
            });
        }
    };
    serde_json::from_str(&text)
        .map(Some)
        .map_err(|source| CheckpointError::Format {
            path: path.to_path_buf(),
            source,
        })
}

/// Writes a file that is whole or absent.
pub(crate) fn write<T: Serialize>(path: &Path, value: &T) -> Result<(), CheckpointError> {
    let text = serde_json::to_string_pretty(value).map_err(|source| CheckpointError::Format {
        path: path.to_path_buf(),
        source,
    })?;
    let temporary = path.with_extension("tmp");
    let file = |source| CheckpointError::File {
        path: path.to_path_buf(),
        source,
    };
    std::fs::write(&temporary, text).map_err(file)?;
    std::fs::rename(&temporary, path).map_err(file)
}

/// A fingerprint of text: 64-bit FNV-1a in hexadecimal (not a defence against malice, only against mistakes).
pub(crate) fn fingerprint(text: &str) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in text.bytes() {
        hash ^= u64::from(byte);
        hash = hash.wrapping_mul(0x0000_0100_0000_01b3);
    }
    format!("{hash:016x}")
}
