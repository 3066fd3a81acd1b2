//! What stands in the file: names, notes, sources, units, modifiers; and what is refused.
use super::support::{VERSIONS, everything, options, read, trajectories, written};
use holobiont::exchange::sbml::{SbmlWriteError, Version, WriteOptions, write};
use holobiont::network::{Network, Observable, Parameter, Reaction, Species};

/// The element with this id.
fn by_id<'a, 'b>(document: &'a roxmltree::Document<'b>, id: &str) -> roxmltree::Node<'a, 'b> {
    let mut nodes = document.descendants();
    nodes.find(|n| n.attribute("id") == Some(id)).unwrap()
}

#[test]
fn the_same_network_gives_the_same_bytes() {
    for version in VERSIONS {
        assert_eq!(
            written(&everything(), version),
            written(&everything(), version)
        );
    }
}

#[test]
fn names_notes_and_sources_are_kept() {
    let options = WriteOptions {
        notes: vec!["x < y & \"z\"".to_string()],
        ..WriteOptions::default()
    };
    let text = write(&everything(), &options).unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    let element = |id: &str| by_id(&document, id);
    assert_eq!(
        element("everything").attribute("name"),
        Some("a < b & \"c\" für alle")
    );
    assert_eq!(element("C").attribute("name"), Some("Grüße & <mehr>"));
    assert_eq!(element("K").attribute("name"), Some("half <saturation>"));
    let paragraphs: Vec<_> = document
        .descendants()
        .filter(|n| n.has_tag_name(("http://www.w3.org/1999/xhtml", "p")))
        .filter_map(|n| n.text())
        .collect();
    assert!(paragraphs.contains(&"x < y & \"z\"") && paragraphs.contains(&"Somebody 2001"));
    assert!(paragraphs.contains(&"Source: a guess & more"));
    let back = read(&text);
    let sources: Vec<_> = back
        .references()
        .iter()
        .map(|r| r.doi.to_string())
        .collect();
    assert_eq!(
        sources,
        ["10.1371/journal.pcbi.1003388", "10.1093/nar/gkz1055"]
    );
    assert_eq!(back.name.as_deref(), Some("a < b & \"c\" für alle"));
    let species = |id: &str| &back.all_species().iter().find(|s| s.0 == id).unwrap().1;
    assert!(species("F").boundary && !species("A").boundary);
    assert_eq!(species("G").conversion_factor.as_deref(), Some("factor"));
}

#[test]
fn units_are_written_where_they_are_known() {
    let text = written(&everything(), Version::L3V2);
    let document = roxmltree::Document::parse(&text).unwrap();
    let element = |id: &str| by_id(&document, id);
    let model = element("everything");
    assert_eq!(model.attribute("timeUnits"), Some("d"));
    assert_eq!(model.attribute("volumeUnits"), Some("litre"));
    // `plain` is in g/l, which is no substance
    assert_eq!(model.attribute("extentUnits"), None);
    assert_eq!(element("A").attribute("substanceUnits"), Some("mmol"));
    assert_eq!(element("plain").attribute("substanceUnits"), None);
    assert_eq!(element("k").attribute("units"), Some("per_d"));
    assert_eq!(element("n").attribute("units"), None);
    let day = element("d");
    let unit = |n: &roxmltree::Node| n.tag_name().name() == "unit";
    let seconds = day.descendants().find(unit).unwrap();
    assert_eq!(seconds.attribute("kind"), Some("second"));
    assert_eq!(seconds.attribute("multiplier"), Some("86400"));
}

#[test]
fn what_a_rate_law_reads_is_declared() {
    let text = written(&everything(), Version::L3V2);
    let document = roxmltree::Document::parse(&text).unwrap();
    let reaction = by_id(&document, "growth");
    let modifiers: Vec<_> = reaction
        .descendants()
        .filter(|n| n.tag_name().name() == "modifierSpeciesReference")
        .filter_map(|n| n.attribute("species"))
        .collect();
    assert_eq!(modifiers, ["F"]);
}

#[test]
fn rates_of_change_need_version_2() {
    let mut network = Network::new("rate");
    network.species("x", Species::new(1.0)).unwrap();
    network
        .reaction("loss", Reaction::rate("2 * x").consumes("x", 1.0))
        .unwrap();
    network
        .observable("slope", Observable::new("rateOf(x)"))
        .unwrap();
    let text = written(&network, Version::L3V2);
    assert!(text.contains("http://www.sbml.org/sbml/symbols/rateOf"));
    let slopes = trajectories(&read(&text), &[0.0]).unwrap();
    assert_eq!(slopes["slope"], [-2.0]);
    let error = write(&network, &options(Version::L3V1)).unwrap_err();
    assert!(
        matches!(&error, SbmlWriteError::Version { .. }),
        "{error:?}"
    );
    assert!(
        error.to_string().contains("observable `slope`")
            && error.to_string().contains("Level 3 Version 2")
    );
}

#[test]
fn what_cannot_be_written_is_refused_by_name() {
    let mut network = Network::new("shared");
    network.parameter("x", Parameter::new(1.0));
    let graph = network.graph_mut();
    let mut e = graph.symbol("x");
    for _ in 0..60 {
        let sine = graph.call(holobiont::expr::Function::Sin, &[e]);
        e = graph.mul(sine, e);
    }
    network.observable("huge", Observable::new(e)).unwrap();
    let error = write(&network, &WriteOptions::default()).unwrap_err();
    assert!(
        matches!(&error, SbmlWriteError::TooLarge { .. }),
        "{error:?}"
    );
    assert!(error.to_string().contains("observable `huge`"));

    let mut network = Network::new("unknown");
    network.observable("z", Observable::new("nobody")).unwrap();
    let error = write(&network, &WriteOptions::default()).unwrap_err();
    assert!(matches!(error, SbmlWriteError::Network(errors) if errors.len() == 1));
}
