//! Influences: how quantities speed up or slow down a rate, with signs that data may decide.
use super::declare::{declare, option_error};
use crate::network::{Network, NetworkError, Reaction, Rule, Species};
use crate::units::did_you_mean;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What influences a rate: a quantity that has a reference level, as `"TNF"`, or a dose that is 0 where nothing is given, as
/// `{ dose = "infection" }`.
///
/// Sources \\(x_k\\) with references \\(r_k\\) and doses \\(u_d\\) multiply a rate \\(F\\) by
/// $$ \exp\Bigl(\sum_k e_{Fk}\\, \frac{2 (x_k - r_k)}{x_k + r_k} + \sum_d e_{Fd}\\, u_d\Bigr). $$
/// At the references the factor is 1, and \\(e_{Fk} = \partial \ln F/\partial \ln x_k\\) is an elasticity there. It is smooth, positive, and
/// stays between \\(e^{-2|e|}\\) and \\(e^{2|e|}\\) a source, whatever \\(x \ge 0\\) is. No sign is built in: \\(e\\) may be negative.
///
/// | letter | id | meaning | unit |
/// |---|---|---|---|
/// | \\(e_{Fk}\\) | `e_RATE_SOURCE` | elasticity of the rate, or logarithm of its change per dose | 1, or 1 per dose |
/// | \\(r_k\\) | `ref_SOURCE` | reference level, shared by all influences of the source | as the source |
///
/// ```
/// use holobiont::library::Source;
/// assert_eq!(Source::from("TNF"), Source::Level("TNF".to_string()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Source {
    /// A quantity with a reference level.
    Level(String),
    /// A dose, 0 where nothing is given.
    Dose {
        /// Its id.
        dose: String,
    },
}

impl From<&str> for Source {
    fn from(id: &str) -> Source {
        Source::Level(id.to_string())
    }
}

/// The influences of a mechanism: what acts on each of its rates.
pub type Influences = BTreeMap<String, Vec<Source>>;

/// The influences of one mechanism beside the network that they are declared in.
pub(super) struct Acting<'a> {
    pub mechanism: &'static str,
    pub influences: &'a Influences,
    /// states that stand where they would rest, as if their turnover had no end
    pub at_once: &'a [String],
}

impl Acting<'_> {
    /// Refuses influences on rates that the mechanism does not have, and sources that stand twice.
    pub fn check(&self, rates: &[&str]) -> Result<(), NetworkError> {
        let wrong = |problem| option_error(self.mechanism, "influences", problem);
        for (rate, sources) in self.influences {
            if !rates.contains(&rate.as_str()) {
                let near = did_you_mean(rate, rates.iter().copied());
                return Err(wrong(format!("there is no rate `{rate}`{near}")));
            }
            for (number, source) in sources.iter().enumerate() {
                if sources[..number].contains(source) {
                    return Err(wrong(format!("`{}` acts twice on `{rate}`", source.id())));
                }
            }
        }
        Ok(())
    }

    /// Refuses states that cannot stand at their rest, or twice.
    pub fn check_at_once(&self, may: &[&str]) -> Result<(), NetworkError> {
        let wrong = |problem| option_error(self.mechanism, "at_once", problem);
        for (number, id) in self.at_once.iter().enumerate() {
            if !may.contains(&id.as_str()) {
                let near = did_you_mean(id, may.iter().copied());
                let list = may.join(", ");
                return Err(wrong(format!("`{id}` is none of {list}{near}")));
            }
            if self.at_once[..number].contains(id) {
                return Err(wrong(format!("`{id}` stands twice")));
            }
        }
        Ok(())
    }

    /// Whether a state stands at its rest.
    pub fn is_at_once(&self, id: &str) -> bool {
        self.at_once.iter().any(|known| known == id)
    }

    /// The factor of a rate; declares what it needs.
    pub fn factor(&self, network: &mut Network, rate: &str) -> Result<String, NetworkError> {
        let sources = self.influences.get(rate).map_or(&[][..], Vec::as_slice);
        let terms: Vec<String> = sources
            .iter()
            .map(|source| source.term(network, rate))
            .collect::<Result<_, _>>()?;
        Ok(match terms.is_empty() {
            true => "1".to_string(),
            false => format!("exp({})", terms.join(" + ")),
        })
    }

    /// A state near 1 that is made at a rate under influences and lost at its turnover.
    pub fn marker(&self, network: &mut Network, id: &str, name: &str) -> Result<(), NetworkError> {
        let factor = self.factor(network, id)?;
        self.relative(network, id, name, &factor)
    }

    /// A state near 1, \\(\dot x = k (F - x)\\), or \\(x = F\\) where it stands at its rest.
    pub fn relative(
        &self,
        network: &mut Network,
        id: &str,
        name: &str,
        factor: &str,
    ) -> Result<(), NetworkError> {
        match self.is_at_once(id) {
            true => assigned(network, id, factor.to_string(), Some("1".to_string())),
            false => relative(network, id, name, factor),
        }
    }
}

