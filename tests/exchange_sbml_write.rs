//! Networks written as SBML: what stands in the file, and that it reads back as the same model.
#![cfg(feature = "sbml")]
use holobiont::compile::InputKind;
use holobiont::exchange::model::{Scenario, ScenarioDose, ScenarioPeriod, ScenarioStart};
use holobiont::exchange::sbml::{
    SbmlWriteError, Version, WriteOptions, read_text, under_scenario, write,
};
use holobiont::models;
use holobiont::network::{
    Compartment, Event, Evidence, Input, Network, Observable, Parameter, Reaction, Reference, Rule,
    Species,
};
use holobiont::schedule::Schedule;
use holobiont::solve::{Method, Problem, Tolerances, solve};
use std::collections::BTreeMap;
use std::path::Path;

const VERSIONS: [Version; 2] = [Version::L3V1, Version::L3V2];

fn options(version: Version) -> WriteOptions {
    let mut options = WriteOptions::default();
    options.version = version;
    options
}

fn written(network: &Network, version: Version) -> String {
    write(network, &options(version)).unwrap_or_else(|error| panic!("{}: {error}", network.id))
}

fn read(text: &str) -> Network {
    match read_text(text) {
        Ok(model) => model.network,
        Err(errors) => panic!("{errors:?}\n{text}"),
    }
}

/// All states, observables and assigned quantities at the times, by id.
fn trajectories(network: &Network, times: &[f64]) -> Result<BTreeMap<String, Vec<f64>>, String> {
    let system = network.compile().map_err(|error| error.to_string())?;
    let schedule = Schedule::default();
    let problem = Problem {
        system: &system,
        parameters: system.parameters(),
        schedule: &schedule,
        times,
        sensitivity: None,
    };
    let tolerances = Tolerances {
        relative: 1e-11,
        absolute: 1e-14,
    };
    let solution = solve(&problem, &Method::default(), &tolerances);
    let solution = solution.finished().map_err(|error| error.to_string())?;
    let mut found = BTreeMap::new();
    for (state, id) in system.state_ids().iter().enumerate() {
        found.insert(id.clone(), solution.series(state));
    }
    let observables = solution.observables(&system);
    for (i, id) in system.observable_ids().iter().enumerate() {
        found.insert(id.clone(), observables.iter().map(|row| row[i]).collect());
    }
    Ok(found)
}

/// The largest difference of a quantity that both have, over the quantity's own scale.
fn difference(a: &BTreeMap<String, Vec<f64>>, b: &BTreeMap<String, Vec<f64>>) -> (f64, String) {
    let mut worst = (0.0, String::new());
    for (id, ours) in a {
        let Some(theirs) = b.get(id) else {
            return (f64::INFINITY, format!("{id} is missing"));
        };
        let finite = ours.iter().filter(|x| x.is_finite());
        let scale = finite.fold(1e-12f64, |scale, x| scale.max(x.abs()));
        for (x, y) in ours.iter().zip(theirs) {
            let same = x == y || x.is_nan() && y.is_nan();
            let difference = if same { 0.0 } else { (x - y).abs() / scale };
            // NaN counts as infinitely far
            if difference.is_nan() || difference > worst.0 {
                worst = (
                    if difference.is_nan() {
                        f64::INFINITY
                    } else {
                        difference
                    },
                    id.clone(),
                );
            }
        }
    }
    worst
}

fn steps(end: f64, n: u32) -> Vec<f64> {
    (0..=n).map(|i| end * f64::from(i) / f64::from(n)).collect()
}

