//! Every error of a model on disk says in which file, line and column it stands, and all come at once.
use holobiont::exchange::model::{Model, ModelText, read, read_text};
use std::path::PathBuf;

const PAIR: &str = "\
id = 'pair'
time_unit = 'd'
[[mechanism]]
type = 'lotka_volterra'
taxa = ['A', 'B']
[initial]
A = 0.1
B = 0.2
";
const NUMBERS: &str = "\
parameterId\tvalue\tunit\tsource\tevidence
mu_A\t1\t1/d\t10.1/x\tassumed
mu_B\t1\t1/d\t10.1/x\tassumed
m_A_A\t-1\t\t\t
m_A_B\t-1\t\t\t
m_B_A\t-1\t\t\t
m_B_B\t-1\t\t\t
";

fn model(model: &str, parameters: Option<&str>) -> Result<Model, Vec<String>> {
    let (model_file, parameters_file) =
        (PathBuf::from("model.toml"), PathBuf::from("parameters.tsv"));
    let read = read_text(&ModelText {
        model_file,
        model,
        parameters_file,
        parameters,
        readme: None,
    });
    read.map_err(|errors| errors.iter().map(|e| e.to_string()).collect())
}
fn messages(toml: &str, parameters: Option<&str>) -> Vec<String> {
    model(toml, parameters).err().unwrap_or_default()
}

#[test]
fn the_pair_is_sound() {
    let model = model(PAIR, Some(NUMBERS)).expect("a sound model");
    assert_eq!(model.network.all_species().len(), 2);
    assert_eq!(model.parameters.len(), 6);
}

#[test]
fn every_wrong_table_of_the_model_file_is_found() {
    let text = "\
id = 'broken'
speces = 1
[species.x]
initial = 1
compartmnt = 'gut'
[reactions.growth]
rate = 'x * ('
produces = { x = 1 }
[[mechanism]]
type = 'lotka_voltera'
[inputs.u]
knots = 3
";
    assert_eq!(
        messages(text, None),
        [
            "model.toml, line 2, column 1: unknown key `speces`; did you mean `species`?",
            "model.toml, line 12, column 9: invalid type: integer `3`, expected a sequence",
            "model.toml, line 9, column 1: `lotka_voltera` is none of lotka_volterra, chemostat, metabolites, microbiota, mucosa, ileum, oxygen, plasma_acids, barrier, inflammation, autoimmunity, redox, energy, vagus, brain, acute_inflammation, self_tolerance, cytokine_pair, regulatory_t_cells",
            "model.toml, line 5, column 1: unknown field `compartmnt`, expected one of `name`, `initial`, `unit`, `compartment`, `amount`, `boundary`, `constant`, `nonnegative`, `conversion_factor`, `chemical_formula`",
            "model.toml, line 6, column 12: reaction `growth`, rate law: cannot read the formula `x * (`: column 6: expected a number, a name or `(`, found the end of the formula",
        ]
    );
}

#[test]
fn every_wrong_row_of_the_parameter_table_is_found() {
    let table = "\
parameterId\tvalue\tunit\tscale\tlower\tevidence
mu_A\tNaN\t\t\t\t
mu_B\tone\t\tlg\tinf\t
m_A_A\t-1\t\t\t\tguess
m_A_A\t-2\t\t\t\t
m_AB\t1\t\t\t\t
A\t1\t\t\t\t
\t1\t\t\t\t
m_B_A\t\t\t\t\t
m_B_B\t-1\t\t\t\t\t7
";
    assert_eq!(
        messages(PAIR, Some(table)),
        [
            "parameters.tsv, line 10: 7 cells, but the header has 6 columns",
            "parameters.tsv, line 2, column value: `NaN` is not a finite number",
            "parameters.tsv, line 3, column value: `one` is not a finite number",
            "parameters.tsv, line 3, column lower: `inf` is not a finite number",
            "parameters.tsv, line 3, column scale: `lg` is none of linear, log, log10, logit",
            "parameters.tsv, line 4, column evidence: `guess` is none of human, animal, in vitro, fitted, assumed",
            "parameters.tsv, line 5, column parameterId: the parameter `m_A_A` already stands in line 4",
            "parameters.tsv, line 8, column parameterId: the id is missing",
            "parameters.tsv, line 9, column value: `m_B_A` has no value",
            "parameters.tsv, line 6, column parameterId: nothing in the model uses the parameter `m_AB`; did you mean `m_A_B`?",
            "parameters.tsv, line 7, column parameterId: `A` is a species, not a parameter",
        ]
    );
}

