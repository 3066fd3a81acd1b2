//! What SBML files mean, in numbers: values that rules and events determine, and values that are undefined.
use holobiont::compile::Point;
use holobiont::exchange::sbml::{self, Measure};
use holobiont::schedule::Schedule;
use holobiont::solve::{Method, Problem, Tolerances, solve};

const MATH: &str = r#"<math xmlns="http://www.w3.org/1998/Math/MathML">"#;

/// A model of Level 3 Version 2 around its lists.
fn document(lists: &str) -> String {
    let text = format!(
        r#"<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2"><model>{lists}</model></sbml>"#
    );
    text.replace("<math>", MATH)
}

/// Amounts of species and values of all else at the times.
fn values(lists: &str, ids: &[&str], times: &[f64]) -> Vec<Vec<f64>> {
    let model = sbml::read_text(&document(lists)).expect("a sound model");
    let system = model.compile().expect("it compiles");
    let formula = |id: &&str| {
        let formula = model.formula(id, Measure::Amount).expect("it is known");
        (id.to_string(), formula)
    };
    let formulas: Vec<(String, String)> = ids.iter().map(formula).collect();
    let outputs = system.outputs(&formulas, &[]).expect("sound formulas");
    let problem = Problem {
        system: &system,
        parameters: system.parameters(),
        schedule: &Schedule::default(),
        times,
        sensitivity: None,
    };
    let tolerances = Tolerances {
        relative: 1e-9,
        absolute: 1e-12,
    };
    let solution = solve(&problem, &Method::default(), &tolerances)
        .finished()
        .expect("it is solved");
    let which: Vec<usize> = (0..ids.len()).collect();
    let row = |k: usize| {
        let mut row = vec![0.0; ids.len()];
        let at = Point {
            time: times[k],
            states: solution.states(k),
            registers: solution.registers(k),
            placeholders: &[],
        };
        outputs.evaluate(&at, &which, &mut row);
        row
    };
    (0..times.len()).map(row).collect()
}

/// Equal to 1e-8 (ten times the tolerance); what is infinite or undefined equals itself.
fn same(found: &[Vec<f64>], expected: &[&[f64]]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found
        .iter()
        .flatten()
        .zip(expected.iter().copied().flatten())
    {
        let equal = found == expected || (found.is_nan() && expected.is_nan());
        assert!(
            equal || (found - expected).abs() <= 1e-8 * (1.0 + expected.abs()),
            "{found} instead of {expected}"
        );
    }
}

const VARIABLE: &str = r#"<parameter id="x" value="1" constant="false"/>"#;

#[test]
fn an_amount_stays_where_an_algebraic_rule_determines_the_size() {
    // 2 in a size of 4, though 1 is written: the reaction makes [A] = 0.5 per unit of time
    let found = values(
        r#"<listOfCompartments><compartment id="C" size="1" constant="false"/></listOfCompartments>
        <listOfSpecies><species id="A" compartment="C" initialAmount="2" hasOnlySubstanceUnits="false"
            boundaryCondition="false" constant="false"/></listOfSpecies>
        <listOfRules><algebraicRule><math><apply><minus/><ci>C</ci><cn>4</cn></apply></math></algebraicRule></listOfRules>
        <listOfReactions><reaction id="r" reversible="false">
          <listOfProducts><speciesReference species="A" stoichiometry="1" constant="true"/></listOfProducts>
          <kineticLaw><math><ci>A</ci></math></kineticLaw></reaction></listOfReactions>"#,
        &["A", "C", "r"],
        &[0.0, 1.0],
    );
    let grown = 2.0 * 0.25f64.exp();
    same(&found, &[&[2.0, 4.0, 0.5], &[grown, 4.0, grown / 4.0]]);
}

#[test]
fn initial_assignments_read_what_algebraic_rules_determine() {
    let found = values(
        r#"<listOfParameters><parameter id="x" constant="false"/><parameter id="y" constant="true"/></listOfParameters>
        <listOfInitialAssignments><initialAssignment symbol="y"><math><apply><plus/><ci>x</ci><cn>1</cn></apply></math>
        </initialAssignment></listOfInitialAssignments>
        <listOfRules><algebraicRule><math><apply><minus/><cn>6</cn><apply><times/><cn>2</cn><ci>x</ci></apply></apply></math>
        </algebraicRule></listOfRules>"#,
        &["x", "y"],
        &[0.0, 1.0],
    );
    same(&found, &[&[3.0, 4.0], &[3.0, 4.0]]);
}

/// An event `id` at a time, which gives `x` a value.
fn event(id: &str, at: f64, value: &str) -> String {
    format!(
        r#"<event id="{id}" useValuesFromTriggerTime="true"><trigger initialValue="true" persistent="true"><math><apply><gt/>
        <csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time"> t </csymbol><cn>{at}</cn></apply></math>
        </trigger><listOfEventAssignments><eventAssignment variable="x"><math>{value}</math></eventAssignment>
        </listOfEventAssignments></event>"#
    )
}

#[test]
fn a_value_is_undefined_until_an_event_gives_it() {
    let lists = format!(
        r#"<listOfParameters><parameter id="x" constant="false"/><parameter id="y" value="1" constant="false"/></listOfParameters>
        <listOfRules><rateRule variable="y"><math><cn>2</cn></math></rateRule></listOfRules>
        <listOfEvents>{}</listOfEvents>"#,
        event("e", 0.5, "<cn>3</cn>")
    );
    let found = values(&lists, &["x", "y"], &[0.0, 0.4, 1.0]);
    same(&found, &[&[f64::NAN, 1.0], &[f64::NAN, 1.8], &[3.0, 3.0]]);
}

#[test]
fn an_event_makes_a_value_infinite_and_another_finite_again() {
    let lists = format!(
        "<listOfParameters>{VARIABLE}</listOfParameters><listOfEvents>{}{}</listOfEvents>",
        event("e", 0.5, "<infinity/>"),
        event("f", 1.5, "<cn>3</cn>")
    );
    let found = values(&lists, &["x"], &[0.0, 1.0, 2.0]);
    same(&found, &[&[1.0], &[f64::INFINITY], &[3.0]]);
}

#[test]
fn a_rate_that_becomes_undefined_is_no_value() {
    // x is read by the rate of y
    let lists = format!(
        r#"<listOfParameters>{VARIABLE}<parameter id="y" value="1" constant="false"/></listOfParameters>
        <listOfRules><rateRule variable="y"><math><ci>x</ci></math></rateRule></listOfRules>
        <listOfEvents>{}</listOfEvents>"#,
        event("e", 0.5, "<notanumber/>")
    );
    let model = sbml::read_text(&document(&lists)).expect("a sound model");
    let system = model.compile().expect("it compiles");
    let problem = Problem {
        system: &system,
        parameters: system.parameters(),
        schedule: &Schedule::default(),
        times: &[1.0],
        sensitivity: None,
    };
    let solution = solve(&problem, &Method::default(), &Tolerances::default());
    let error = solution.finished().expect_err("y has no value").to_string();
    assert!(error.contains("`y` or its rate became NaN"), "{error}");
}