/// A network with every kind of element that has no event.
fn everything() -> Network {
    let mut network = Network::new("everything");
    network.name = Some("a < b & \"c\" für alle".to_string());
    network.time_unit = Some("d".to_string());
    // its formulas exercise functions, not units
    network.imported = true;
    network.cite(Reference::new("Somebody 2001", ""));
    network.cite(Reference::new(
        "Author 2013",
        "10.1371/journal.pcbi.1003388",
    ));
    network.compartment("gut", Compartment::new(2.0).unit("l"));
    let mut swelling = Compartment::new(1.0).unit("l");
    swelling.constant = false;
    network.compartment("swelling", swelling);
    let concentration = |value: f64| Species::new(value).unit("mmol/l");
    network
        .species("A", concentration(3.0).within("gut"))
        .unwrap();
    network
        .species("B", concentration(1.0).within("swelling"))
        .unwrap();
    let mut amount = Species::new(4.0).unit("mmol").within("gut");
    amount.amount = true;
    amount.name = Some("Grüße & <mehr>".to_string());
    network.species("C", amount).unwrap();
    let mut fed = Species::new("A + 1").unit("mmol/l").within("gut");
    fed.boundary = true;
    network.species("F", fed).unwrap();
    network
        .species("plain", Species::new(0.5).unit("g/l"))
        .unwrap();
    let mut converted = concentration(0.0).within("gut");
    converted.conversion_factor = Some("factor".to_string());
    converted.nonnegative = false;
    network.species("G", converted).unwrap();
    network.parameter("factor", Parameter::new(2.5));
    network.parameter(
        "k",
        Parameter::new(0.3)
            .unit("1/d")
            .source("10.1093/nar/gkz1055", Evidence::Human),
    );
    network.parameter("K", Parameter::new(1.5).name("half <saturation>"));
    network.parameter("n", Parameter::new(2.5));
    network.parameter(
        "Y",
        Parameter::new(0.4).source("a guess & more", Evidence::Assumed),
    );
    let mut drift = Parameter::new(0.1);
    drift.constant = false;
    network.parameter("drift", drift.clone());
    network.parameter("start", Parameter::unset());
    network.initial_assignment("start", "2 * k + 1").unwrap();
    network.rate_rule("drift", "0.05 * cos(time)").unwrap();
    network
        .rate_rule("swelling", "0.1 * swelling * (1 - swelling / 3)")
        .unwrap();
    network
        .function("saturation", &["x", "h"], "x / (h + x)")
        .unwrap();
    network
        .function("twice", &["x"], "saturation(x, 1) + saturation(x, 1)")
        .unwrap();
    let rate = "gut * k * saturation(A, K) * (1 + hill(F, K, n))";
    let mut reaction = Reaction::rate(rate)
        .consumes("A", 1.0)
        .produces("B", "1 / Y");
    reaction.name = Some("A → B".to_string());
    network.reaction("growth", reaction).unwrap();
    let reaction = Reaction::rate("k * C * sigmoid(B) + max(0, min(step_in, 2)) * smooth_in");
    let reaction = reaction
        .consumes("C", "1 + drift")
        .produces("G", 2.0)
        .produces("plain", 1.0);
    network.reaction("spill", reaction).unwrap();
    network
        .reaction("loss", Reaction::rate("plain * k").consumes("plain", 1.0))
        .unwrap();
    let table = |kind| Input {
        kind,
        knots: vec![(0.0, 1.0), (1.0, 2.0), (2.5, 2.5), (3.0, 7.0), (4.0, 6.0)],
        ..Input::default()
    };
    network.input("step_in", table(InputKind::Step));
    network.input("line_in", table(InputKind::Linear));
    network.input("smooth_in", table(InputKind::Smooth));
    network
        .assignment("total", "A * gut + B * swelling + line_in")
        .unwrap();
    let unit = Some("1/d".to_string());
    let (id, formula) = ("speed".to_string(), "growth / (total + 1)".into());
    network
        .rule(Rule::Assignment { id, formula, unit })
        .unwrap();
    let formulas = [
        ("logic", "(A > 1 && B < 2) + 2 * (A > B || plain == 0)"),
        ("choice", "piecewise(A, time < 1, B, time < 2, twice(C))"),
        (
            "exact",
            "log1p(A / 1e9) + expm1(B / 1e9) + sign(A - B) + xlogy(A, B)",
        ),
        (
            "whole",
            "floor(A) + ceil(B) + rem(C, 3) + quotient(C, 0.7) + abs(A - 2) + factorial(2)",
        ),
        (
            "roots",
            "sqrt(A) + A ^ 1.5 + exp(-A) + ln(B + 1) + log10(A + 1) + tanh(A) + arcsinh(B)",
        ),
    ];
    for (id, formula) in formulas {
        let observable = Observable::new(formula);
        network.observable(id, observable).unwrap();
    }
    network.constraint("ordered", "k < K").unwrap();
    network
}

#[test]
fn every_element_reads_back_as_the_same_model() {
    let network = everything();
    // between the knots and choices; two solves at rtol 1e-11 differ by no more than 1e-9 of a quantity's scale
    let times = steps(5.0, 50);
    let ours = trajectories(&network, &times).unwrap();
    for version in VERSIONS {
        let back = read(&written(&network, version));
        let theirs = trajectories(&back, &times).unwrap();
        let (worst, whose) = difference(&ours, &theirs);
        assert!(worst < 1e-9, "{version}: {whose} differs by {worst:e}");
    }
}

