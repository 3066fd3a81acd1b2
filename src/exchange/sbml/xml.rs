//! XML with places: elements that know their line, attributes read to their types, errors that name both.
use super::error::SbmlError;
use roxmltree::{Document, Node, ParsingOptions};

/// Elements within elements that a file may have.
const DEEPEST: usize = 1_000;
/// Bytes that a file may have: a model of 20 000 reactions has about 30 MB.
pub(super) const LARGEST: u64 = 64 << 20;
/// Nodes (elements, texts, comments) that a file may have: the tree takes about 80 bytes each.
const MOST_NODES: u32 = 3_000_000;

/// Where lines begin.
pub(super) struct Lines(Vec<usize>);

impl Lines {
    pub(super) fn new(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
        Lines(breaks.map(|(at, _)| at).collect())
    }
    fn of(&self, at: usize) -> u32 {
        self.0.partition_point(|newline| *newline < at) as u32 + 1
    }
}

/// Parses a text; no entities of its own, no more nodes and levels than a model needs.
pub(super) fn parse(text: &str) -> Result<Document<'_>, SbmlError> {
    let bytes = text.len() as u64;
    if bytes > LARGEST {
        return Err(SbmlError::TooLarge {
            bytes,
            limit: LARGEST,
        });
    }
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MOST_NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, options).map_err(|e| not_xml(text, &e))?;
    check_depth(&document)?;
    Ok(document)
}

/// The XML reader's error with its place.
fn not_xml(text: &str, error: &roxmltree::Error) -> SbmlError {
    // some errors have no place of their own
    let place = |at: usize| {
        let before = &text[..at];
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|b| *b == b'\n').count() as u32 + 1;
        (line, before[start..].chars().count() as u32 + 1)
    };
    let own = (error.pos().row, error.pos().col);
    let (place, message) = match error {
        roxmltree::Error::DtdDetected => (
            place(text.find("<!DOCTYPE").unwrap_or(0)),
            "a document type declaration (and entities of its own) is not read".to_string(),
        ),
        roxmltree::Error::NodesLimitReached => (
            place(text.len()),
            format!("more than {MOST_NODES} elements and texts are not read"),
        ),
        roxmltree::Error::UnexpectedEndOfStream | roxmltree::Error::UnclosedRootNode => (
            place(text.trim_end().len()),
            "it ends before its elements do".to_string(),
        ),
        _ => {
            // the place stands in fields of its own
            let message = error.to_string();
            let message = message.rsplit_once(" at ").map_or(&message[..], |(m, _)| m);
            (own, message.to_string())
        }
    };
    SbmlError::NotXml {
        line: place.0,
        column: place.1,
        message,
    }
}

/// Refuses elements that stand too deep, so that all that follows may recurse.
fn check_depth(document: &Document) -> Result<(), SbmlError> {
    let mut depth = 0;
    let mut at = document.root_element();
    loop {
        if depth > DEEPEST {
            return Err(SbmlError::TooDeep {
                line: document.text_pos_at(at.range().start).row,
                element: at.tag_name().name().to_string(),
                limit: DEEPEST,
            });
        }
        if let Some(child) = at.first_element_child() {
            (at, depth) = (child, depth + 1);
            continue;
        }
        loop {
            if let Some(next) = at.next_sibling_element() {
                at = next;
                break;
            }
            match at.parent_element() {
                Some(parent) => (at, depth) = (parent, depth - 1),
                None => return Ok(()),
            }
        }
    }
}

/// An element with its place.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    pub node: Node<'a, 'a>,
    lines: &'a Lines,
}

