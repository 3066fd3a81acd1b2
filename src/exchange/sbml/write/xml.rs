//! XML as it is written: elements with escaped attributes, indented, into memory.
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

const MEMORY: &str = "memory takes every byte";
/// Elements around the body of a model: `sbml` and `model`.
const AROUND: usize = 2;

/// The document so far.
pub(super) struct Xml(Writer<Vec<u8>>);

/// Attributes of one element, in order of writing.
#[derive(Default)]
pub(super) struct Attributes(Vec<(&'static str, String)>);

impl Attributes {
    pub fn new() -> Self {
        Self::default()
    }
    /// Adds an attribute.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.0.push((name, value.to_string()));
        self
    }
    /// Adds an attribute that has a value.
    pub fn maybe(self, name: &'static str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Adds the attributes of another list.
    pub fn extend(&mut self, other: Attributes) {
        self.0.extend(other.0);
    }
}

impl Xml {
    pub fn new() -> Self {
        let mut xml = Xml(Writer::new_with_indent(Vec::new(), b' ', 2));
        xml.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        xml
    }

    /// The elements of a model without what stands around and before them; see [`Xml::append`].
    pub fn fragment() -> Self {
        let mut xml = Xml(Writer::new_with_indent(Vec::new(), b' ', 2));
        for _ in 0..AROUND {
            xml.open("x", &Attributes::new());
        }
        xml.0.get_mut().clear();
        xml
    }

    /// Adds the elements of a fragment.
    pub fn append(&mut self, fragment: Xml) {
        self.0.get_mut().extend(fragment.0.into_inner());
    }

    fn event(&mut self, event: Event<'_>) {
        self.0.write_event(event).expect(MEMORY);
    }

    fn start<'a>(name: &'a str, attributes: &Attributes) -> BytesStart<'a> {
        let mut start = BytesStart::new(name);
        for (key, value) in &attributes.0 {
            start.push_attribute((*key, legal(value).as_str()));
        }
        start
    }

    /// The start of an element.
    pub fn open(&mut self, name: &str, attributes: &Attributes) {
        self.event(Event::Start(Self::start(name, attributes)));
    }

    /// The end of an element.
    pub fn close(&mut self, name: &str) {
        self.event(Event::End(BytesEnd::new(name)));
    }

    /// An element without content.
    pub fn empty(&mut self, name: &str, attributes: &Attributes) {
        self.event(Event::Empty(Self::start(name, attributes)));
    }

    /// An element that holds text.
    pub fn text(&mut self, name: &str, attributes: &Attributes, text: &str) {
        self.open(name, attributes);
        self.characters(text);
        self.close(name);
    }

    /// Text within an element.
    pub fn characters(&mut self, text: &str) {
        self.event(Event::Text(BytesText::new(&legal(text))));
    }

    /// The document.
    pub fn finish(self) -> String {
        let mut text = String::from_utf8(self.0.into_inner()).expect("only text has been written");
        text.push('\n');
        text
    }
}

/// The text with characters that XML 1.0 cannot hold replaced.
fn legal(text: &str) -> String {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    let keep = |c: char| if allowed(c) { c } else { '\u{fffd}' };
    text.chars().map(keep).collect()
}

/// A number as an attribute of SBML: the shortest decimal that reads back to the same double, `INF`, `-INF` or `NaN`.
pub(super) fn double(value: f64) -> String {
    if value.is_nan() {
        "NaN".into()
    } else if value.is_infinite() {
        if value > 0.0 { "INF" } else { "-INF" }.into()
    } else if value == 0.0 || (1e-4..1e15).contains(&value.abs()) {
        format!("{value}")
    } else {
        format!("{value:e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_attributes_are_escaped() {
        let mut xml = Xml::new();
        let attributes = Attributes::new().with("name", "a<b & \"c\" 'ü' \u{1}");
        xml.text("p", &attributes, "x<y & ß");
        let text = xml.finish();
        let document = roxmltree::Document::parse(&text).unwrap();
        let root = document.root_element();
        assert_eq!(root.attribute("name"), Some("a<b & \"c\" 'ü' \u{fffd}"));
        assert_eq!(root.text(), Some("x<y & ß"));
    }

    #[test]
    fn numbers_read_back_to_the_same_double() {
        for value in [
            0.1,
            1.0 / 3.0,
            1e-300,
            5e-324,
            1e15,
            123456.75,
            -2.5e-7,
            f64::MAX,
        ] {
            assert_eq!(double(value).parse::<f64>(), Ok(value));
        }
        assert_eq!(
            [double(f64::NAN), double(f64::NEG_INFINITY)],
            ["NaN", "-INF"]
        );
    }
}
