//! Units as SBML spells them: a `unitDefinition` for every unit text that the network uses.
//!
//! The text is kept as the name of the definition. A unit that SBML has no base for (IU) is left out, as if undeclared.
use super::ids::Ids;
use super::xml::{Attributes, Xml, double};
use crate::units::{Unit, UnitFactor};
use std::collections::HashMap;

/// SBML's own units: exponents of m, kg, s, mol, K, A, cd, item, and the size in coherent units.
const KINDS: [(&str, [i32; 9], f64); 17] = [
    ("metre", [1, 0, 0, 0, 0, 0, 0, 0, 0], 1.0),
    ("litre", [3, 0, 0, 0, 0, 0, 0, 0, 0], 1e-3),
    ("gram", [0, 1, 0, 0, 0, 0, 0, 0, 0], 1e-3),
    ("second", [0, 0, 1, 0, 0, 0, 0, 0, 0], 1.0),
    ("mole", [0, 0, 0, 1, 0, 0, 0, 0, 0], 1.0),
    ("kelvin", [0, 0, 0, 0, 1, 0, 0, 0, 0], 1.0),
    ("ampere", [0, 0, 0, 0, 0, 1, 0, 0, 0], 1.0),
    ("candela", [0, 0, 0, 0, 0, 0, 1, 0, 0], 1.0),
    ("item", [0, 0, 0, 0, 0, 0, 0, 1, 0], 1.0),
    ("hertz", [0, 0, -1, 0, 0, 0, 0, 0, 0], 1.0),
    ("newton", [1, 1, -2, 0, 0, 0, 0, 0, 0], 1.0),
    ("pascal", [-1, 1, -2, 0, 0, 0, 0, 0, 0], 1.0),
    ("joule", [2, 1, -2, 0, 0, 0, 0, 0, 0], 1.0),
    ("watt", [2, 1, -3, 0, 0, 0, 0, 0, 0], 1.0),
    ("coulomb", [0, 0, 1, 0, 0, 1, 0, 0, 0], 1.0),
    ("volt", [2, 1, -3, 0, 0, -1, 0, 0, 0], 1.0),
    ("katal", [0, 0, -1, 1, 0, 0, 0, 0, 0], 1.0),
];
/// Exponents of mol/l, which has a symbol here and none in SBML.
const MOLAR: [i32; 9] = [-3, 0, 0, 1, 0, 0, 0, 0, 0];

/// Ids of units by their texts.
#[derive(Default)]
pub(super) struct Units {
    ids: Ids,
    by_text: HashMap<String, Option<String>>,
    definitions: Vec<(String, String, Vec<Base>)>,
}

/// One `unit` element: (multiplier * 10^scale * kind)^exponent.
#[derive(Clone, Debug, PartialEq)]
struct Base {
    kind: &'static str,
    exponent: f64,
    scale: i32,
    multiplier: f64,
}

impl Units {
    pub fn new() -> Self {
        // ids of definitions must differ from SBML's own units
        let own = [
            "dimensionless",
            "avogadro",
            "becquerel",
            "farad",
            "gray",
            "henry",
            "kilogram",
        ];
        let more = [
            "lumen",
            "lux",
            "ohm",
            "radian",
            "siemens",
            "sievert",
            "steradian",
            "tesla",
        ];
        let more = more
            .into_iter()
            .chain(["weber", "Celsius", "liter", "meter"]);
        let kinds = KINDS.iter().map(|kind| kind.0);
        Units {
            ids: Ids::new(own.into_iter().chain(more).chain(kinds)),
            ..Self::default()
        }
    }

    /// The id of the unit with this text; none if SBML cannot say it or the text is no unit.
    pub fn id(&mut self, text: &str) -> Option<String> {
        if let Some(known) = self.by_text.get(text) {
            return known.clone();
        }
        let id = self.define(text);
        self.by_text.insert(text.to_owned(), id.clone());
        id
    }

    fn define(&mut self, text: &str) -> Option<String> {
        let bases = bases(&Unit::parse(text).ok()?)?;
        if let [base] = bases.as_slice()
            && (base.exponent, base.scale, base.multiplier) == (1.0, 0, 1.0)
            && !["pH", "OD"].contains(&text)
        {
            return Some(base.kind.to_owned());
        }
        let id = self.ids.fresh(&id_of(text));
        self.definitions.push((id.clone(), text.to_owned(), bases));
        Some(id)
    }

    pub fn write(&self, xml: &mut Xml) {
        if self.definitions.is_empty() {
            return;
        }
        let none = Attributes::new();
        xml.open("listOfUnitDefinitions", &none);
        for (id, text, bases) in &self.definitions {
            let attributes = Attributes::new().with("id", id).with("name", text);
            xml.open("unitDefinition", &attributes);
            xml.open("listOfUnits", &none);
            for base in bases {
                let attributes = Attributes::new()
                    .with("kind", base.kind)
                    .with("exponent", double(base.exponent))
                    .with("scale", base.scale)
                    .with("multiplier", double(base.multiplier));
                xml.empty("unit", &attributes);
            }
            xml.close("listOfUnits");
            xml.close("unitDefinition");
        }
        xml.close("listOfUnitDefinitions");
    }
}

