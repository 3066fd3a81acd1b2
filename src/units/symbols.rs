//! The unit symbols: SI, what the SI accepts beside itself, and the words of biology.
//!
//! Counted things (cells, copies, CFU, reads ...) share the dimension `item`: `copies/cm^3` and `cells/mL` compare and convert
//! one to one, but never with a bare number. An international unit (IU) is defined substance by substance, so it is a
//! dimension of its own that converts to nothing else. The enzyme unit U is 1 µmol/min. A year (y, yr, a) is 365.25 d, a
//! month a twelfth of it. Temperatures are in K; degrees Celsius have an offset and are refused.
use super::scale::Scale;

/// Base dimensions, in the order of the exponent vector.
pub(super) const BASE: [&str; 9] = ["m", "kg", "s", "mol", "K", "A", "cd", "item", "IU"];
/// Exponents of the base dimensions.
pub(super) type Exponents = [i32; 9];

const NONE: Exponents = [0; 9];
const METRE: Exponents = [1, 0, 0, 0, 0, 0, 0, 0, 0];
const VOLUME: Exponents = [3, 0, 0, 0, 0, 0, 0, 0, 0];
const MASS: Exponents = [0, 1, 0, 0, 0, 0, 0, 0, 0];
const SECOND: Exponents = [0, 0, 1, 0, 0, 0, 0, 0, 0];
const MOLE: Exponents = [0, 0, 0, 1, 0, 0, 0, 0, 0];
const MOLAR: Exponents = [-3, 0, 0, 1, 0, 0, 0, 0, 0];
const CATALYSIS: Exponents = [0, 0, -1, 1, 0, 0, 0, 0, 0];
const KELVIN: Exponents = [0, 0, 0, 0, 1, 0, 0, 0, 0];
const AMPERE: Exponents = [0, 0, 0, 0, 0, 1, 0, 0, 0];
const CANDELA: Exponents = [0, 0, 0, 0, 0, 0, 1, 0, 0];
const ITEM: Exponents = [0, 0, 0, 0, 0, 0, 0, 1, 0];
const INTERNATIONAL: Exponents = [0, 0, 0, 0, 0, 0, 0, 0, 1];
const HERTZ: Exponents = [0, 0, -1, 0, 0, 0, 0, 0, 0];
const NEWTON: Exponents = [1, 1, -2, 0, 0, 0, 0, 0, 0];
const PASCAL: Exponents = [-1, 1, -2, 0, 0, 0, 0, 0, 0];
const JOULE: Exponents = [2, 1, -2, 0, 0, 0, 0, 0, 0];
const WATT: Exponents = [2, 1, -3, 0, 0, 0, 0, 0, 0];
const COULOMB: Exponents = [0, 0, 1, 0, 0, 1, 0, 0, 0];
const VOLT: Exponents = [2, 1, -3, 0, 0, -1, 0, 0, 0];

/// A unit with a symbol.
#[derive(Clone, Copy, Debug)]
pub(super) struct Atom {
    /// all spellings
    pub names: &'static [&'static str],
    pub exponents: Exponents,
    pub scale: Scale,
    /// whether decimal prefixes may stand before it
    pub prefixed: bool,
}

const fn atom(
    names: &'static [&'static str],
    exponents: Exponents,
    above: f64,
    ten: i32,
    prefixed: bool,
) -> Atom {
    Atom {
        names,
        exponents,
        scale: Scale::new(above, 1.0, ten),
        prefixed,
    }
}

/// Seconds of a day.
const DAY: f64 = 86_400.0;
/// Seconds of a year of 365.25 days.
const YEAR: f64 = 31_557_600.0;

