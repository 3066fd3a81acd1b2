//! Two states of rest, relapses and remission, progression, the threshold of disease.
use crate::support::*;
use approx::assert_relative_eq;

/// Ten years, in days.
const TEN: f64 = 3650.0;

#[test]
fn the_reference_subject_rests_near_one() {
    let model = gut_ms();
    let rest = model.run("healthy", &[TEN]);
    for id in [
        "mucus",
        "junctions",
        "LPS",
        "TNF",
        "IL6",
        "IL10",
        "CRP",
        "insulin",
        "fatty_acids",
        "ketones",
        "leptin",
        "ROS",
        "GSH",
        "NRF2",
        "MDA",
        "oxidised_DNA",
        "effector",
        "regulatory",
        "leak",
        "microglia",
        "NfL",
    ] {
        // mucus rests a tenth off; a fifth is what the calibration is asked for (`behaviour.tsv`)
        let epsilon = if id == "mucus" { 0.15 } else { 0.06 };
        assert_relative_eq!(model.last(&rest, id), 1.0, epsilon = epsilon);
    }
}

/// The same genes and the same inputs: the gut of the healthy twin and that of a patient both rest.
#[test]
fn gut_and_wall_have_two_states_of_rest_under_the_same_inputs() {
    let model = gut_ms();
    let times = [TEN - 1000.0, TEN];
    let (well, ill) = (model.run("twin_healthy", &times), model.run("ms", &times));
    for id in ["But", "Ent", "LPS", "TNF", "junctions", "butyrate"] {
        for solution in [&well, &ill] {
            let series = solution.series(model.state(id));
            // at rest: the brain still ages, and feeds back on the gut through the vagus
            assert_relative_eq!(series[0], series[1], max_relative = 0.05);
        }
    }
    assert!(model.last(&ill, "Ent") > 1.5 * model.last(&well, "Ent"));
    assert!(model.last(&ill, "butyrate") < 0.95 * model.last(&well, "butyrate"));
    assert!(model.last(&ill, "TNF") > 1.15 * model.last(&well, "TNF"));
    // no overt disease of the gut (ceilings of targets.tsv)
    let share = model.observable(&ill, "share_Ent");
    assert!(share[1] < 0.05, "{share:?}");
}

/// The usual fibre times a factor.
fn fibre(model: &GutMs, factor: f64) -> [(String, f64); 3] {
    ["cellulose", "starch", "inulin"].map(|fibre| {
        let id = format!("inflow_{fibre}");
        let register = model.system.parameter_index(&id).expect("a parameter");
        (id, factor * model.system.parameters()[register])
    })
}

/// Health bears less fibre and more, dysbiosis (from a bad start) a fifth more; two fifths more end it at a fold, and health is the only state left.
#[test]
fn more_fibre_ends_dysbiosis_at_a_fold() {
    let model = gut_ms();
    let ill = |scenario: &str, factor: f64| {
        let replaced = fibre(&model, factor);
        let solution = model
            .attempt(scenario, &replaced, &[TEN], 1e-6)
            .expect("finished");
        model.last(&solution, "LPS") > 1.5
    };
    for factor in [0.6, 0.8, 1.0, 1.2, 1.4] {
        assert!(!ill("twin_healthy", factor), "{factor}");
    }
    for factor in [0.6, 0.8, 1.0, 1.2] {
        assert!(ill("ms", factor), "{factor}");
    }
    assert!(!ill("ms", 1.4));
    assert!(!ill("ms", 1.5) && !ill("twin_healthy", 1.5));
}

/// Makers of butyrate keep up with lactate: below 3 mmol/l in healthy stool (10.1128/AEM.00508-07), under twice the fibre too.
#[test]
fn lactate_does_not_pile_up_in_a_healthy_gut() {
    let model = gut_ms();
    for factor in [1.0, 1.5, 2.0] {
        let replaced = fibre(&model, factor);
        let rest = model.attempt("healthy", &replaced, &[TEN], 1e-6);
        let lactate = model.last(&rest.expect("finished"), "lactate");
        assert!(lactate < 3.0, "{factor}: {lactate}");
    }
}

#[test]
fn the_susceptible_dysbiotic_twin_alone_is_ill_and_gets_worse() {
    let model = gut_ms();
    let times = every(5.0, TEN);
    let (ms, twin, plain) = (
        model.run("ms", &times),
        model.run("twin_healthy", &times),
        model.run("dysbiotic", &times),
    );
    let cells = |solution| model.last(solution, "effector_brain");
    assert!(cells(&ms) > 1.5 * cells(&twin) && cells(&ms) > 1.5 * cells(&plain));
    let edss = |solution| model.observable(solution, "edss");
    let (ill, well) = (edss(&ms), edss(&twin));
    assert!(ill.last() > well.last());
    // later years still take their part
    let half = ill.len() / 2;
    assert!(ill[ill.len() - 1] - ill[half] > 0.2, "{:?}", ill.last());
    // neither the twin with a healthy gut nor the dysbiotic subject without susceptible genes has attacks
    for solution in [&twin, &plain] {
        let cells = solution.series(model.state("effector_brain"));
        assert!(attacks(&times[60..], &cells[60..]).is_empty());
    }
}

/// Over a grid of susceptibility and gut, disease is where the threshold at rest without disease exceeds 1.
#[test]
fn the_threshold_tells_disease_on_a_grid() {
    let model = gut_ms();
    let (mut agree, mut all) = (0, 0);
    for scenario in ["healthy", "dysbiotic"] {
        // at the reference of the genes disease does not grow, and the threshold is what gut and host make of it
        let rest = model.run(scenario, &[1000.0]);
        let number = model.observable(&rest, "R_auto")[0];
        for susceptibility in [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5] {
            let replaced = [("susceptibility".to_string(), susceptibility)];
            let run = model
                .attempt(scenario, &replaced, &[TEN], 1e-6)
                .expect("finished");
            let ill = model.last(&run, "effector_brain") > 4.0;
            let threshold = number * susceptibility;
            let right = ill == (threshold > 1.0);
            agree += usize::from(right);
            all += 1;
            // the influx amplifies below 1 too, so that the edge is not sharp; away from it the threshold tells
            let edge = (threshold - 1.0).abs() < 0.2;
            assert!(right || edge, "{scenario}, {susceptibility}: {threshold}");
        }
    }
    assert!(agree >= all - 2, "{agree} of {all}");
}

/// Infections bring attacks with remission on top of disease, and more relapses with them.
#[test]
fn infections_bring_attacks() {
    let model = gut_ms();
    let times = every(5.0, TEN);
    let (with, without) = (model.run("ms_infections", &times), model.run("ms", &times));
    let cells = with.series(model.state("effector_brain"));
    let attacks = attacks(&times, &cells);
    assert!(attacks.len() >= 3, "{attacks:?}");
    let year = times.iter().position(|t| *t > 365.0).expect("a time");
    let highest = |solution| {
        let rate = model.observable(solution, "relapse_rate");
        rate[year..].iter().copied().fold(0.0, f64::max)
    };
    let (more, less) = (highest(&with), highest(&without));
    assert!(more > 1.5 * less, "{more} {less}");
}
