//! SBML is read as it means: levels, measures, mathematics, places of errors, hostile texts.
use approx::assert_relative_eq;
use holobiont::compile::Point;
use holobiont::exchange::sbml::{self, Measure, SbmlError, SbmlModel};
use holobiont::schedule::Schedule;
use holobiont::solve::{Method, Problem, Tolerances, solve};

const LEVEL_3: &str =
    r#"xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2""#;

/// A document of Level 3 Version 2 around the lists of a model; the model begins in line 2.
fn document(lists: &str) -> String {
    format!("<sbml {LEVEL_3}>\n<model id=\"m\">\n{lists}</model></sbml>")
}
fn math(content: &str) -> String {
    format!(r#"<math xmlns="http://www.w3.org/1998/Math/MathML">{content}</math>"#)
}
fn parameters(list: &[(&str, &str)]) -> String {
    let one = |(id, value): &(&str, &str)| match value.is_empty() {
        true => format!("<parameter id=\"{id}\" constant=\"false\"/>\n"),
        false => format!("<parameter id=\"{id}\" value=\"{value}\" constant=\"false\"/>\n"),
    };
    let all: String = list.iter().map(one).collect();
    format!("<listOfParameters>\n{all}</listOfParameters>\n")
}
fn rules(list: &[(&str, &str)]) -> String {
    let one = |(id, content): &(&str, &str)| {
        format!(
            "<assignmentRule variable=\"{id}\">{}</assignmentRule>\n",
            math(content)
        )
    };
    let all: String = list.iter().map(one).collect();
    format!("<listOfRules>\n{all}</listOfRules>\n")
}
fn sound(text: &str) -> SbmlModel {
    sbml::read_text(text).unwrap_or_else(|errors| panic!("{errors:?}"))
}
/// All messages of a text that is refused.
fn messages(text: &str) -> String {
    let errors = sbml::read_text(text).expect_err("the text is not sound");
    let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
    all.join("\n")
}
/// The value of a quantity at a time.
fn value(model: &SbmlModel, id: &str, measure: Measure, time: f64) -> f64 {
    let system = model.compile().expect("compiles");
    let formula = model.formula(id, measure).expect("a quantity of the model");
    let outputs = system
        .outputs(&[(id.to_string(), formula)], &[])
        .expect("a formula");
    let schedule = Schedule::default();
    let problem = Problem {
        system: &system,
        parameters: system.parameters(),
        schedule: &schedule,
        times: &[time],
        sensitivity: None,
    };
    let tolerances = Tolerances {
        relative: 1e-9,
        absolute: 1e-12,
    };
    let solution = solve(&problem, &Method::default(), &tolerances)
        .finished()
        .expect("a solution");
    let at = Point {
        time,
        states: solution.states(0),
        registers: solution.registers(0),
        placeholders: &[],
    };
    let mut found = [0.0];
    outputs.evaluate(&at, &[0], &mut found);
    found[0]
}
/// The value of a formula of MathML without names.
fn evaluate(content: &str) -> f64 {
    let text = document(&(parameters(&[("x", "")]) + &rules(&[("x", content)])));
    value(&sound(&text), "x", Measure::Amount, 0.0)
}

#[test]
fn the_defaults_of_level_2_are_filled_in() {
    for (namespace, version) in [
        ("level2", 1),
        ("level2/version2", 2),
        ("level2/version3", 3),
        ("level2/version4", 4),
        ("level2/version5", 5),
    ] {
        let text = format!(
            r#"<sbml xmlns="http://www.sbml.org/sbml/{namespace}" level="2" version="{version}"><model id="m">
            <listOfCompartments><compartment id="c" size="4"/></listOfCompartments>
            <listOfSpecies><species id="s" compartment="c" initialAmount="8"/></listOfSpecies>
            <listOfReactions><reaction id="r"><listOfReactants><speciesReference species="s"/></listOfReactants>
            <kineticLaw>{}<listOfParameters><parameter id="k" value="0.5"/></listOfParameters></kineticLaw></reaction></listOfReactions>
            </model></sbml>"#,
            math("<apply><times/><ci>k</ci><ci>s</ci><ci>c</ci></apply>")
        );
        let model = sound(&text);
        assert_eq!(model.network.time_unit.as_deref(), Some("s"));
        // s is a concentration, 2 at the start, and decays at rate k
        assert_relative_eq!(
            value(&model, "s", Measure::Concentration, 1.0),
            2.0 * (-0.5f64).exp(),
            max_relative = 1e-8
        );
        assert_relative_eq!(
            value(&model, "s", Measure::Amount, 1.0),
            8.0 * (-0.5f64).exp(),
            max_relative = 1e-8
        );
    }
}

#[test]
fn an_amount_is_an_amount_and_a_concentration_follows_a_growing_compartment() {
    let species = |id: &str, only: bool| {
        format!(
            "<species id=\"{id}\" compartment=\"c\" initialAmount=\"6\" hasOnlySubstanceUnits=\"{only}\" boundaryCondition=\"false\" constant=\"false\"/>"
        )
    };
    // c = 2 + t
    let text = document(&format!(
        "<listOfCompartments><compartment id=\"c\" size=\"2\" constant=\"false\"/></listOfCompartments>
        <listOfSpecies>{}{}</listOfSpecies>{}
        <listOfRules><rateRule variable=\"c\">{}</rateRule><assignmentRule variable=\"a\">{}</assignmentRule>
        <assignmentRule variable=\"b\">{}</assignmentRule></listOfRules>",
        species("s", true),
        species("d", false),
        parameters(&[("a", ""), ("b", "")]),
        math("<cn>1</cn>"),
        math("<ci>s</ci>"),
        math("<ci>d</ci>")
    ));
    let model = sound(&text);
    assert_relative_eq!(
        value(&model, "a", Measure::Amount, 4.0),
        6.0,
        max_relative = 1e-12
    );
    assert_relative_eq!(
        value(&model, "b", Measure::Amount, 4.0),
        1.0,
        max_relative = 1e-9
    );
    assert_relative_eq!(
        value(&model, "d", Measure::Amount, 4.0),
        6.0,
        max_relative = 1e-12
    );
    assert_relative_eq!(
        value(&model, "s", Measure::Concentration, 4.0),
        1.0,
        max_relative = 1e-9
    );
}

#[test]
fn every_operator_of_mathml_has_its_value() {
    let one = |tag: &str, x: &str| format!("<apply><{tag}/><cn>{x}</cn></apply>");
    let two =
        |tag: &str, x: &str, y: &str| format!("<apply><{tag}/><cn>{x}</cn><cn>{y}</cn></apply>");
    let cases = [
        (one("sec", "0.5"), 1.0 / 0.5f64.cos()),
        (one("csc", "0.5"), 1.0 / 0.5f64.sin()),
        (one("cot", "0.5"), 1.0 / 0.5f64.tan()),
        (one("sech", "0.5"), 1.0 / 0.5f64.cosh()),
        (one("csch", "0.5"), 1.0 / 0.5f64.sinh()),
        (one("coth", "0.5"), 1.0 / 0.5f64.tanh()),
        (one("arcsec", "2"), 0.5f64.acos()),
        (one("arccsc", "2"), 0.5f64.asin()),
        (one("arccot", "2"), 0.5f64.atan()),
        (one("arccot", "-2"), (-0.5f64).atan()),
        (one("arcsech", "0.5"), 2f64.acosh()),
        (one("arccsch", "2"), 0.5f64.asinh()),
        (one("arccoth", "2"), 0.5f64.atanh()),
        (one("arcsinh", "2"), 2f64.asinh()),
        (one("arccosh", "2"), 2f64.acosh()),
        (one("arctanh", "0.5"), 0.5f64.atanh()),
        (one("arcsin", "0.5"), 0.5f64.asin()),
        (one("arccos", "0.5"), 0.5f64.acos()),
        (one("arctan", "0.5"), 0.5f64.atan()),
        (one("factorial", "5"), 120.0),
        (one("floor", "-1.5"), -2.0),
        (one("ceiling", "-1.5"), -1.0),
        (one("abs", "-1.5"), 1.5),
        (one("minus", "3"), -3.0),
        (two("quotient", "-7", "2"), -3.0),
        (two("rem", "-7", "2"), -1.0),
        (two("min", "3", "2"), 2.0),
        (two("max", "3", "2"), 3.0),
        (two("implies", "1", "0"), 0.0),
        (two("implies", "0", "0"), 1.0),
        (two("xor", "1", "1"), 0.0),
        (two("power", "2", "10"), 1024.0),
        ("<apply><root/><degree><cn>3</cn></degree><cn>27</cn></apply>".into(), 3.0),
        ("<apply><root/><cn>9</cn></apply>".into(), 3.0),
        ("<apply><log/><logbase><cn>2</cn></logbase><cn>8</cn></apply>".into(), 3.0),
        ("<apply><log/><cn>1000</cn></apply>".into(), 3.0),
        ("<apply><lt/><cn>1</cn><cn>2</cn><cn>2</cn></apply>".into(), 0.0),
        ("<apply><leq/><cn>1</cn><cn>2</cn><cn>2</cn></apply>".into(), 1.0),
        ("<apply><xor/><true/><true/><true/></apply>".into(), 1.0),
        ("<apply><plus/></apply>".into(), 0.0),
        ("<apply><times/></apply>".into(), 1.0),
        ("<apply><and/></apply>".into(), 1.0),
        ("<apply><or/></apply>".into(), 0.0),
        ("<cn type=\"e-notation\">2<sep/>-3</cn>".into(), 2e-3),
        ("<cn type=\"rational\">1<sep/>3</cn>".into(), 1.0 / 3.0),
        ("<pi/>".into(), std::f64::consts::PI),
        ("<exponentiale/>".into(), std::f64::consts::E),
        ("<csymbol encoding=\"text\" definitionURL=\"http://www.sbml.org/sbml/symbols/avogadro\">n</csymbol>".into(), 6.02214179e23),
        ("<piecewise><piece><cn>1</cn><false/></piece><otherwise><cn>2</cn></otherwise></piecewise>".into(), 2.0),
    ];
    for (content, expected) in cases {
        // a few units in the last place of the libraries' functions
        assert_relative_eq!(
            evaluate(&content),
            expected,
            max_relative = 4e-15,
            epsilon = 1e-15
        );
    }
    assert!(evaluate("<piecewise><piece><cn>1</cn><false/></piece></piecewise>").is_nan());
}

#[test]
fn ids_that_formulas_know_stay_themselves() {
    let time = r#"<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">t</csymbol>"#;
    let text = document(
        &(parameters(&[
            ("time", "3"),
            ("sin", "5"),
            ("pi", ""),
            ("inf", "7"),
            ("true", "11"),
        ]) + &rules(&[(
            "pi",
            &format!(
                "<apply><plus/><ci>time</ci><ci>sin</ci><ci>inf</ci><ci>true</ci>{time}</apply>"
            ),
        )])),
    );
    let model = sound(&text);
    assert_eq!(value(&model, "pi", Measure::Amount, 100.0), 126.0);
    assert_eq!(value(&model, "time", Measure::Amount, 100.0), 3.0);
    assert_eq!(model.id("time"), Some("time_"));
}

#[test]
fn errors_name_line_and_element() {
    let with_rule =
        |content: &str| document(&(parameters(&[("alpha", "")]) + &rules(&[("alpha", content)])));
    let cases = [
        (
            "hello".to_string(),
            "line 1, column 1: the XML cannot be read: unknown token",
        ),
        (
            "<html xmlns=\"http://www.w3.org/1999/xhtml\"/>".into(),
            "line 1: the outermost element is `html`",
        ),
        (
            document(&parameters(&[("a", "1")])).replace("</model>", ""),
            "line 6, column",
        ),
        (
            document(&parameters(&[("a", "fast")])),
            "line 4, parameter `a`: the attribute `value` is \"fast\"; it must be a number",
        ),
        (
            document(&parameters(&[("a", "1"), ("a", "2")])),
            "line 5, parameter `a`: the id `a` stands already at line 4",
        ),
        (
            document("<listOfWidgets/>"),
            "line 3, model `m`: `listOfWidgets` has no place here",
        ),
        (
            with_rule("<ci>alhpa2</ci>"),
            "line 7, assignmentRule of `alpha`: there is no quantity `alhpa2`; did you mean `alpha`?",
        ),
        (
            with_rule("<apply><ci>f</ci></apply>"),
            "line 7, assignmentRule of `alpha`: there is no function `f`",
        ),
        (
            with_rule("<apply><sin/></apply>"),
            "line 7, assignmentRule `alpha`: `sin` takes 1 arguments, 0 stand here",
        ),
        (
            with_rule("<apply><bessel/></apply>"),
            "line 7, assignmentRule `alpha`: `bessel` is no function of the MathML of SBML",
        ),
        (
            with_rule("<cn>1.2.3</cn>"),
            "line 7, assignmentRule `alpha`: `1.2.3` cannot be read as a number",
        ),
        (
            with_rule("<ci>alpha</ci>"),
            "circular rules: alpha -> alpha",
        ),
        (
            document(&rules(&[("beta", "<cn>1</cn>")])),
            "line 4, assignmentRule of `beta`: there is no quantity `beta`",
        ),
        (
            with_rule(
                "<apply><csymbol definitionURL=\"http://www.sbml.org/sbml/symbols/delay\">d</csymbol><ci>alpha</ci><cn>1</cn></apply>",
            ),
            "line 7, assignmentRule `alpha`: the csymbol `delay` is not supported",
        ),
        (
            document(
                "<listOfFunctionDefinitions><functionDefinition id=\"f\"><math xmlns=\"http://www.w3.org/1998/Math/MathML\"><lambda><apply><ci>f</ci></apply></lambda></math></functionDefinition></listOfFunctionDefinitions>",
            ),
            "f -> f",
        ),
        (
            "<sbml xmlns=\"http://www.sbml.org/sbml/level1\" level=\"1\" version=\"2\"/>".into(),
            "line 1: SBML level 1 version 2 is not read",
        ),
    ];
    for (text, expected) in cases {
        let found = messages(&text);
        assert!(found.contains(expected), "{found}\ninstead of {expected}");
    }
}

#[test]
fn units_that_do_not_fit_are_a_warning_with_its_line() {
    let lists = "<listOfParameters><parameter id=\"a\" value=\"1\" units=\"mole\" constant=\"true\"/>\n<parameter id=\"b\" value=\"1\" units=\"second\" constant=\"true\"/><parameter id=\"c\" units=\"parsec\" constant=\"false\"/></listOfParameters>\n".to_string()
        + &rules(&[("c", "<apply><plus/><ci>a</ci><ci>b</ci></apply>")]);
    let model = sound(&document(&lists));
    let warnings = model.warnings.join("\n");
    assert!(
        warnings.contains("line 6: assignment rule `c`: the units do not fit"),
        "{warnings}"
    );
    assert!(
        warnings.contains("line 4, parameter `c`: there is no unit `parsec`"),
        "{warnings}"
    );
}

#[test]
fn hostile_texts_end_in_errors() {
    let deep =
        "<apply><plus/><cn>1</cn>".repeat(10_000) + "<cn>1</cn>" + &"</apply>".repeat(10_000);
    let text = document(&(parameters(&[("a", "")]) + &rules(&[("a", &deep)])));
    assert!(messages(&text).contains("`plus` stands more than 1000 levels deep"));

    let notes = document(
        &("<notes>".to_string() + &"<p>".repeat(100_000) + &"</p>".repeat(100_000) + "</notes>"),
    );
    assert!(messages(&notes).contains("`p` stands more than 1000 levels deep"));

    let bomb = format!(
        "<!DOCTYPE s [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]>\n{}",
        document("&b;")
    );
    assert!(
        messages(&bomb)
            .contains("line 1, column 1: the XML cannot be read: a document type declaration")
    );

    let many: String = (0..300_001)
        .map(|i| format!("<parameter id=\"p{i}\" constant=\"1\"/>"))
        .collect();
    let found = messages(&document(&format!(
        "<listOfParameters>{many}</listOfParameters>"
    )));
    assert!(
        found.contains("a model may have at most 300000 elements"),
        "{found}"
    );

    // the deepest formula that is read is also compiled, on the stack of a test
    let nested = "<apply><sin/>".repeat(980) + "<ci>b</ci>" + &"</apply>".repeat(980);
    let text = document(&(parameters(&[("a", ""), ("b", "1")]) + &rules(&[("a", &nested)])));
    assert!(value(&sound(&text), "a", Measure::Amount, 0.0) < 0.06);
}

#[test]
fn what_is_not_supported_says_so() {
    let idle =
        document("<listOfReactions><reaction id=\"r\" reversible=\"false\"/></listOfReactions>");
    assert_eq!(
        sound(&idle).warnings,
        ["line 3, reaction `r`: there is no rate law; the reaction does not run"]
    );
    let fast = "<sbml xmlns=\"http://www.sbml.org/sbml/level3/version1/core\" level=\"3\" version=\"1\"><model><listOfReactions><reaction id=\"r\" reversible=\"false\" fast=\"true\"/></listOfReactions></model></sbml>";
    assert!(messages(fast).starts_with("line 1, reaction `r`: a fast reaction is not supported"));
    let spatial = "<sbml xmlns=\"http://www.sbml.org/sbml/level3/version1/core\" xmlns:s=\"http://www.sbml.org/sbml/level3/version1/spatial/version1\" s:required=\"true\" level=\"3\" version=\"1\"><model/></sbml>";
    let errors = sbml::read_text(spatial).expect_err("a package that is not read");
    assert!(errors.iter().all(SbmlError::is_unsupported), "{errors:?}");
}

/// An event at a time, which gives `x` a value.
fn event(at: f64, content: &str) -> String {
    let time = r#"<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time"> t </csymbol>"#;
    format!(
        r#"<event useValuesFromTriggerTime="true"><trigger initialValue="true" persistent="true">{}</trigger>
        <listOfEventAssignments><eventAssignment variable="x">{}</eventAssignment></listOfEventAssignments></event>"#,
        math(&format!("<apply><gt/>{time}<cn>{at}</cn></apply>")),
        math(content)
    )
}
fn algebraic(content: &str) -> String {
    format!("<algebraicRule>{}</algebraicRule>", math(content))
}

#[test]
fn an_amount_stays_where_an_algebraic_rule_determines_the_size() {
    // 2 in a size of 4, though 1 is written: the reaction makes [A]
    let text = document(&format!(
        r#"<listOfCompartments><compartment id="C" size="1" constant="false"/></listOfCompartments>
        <listOfSpecies><species id="A" compartment="C" initialAmount="2" hasOnlySubstanceUnits="false"
            boundaryCondition="false" constant="false"/></listOfSpecies>
        <listOfRules>{}</listOfRules>
        <listOfReactions><reaction id="r" reversible="false">
          <listOfProducts><speciesReference species="A" stoichiometry="1" constant="true"/></listOfProducts>
          <kineticLaw>{}</kineticLaw></reaction></listOfReactions>"#,
        algebraic("<apply><minus/><ci>C</ci><cn>4</cn></apply>"),
        math("<ci>A</ci>")
    ));
    let model = sound(&text);
    let at = |id: &str, time: f64| value(&model, id, Measure::Amount, time);
    assert_eq!([at("A", 0.0), at("C", 0.0), at("r", 0.0)], [2.0, 4.0, 0.5]);
    assert_relative_eq!(at("A", 1.0), 2.0 * 0.25f64.exp(), max_relative = 1e-8);
}

#[test]
fn initial_assignments_read_what_algebraic_rules_determine() {
    let text = document(&format!(
        r#"{}<listOfInitialAssignments><initialAssignment symbol="y">{}</initialAssignment></listOfInitialAssignments>
        <listOfRules><rateRule variable="y">{}</rateRule>{}</listOfRules>"#,
        parameters(&[("x", ""), ("y", "")]),
        math("<apply><plus/><ci>x</ci><cn>1</cn></apply>"),
        math("<ci>x</ci>"),
        algebraic("<apply><minus/><cn>6</cn><apply><times/><cn>2</cn><ci>x</ci></apply></apply>")
    ));
    let model = sound(&text);
    assert_eq!(value(&model, "y", Measure::Amount, 0.0), 4.0);
    let later = value(&model, "y", Measure::Amount, 1.0);
    assert_relative_eq!(later, 7.0, max_relative = 1e-8);
}

#[test]
fn events_end_and_begin_undefined_and_infinite_values() {
    let text = document(&format!(
        "{}<listOfRules><rateRule variable=\"y\">{}</rateRule></listOfRules><listOfEvents>{}{}{}</listOfEvents>",
        parameters(&[("x", ""), ("y", "1")]),
        math("<cn>2</cn>"),
        event(0.5, "<cn>3</cn>"),
        event(1.5, "<infinity/>"),
        event(2.5, "<cn>4</cn>")
    ));
    let model = sound(&text);
    let at = |id: &str, time: f64| value(&model, id, Measure::Amount, time);
    assert!(at("x", 0.4).is_nan());
    assert_eq!(
        [at("x", 1.0), at("x", 2.0), at("x", 3.0)],
        [3.0, f64::INFINITY, 4.0]
    );
    assert_relative_eq!(at("y", 3.0), 7.0, max_relative = 1e-8);
}

#[test]
fn a_rate_that_reads_an_undefined_value_is_a_failure() {
    let text = document(&format!(
        "{}<listOfRules><rateRule variable=\"y\">{}</rateRule></listOfRules><listOfEvents>{}</listOfEvents>",
        parameters(&[("x", "1"), ("y", "1")]),
        math("<ci>x</ci>"),
        event(0.5, "<notanumber/>")
    ));
    let system = sound(&text).compile().expect("compiles");
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
