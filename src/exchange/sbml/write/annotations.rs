//! What stands around an element for people and registries: notes, MIRIAM annotations, and what only we know.
//!
//! A DOI becomes the resource `https://identifiers.org/doi:...` of `isDescribedBy`. What SBML has no attribute for stands as
//! attributes of one element in the namespace [`NAMESPACE`]: `state` (a species without compartment, whether it may be
//! negative, its elemental formula, a unit that is none of a substance), `parameter` (evidence, source, scale and bounds of a search),
//! `observable`, `input` (how it runs between its knots) and `function` (the function of ours that a definition spells out).
use super::xml::{Attributes, Xml};

/// Namespace of what SBML has no place for.
const NAMESPACE: &str = "urn:holobiont:sbml:1";
const XHTML: &str = "http://www.w3.org/1999/xhtml";
const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

/// Which vocabulary of qualifiers fits.
#[derive(Clone, Copy)]
pub(super) enum Subject {
    Model,
    Element,
}

/// Notes and annotations of one element.
#[derive(Default)]
pub(super) struct Story {
    /// paragraphs; the first is a heading for the model
    pub notes: Vec<String>,
    /// DOIs without resolver
    pub described_by: Vec<String>,
    /// our own element and its attributes
    pub own: Option<(&'static str, Attributes)>,
}

impl Story {
    /// The `metaid` that annotations of the element with this id refer to, where there are any.
    pub fn metaid(&self, id: &str) -> Option<String> {
        (!self.described_by.is_empty()).then(|| format!("meta_{id}"))
    }

    pub fn is_empty(&self) -> bool {
        self.notes.is_empty() && self.described_by.is_empty() && self.own.is_none()
    }

    /// Writes notes and annotation; `metaid` is that of the element.
    pub fn write(&self, xml: &mut Xml, subject: Subject, metaid: &str) {
        let none = Attributes::new();
        if !self.notes.is_empty() {
            xml.open("notes", &none);
            xml.open("body", &Attributes::new().with("xmlns", XHTML));
            for (number, paragraph) in self.notes.iter().enumerate() {
                let heading = number == 0 && matches!(subject, Subject::Model);
                xml.text(if heading { "h1" } else { "p" }, &none, paragraph);
            }
            xml.close("body");
            xml.close("notes");
        }
        if self.described_by.is_empty() && self.own.is_none() {
            return;
        }
        xml.open("annotation", &none);
        if let Some((name, attributes)) = &self.own {
            xml.empty(name, attributes);
        }
        if !self.described_by.is_empty() {
            self.resources(xml, subject, metaid);
        }
        xml.close("annotation");
    }

    fn resources(&self, xml: &mut Xml, subject: Subject, metaid: &str) {
        let none = Attributes::new();
        let (prefix, vocabulary, qualifier) = match subject {
            Subject::Model => (
                "xmlns:bqmodel",
                "http://biomodels.net/model-qualifiers/",
                "bqmodel:isDescribedBy",
            ),
            Subject::Element => (
                "xmlns:bqbiol",
                "http://biomodels.net/biology-qualifiers/",
                "bqbiol:isDescribedBy",
            ),
        };
        let attributes = Attributes::new().with("xmlns:rdf", RDF);
        xml.open("rdf:RDF", &attributes.with(prefix, vocabulary));
        let about = Attributes::new().with("rdf:about", format!("#{metaid}"));
        xml.open("rdf:Description", &about);
        xml.open(qualifier, &none);
        xml.open("rdf:Bag", &none);
        for doi in &self.described_by {
            let resource = format!("https://identifiers.org/doi:{doi}");
            xml.empty("rdf:li", &Attributes::new().with("rdf:resource", resource));
        }
        xml.close("rdf:Bag");
        xml.close(qualifier);
        xml.close("rdf:Description");
        xml.close("rdf:RDF");
    }
}

/// Attributes of an own element, the namespace declared.
pub(super) fn own() -> Attributes {
    Attributes::new().with("xmlns:holobiont", NAMESPACE)
}

/// The DOI that a source is, without resolver.
pub(super) fn doi(source: &str) -> Option<&str> {
    let mut doi = source.trim();
    for resolver in [
        "https://doi.org/",
        "http://doi.org/",
        "https://dx.doi.org/",
        "http://dx.doi.org/",
        "doi:",
    ] {
        doi = doi.strip_prefix(resolver).unwrap_or(doi);
    }
    let (registrant, name) = doi.strip_prefix("10.")?.split_once('/')?;
    let digits =
        !registrant.is_empty() && registrant.chars().all(|c| c.is_ascii_digit() || c == '.');
    let whole = !name.is_empty() && !doi.contains(char::is_whitespace);
    (digits && whole).then_some(doi)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dois_are_known_with_and_without_resolver() {
        let wanted = Some("10.1371/journal.pcbi.1003388");
        assert_eq!(doi("10.1371/journal.pcbi.1003388"), wanted);
        assert_eq!(doi(" https://doi.org/10.1371/journal.pcbi.1003388"), wanted);
        assert_eq!(doi("doi:10.1371/journal.pcbi.1003388"), wanted);
        for none in [
            "",
            "10.1371",
            "Stein 2013",
            "10.1371/a and 10.1371/b",
            "10.x/y",
        ] {
            assert_eq!(doi(none), None);
        }
    }
}