impl Source {
    /// The quantity that acts.
    pub(crate) fn id(&self) -> &str {
        match self {
            Source::Level(id) | Source::Dose { dose: id } => id,
        }
    }

    /// Whether it is 0 where nothing is given.
    pub(crate) fn is_dose(&self) -> bool {
        matches!(self, Source::Dose { .. })
    }

    /// The parameter that says how strongly it acts on a rate.
    pub(crate) fn elasticity(&self, rate: &str) -> String {
        format!("e_{rate}_{}", self.id())
    }

    fn term(&self, network: &mut Network, rate: &str) -> Result<String, NetworkError> {
        let id = self.id();
        let elasticity = self.elasticity(rate);
        match self {
            Source::Level(_) => {
                let name = format!("elasticity of {rate} with {id}");
                declare(network, &elasticity, &name, Some("1".to_string()));
                let reference = format!("ref_{id}");
                let unit = unit_of(network, id);
                if network.kind_of(&reference).is_none() {
                    declare(network, &reference, &format!("reference of {id}"), unit);
                    network
                        .constraint(&format!("{reference}_positive"), format!("{reference} > 0"))?;
                }
                Ok(format!(
                    "{elasticity} * 2 * ({id} - {reference}) / ({id} + {reference})"
                ))
            }
            Source::Dose { .. } => {
                let name = format!("logarithm of the change of {rate} per {id}");
                let per = unit_of(network, id).filter(|unit| unit != "1");
                let unit = per.map_or("1".to_string(), |unit| format!("1/({unit})"));
                declare(network, &elasticity, &name, Some(unit));
                Ok(format!("{elasticity} * {id}"))
            }
        }
    }
}

/// The unit that a species, an input, a parameter or an assigned quantity was declared with.
fn unit_of(network: &Network, id: &str) -> Option<String> {
    fn find<'n, T>(list: &'n [(String, T)], id: &str) -> Option<&'n T> {
        list.iter().find(|(own, _)| own == id).map(|(_, item)| item)
    }
    let assigned = network.all_rules().iter().find_map(|rule| match rule {
        Rule::Assignment { id: own, unit, .. } if own == id => unit.clone(),
        _ => None,
    });
    let species = || find(network.all_species(), id)?.unit.clone();
    let input = || find(network.all_inputs(), id)?.unit.clone();
    let observable = || find(network.all_observables(), id)?.unit.clone();
    let parameter = || find(network.all_parameters(), id)?.unit.clone();
    (species().or_else(input))
        .or_else(observable)
        .or_else(parameter)
        .or(assigned)
}

/// A rate per time with its unit.
pub(super) fn rate_constant(network: &mut Network, id: &str, name: &str) {
    let unit = network.time_unit.as_ref().map(|t| format!("1/{t}"));
    declare(network, id, name, unit);
}

/// A plain number.
pub(super) fn ratio(network: &mut Network, id: &str, name: &str) {
    declare(network, id, name, Some("1".to_string()));
}

/// A state without unit.
pub(super) fn state(network: &mut Network, id: &str, name: &str) -> Result<(), NetworkError> {
    let species = Species {
        name: Some(name.to_string()),
        unit: Some("1".to_string()),
        ..Species::default()
    };
    network.species(id, species)?;
    Ok(())
}

/// A quantity that a formula gives at all times.
pub(super) fn assigned(
    network: &mut Network,
    id: &str,
    formula: String,
    unit: Option<String>,
) -> Result<(), NetworkError> {
    network.rule(Rule::Assignment {
        id: id.to_string(),
        formula: formula.into(),
        unit,
    })?;
    Ok(())
}

/// Production and loss of a state.
pub(super) fn made_and_lost(
    network: &mut Network,
    id: &str,
    made: &str,
    lost: &str,
) -> Result<(), NetworkError> {
    network.reaction(
        &format!("production_{id}"),
        Reaction::rate(made).produces(id, 1.0),
    )?;
    let lost = format!("({lost}) * {id}");
    network.reaction(
        &format!("loss_{id}"),
        Reaction::rate(lost).consumes(id, 1.0),
    )?;
    Ok(())
}

/// A state near 1: \\(\dot x = k (F - x)\\).
pub(super) fn relative(
    network: &mut Network,
    id: &str,
    name: &str,
    factor: &str,
) -> Result<(), NetworkError> {
    let turnover = format!("turnover_{id}");
    rate_constant(network, &turnover, &format!("turnover of {id}"));
    state(network, id, name)?;
    let made = format!("{turnover} * {factor}");
    made_and_lost(network, id, &made, &turnover)
}