/// A readable id: `mmol/l` becomes `mmol_per_l`.
fn id_of(text: &str) -> String {
    let mut id = String::new();
    for c in text.chars() {
        match c {
            '/' => id.push_str("_per_"),
            '%' => id.push_str("percent"),
            'µ' | 'μ' => id.push('u'),
            '-' => id.push('m'),
            c if c.is_ascii_alphanumeric() => id.push(c),
            _ => id.push('_'),
        }
    }
    while id.contains("__") {
        id = id.replace("__", "_");
    }
    let id = id.trim_end_matches('_');
    match id.strip_prefix("1_per_") {
        Some(rest) => format!("per_{rest}"),
        None if id.starts_with(|c: char| c.is_ascii_alphabetic()) => id.to_owned(),
        None => format!("unit_{id}"),
    }
}

/// The unit as a product of SBML's own units; none where one is missing.
fn bases(unit: &Unit) -> Option<Vec<Base>> {
    let (number, factors) = unit.factors();
    let mut bases = Vec::new();
    if number != 1.0 {
        bases.push(base("dimensionless", number, 1.0));
    }
    for factor in &factors {
        let exponent = factor.exponent.value();
        let UnitFactor {
            dimension, scale, ..
        } = factor;
        if let Some((kind, _, size)) = KINDS.iter().find(|kind| kind.1 == *dimension) {
            bases.push(base(kind, scale / size, exponent));
        } else if *dimension == MOLAR {
            bases.push(base("mole", scale / 1e3, exponent));
            bases.push(base("litre", 1.0, -exponent));
        } else if dimension.iter().all(|exponent| *exponent == 0) {
            bases.push(base("dimensionless", *scale, exponent));
        } else {
            return None;
        }
    }
    if bases.is_empty() {
        bases.push(base("dimensionless", 1.0, 1.0));
    }
    Some(bases)
}

fn base(kind: &'static str, factor: f64, exponent: f64) -> Base {
    // a power of ten, but for the rounding of the division, is a scale
    let scale = factor.log10().round();
    let power: f64 = format!("1e{scale}").parse().unwrap_or(f64::NAN);
    let decimal = (factor / power - 1.0).abs() < 1e-14;
    let (scale, multiplier) = if decimal {
        (scale as i32, 1.0)
    } else {
        (0, factor)
    };
    Base {
        kind,
        exponent,
        scale,
        multiplier,
    }
}

/// What a unit may be the unit of.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Measure {
    /// a substance: mole, item, mass or a pure number
    Substance,
    Length,
    Area,
    Volume,
    Number,
    Other,
}

/// What the unit with this text measures.
pub(super) fn measure(text: &str) -> Measure {
    let Ok(unit) = Unit::parse(text) else {
        return Measure::Other;
    };
    let like = |other: &str| Unit::parse(other).is_ok_and(|other| unit.same_dimension(&other));
    if unit.is_dimensionless() {
        Measure::Number
    } else if ["mol", "item", "g"].into_iter().any(like) {
        Measure::Substance
    } else if like("l") {
        Measure::Volume
    } else if like("m^2") {
        Measure::Area
    } else if like("m") {
        Measure::Length
    } else {
        Measure::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<(&'static str, f64, i32, f64)> {
        let part = |b: Base| (b.kind, b.exponent, b.scale, b.multiplier);
        let all = bases(&Unit::parse(text).unwrap()).unwrap();
        all.into_iter().map(part).collect()
    }

    #[test]
    fn units_are_products_of_the_units_of_sbml() {
        assert_eq!(
            parts("mmol/L/d"),
            [
                ("mole", 1.0, -3, 1.0),
                ("litre", -1.0, 0, 1.0),
                ("second", -1.0, 0, 86400.0)
            ]
        );
        assert_eq!(
            parts("1e11 copies/cm^3"),
            [
                ("dimensionless", 1.0, 11, 1.0),
                ("item", 1.0, 0, 1.0),
                ("metre", -3.0, -2, 1.0)
            ]
        );
        assert_eq!(
            parts("µM"),
            [("mole", 1.0, -6, 1.0), ("litre", -1.0, 0, 1.0)]
        );
        assert_eq!(parts("kg"), [("gram", 1.0, 3, 1.0)]);
        assert_eq!(parts("%"), [("dimensionless", 1.0, -2, 1.0)]);
        assert_eq!(parts("m^(1/2)"), [("metre", 0.5, 0, 1.0)]);
        assert_eq!(bases(&Unit::parse("IU/l").unwrap()), None);
    }

    #[test]
    fn ids_of_units_are_readable_and_distinct() {
        let mut units = Units::new();
        let ids: Vec<_> = [
            "mmol/l", "mmol / l", "1/d", "mol", "1", "pH", "IU", "lux d", "d^-1",
        ]
        .map(|text| units.id(text))
        .into_iter()
        .map(|id| id.unwrap_or_default())
        .collect();
        let wanted = [
            "mmol_per_l",
            "mmol_per_l_2",
            "per_d",
            "mole",
            "dimensionless",
            "pH",
            "",
            "",
            "d_m1",
        ];
        assert_eq!(ids, wanted);
    }
}