impl<'a> Element<'a> {
    pub(super) fn root(document: &'a Document<'a>, lines: &'a Lines) -> Self {
        Element {
            node: document.root_element(),
            lines,
        }
    }
    pub(super) fn tag(&self) -> &'a str {
        self.node.tag_name().name()
    }
    pub(super) fn namespace(&self) -> &'a str {
        self.node.tag_name().namespace().unwrap_or("")
    }
    pub(super) fn line(&self) -> u32 {
        self.lines.of(self.node.range().start)
    }
    /// Tag and id (or what stands for it), for messages.
    pub(super) fn described(&self) -> String {
        let names = ["id", "variable", "symbol", "species", "submodelRef"];
        let name = names.iter().find_map(|name| {
            let mut all = self.node.attributes();
            all.find(|a| a.name() == *name).map(|a| a.value())
        });
        match name {
            Some(name) => format!("{} `{}`", self.tag(), shortened(name)),
            None => self.tag().to_string(),
        }
    }
    /// Child elements of the same namespace.
    pub(super) fn children(&self) -> impl Iterator<Item = Element<'a>> + 'a {
        let (lines, namespace) = (self.lines, self.namespace());
        let all = self.node.children().filter(Node::is_element);
        all.map(move |node| Element { node, lines })
            .filter(move |child| child.namespace() == namespace)
    }
    /// Child elements of any namespace.
    pub(super) fn all_children(&self) -> impl Iterator<Item = Element<'a>> + 'a {
        let lines = self.lines;
        let all = self.node.children().filter(Node::is_element);
        all.map(move |node| Element { node, lines })
    }
    /// The one child of this tag.
    pub(super) fn child(&self, tag: &'static str) -> Result<Option<Element<'a>>, SbmlError> {
        let mut found = self.all_children().filter(|c| c.tag() == tag);
        let first = found.next();
        match found.count() {
            0 => Ok(first),
            more => Err(SbmlError::Children {
                line: self.line(),
                element: self.described(),
                child: tag,
                found: more + 1,
            }),
        }
    }
    /// Text directly within, without blanks around it.
    pub(super) fn text(&self) -> String {
        let texts = self.node.children().filter(Node::is_text);
        let all: String = texts.filter_map(|node| node.text()).collect();
        all.trim().to_string()
    }
    /// An attribute without namespace.
    pub(super) fn attribute(&self, name: &str) -> Option<&'a str> {
        self.node.attribute(name)
    }
    /// An attribute of a package's namespace.
    pub(super) fn attribute_of(&self, namespace: &str, name: &str) -> Option<&'a str> {
        self.node.attribute((namespace, name))
    }
    /// An attribute of the element's own namespace, with or without its prefix.
    pub(super) fn attribute_of_own(&self, name: &str) -> Option<&'a str> {
        let prefixed = self.attribute_of(self.namespace(), name);
        prefixed.or_else(|| self.attribute(name))
    }
    pub(super) fn required(&self, name: &str) -> Result<&'a str, SbmlError> {
        self.attribute(name).ok_or_else(|| self.missing(name))
    }
    pub(super) fn missing(&self, attribute: &str) -> SbmlError {
        SbmlError::MissingAttribute {
            line: self.line(),
            element: self.described(),
            attribute: attribute.to_string(),
        }
    }
    fn invalid(&self, attribute: &str, value: &str, expected: &'static str) -> SbmlError {
        SbmlError::InvalidAttribute {
            line: self.line(),
            element: self.described(),
            attribute: attribute.to_string(),
            value: shortened(value),
            expected,
        }
    }
    pub(super) fn number(&self, name: &str) -> Result<Option<f64>, SbmlError> {
        let Some(text) = self.attribute(name) else {
            return Ok(None);
        };
        match number(text) {
            Some(value) => Ok(Some(value)),
            None => Err(self.invalid(name, text, "a number, INF, -INF or NaN")),
        }
    }
    pub(super) fn boolean(&self, name: &str) -> Result<Option<bool>, SbmlError> {
        match self.attribute(name).map(str::trim) {
            None => Ok(None),
            Some("true" | "1") => Ok(Some(true)),
            Some("false" | "0") => Ok(Some(false)),
            Some(text) => Err(self.invalid(name, text, "true or false")),
        }
    }
    pub(super) fn integer(&self, name: &str) -> Result<Option<i32>, SbmlError> {
        let Some(text) = self.attribute(name) else {
            return Ok(None);
        };
        match text.trim().parse() {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(self.invalid(name, text, "an integer")),
        }
    }
    /// An attribute that holds an id.
    pub(super) fn identifier(&self, name: &str) -> Result<Option<String>, SbmlError> {
        self.as_identifier(name, self.attribute(name))
    }
    /// An attribute of a package's namespace that holds an id.
    pub(super) fn identifier_of(
        &self,
        namespace: &str,
        name: &str,
    ) -> Result<Option<String>, SbmlError> {
        self.as_identifier(name, self.attribute_of(namespace, name))
    }
    fn as_identifier(
        &self,
        name: &str,
        text: Option<&'a str>,
    ) -> Result<Option<String>, SbmlError> {
        match text {
            None => Ok(None),
            Some(text) if crate::expr::is_identifier(text) => Ok(Some(text.to_string())),
            Some(text) => Err(self.invalid(
                name,
                text,
                "an id: a letter or underscore, then letters, digits and underscores",
            )),
        }
    }
    pub(super) fn required_identifier(&self, name: &str) -> Result<String, SbmlError> {
        self.identifier(name)?.ok_or_else(|| self.missing(name))
    }
    pub(super) fn unexpected(&self, child: Element) -> SbmlError {
        SbmlError::UnexpectedElement {
            line: child.line(),
            element: self.described(),
            child: child.tag().to_string(),
        }
    }
    pub(super) fn unsupported(&self, what: impl Into<String>, advice: &'static str) -> SbmlError {
        SbmlError::Unsupported {
            line: self.line(),
            element: self.described(),
            what: what.into(),
            advice,
        }
    }
}

/// A number as XML Schema writes it.
pub(super) fn number(text: &str) -> Option<f64> {
    match text.trim() {
        "INF" => Some(f64::INFINITY),
        "-INF" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        text => {
            let starts = text.trim_start_matches(['+', '-']);
            let plain = starts.starts_with(|c: char| c.is_ascii_digit() || c == '.');
            text.parse().ok().filter(|_| plain)
        }
    }
}

/// A text of reasonable length for a message.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        None => text.to_string(),
        Some((at, _)) => format!("{}...", &text[..at]),
    }
}
