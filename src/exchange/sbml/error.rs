//! What can be wrong with an SBML file, with the line and the element.
use crate::network::NetworkError;
use std::path::PathBuf;

/// What is wrong with an SBML file.
///
/// Lines are counted from 1. Elements are named by their tag and their id, as in `species `S1``.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SbmlError {
    /// The file cannot be read.
    #[error("{} cannot be read: {message}", .file.display())]
    Unreadable {
        /// the file
        file: PathBuf,
        /// what the operating system said
        message: String,
    },
    /// More bytes than a model may have.
    #[error("the file has {bytes} bytes; a model may have at most {limit}")]
    TooLarge {
        /// bytes found
        bytes: u64,
        /// bytes allowed
        limit: u64,
    },
    /// More elements than a model may have.
    #[error("line {line}, {element}: a model may have at most {limit} elements of its own")]
    TooMany {
        /// line of the first that is too many
        line: u32,
        /// that element
        element: String,
        /// elements allowed
        limit: usize,
    },
    /// The text is not well-formed XML.
    #[error("line {line}, column {column}: the XML cannot be read: {message}")]
    NotXml {
        /// line
        line: u32,
        /// column
        column: u32,
        /// what the XML reader says
        message: String,
    },
    /// XML, but not SBML.
    #[error(
        "line {line}: the outermost element is `{element}` of the namespace `{namespace}`; an SBML file begins with `sbml` of http://www.sbml.org/sbml/level3/version2/core or another level and version"
    )]
    NotSbml {
        /// line
        line: u32,
        /// tag of the outermost element
        element: String,
        /// its namespace
        namespace: String,
    },
    /// A level or version that is not read.
    #[error(
        "line {line}: SBML level {level} version {version} is not read; level 2 (versions 1 to 5) and level 3 (versions 1 and 2) are, and libSBML converts others"
    )]
    Level {
        /// line
        line: u32,
        /// the level
        level: String,
        /// the version
        version: String,
    },
    /// Elements nested too deeply.
    #[error("line {line}: `{element}` stands more than {limit} levels deep")]
    TooDeep {
        /// line
        line: u32,
        /// tag
        element: String,
        /// levels allowed
        limit: usize,
    },
    /// A required attribute is absent.
    #[error("line {line}, {element}: the attribute `{attribute}` is missing")]
    MissingAttribute {
        /// line
        line: u32,
        /// the element
        element: String,
        /// the attribute
        attribute: String,
    },
    /// An attribute's value cannot be read.
    #[error(
        "line {line}, {element}: the attribute `{attribute}` is \"{value}\"; it must be {expected}"
    )]
    InvalidAttribute {
        /// line
        line: u32,
        /// the element
        element: String,
        /// the attribute
        attribute: String,
        /// what stands there
        value: String,
        /// what must stand there
        expected: &'static str,
    },
    /// A required child is absent or doubled.
    #[error("line {line}, {element}: exactly one `{child}` must stand here, {found} do")]
    Children {
        /// line
        line: u32,
        /// the element
        element: String,
        /// tag of the child
        child: &'static str,
        /// how many there are
        found: usize,
    },
    /// An element that SBML does not have at this place.
    #[error("line {line}, {element}: `{child}` has no place here")]
    UnexpectedElement {
        /// line
        line: u32,
        /// the element around it
        element: String,
        /// tag of the child
        child: String,
    },
    /// A construct that ordinary differential equations cannot mean, or that is not supported.
    #[error("line {line}, {element}: {what} is not supported{advice}")]
    Unsupported {
        /// line
        line: u32,
        /// the element
        element: String,
        /// the construct
        what: String,
        /// what to do, with its separator; empty if nothing helps
        advice: &'static str,
    },
    /// Mathematics that cannot be read.
    #[error("line {line}, {element}: {message}")]
    Math {
        /// line
        line: u32,
        /// the element around the formula
        element: String,
        /// what is wrong
        message: String,
    },
    /// A name that nothing bears.
    #[error("line {line}, {element}: there is no {kind} `{name}`{near}")]
    UnknownName {
        /// line
        line: u32,
        /// the element
        element: String,
        /// what the name should be of
        kind: &'static str,
        /// the name
        name: String,
        /// near names, as a clause with its separator
        near: String,
    },
    /// Two elements with one id.
    #[error("line {line}, {element}: the id `{id}` stands already at line {first}")]
    DuplicateId {
        /// line of the second
        line: u32,
        /// the second element
        element: String,
        /// the id
        id: String,
        /// line of the first
        first: u32,
    },
    /// Submodels that do not fit together.
    #[error("line {line}, {element}: {message}")]
    Composition {
        /// line
        line: u32,
        /// the element
        element: String,
        /// what does not fit
        message: String,
    },
    /// An error in a file that an external model definition names.
    #[error("{}: {source}", .file.display())]
    External {
        /// the file
        file: PathBuf,
        /// the error
        source: Box<SbmlError>,
    },
    /// The model that the file describes has an error.
    #[error("line {line}: {source}")]
    Model {
        /// line of the element
        line: u32,
        /// the error
        source: Box<NetworkError>,
    },
}

impl SbmlError {
    /// The line that the error names; 0 where it is about the whole file.
    pub fn line(&self) -> u32 {
        match self {
            SbmlError::Unreadable { .. } | SbmlError::TooLarge { .. } => 0,
            SbmlError::TooMany { line, .. }
            | SbmlError::NotXml { line, .. }
            | SbmlError::NotSbml { line, .. }
            | SbmlError::Level { line, .. }
            | SbmlError::TooDeep { line, .. }
            | SbmlError::MissingAttribute { line, .. }
            | SbmlError::InvalidAttribute { line, .. }
            | SbmlError::Children { line, .. }
            | SbmlError::UnexpectedElement { line, .. }
            | SbmlError::Unsupported { line, .. }
            | SbmlError::Math { line, .. }
            | SbmlError::UnknownName { line, .. }
            | SbmlError::DuplicateId { line, .. }
            | SbmlError::Composition { line, .. }
            | SbmlError::Model { line, .. } => *line,
            SbmlError::External { source, .. } => source.line(),
        }
    }

    /// Whether the file may be sound and only asks for what is not supported.
    pub fn is_unsupported(&self) -> bool {
        match self {
            SbmlError::Unsupported { .. } | SbmlError::Level { .. } => true,
            SbmlError::External { source, .. } => source.is_unsupported(),
            _ => false,
        }
    }
}
