//! Models under their scenarios, from code and from the command line.
use super::support::{VERSIONS, everything, read, written};
use holobiont::exchange::model::{Scenario, ScenarioDose, ScenarioPeriod, ScenarioStart};
use holobiont::exchange::sbml::{SbmlWriteError, Version, under_scenario};
use holobiont::models;
use holobiont::network::Species;
use std::collections::BTreeMap;

#[test]
fn a_scenario_becomes_values_tables_and_events() {
    let mut network = everything();
    network
        .species("late", Species::new("2 * k").unit("g/l"))
        .unwrap();
    let list = |pairs: &[(&str, f64)]| pairs.iter().map(|(id, v)| (id.to_string(), *v)).collect();
    let step_in = vec![(0.0, 3.0), (2.0, 4.0)];
    let mut scenario = Scenario {
        id: "diet".to_string(),
        set: list(&[("k", 0.7)]),
        initial: list(&[("A", 9.0), ("late", 5.0)]),
        inputs: BTreeMap::from([("step_in".to_string(), step_in)]),
        ..Scenario::default()
    };
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
