//! Files that cannot be: file, key, and what to try.
use super::support::{DESIGN, POPULATION, small};
use holobiont::trial::{Design, Population};

fn population(from: &str, to: &str) -> Vec<String> {
    let (model, system) = small();
    assert!(POPULATION.contains(from), "`{from}` stands nowhere");
    let text = POPULATION.replacen(from, to, 1);
    let read = Population::read("population.toml".as_ref(), &text, &model, &system);
    read.expect_err("wrong")
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn design(from: &str, to: &str) -> Vec<String> {
    let (model, system) = small();
    assert!(DESIGN.contains(from), "`{from}` stands nowhere");
    let population =
        Population::read("p.toml".as_ref(), POPULATION, &model, &system).expect("sound");
    let text = DESIGN.replacen(from, to, 1);
    let read = Design::read("trial.toml".as_ref(), &text, &model, &system, &population);
    read.expect_err("wrong")
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn errors_of_a_population_name_the_key_and_what_to_try() {
    assert_eq!(
        population("\"drive\"", "\"drives\""),
        [
            "population.toml, vary 1, parameter: the model has no parameter `drives`; did you mean `drive`?"
        ]
    );
    assert_eq!(
        population("cv = 0.4", "cv = -0.4"),
        [
            "population.toml, vary 1, spread, cv: -0.4 is no spread; it must be 0 or a positive number"
        ]
    );
    assert_eq!(
        population("cv = 0.4", "cv = 0.4, sd = 1"),
        ["population.toml, vary 1, spread, sd: give `cv` or `sd`, not both"]
    );
    assert_eq!(
        population(
            "sd = 0.5, evidence = \"assumed\"",
            "sd = 0.5, evidence = \"human\""
        ),
        [
            "population.toml, vary 2, spread, source: a spread that is not assumed needs its source (a DOI, or PMID:...)"
        ]
    );
    assert_eq!(
        population("\"ms\", \"healthy\"", "\"ms\", \"healty\""),
        [
            "population.toml, untreated 2: the model has no scenario `healty`; did you mean `healthy`?"
        ]
    );
    assert_eq!(
        population("input = \"infection\"", "input = \"dose\""),
        ["population.toml, infections, input: the input `dose` must be of the kind `step`"]
    );
    assert_eq!(
        population("rate = \"relapse_rate\"", "rate = \"edss\""),
        ["population.toml, relapses, rate: the unit of `edss` must be 1/yr, not 1"]
    );
    assert_eq!(
        population("\"boost\"", "\"drive\""),
        ["population.toml, vary 2, parameter: `drive` varies twice"]
    );
    assert_eq!(
        population(
            "{ event = \"relapse\" }",
            "{ event = \"relapse\", above = 3 }"
        ),
        ["population.toml, shares, relapse_share: give `of` and `above`, or `event` alone"]
    );
    let unknown = population("run_in = 200", "run_inn = 200");
    assert!(
        unknown[0].starts_with("population.toml, line 2, column 1: unknown field `run_inn`"),
        "{unknown:?}"
    );
    let word = population("kind = \"normal\"", "kind = \"gamma\"");
    assert!(
        word[0].contains("gamma") && word[0].contains("log-normal"),
        "{word:?}"
    );
}

#[test]
fn errors_of_a_design_name_the_key_and_what_to_try() {
    assert_eq!(
        design("scenario = \"drug\"", "scenario = \"drugs\""),
        ["trial.toml, arm 2, scenario: the model has no scenario `drugs`; did you mean `drug`?"]
    );
    assert_eq!(
        design("subjects = \"ms\"", "subjects = \"sick\""),
        ["trial.toml, subjects: the model has no scenario `sick`"]
    );
    assert_eq!(
        design("of = \"marker\"", "of = \"markers\""),
        ["trial.toml, endpoint 4, of: no state or observable `markers`; did you mean `marker`?"]
    );
    assert_eq!(
        design("cv = 0.3", "cv = -1"),
        ["trial.toml, endpoint 4, noise, cv: -1 is no spread; it must be 0 or a positive number"]
    );
    assert_eq!(
        design("id = \"progression\"", "id = \"arr\""),
        ["trial.toml, endpoint 2, id: `arr` stands twice"]
    );
    assert_eq!(design("every = 84", "every = -84").len(), 1);
    assert_eq!(
        design("size = 40 }, {", "size = 1 }, {"),
        ["trial.toml, arm 1, size: 1 must be a whole number of 2 or more"]
    );
    let kind = design("kind = \"relapses\"", "kind = \"relapse\"");
    assert!(
        kind[0].contains("relapse") && kind[0].contains("relapses"),
        "{kind:?}"
    );
    assert_eq!(
        design("scale = \"log\"", "scale = \"log\"\nchange = \"percent\""),
        ["trial.toml, endpoint 4, change: percent have no logarithm; try change = \"difference\""]
    );
    let adherence = "[adherence]\nsubjects = 1.2\nintervals = 1\nevidence = \"assumed\"\n[[endpoint]]\nid = \"arr\"";
    assert_eq!(
        design("[[endpoint]]\nid = \"arr\"", adherence),
        ["trial.toml, adherence, subjects: 1.2 must be between 0 and 1"]
    );
    let ramp = "scenario = \"ramp\", size = 40 }]\nadherence = { subjects = 1, intervals = 1, evidence = \"assumed\" }";
    assert_eq!(
        design("scenario = \"drug\", size = 40 }]", ramp),
        ["trial.toml, arm 2, scenario: the input `dose` must be of the kind `step`"]
    );
}

#[test]
fn all_errors_come_at_once() {
    let (model, system) = small();
    let text = POPULATION
        .replace("\"drive\"", "\"x\"")
        .replace("sd = 0.5", "sd = -1");
    let errors = Population::read("p.toml".as_ref(), &text, &model, &system).expect_err("wrong");
    assert_eq!(errors.len(), 2);
}
