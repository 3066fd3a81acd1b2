//! Declarations that the mechanisms of compounds share: parameters, molar masses, the pools of a network.
use crate::chemistry::{ATOMIC_WEIGHTS, Compound};
use crate::network::{ElementKind, Formula, Network, NetworkError, Parameter, Reaction};
use crate::units::{Ratio, Unit};

/// An option of a mechanism that makes no sense.
pub(super) fn option_error(
    mechanism: &'static str,
    option: &'static str,
    problem: String,
) -> NetworkError {
    NetworkError::Option {
        mechanism,
        option,
        problem,
    }
}

/// Declares a parameter unless the network has a quantity of this id, such as an input.
pub(super) fn declare(network: &mut Network, id: &str, name: &str, unit: Option<String>) {
    let known = network.kind_of(id);
    if known.is_none_or(|kind| kind == ElementKind::Event) {
        let name = Some(name.to_string());
        let parameter = Parameter {
            name,
            unit,
            ..Parameter::default()
        };
        network.parameter(id, parameter);
    }
}

/// Declares the molar mass of a compound, in g/mmol from the standard atomic weights, and gives its id.
pub(super) fn declare_molar_mass(network: &mut Network, id: &str, compound: &Compound) -> String {
    let parameter_id = format!("molar_mass_{id}");
    if network.kind_of(&parameter_id).is_none() {
        let parameter = Parameter::new(compound.grams_per_millimole()).unit("g/mmol");
        let name = Some(format!("molar mass of {id}, {compound}"));
        let source = Some(ATOMIC_WEIGHTS.to_string());
        network.parameter(
            &parameter_id,
            Parameter {
                name,
                source,
                ..parameter
            },
        );
    }
    parameter_id
}

/// A unit without factors that cancel: `(mmol/l)*l/d` is `mmol/d`. A text that is no unit stands as it is, for the check to report.
pub(super) fn simplified(unit: String) -> String {
    Unit::parse(&unit).map_or(unit, |unit| unit.to_string())
}

/// What turns a rate per volume into the rate of a reaction: the volume of the compartment, or nothing.
pub(super) fn rate_factor(compartment: &Option<String>) -> String {
    compartment
        .as_ref()
        .map_or(String::new(), |id| format!("{id} * "))
}

/// A species with a chemical formula.
pub(super) struct Pooled {
    pub id: String,
    pub compound: Compound,
    /// whether every rate that consumes it must vanish with it
    pub followed: bool,
    /// whether it is a state that rates may read
    pub changes: bool,
}

/// The species of the network that have a chemical formula that can be read.
pub(super) fn pools_of(network: &Network) -> Vec<Pooled> {
    let pool = |(id, species): &(String, crate::network::Species)| {
        let compound = Compound::parse(species.chemical_formula.as_ref()?).ok()?;
        Some(Pooled {
            id: id.clone(),
            compound,
            followed: species.nonnegative && !species.boundary,
            changes: !species.boundary,
        })
    };
    network.all_species().iter().filter_map(pool).collect()
}

/// A ratio as text of a formula.
pub(super) fn ratio_text(ratio: Ratio) -> String {
    match ratio.denominator() {
        1 => ratio.numerator().to_string(),
        denominator => format!("{}/{denominator}", ratio.numerator()),
    }
}

/// A ratio as a formula, exact where it is whole.
pub(super) fn number(ratio: Ratio) -> Formula {
    match ratio.denominator() {
        1 => Formula::Number(f64::from(ratio.numerator())),
        _ => Formula::Text(ratio_text(ratio)),
    }
}

/// Adds net coefficients to a reaction, each on its side.
pub(super) fn products_and_reactants(mut reaction: Reaction, net: &[(String, Ratio)]) -> Reaction {
    for (id, coefficient) in net {
        reaction = match coefficient.numerator() {
            0 => reaction,
            n if n < 0 => reaction.consumes(id, number(coefficient.negative())),
            _ => reaction.produces(id, number(*coefficient)),
        };
    }
    reaction
}