#[test]
fn models_that_ship_read_back_to_the_same_trajectories() {
    for name in models::names() {
        let model = models::get(name).unwrap().unwrap();
        let end = model.scenarios[0].until.unwrap();
        let times = steps(end, 20);
        let ours = trajectories(&model.network, &times).unwrap();
        for version in VERSIONS {
            let theirs = trajectories(&read(&written(&model.network, version)), &times).unwrap();
            let (worst, whose) = difference(&ours, &theirs);
            assert!(
                worst < 1e-9,
                "{name}, {version}: {whose} differs by {worst:e}"
            );
        }
    }
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
    let mut options = WriteOptions::default();
    options.notes = vec!["x < y & \"z\"".to_string()];
    let text = write(&everything(), &options).unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    let element = |id: &str| {
        document
            .descendants()
            .find(|n| n.attribute("id") == Some(id))
            .unwrap()
    };
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
    let element = |id: &str| {
        document
            .descendants()
            .find(|n| n.attribute("id") == Some(id))
            .unwrap()
    };
    let model = element("everything");
    assert_eq!(model.attribute("timeUnits"), Some("d"));
    assert_eq!(model.attribute("volumeUnits"), Some("litre"));
    // `plain` is in g/l, which is no substance
    assert_eq!(model.attribute("extentUnits"), None);
    assert_eq!(element("A").attribute("substanceUnits"), Some("mmol"));
    assert_eq!(element("plain").attribute("substanceUnits"), None);
    assert_eq!(element("k").attribute("units"), Some("per_d"));
    assert_eq!(element("n").attribute("units"), None);
    let day = document.descendants().find(|n| {
        n.has_tag_name("unitDefinition")
            || n.tag_name().name() == "unitDefinition" && n.attribute("id") == Some("d")
    });
    assert!(day.is_some());
}

#[test]
fn what_a_rate_law_reads_is_declared() {
    let text = written(&everything(), Version::L3V2);
    let document = roxmltree::Document::parse(&text).unwrap();
    let reaction = document
        .descendants()
        .find(|n| n.attribute("id") == Some("growth"))
        .unwrap();
    let modifiers: Vec<_> = reaction
        .descendants()
        .filter(|n| n.tag_name().name() == "modifierSpeciesReference")
        .filter_map(|n| n.attribute("species"))
        .collect();
    assert_eq!(modifiers, ["F"]);
}

/// The MathML of one formula of `x`, `y` and `z`, without blanks between elements.
fn mathml(formula: &str, version: Version) -> String {
    let mut network = Network::new("one");
    for id in ["x", "y", "z"] {
        network.parameter(id, Parameter::new(1.0));
    }
    network
        .observable("value", Observable::new(formula))
        .unwrap();
    let text = written(&network, version);
    let start = text.find("<assignmentRule variable=\"value\">").unwrap();
    let text = &text[start..];
    let (start, end) = (
        text.find("MathML\">").unwrap() + 8,
        text.find("</math>").unwrap(),
    );
    text[start..end].lines().map(str::trim).collect()
}

#[test]
fn functions_have_their_elements() {
    let one = |name: &str| format!("<apply><{name}/><ci>x</ci></apply>");
    let two = |name: &str| format!("<apply><{name}/><ci>x</ci><ci>y</ci></apply>");
    let call = |name: &str, n: usize| {
        let arguments: String = ["x", "y", "z"][..n]
            .iter()
            .map(|a| format!("<ci>{a}</ci>"))
            .collect();
        format!("<apply><ci>{name}</ci>{arguments}</apply>")
    };
    let both = [
        ("x + y", two("plus")),
        ("x - y", two("minus")),
        ("-x", one("minus")),
        ("x * y", two("times")),
        ("x / y", two("divide")),
        ("x ^ y", two("power")),
        ("exp(x)", one("exp")),
        ("ln(x)", one("ln")),
        ("sqrt(x)", one("root")),
        ("abs(x)", one("abs")),
        ("floor(x)", one("floor")),
        ("ceil(x)", one("ceiling")),
        ("factorial(x)", one("factorial")),
        ("sin(x)", one("sin")),
        ("cos(x)", one("cos")),
        ("tan(x)", one("tan")),
        ("arcsin(x)", one("arcsin")),
        ("arccos(x)", one("arccos")),
        ("arctan(x)", one("arctan")),
        ("sinh(x)", one("sinh")),
        ("cosh(x)", one("cosh")),
        ("tanh(x)", one("tanh")),
        ("arcsinh(x)", one("arcsinh")),
        ("arccosh(x)", one("arccosh")),
        ("arctanh(x)", one("arctanh")),
        ("sigmoid(x)", call("sigmoid_", 1)),
        ("log1p(x)", call("log1p_", 1)),
        ("expm1(x)", call("expm1_", 1)),
        ("sign(x)", call("sign_", 1)),
        ("xlogy(x, y)", call("xlogy_", 2)),
        ("hill(x, y, z)", call("hill_", 3)),
        ("1e-7", "<cn type=\"e-notation\">1<sep/>-7</cn>".to_string()),
        ("0.1", "<cn>0.1</cn>".to_string()),
    ];
    for version in VERSIONS {
        for (formula, wanted) in &both {
            assert_eq!(&mathml(formula, version), wanted, "{formula}");
        }
    }
    for name in ["min", "max", "quotient", "rem"] {
        let formula = format!("{name}(x, y)");
        assert_eq!(mathml(&formula, Version::L3V2), two(name));
        assert_eq!(
            mathml(&formula, Version::L3V1),
            call(&format!("{name}_"), 2)
        );
    }
}

