//! What is written reads back as the same model.
use super::support::{VERSIONS, difference, everything, read, steps, trajectories, written};
use holobiont::exchange::sbml::{WriteOptions, read_text, write};
use holobiont::models;
use holobiont::network::{Event, Network, Species};
use std::path::Path;

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
