//! The key `base`: what a model takes from another, what it changes, and every way to get it wrong.
use holobiont::exchange::model::{Model, ModelText, read_text, write_text};
use std::path::PathBuf;

fn read(model: &str, parameters: Option<&str>) -> Result<Model, Vec<String>> {
    let read = read_text(&ModelText {
        model_file: PathBuf::from("mine.toml"),
        model,
        parameters_file: PathBuf::from("mine.tsv"),
        parameters,
        readme: None,
    });
    read.map_err(|errors| errors.iter().map(ToString::to_string).collect())
}
fn errors(model: &str) -> Vec<String> {
    read(model, None).err().unwrap_or_default()
}
const HEAD: &str = "id = 'mine'\nbase = 'chemostat'\n";

#[test]
fn a_base_alone_is_the_base_under_another_id() {
    let (mine, base) = (read(HEAD, None).expect("sound"), chemostat());
    assert_eq!(mine.network.id, "mine");
    assert_eq!(mine.parameters, base.parameters);
    assert_eq!(mine.scenarios, base.scenarios);
    let without_id = |model: &Model| {
        write_text(model)
            .0
            .split_once('\n')
            .map(|(_, rest)| rest.to_string())
    };
    assert_eq!(without_id(&mine), without_id(&base));
}

fn chemostat() -> Model {
    holobiont::models::get("chemostat")
        .expect("a model")
        .expect("sound")
}

#[test]
fn rows_elements_starts_and_scenarios_replace_those_of_the_base() {
    let base = chemostat();
    let (id, row) = (&base.parameters[0].id, &base.parameters[0]);
    let table = format!("parameterId\tvalue\n{id}\t{}\n", 2.0 * row.value);
    let state = &base.network.all_species()[0].0;
    let scenario = &base.scenarios[0];
    let text = format!(
        "{HEAD}[initial]\n{state} = 7\n[observables.twice]\nformula = '2 * {state}'\n[[scenario]]\nid = '{}'\nuntil = 9\n[[scenario]]\nid = 'mine'\nuntil = 3\n",
        scenario.id
    );
    let mine = read(&text, Some(&table)).unwrap_or_else(|e| panic!("{e:?}"));
    assert_eq!(mine.parameters.len(), base.parameters.len());
    assert_eq!(mine.parameters[0].value, 2.0 * row.value);
    assert_eq!(mine.scenarios.len(), base.scenarios.len() + 1);
    let changed = mine.scenario(&scenario.id).expect("the scenario");
    assert_eq!(
        (changed.until, &changed.description),
        (Some(9.0), &scenario.description)
    );
    assert_eq!(
        mine.network.all_observables().len(),
        base.network.all_observables().len() + 1
    );
    // what is written is the whole model
    let (text, table) = write_text(&mine);
    assert!(!text.contains("base ="));
    let again = read(&text, Some(&table)).unwrap_or_else(|e| panic!("{e:?}"));
    assert_eq!(
        again.network.all_reactions().len(),
        base.network.all_reactions().len()
    );
    let start = |model: &Model| {
        model
            .network
            .check()
            .expect("sound")
            .equations()
            .parameters
            .iter()
            .find(|p| p.id == format!("initial({state})"))
            .map(|p| p.value)
    };
    assert_eq!(start(&mine), start(&again));
}