#[test]
fn conditions_and_numbers_are_kept_apart() {
    let less = "<apply><lt/><ci>x</ci><ci>y</ci></apply>";
    let number = format!(
        "<piecewise><piece><cn>1</cn>{less}</piece><otherwise><cn>0</cn></otherwise></piecewise>"
    );
    assert_eq!(mathml("x < y", Version::L3V1), number);
    let not_zero = "<apply><neq/><ci>z</ci><cn>0</cn></apply>";
    let chosen = mathml("piecewise(x, z, y)", Version::L3V1);
    assert!(
        chosen.contains(&format!("<piece><ci>x</ci>{not_zero}</piece>")),
        "{chosen}"
    );
    let chain = mathml("piecewise(x, x < y, y, y < z, z)", Version::L3V2);
    assert_eq!(chain.matches("<piecewise>").count(), 1);
    assert_eq!(chain.matches("<piece>").count(), 2);
    let time = mathml("time", Version::L3V2);
    assert!(time.starts_with(
        "<csymbol encoding=\"text\" definitionURL=\"http://www.sbml.org/sbml/symbols/time\">"
    ));
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

#[test]
fn events_keep_their_attributes() {
    let mut network = Network::new("events");
    network.species("x", Species::new(1.0)).unwrap();
    let mut event = Event::when("x < 0.5 && time > 1").set("x", "x + 1");
    event.delay = Some(0.5.into());
    event.priority = Some("x".into());
    event.persistent = false;
    event.initial_value = false;
    event.values_from_trigger_time = false;
    event.name = Some("refill".to_string());
    network.event("refill", event.clone()).unwrap();
    for version in VERSIONS {
        let back = read(&written(&network, version));
        let (id, found) = &back.all_events()[0];
        assert_eq!((id.as_str(), &found.name), ("refill", &event.name));
        assert_eq!(
            (
                found.persistent,
                found.initial_value,
                found.values_from_trigger_time
            ),
            (false, false, false)
        );
        assert!(found.delay.is_some() && found.priority.is_some());
        assert_eq!(found.assignments[0].0, "x");
    }
}

#[test]
fn a_scenario_becomes_values_tables_and_events() {
    let mut network = everything();
    network
        .species("late", Species::new("2 * k").unit("g/l"))
        .unwrap();
    let list = |pairs: &[(&str, f64)]| pairs.iter().map(|(id, v)| (id.to_string(), *v)).collect();
    let mut scenario = Scenario::default();
    scenario.id = "diet".to_string();
    scenario.set = list(&[("k", 0.7)]);
    scenario.initial = list(&[("A", 9.0), ("late", 5.0)]);
    scenario
        .inputs
        .insert("step_in".to_string(), vec![(0.0, 3.0), (2.0, 4.0)]);
    let period = |start, set| ScenarioPeriod {
        id: None,
        start: ScenarioStart::At(start),
        set,
    };
    scenario.periods = vec![
        period(0.0, list(&[("K", 2.0)])),
        period(1.5, list(&[("n", 3.0)])),
    ];
    let dose = ScenarioDose {
        time: 2.0,
        add: list(&[("A", 1.0), ("B", 0.5)]),
        put: BTreeMap::new(),
        multiply: list(&[("A", 0.5)]),
    };
    scenario.doses = vec![dose];
    let changed = under_scenario(&network, &scenario).unwrap();
    let value = |id: &str| {
        changed
            .all_parameters()
            .iter()
            .find(|p| p.0 == id)
            .unwrap()
            .1
            .clone()
    };
    assert_eq!((value("k").value, value("K").value), (Some(0.7), Some(2.0)));
    assert!(!value("n").constant && !value("K").constant && value("k").constant);
    let events: Vec<String> = changed
        .all_events()
        .iter()
        .map(|(id, event)| {
            let sets = event.assignments.iter().map(|(id, f)| match f {
                holobiont::network::Formula::Expr(e) => {
                    format!("{id} = {}", changed.graph().text(*e))
                }
                other => format!("{id} = {other:?}"),
            });
            format!("{id}: {}", sets.collect::<Vec<_>>().join(", "))
        })
        .collect();
    let wanted = [
        "period_2: K = Number(1.5), n = Number(3.0)",
        "dose_1: late = 5",
        "dose_2: A = 1 + 0.5 * A, B = (0.5 + B * swelling) / swelling",
    ];
    assert_eq!(events, wanted);
    written(&changed, Version::L3V2);

    scenario.periods[0].start = ScenarioStart::At(1.0);
    let error = under_scenario(&network, &scenario).unwrap_err();
    assert!(
        matches!(error, SbmlWriteError::Protocol { .. }),
        "{error:?}"
    );
    scenario.periods.clear();
    scenario.set = list(&[("nobody", 1.0)]);
    let error = under_scenario(&network, &scenario).unwrap_err();
    assert!(matches!(error, SbmlWriteError::Scenario(_)), "{error:?}");
}

#[test]
fn every_scenario_of_the_models_can_be_written() {
    for name in models::names() {
        let model = models::get(name).unwrap().unwrap();
        for scenario in &model.scenarios {
            let network = under_scenario(&model.network, scenario).unwrap();
            for version in VERSIONS {
                read(&written(&network, version));
            }
        }
    }
}

#[cfg(feature = "cli")]
#[test]
fn the_command_line_exports_models_and_scenarios() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("model.xml");
    let path = file.to_str().unwrap();
    let export = |arguments: &[&str]| {
        let first = ["holobiont", "export", "stein2013", "--sbml", path];
        holobiont::cli::run(first.iter().chain(arguments))
    };
    assert_eq!(export(&[]), 0);
    assert!(
        std::fs::read_to_string(&file)
            .unwrap()
            .contains("level=\"3\" version=\"2\"")
    );
    // a second time it replaces the file
    assert_eq!(
        export(&["--level-version", "3.1", "--scenario", "clindamycin"]),
        0
    );
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(
        text.contains("level=\"3\" version=\"1\"") && text.contains("<p>Scenario clindamycin</p>")
    );
    assert!(text.contains("<piecewise>"));
    assert_eq!(export(&["--scenario", "nobody"]), 1);
    assert_eq!(export(&["--level-version", "2.4"]), 2);
}

