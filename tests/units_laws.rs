//! Units: conversions with known numbers, texts that read back, laws.
use holobiont::units::{Ratio, Unit, UnitError, conversion_factor, unit_symbols};
use proptest::prelude::*;

#[test]
fn known_conversions_are_exact() {
    for (from, to, factor) in [
        ("mmol/L/d", "µM/h", 1000.0 / 24.0),
        ("mmol/L", "mM", 1.0),
        ("mol/m^3", "mM", 1.0),
        ("1/d", "1/h", 1.0 / 24.0),
        ("yr", "d", 365.25),
        ("wk", "days", 7.0),
        ("1e11 copies/cm^3", "copies/mL", 1e11),
        ("copies/cm³", "cells/mL", 1.0),
        ("10^9 CFU", "cells", 1e9),
        ("g/L", "mg/mL", 1.0),
        ("umol/g", "mol kg-1", 1e-3),
        ("(g/L)^2*d^-1", "g2 L-2 d-1", 1.0),
        ("kcal", "J", 4184.0),
        ("mmHg", "Pa", 133.322_387_415),
        ("U", "umol/min", 1.0),
        ("%", "dimensionless", 0.01),
        ("ng/dL", "pg/mL", 10.0),
        ("m^(1/2)", "cm^0.5", 10.0),
        ("g·cm⁻³", "kg/L", 1.0),
        ("kDa", "Da", 1000.0),
        ("mIU/L", "IU/mL", 1e-6),
    ] {
        assert_eq!(
            conversion_factor(from, to).unwrap(),
            factor,
            "{from} to {to}"
        );
    }
}

#[test]
fn different_dimensions_do_not_convert() {
    for (from, to) in [
        ("g", "mol"),
        ("cells/mL", "1/mL"),
        ("IU", "g"),
        ("d", "1/d"),
        ("mol/kg", "mol/L"),
        ("IU", "cells"),
    ] {
        let error = conversion_factor(from, to).unwrap_err();
        assert!(
            matches!(error, UnitError::Incompatible { .. }),
            "{from} to {to}: {error}"
        );
    }
    let error = conversion_factor("g/L", "mmol/L").unwrap_err().to_string();
    assert_eq!(
        error,
        "`g/L` (m^-3 kg) cannot be converted to `mmol/L` (m^-3 mol)"
    );
}

#[test]
fn texts_that_are_no_units_say_where_and_why() {
    for (text, column, words) in [
        ("", 1, "empty"),
        ("mmol/", 6, "found the end"),
        ("mmol/L/x_y", 8, "no unit `x_y`"),
        ("(g/L", 5, "`)`"),
        ("g)", 2, "expected `*`"),
        ("g^", 2, "exponent"),
        ("g^x", 2, "exponent"),
        ("g^1000", 2, "exponent"),
        ("0 g", 1, "cannot be 0"),
        ("-g", 1, "expected a unit symbol"),
        ("°C", 1, "`K`"),
        ("1e999 g", 1, "out of range"),
        ("km^99*km^99*km^99", 1, "range"),
        ("g//L", 3, "found `/`"),
    ] {
        let error = Unit::parse(text).unwrap_err();
        let at = match &error {
            UnitError::Syntax { column, .. } | UnitError::UnknownSymbol { column, .. } => *column,
            other => panic!("{text}: {other}"),
        };
        assert!(error.to_string().contains(words), "{text}: {error}");
        assert_eq!(at, column, "{text}: {error}");
    }
    assert!(
        Unit::parse("mml/L")
            .unwrap_err()
            .to_string()
            .contains("`mmol`")
    );
    assert!(
        Unit::parse("Days")
            .unwrap_err()
            .to_string()
            .contains("`days`")
    );
    assert!(Unit::parse(&"(".repeat(100_000)).is_err());
}

#[test]
fn units_read_well() {
    for (text, shown) in [
        ("mmol/L/d", "mmol/L/d"),
        ("mmol L^-1 d^-1", "mmol/L/d"),
        ("1/d", "1/d"),
        ("d^-1", "1/d"),
        ("1e11 copies/cm^3", "1e11 copies/cm^3"),
        ("g*m/s^2", "g*m/s^2"),
        ("m/m", "dimensionless"),
        ("1", "dimensionless"),
        ("24/d", "24/d"),
        ("%", "%"),
    ] {
        assert_eq!(Unit::parse(text).unwrap().to_string(), shown, "{text}");
    }
    let rate = Unit::parse("mmol/L/d").unwrap();
    assert_eq!(
        rate.multiply(&Unit::parse("d").unwrap()).to_string(),
        "mmol/L"
    );
    assert_eq!(rate.divide(&rate), Unit::dimensionless());
}

#[test]
fn units_are_text_in_files() {
    let unit: Unit = serde_json::from_str("\"mmol/L/d\"").unwrap();
    assert_eq!(serde_json::to_string(&unit).unwrap(), "\"mmol/L/d\"");
    let error = serde_json::from_str::<Unit>("\"mmol/Q\"")
        .unwrap_err()
        .to_string();
    assert!(error.contains("no unit `Q`"), "{error}");
}

#[test]
fn every_listed_symbol_is_a_unit() {
    for symbol in unit_symbols() {
        assert!(Unit::parse(symbol).is_ok(), "{symbol}");
    }
}

fn unit() -> impl Strategy<Value = Unit> {
    let symbols = prop::sample::select(vec![
        "mmol", "L", "d", "h", "g", "kg", "cells", "cm", "uM", "IU", "%", "yr", "1e3", "2.5",
    ]);
    prop::collection::vec((symbols, -3..=3i32), 1..4).prop_map(|factors| {
        factors
            .iter()
            .fold(Unit::dimensionless(), |unit, (symbol, power)| {
                unit.multiply(&Unit::parse(symbol).unwrap().power(*power))
            })
    })
}

fn close(a: f64, b: f64) -> bool {
    // a few roundings of the factors
    (a - b).abs() <= 1e-13 * b.abs()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_shown_reads_back(unit in unit()) {
        let again = Unit::parse(&unit.to_string()).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert!(close(again.conversion_factor(&unit).unwrap(), 1.0), "{unit}");
        prop_assert_eq!(again.to_string(), unit.to_string());
    }

    #[test]
    fn conversion_factors_compose(a in unit(), b in unit()) {
        let product = a.multiply(&b);
        let back = product.divide(&b);
        prop_assert!(close(back.conversion_factor(&a).unwrap(), 1.0));
        let squared = a.power(2);
        prop_assert!(close(squared.rational_power(Ratio::new(1, 2).unwrap()).conversion_factor(&a).unwrap(), 1.0));
        prop_assert_eq!(a.conversion_factor(&b).is_ok(), a.same_dimension(&b));
        if let (Ok(forth), Ok(back)) = (a.conversion_factor(&b), b.conversion_factor(&a)) {
            prop_assert!(close(forth * back, 1.0));
        }
    }

    #[test]
    fn the_reader_survives_anything(text in "[-+*/^()·. 0-9a-zA-Z_µ%°³⁻]{0,30}") {
        if let Ok(unit) = Unit::parse(&text) {
            prop_assert!(Unit::parse(&unit.to_string()).is_ok(), "{text} shown as {unit}");
        }
    }
}
