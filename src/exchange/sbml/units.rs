//! Unit definitions of SBML as the unit texts of the crate.
use super::document::{Model, Unit, UnitDefinition};
use std::collections::HashMap;

/// The base units of SBML and how they are written here; those without a symbol of their own by SI base units.
const KINDS: [(&str, &str); 35] = [
    ("ampere", "A"),
    // CODATA 2006, as SBML Level 3 fixes it
    ("avogadro", "6.02214179e23"),
    ("becquerel", "1/s"),
    ("candela", "cd"),
    ("coulomb", "C"),
    ("dimensionless", "dimensionless"),
    ("farad", "C/V"),
    ("gram", "g"),
    ("gray", "J/kg"),
    ("henry", "V*s/A"),
    ("hertz", "Hz"),
    ("item", "item"),
    ("joule", "J"),
    ("katal", "kat"),
    ("kelvin", "K"),
    ("kilogram", "kg"),
    ("liter", "L"),
    ("litre", "L"),
    ("lumen", "cd"),
    ("lux", "cd/m^2"),
    ("meter", "m"),
    ("metre", "m"),
    ("mole", "mol"),
    ("newton", "N"),
    ("ohm", "V/A"),
    ("pascal", "Pa"),
    ("radian", "dimensionless"),
    ("second", "s"),
    ("siemens", "A/V"),
    ("sievert", "J/kg"),
    ("steradian", "dimensionless"),
    ("tesla", "V*s/m^2"),
    ("volt", "V"),
    ("watt", "W"),
    ("weber", "V*s"),
];

/// Decimal powers with a prefix of their own.
const PREFIXES: [(i32, &str); 7] = [
    (3, "k"),
    (-1, "d"),
    (-2, "c"),
    (-3, "m"),
    (-6, "u"),
    (-9, "n"),
    (-12, "p"),
];
/// Symbols that bear prefixes here.
const PREFIXED: [&str; 14] = [
    "A", "C", "g", "Hz", "J", "K", "L", "m", "mol", "N", "Pa", "s", "V", "W",
];
/// Seconds with a name.
const TIMES: [(f64, &str); 4] = [
    (60.0, "min"),
    (3600.0, "h"),
    (86_400.0, "d"),
    (604_800.0, "wk"),
];

/// The units of one model by their ids.
pub(super) struct Units {
    known: HashMap<String, Option<String>>,
}

impl Units {
    pub(super) fn new(model: &Model, level: u32) -> Self {
        let mut known: HashMap<String, Option<String>> = KINDS
            .iter()
            .map(|(kind, text)| (kind.to_string(), Some(text.to_string())))
            .collect();
        if level == 2 {
            // predefined, and open to redefinition (section 4.4.3 of L2V5)
            let predefined = [
                ("substance", "mol"),
                ("volume", "L"),
                ("area", "m^2"),
                ("length", "m"),
                ("time", "s"),
            ];
            known.extend(predefined.map(|(id, text)| (id.to_string(), Some(text.to_string()))));
        }
        for definition in &model.units {
            if let Some(id) = &definition.meta.id {
                known.insert(id.clone(), text(definition));
            }
        }
        Units { known }
    }

    /// The text of a unit; none where it is undeclared, unknown or without a form here (Celsius).
    pub(super) fn text(&self, id: Option<&str>) -> Option<String> {
        self.known.get(id?)?.clone()
    }
    pub(super) fn is_known(&self, id: &str) -> bool {
        self.known.contains_key(id)
    }
}

fn text(definition: &UnitDefinition) -> Option<String> {
    let parts: Option<Vec<String>> = definition.units.iter().map(part).collect();
    let parts: Vec<String> = parts?
        .into_iter()
        .filter(|p| p != "dimensionless")
        .collect();
    if parts.is_empty() {
        return Some("dimensionless".to_string());
    }
    let text = parts.join("*");
    // what our units cannot hold (exponents that are no ratios, factors beyond doubles) counts as undeclared
    crate::units::Unit::parse(&text).ok().map(|_| text)
}

/// (multiplier 10^scale kind)^exponent
fn part(unit: &Unit) -> Option<String> {
    let (_, symbol) = KINDS.iter().find(|(kind, _)| *kind == unit.kind)?;
    let plain = PREFIXED.contains(symbol);
    let prefix = PREFIXES.iter().find(|(scale, _)| *scale == unit.scale);
    let time = TIMES
        .iter()
        .find(|(seconds, _)| *symbol == "s" && unit.scale == 0 && *seconds == unit.multiplier);
    let base = match (prefix, time) {
        _ if unit.exponent == 0.0 => return Some("dimensionless".to_string()),
        (_, Some((_, name))) => name.to_string(),
        (Some((_, prefix)), _) if plain && unit.multiplier == 1.0 => format!("{prefix}{symbol}"),
        _ => {
            let factor = match (unit.multiplier, unit.scale) {
                (1.0, 0) => None,
                (multiplier, 0) => Some(multiplier.to_string()),
                (1.0, scale) => Some(format!("1e{scale}")),
                (multiplier, scale) => Some(format!("{multiplier}*1e{scale}")),
            };
            let compound = symbol.contains(['*', '/', '^']);
            match factor {
                None if compound => format!("({symbol})"),
                None => symbol.to_string(),
                Some(factor) if *symbol == "dimensionless" => format!("({factor})"),
                Some(factor) => format!("({factor}*{symbol})"),
            }
        }
    };
    Some(match unit.exponent {
        1.0 => base,
        exponent if exponent.fract() == 0.0 => format!("{base}^{exponent}"),
        exponent => {
            let ratio = crate::units::Ratio::nearest(exponent)?;
            format!("{base}^({}/{})", ratio.numerator(), ratio.denominator())
        }
    })
}