#[test]
fn missing_and_unknown_columns_are_named() {
    assert_eq!(
        messages(PAIR, Some("parameterId\tvalu\tunit\nmu_A\t1\t\n")),
        [
            "parameters.tsv, line 1: unknown column `valu`; did you mean `value`?",
            "parameters.tsv, line 1: the table has no column `value`; did you mean `valu`?",
        ]
    );
}

#[test]
fn a_parameter_without_a_row_has_no_value() {
    let without = NUMBERS.replace("mu_B\t1\t1/d\t10.1/x\tassumed\n", "");
    assert_eq!(
        messages(PAIR, Some(&without)),
        [
            "model.toml, line 3, column 1: parameter `mu_B` has no value; give it one in the parameter table, or an initial assignment or a rule"
        ]
    );
}

#[test]
fn errors_of_the_network_stand_at_their_table_or_row() {
    let text = PAIR.replace("B = 0.2", "B = -0.2") + "[observables.total]\nformula = 'A + C'\n";
    assert_eq!(
        messages(&text, Some(NUMBERS)),
        [
            "model.toml, line 9, column 14: observable `total`, column 5: unknown id `C`",
            "model.toml, line 3, column 1: species `B`, initial value is -0.2, but the species cannot be negative (set nonnegative = false if it can)",
        ]
    );
}

#[test]
fn every_wrong_part_of_a_scenario_is_found() {
    let text = PAIR.to_string()
        + "\
[[scenario]]
id = 'drug'
until = -1
set = { mu_C = 1 }
initial = { a = 1 }
inputs = { drug = [[0, 1], [0, 2]] }
period = [{ start = 'steady state' }, { start = 2, set = { m_A = 1 } }, { start = 1 }]
dose = [{ time = 1, add = { C = 1 } }]
[[scenario]]
id = 'drug'
";
    assert_eq!(
        messages(&text, Some(NUMBERS)),
        [
            "model.toml, line 9, column 1: scenario `drug`, set: the model has no parameter `mu_C`; did you mean `mu_A` or `mu_B`?",
            "model.toml, line 9, column 1: scenario `drug`, initial: the model has no species `a`; did you mean `A`?",
            "model.toml, line 9, column 1: scenario `drug`, inputs: the model has no input `drug`",
            "model.toml, line 9, column 1: scenario `drug`, period 2: the model has no parameter `m_A`; did you mean `mu_A`?",
            "model.toml, line 9, column 1: scenario `drug`, dose 1: the model has no species `C`",
            "model.toml, line 9, column 1: scenario `drug`, dose 1: time 1 lies before the start at 2",
            "model.toml, line 9, column 1: scenario `drug`, until: -1 is not a time after the start",
            "model.toml, line 9, column 1: scenario `drug`, period 3: start 1 is not after 2",
            "model.toml, line 9, column 1: scenario `drug`, input `drug`: the knot at time 0 does not come after 0",
            "model.toml, line 17, column 1: scenario `drug`, id: another scenario has this id",
        ]
    );
}

#[test]
fn a_file_that_is_not_there_or_not_toml_is_named() {
    let errors = read(std::path::Path::new("no/such/model.toml")).expect_err("no such file");
    assert!(
        errors[0].to_string().starts_with("no/such/model.toml: "),
        "{}",
        errors[0]
    );
    assert!(
        messages("id = ", None)[0].starts_with("model.toml, line 1, column 6: "),
        "{:?}",
        messages("id = ", None)
    );
    assert_eq!(
        messages("name = 'x'", None),
        ["model.toml: `id` is missing"]
    );
}

#[test]
fn a_whole_model_needs_no_rust() {
    let text = "\
id = 'whole'
time_unit = 'd'
algebraic = ['x + rest - 2']
[compartments.gut]
size = 2
[species.x]
initial = 1
compartment = 'gut'
[parameters.k]
value = 0.5
[parameters.rest]
value = 1
constant = false
[functions.half]
arguments = ['a']
formula = 'a / 2'
[reactions.decay]
rate = 'half(k) * x * gut'
consumes = { x = 1 }
[assignments]
double = '2 * x'
triple = { formula = '3 * x', unit = '1' }
[inputs.u]
kind = 'linear'
knots = [[0, 1], [1, 0]]
[events.bolus]
trigger = 'time > 1'
set = { x = 2 }
[observables.o]
formula = 'double + u'
";
    let model = model(text, None).expect("a sound model");
    let equations = model.network.check().expect("a sound network").equations();
    assert_reads_back(&model);
    assert_eq!(
        equations.text(),
        [
            "dx/dt = -0.5 * k * x",
            "double = 2 * x",
            "triple = 3 * x",
            "rest = -(x - 2)",
            "o = u + 2 * x"
        ]
    );
    assert_eq!(equations.events[0].assignments.len(), 1);
}