#[test]
fn influences_go_and_come_with_their_parameters() {
    let text = "id = 'mine'\nbase = 'gut_ms'
[[without]]
module = 'inflammation'
rate = 'TNF'
sources = ['LPS', 'infection']
reason = 'to see'
[[without]]
module = 'inflammation'
rate = 'CRP'
reason = 'a rate that nothing influences'
[[change]]
module = 'inflammation'
influences = { CRP = ['TNF'], TNF = [{ dose = 'fat' }] }
options = { load = 'Ent' }
reason = 'to see'
[[change]]
scenarios = ['ms', 'healthy']
keys = { until = 9 }
reason = 'to see'
";
    let table = "parameterId\tvalue\ne_CRP_TNF\t0.5\ne_TNF_fat\t0.1\n";
    let mine = read(text, Some(table)).unwrap_or_else(|e| panic!("{e:?}"));
    let ids: Vec<&str> = mine
        .network
        .all_parameters()
        .iter()
        .map(|(id, _)| id.as_str())
        .collect();
    let until = |id: &str| mine.scenario(id).and_then(|scenario| scenario.until);
    assert_eq!(
        (until("ms"), until("healthy"), until("dysbiotic")),
        (Some(9.0), Some(9.0), Some(3650.0))
    );
    for gone in ["e_TNF_LPS", "e_TNF_infection", "e_CRP_IL6", "endotoxin_Bac"] {
        assert!(!ids.contains(&gone), "{gone}");
        assert!(!mine.parameters.iter().any(|row| row.id == gone), "{gone}");
    }
    for there in ["e_CRP_TNF", "e_TNF_fat", "e_TNF_IL10", "e_effector_LPS"] {
        assert!(ids.contains(&there), "{there}");
    }
}

#[test]
fn every_error_of_a_base_says_where_and_what_to_try() {
    let gut = "id = 'mine'\nbase = 'gut_ms'\n";
    let cut = |body: &str| format!("{gut}[[without]]\nreason = 'r'\n{body}\n");
    let cases = [
        (
            "id = 'mine'\nbase = 'gut_m'\n".to_string(),
            "mine.toml, line 2, column 1: there is no model `gut_m` in the crate to build on; did you mean `gut_ms`?",
        ),
        (
            "id = 'mine'\nbase = 'zzzzzzzzzzzzzzzz'\n".to_string(),
            "mine.toml, line 2, column 1: there is no model `zzzzzzzzzzzzzzzz` in the crate to build on; there are alexander2010, baker2013, chemostat",
        ),
        (
            "id = 'gut_ms'\nbase = 'gut_ms'\n".to_string(),
            "mine.toml, line 2, column 1: a model cannot build on itself: gut_ms -> gut_ms; give it another `id` or another `base`",
        ),
        (
            "id = 'gut_ms'\nbase = 'gut_ms_passive'\n".to_string(),
            "models/gut_ms_passive/model.toml, line 4, column 1: a model cannot build on itself: gut_ms -> gut_ms_passive -> gut_ms",
        ),
        (
            "id = 'mine'\n[[without]]\nmodule = 'x'\nreason = 'r'\n".to_string(),
            "mine.toml, line 2, column 3: `without` changes a base; say which one with `base`",
        ),
        (
            cut("module = 'inflamation'"),
            "mine.toml, line 3, column 1: the base `gut_ms` has no module `inflamation`; did you mean `inflammation`?",
        ),
        (
            cut("module = 'inflammation'\nrate = 'TFN'\nsources = ['LPS']"),
            "the base `gut_ms` has no influenced rate of `inflammation` `TFN`; did you mean `TNF`?",
        ),
        (
            cut("module = 'inflammation'\nrate = 'TNF'\nsources = ['LSP']"),
            "the base `gut_ms` has no influence on `TNF` of `inflammation` `LSP`; did you mean `LPS`?",
        ),
        (
            cut("module = 'inflammation'\nrate = 'CRP'\nsources = ['debris']"),
            "the base `gut_ms` has no influence on `CRP` of `inflammation` `debris`; there are IL6",
        ),
        (
            cut("sources = ['plasma_butirate']"),
            "the base `gut_ms` has no influence `plasma_butirate`; did you mean `plasma_butyrate`",
        ),
        (
            cut("section = 'scenario'\nids = ['vagotomi']"),
            "the base `gut_ms` has no element of `scenario` `vagotomi`; did you mean `vagotomy`",
        ),
        (
            cut("section = 'observable'\nids = ['crp']"),
            "the base `gut_ms` has no section `observable`; did you mean `observables`?",
        ),
        (
            cut("section = 'observables'\nids = ['crq']"),
            "the base `gut_ms` has no element of `observables` `crq`; did you mean `crp`",
        ),
        (
            cut("rate = 'TNF'"),
            "mine.toml, line 3, column 1: `without` takes `section` and `ids`, or `module` alone",
        ),
        (
            format!("{gut}[[without]]\nmodule = 'vagus'\n"),
            "mine.toml, line 3, column 1: missing field `reason`",
        ),
        (
            format!("{gut}[[change]]\nmodule = 'oxigen'\nreason = 'r'\n"),
            "the base `gut_ms` has no module `oxigen`; did you mean `oxygen`?",
        ),
        (
            format!("{gut}[[change]]\nmodule = 'oxygen'\n"),
            "mine.toml, line 3, column 1: a change needs a `reason`, and a `module`, or `scenarios` and `keys`",
        ),
        (
            format!("{gut}[[change]]\nmodule = 'oxygen'\noption = {{}}\nreason = 'r'\n"),
            "mine.toml, line 5, column 1: unknown field `option`, expected one of `module`, `options`, `influences`, `scenarios`, `keys`, `reason`",
        ),
        (
            format!(
                "{gut}[[change]]\nmodule = 'oxygen'\noptions = {{ signall = 'TNF' }}\nreason = 'r'\n"
            ),
            "unknown field `signall`",
        ),
        (
            format!(
                "{gut}[[change]]\nscenarios = ['ms', 'mss']\nkeys = {{ until = 3 }}\nreason = 'r'\n"
            ),
            "mine.toml, line 4, column 20: the base `gut_ms` has no scenario `mss`; did you mean `ms`?",
        ),
        (
            "id = 'mine'\nbase = 3\n".to_string(),
            "mine.toml, line 2, column 8: invalid type: integer `3`, expected a string",
        ),
        (
            format!("{gut}[without]\nmodule = 'vagus'\nreason = 'r'\n"),
            "mine.toml, line 3, column 1: a list is needed here, with two brackets: `[[...]]`",
        ),
    ];
    for (text, expected) in cases {
        let found = errors(&text);
        assert!(
            found.iter().any(|message| message.contains(expected)),
            "{text}\n{expected}\n{found:#?}"
        );
    }
}

