//! Modules: what each mechanism of a model file declared, and what acts on its rates, for those who draw or list them.
use crate::library::LibraryMechanism;
use crate::network::ElementKind;

/// A mechanism of a model file after it was built into the network. What holds between modules follows from the network's formulas.
///
/// ```
/// let model = holobiont::models::get("gut_ms").expect("a model of this name").expect("a sound model");
/// let barrier = model.modules.iter().find(|module| module.name == "barrier").expect("a wall");
/// assert!(barrier.influences.iter().any(|i| i.rate == "junctions_loss" && i.source == "TNF"));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Module {
    /// Type of the mechanism, as `plasma_acids`, behind its prefix where it has one, as `ileum: microbiota`.
    pub name: String,
    /// What it declared: kind and id, in order of declaration. What another module declared before is not among it.
    pub elements: Vec<(ElementKind, String)>,
    /// What acts on its rates, with an elasticity each.
    pub influences: Vec<Influence>,
}

/// A source that acts on a rate ([`library::Source`](crate::library::Source)).
#[derive(Clone, Debug, PartialEq)]
pub struct Influence {
    /// The rate.
    pub rate: String,
    /// The quantity that acts.
    pub source: String,
    /// Whether it is a dose, 0 where nothing is given, and no level with a reference.
    pub dose: bool,
    /// The parameter that holds the elasticity (unit 1), or the logarithm of the change per dose.
    pub parameter: String,
}

impl Module {
    pub(super) fn of(
        mechanism: &LibraryMechanism,
        kind: &str,
        prefix: &str,
        elements: Vec<(ElementKind, String)>,
    ) -> Self {
        let join = |id: &str| match prefix {
            "" => id.to_string(),
            prefix => format!("{prefix}__{id}"),
        };
        let acting = mechanism.influences().into_iter().flatten();
        let influences = acting.flat_map(|(rate, sources)| {
            sources.iter().map(move |source| Influence {
                rate: join(rate),
                source: join(source.id()),
                dose: source.is_dose(),
                parameter: join(&source.elasticity(rate)),
            })
        });
        Module {
            name: match prefix {
                "" => kind.to_string(),
                prefix => format!("{prefix}: {kind}"),
            },
            influences: influences.collect(),
            elements,
        }
    }
}