#[test]
fn mechanisms_compose_under_prefixes() {
    let text = "\
id = 'two'
[[mechanism]]
type = 'lotka_volterra'
taxa = ['A']
prefix = 'near'
[[mechanism]]
type = 'lotka_volterra'
taxa = ['A']
prefix = 'far'
[initial]
near__A = 1
far__A = 2
";
    let table =
        "parameterId\tvalue\nnear__mu_A\t1\nnear__m_A_A\t-1\nfar__mu_A\t1\nfar__m_A_A\t-1\n";
    let model = model(text, Some(table)).expect("a sound model");
    let states: Vec<&str> = model
        .network
        .all_species()
        .iter()
        .map(|(id, _)| id.as_str())
        .collect();
    assert_eq!(states, ["near__A", "far__A"]);
}

#[test]
fn numbers_are_converted_to_the_unit_of_the_mechanism_and_wrong_units_are_found() {
    let table = NUMBERS.replace("mu_A\t1\t1/d", "mu_A\t1\t1/h");
    let converted = model(PAIR, Some(&table)).expect("a sound model");
    let mu = &converted.network.all_parameters()[0];
    assert_eq!(
        (mu.0.as_str(), mu.1.value, mu.1.unit.as_deref()),
        ("mu_A", Some(24.0), Some("1/d"))
    );

    let table = NUMBERS
        .replace("mu_A\t1\t1/d", "mu_A\t1\tmmol/l")
        .replace("mu_B\t1\t1/d", "mu_B\t1\t1/dy");
    let found = messages(PAIR, Some(&table));
    assert_eq!(found.len(), 2);
    assert!(
        found[0].starts_with(
            "parameters.tsv, line 2, column unit: `mu_A` is in `1/d` in the model: `mmol/l` ("
        ),
        "{}",
        found[0]
    );
    assert!(
        found[1].starts_with(
            "parameters.tsv, line 3, column unit: `mu_B` is in `1/d` in the model: unit `1/dy`, character 3"
        ),
        "{}",
        found[1]
    );
}

/// What is written reads back to the same equations, values, scenarios and table.
fn assert_reads_back(written: &Model) {
    let (text, table) = holobiont::exchange::model::write_text(written);
    let read =
        model(&text, Some(&table)).unwrap_or_else(|errors| panic!("{}\n{text}", errors.join("\n")));
    let equations = |model: &Model| {
        let equations = model.network.check().expect("a sound network").equations();
        let parameters: Vec<(String, f64, Option<String>)> = equations
            .parameters
            .iter()
            .map(|p| (p.id.clone(), p.value, p.unit.clone()))
            .collect();
        let inputs: Vec<_> = equations
            .inputs
            .iter()
            .map(|i| (i.id.clone(), i.kind, i.knots.clone()))
            .collect();
        (equations.text(), parameters, inputs, equations.events.len())
    };
    let (mut before, mut after) = (equations(written), equations(&read));
    before.1.sort_by(|a, b| a.0.cmp(&b.0));
    after.1.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(before, after, "{text}");
    assert_eq!(
        written.network.all_constraints(),
        read.network.all_constraints()
    );
    assert_eq!(written.scenarios, read.scenarios);
    assert_eq!(written.description, read.description);
}

#[test]
fn the_shipped_models_read_back_from_what_is_written() {
    for name in holobiont::models::names() {
        assert_reads_back(
            &holobiont::models::get(name)
                .expect("a listed model")
                .expect("a sound model"),
        );
    }
}

#[test]
fn a_constraint_that_does_not_hold_is_told_at_the_row_of_its_first_parameter() {
    let text = PAIR.to_string() + "[constraints]\nA_is_faster = 'mu_A > mu_B'\n";
    assert_eq!(
        messages(&text, Some(NUMBERS)),
        [
            "parameters.tsv, line 2: parameter `mu_A`, constraint A_is_faster: `mu_A > mu_B` does not hold with mu_A = 1, mu_B = 1"
        ]
    );
    let text = PAIR.to_string() + "[constraints]\nA_is_faster = 'mu_A > mu_C'\n";
    assert_eq!(
        messages(&text, Some(NUMBERS)),
        [
            "model.toml, line 10, column 1: constraint `A_is_faster`, column 8: unknown id `mu_C`; did you mean `mu_A` or `mu_B`?"
        ]
    );
}