#[test]
fn what_hangs_in_the_air_without_a_module_is_told() {
    let found =
        errors("id = 'mine'\nbase = 'gut_ms'\n[[without]]\nmodule = 'energy'\nreason = 'r'\n");
    // an observable of what is gone, and influences of it
    assert!(
        found
            .iter()
            .any(|m| m.contains("models/gut_ms/model.toml") && m.contains("unknown id `insulin`")),
        "{found:#?}"
    );
    let found = errors(
        "id = 'mine'\nbase = 'gut_ms'\n[inputs.Ent]\n[[without]]\nsection = 'inputs'\nids = ['vagotomy']\nreason = 'r'\n",
    );
    assert!(!found.is_empty());
    // a scenario that names what is gone
    let text = "id = 'mine'\nbase = 'gut_ms'\n[[without]]\nmodule = 'vagus'\nreason = 'r'\n[[without]]\nsources = ['vagal_tone']\nreason = 'r'\n[[without]]\nsection = 'inputs'\nids = ['vagotomy', 'vagus_stimulation']\nreason = 'r'\n";
    let found = errors(text);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(
        found[0].starts_with("models/gut_ms/model.toml, line "),
        "{found:#?}"
    );
    assert!(found.iter().any(|m| m.contains("scenario `vagotomy`, inputs: the model has no input `vagotomy` (a scenario of the base `gut_ms`: state it anew under the same id, or take it away with `[[without]]`, section = \"scenario\", ids = [\"vagotomy\"])")), "{found:#?}");
    let whole = format!(
        "{text}[[without]]\nsection = 'scenario'\nids = ['vagotomy', 'vagus_stimulation']\nreason = 'r'\n"
    );
    let mine = read(&whole, None).unwrap_or_else(|e| panic!("{e:#?}"));
    assert!(mine.scenario("vagotomy").is_none());
    assert!(
        mine.network
            .all_initial_assignments()
            .iter()
            .all(|(id, _)| id != "vagal_tone")
    );
}