pub(super) const ATOMS: &[Atom] = &[
    atom(
        &["dimensionless", "fraction", "pH", "OD"],
        NONE,
        1.0,
        0,
        false,
    ),
    atom(&["%", "percent"], NONE, 1.0, -2, false),
    atom(&["ppm"], NONE, 1.0, -6, false),
    atom(
        &["m", "metre", "metres", "meter", "meters"],
        METRE,
        1.0,
        0,
        true,
    ),
    atom(&["g", "gram", "grams", "gDW", "gCDW"], MASS, 1.0, -3, true),
    // CODATA 2022: the unified atomic mass unit is 1.66053906892e-27 kg
    atom(&["Da", "dalton"], MASS, 166_053_906_892.0, -38, true),
    atom(&["s", "sec", "second", "seconds"], SECOND, 1.0, 0, true),
    atom(&["min", "minute", "minutes"], SECOND, 60.0, 0, false),
    atom(&["h", "hr", "hour", "hours"], SECOND, 3600.0, 0, false),
    atom(&["d", "day", "days"], SECOND, DAY, 0, false),
    atom(&["wk", "week", "weeks"], SECOND, 7.0 * DAY, 0, false),
    atom(&["month", "months"], SECOND, YEAR / 12.0, 0, false),
    atom(&["y", "yr", "a", "year", "years"], SECOND, YEAR, 0, false),
    atom(&["mol", "mole", "moles"], MOLE, 1.0, 0, true),
    atom(&["M", "molar"], MOLAR, 1.0, 3, true),
    atom(&["K", "kelvin"], KELVIN, 1.0, 0, true),
    atom(&["A", "ampere"], AMPERE, 1.0, 0, true),
    atom(&["cd", "candela"], CANDELA, 1.0, 0, true),
    atom(
        &["L", "l", "litre", "litres", "liter", "liters"],
        VOLUME,
        1.0,
        -3,
        true,
    ),
    atom(
        &[
            "item",
            "items",
            "count",
            "counts",
            "cell",
            "cells",
            "copy",
            "copies",
            "CFU",
            "cfu",
            "PFU",
            "pfu",
            "read",
            "reads",
            "particle",
            "particles",
            "individual",
            "individuals",
            "lesion",
            "lesions",
        ],
        ITEM,
        1.0,
        0,
        false,
    ),
    atom(&["IU"], INTERNATIONAL, 1.0, 0, true),
    atom(&["kat", "katal"], CATALYSIS, 1.0, 0, true),
    Atom {
        names: &["U"],
        exponents: CATALYSIS,
        scale: Scale::new(1.0, 6.0, -7),
        prefixed: true,
    },
    atom(&["Hz"], HERTZ, 1.0, 0, true),
    atom(&["N"], NEWTON, 1.0, 0, true),
    atom(&["Pa"], PASCAL, 1.0, 0, true),
    atom(&["bar"], PASCAL, 1.0, 5, true),
    atom(&["mmHg"], PASCAL, 133_322_387_415.0, -9, false),
    atom(&["J"], JOULE, 1.0, 0, true),
    atom(&["cal"], JOULE, 4184.0, -3, true),
    atom(&["W"], WATT, 1.0, 0, true),
    atom(&["C"], COULOMB, 1.0, 0, true),
    atom(&["V"], VOLT, 1.0, 0, true),
];

/// Decimal prefixes; `u` and both Greek letters stand for micro.
const PREFIXES: [(&str, i32); 24] = [
    ("da", 1),
    ("h", 2),
    ("k", 3),
    ("M", 6),
    ("G", 9),
    ("T", 12),
    ("P", 15),
    ("E", 18),
    ("Z", 21),
    ("Y", 24),
    ("d", -1),
    ("c", -2),
    ("m", -3),
    ("u", -6),
    ("µ", -6),
    ("μ", -6),
    ("n", -9),
    ("p", -12),
    ("f", -15),
    ("a", -18),
    ("z", -21),
    ("y", -24),
    ("kilo", 3),
    ("milli", -3),
];

/// The unit behind a symbol, whole or with prefix; a whole symbol wins (`min` is a minute, `Pa` a pascal).
pub(super) fn lookup(symbol: &str) -> Option<(Exponents, Scale)> {
    let whole = |name: &str| ATOMS.iter().find(|atom| atom.names.contains(&name));
    if let Some(atom) = whole(symbol) {
        return Some((atom.exponents, atom.scale));
    }
    PREFIXES.iter().find_map(|(prefix, ten)| {
        let atom = whole(symbol.strip_prefix(prefix)?)?;
        atom.prefixed
            .then(|| (atom.exponents, atom.scale.times(Scale::new(1.0, 1.0, *ten))))
    })
}

/// All symbols without prefix, and the prefixed ones that biology uses, for near names and documentation.
pub fn unit_symbols() -> impl Iterator<Item = &'static str> {
    const USUAL: [&str; 22] = [
        "mmol", "umol", "nmol", "pmol", "mM", "uM", "nM", "pM", "mL", "uL", "dL", "kg", "mg", "ug",
        "ng", "pg", "cm", "mm", "um", "kDa", "kJ", "kcal",
    ];
    ATOMS
        .iter()
        .flat_map(|atom| atom.names.iter().copied())
        .chain(USUAL)
}