#[test]
#[ignore = "needs HOLOBIONT_SHARED"]
fn cases_of_the_test_suite_read_back_as_the_same_model() {
    let shared = std::env::var("HOLOBIONT_SHARED").expect("HOLOBIONT_SHARED names the folder");
    let folder = Path::new(&shared).join("suites/sbml-semantic");
    let mut cases: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().join("model.xml"))
        .filter(|file| file.is_file())
        .collect();
    cases.sort();
    let (mut compared, mut wrong) = (0, Vec::new());
    for file in cases {
        let name = file
            .parent()
            .unwrap()
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        let Ok(model) = holobiont::exchange::sbml::read(&file) else {
            continue;
        };
        let text = match write(&model.network, &WriteOptions::default()) {
            Ok(text) => text,
            Err(error) => {
                wrong.push(format!("{name}: {error}"));
                continue;
            }
        };
        let back = match read_text(&text) {
            Ok(back) => back.network,
            Err(errors) => {
                wrong.push(format!("{name}: {}", errors[0]));
                continue;
            }
        };
        let times = steps(5.0, 10);
        match (
            trajectories(&model.network, &times),
            trajectories(&back, &times),
        ) {
            (Ok(ours), Ok(theirs)) => {
                compared += 1;
                let (worst, whose) = difference(&ours, &theirs);
                if worst >= 1e-9 {
                    wrong.push(format!("{name}: {whose} differs by {worst:e}"));
                }
            }
            // a model that cannot be solved cannot be solved when read back
            (Err(_), Err(_)) => {}
            (ours, theirs) => wrong.push(format!("{name}: {:?}, {:?}", ours.err(), theirs.err())),
        }
    }
    println!("{compared} cases compared");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared >= 847, "{compared} cases compared");
}