#[test]
fn priors_must_be_known_and_possible() {
    let table = "\
parameterId\tvalue\tpriorDistribution\tpriorParameters
mu_A\t1\tnormal\t0;1
mu_B\t1\tnromal\t0;1
m_A_A\t-1\tnormal\t0
m_A_B\t-1\tnormal\t0;-1
m_B_A\t-1\t\t0;1
m_B_B\t-1\t\t
";
    let found = messages(PAIR, Some(table));
    assert_eq!(found.len(), 4, "{found:?}");
    let place = |line| format!("parameters.tsv, line {line}, column priorDistribution: ");
    assert!(
        found[0].starts_with(&place(3)) && found[0].contains("did you mean `normal`"),
        "{}",
        found[0]
    );
    assert_eq!(
        found[1],
        place(4) + "the prior `normal` of `m_A_A`: it takes 2 parameters, 1 given"
    );
    assert!(
        found[2].starts_with(&(place(5) + "the prior `normal` of `m_A_B`: ")),
        "{}",
        found[2]
    );
    assert_eq!(
        found[3],
        place(6) + "`m_B_A` has prior parameters and no distribution"
    );
}

#[test]
fn errors_without_an_element_of_their_own_stand_where_they_begin() {
    let circle = format!("{PAIR}\n[assignments]\nx = \"y + 1\"\ny = \"x\"\n");
    let line = 1 + circle.lines().position(|l| l.starts_with("x =")).unwrap();
    assert_eq!(
        messages(&circle, None)[0],
        format!("model.toml, line {line}, column 1: circular rules: x -> y -> x")
    );
    let years = PAIR.replace("time_unit = 'd'", "time_unit = 'dayz'");
    let line = 1 + years
        .lines()
        .position(|l| l.starts_with("time_unit"))
        .unwrap();
    assert!(
        messages(&years, None)
            .iter()
            .any(|m| m.starts_with(&format!("model.toml, line {line}, column 1: network"))),
    );
    let dashed = PAIR.replace("id = 'pair'", "id = 'a-pair'");
    assert!(messages(&dashed, None)[0].contains("`a-pair` is not a valid id"));
}

#[test]
fn numbers_that_cannot_be_are_found_before_a_solve() {
    let head = "id = \"x\"\n[species.A]\ninitial = 1\n";
    let flow = |stoichiometry: &str, rate: &str| {
        format!("{head}[reactions.r]\nrate = \"{rate}\"\nproduces = {{ A = {stoichiometry} }}\n")
    };
    assert_eq!(
        messages(&flow("nan", "A"), None),
        [
            "model.toml, line 4, column 12: reaction `r`, stoichiometry of `A` is nan, not a finite number"
        ]
    );
    assert_eq!(
        messages(&flow("1", "1 / 0"), None),
        ["model.toml, line 4, column 12: reaction `r`, rate law is inf, not a finite number"]
    );
    assert_eq!(
        messages(&format!("{head}[inputs.u]\nknots = [[0, 1, 2]]\n"), None),
        ["model.toml, line 5, column 9: knot 1 has 3 numbers, not time and value"]
    );
    let scenario =
        |text: &str| messages(&format!("{head}[[scenario]]\nid = \"s\"\n{text}\n"), None);
    let place = "model.toml, line 4, column 1: scenario `s`, ";
    for (text, message) in [
        (
            "initial = { A = -1 }",
            "initial: `A` cannot be negative, but -1 is given",
        ),
        (
            "dose = [{ time = 1, put = { A = -2 } }]",
            "dose 1, put: `A` cannot be negative, but -2 is given",
        ),
        (
            "dose = [{ time = -1, add = { A = 1 } }]",
            "dose 1: time -1 lies before the start at 0",
        ),
        (
            "dose = [{ time = 1 }]",
            "dose 1: it needs add, put or multiply",
        ),
        (
            "period = [{ start = nan }]",
            "period 1, start: NaN is not a finite number",
        ),
    ] {
        assert_eq!(scenario(text), [format!("{place}{message}")]);
    }
    let word = scenario("period = [{ start = \"steady\" }]");
    assert!(
        word[0].ends_with("a time or \"steady state\" is needed here"),
        "{word:?}"
    );
}

#[test]
fn values_lie_within_their_bounds() {
    let table = NUMBERS.replace("mu_A\t1\t1/d", "mu_A\t11\t1/d");
    let rows: Vec<String> = table
        .lines()
        .enumerate()
        .map(|(i, line)| match (i, line.starts_with("mu_A")) {
            (0, _) => format!("{line}\tlower\tupper"),
            (_, true) => format!("{line}\t0.1\t10"),
            _ => format!("{line}\t\t"),
        })
        .collect();
    let found = messages(PAIR, Some(&rows.join("\n")));
    assert!(
        found.len() == 1
            && found[0].ends_with("column value: the value of `mu_A` lies outside of its bounds"),
        "{found:?}"
    );
}
