//! The manifest of an archive: which files there are, of which format, and which one to open first.
use super::error::OmexErrorKind;
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, Event},
};

const NAMESPACE: &str = "http://identifiers.org/combine.specifications/omex-manifest";
const ARCHIVE: &str = "http://identifiers.org/combine.specifications/omex";
/// Formats of the files of a problem, by the ends of their names.
const FORMATS: [(&str, &str); 4] = [
    (
        ".yaml",
        "http://identifiers.org/combine.specifications/petab",
    ),
    (".xml", "http://identifiers.org/combine.specifications/sbml"),
    (
        ".tsv",
        "http://purl.org/NET/mediatypes/text/tab-separated-values",
    ),
    ("", "http://purl.org/NET/mediatypes/text/plain"),
];

/// One entry of the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content {
    pub name: String,
    pub format: String,
    pub master: bool,
}

/// Reads a manifest; names are relative to the archive.
pub(super) fn read(text: &str) -> Result<Vec<Content>, OmexErrorKind> {
    let wrong = |message: String| OmexErrorKind::Manifest { message };
    let document = roxmltree::Document::parse(text).map_err(|error| wrong(error.to_string()))?;
    let root = document.root_element();
    if root.tag_name().name() != "omexManifest" {
        let name = root.tag_name().name();
        return Err(wrong(format!("`omexManifest` is expected, not `{name}`")));
    }
    let mut found = Vec::new();
    for element in root
        .children()
        .filter(|node| node.tag_name().name() == "content")
    {
        let Some(location) = element.attribute("location") else {
            let line = document.text_pos_at(element.range().start).row;
            return Err(wrong(format!("line {line}: `content` has no `location`")));
        };
        let name = location.trim_start_matches("./").trim_end_matches('/');
        // the archive itself
        if name.is_empty() || name == "." {
            continue;
        }
        found.push(Content {
            name: name.to_owned(),
            format: element.attribute("format").unwrap_or_default().to_owned(),
            master: element.attribute("master") == Some("true"),
        });
    }
    Ok(found)
}

/// The manifest of a problem's files, of which the last is the YAML file.
pub(super) fn write(names: &[&str]) -> Vec<u8> {
    const MEMORY: &str = "memory takes every byte";
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    let mut event = |event: Event<'_>| writer.write_event(event).expect(MEMORY);
    event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
    let mut root = BytesStart::new("omexManifest");
    root.push_attribute(("xmlns", NAMESPACE));
    event(Event::Start(root));
    let mut content = |location: &str, format: &str, master: bool| {
        let mut element = BytesStart::new("content");
        element.push_attribute(("location", location));
        element.push_attribute(("format", format));
        if master {
            element.push_attribute(("master", "true"));
        }
        event(Event::Empty(element));
    };
    content(".", ARCHIVE, false);
    content("./manifest.xml", NAMESPACE, false);
    for (position, name) in names.iter().enumerate() {
        let format = FORMATS.iter().find(|(end, _)| name.ends_with(end));
        let format = format.map_or("", |(_, format)| format);
        content(&format!("./{name}"), format, position + 1 == names.len());
    }
    event(Event::End(BytesEnd::new("omexManifest")));
    let mut bytes = writer.into_inner();
    bytes.push(b'\n');
    bytes
}

/// Whether a format is that of a PEtab problem.
pub(super) fn is_petab(format: &str) -> bool {
    format
        .to_ascii_lowercase()
        .contains("combine.specifications/petab")
}
