//! A model of two states with an infection and a drug, its subjects and a trial.
use holobiont::compile::System;
use holobiont::exchange::model::{Model, ModelText, read_text};
use holobiont::trial::{Design, Population};

/// Activity rises in infections, a drug blocks it; damage adds up. Numbers are for show.
pub const MODEL: &str = r#"
id = "small"
time_unit = "d"
inputs.infection = { kind = "step", unit = "1" }
inputs.drug = { kind = "step", unit = "1" }
inputs.dose = { kind = "linear", unit = "1" }

[species]
activity = { initial = 1 }
damage = { initial = 0.2 }

[reactions.made]
rate = "turnover * (1 + boost * infection) * (1 - block * drug) * drive"
produces = { activity = 1 }
[reactions.lost]
rate = "turnover * activity"
consumes = { activity = 1 }
[reactions.damaged]
rate = "wear * activity"
produces = { damage = 1 }

[observables]
relapse_rate = { formula = "most * activity", unit = "1/yr" }
edss = { formula = "10 * damage / (1 + damage)", unit = "1" }
marker = { formula = "5 * activity", unit = "mg/l" }

[[scenario]]
id = "ms"
set = { drive = 1.2 }

[[scenario]]
id = "healthy"
set = { drive = 0.3 }

[[scenario]]
id = "drug"
set = { drive = 1.2, wear = 0.0004 }
inputs = { drug = [[0, 1]] }

[[scenario]]
id = "ramp"
inputs = { dose = [[0, 0], [10, 1]] }
"#;

pub const PARAMETERS: &str = "parameterId\tvalue\tunit\tlower\tupper\n\
turnover\t0.1\t1/d\t\t\n\
boost\t2\t1\t0.5\t4\n\
block\t0.6\t1\t\t\n\
drive\t1\t1\t0.2\t2\n\
wear\t0.0005\t1/d\t0.0001\t0.002\n\
most\t0.8\t1/yr\t\t\n";

pub const POPULATION: &str = r#"
run_in = 200
step = 7
size = 60
seed = 3
untreated = ["ms", "healthy"]
relapses = { rate = "relapse_rate" }
infections = { input = "infection", rate = 2, days = 7, height = 1, evidence = "assumed" }

[[vary]]
parameter = "drive"
spread = { kind = "log-normal", cv = 0.4, evidence = "assumed" }
[[vary]]
parameter = "boost"
spread = { kind = "normal", sd = 0.5, evidence = "assumed" }

[disability]
of = "edss"
every = 84
steps = [0, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5, 8, 8.5, 9, 9.5, 10]
rises = [{ up_to = 0, by = 1.5 }, { up_to = 5.5, by = 1 }, { up_to = 10, by = 0.5 }]
confirm = 168
noise = { kind = "normal", sd = 0.3, evidence = "assumed" }

[shares]
active = { of = "activity", above = 1.2, evidence = "assumed" }
once_active = { of = "activity", above = 1.2, ever = true, evidence = "assumed" }
relapse_share = { event = "relapse" }
progression_share = { event = "progression" }
"#;

pub const DESIGN: &str = r#"
id = "small"
subjects = "ms"
horizon = 672
every = 84
trials = 0
significance = 0.05
arm = [{ id = "placebo", size = 40 }, { id = "drug", scenario = "drug", size = 40 }]

[[endpoint]]
id = "arr"
name = "relapses"
kind = "relapses"
[[endpoint]]
id = "progression"
name = "progression"
kind = "progression"
[[endpoint]]
id = "edss"
name = "EDSS"
kind = "disability"
change = "difference"
[[endpoint]]
id = "marker"
name = "marker"
of = "marker"
scale = "log"
unit = "mg/l"
noise = { kind = "log-normal", cv = 0.3, evidence = "assumed" }
"#;

/// Model and compiled system.
pub fn small() -> (Model, System) {
    let model = read_text(&ModelText {
        model_file: "model.toml".into(),
        model: MODEL,
        parameters_file: "parameters.tsv".into(),
        parameters: Some(PARAMETERS),
        readme: None,
    });
    let model = model.unwrap_or_else(|errors| panic!("{errors:?}"));
    let system = model.network.compile().expect("a system");
    (model, system)
}

/// Subjects and trial, with texts replaced in the files.
pub fn read(model: &Model, system: &System, changes: &[(&str, &str)]) -> (Population, Design) {
    let (mut subjects, mut design) = (POPULATION.to_string(), DESIGN.to_string());
    for (from, to) in changes {
        assert!(
            subjects.contains(from) || design.contains(from),
            "`{from}` stands nowhere"
        );
        subjects = subjects.replace(from, to);
        design = design.replace(from, to);
    }
    let population = Population::read("population.toml".as_ref(), &subjects, model, system);
    let population = population.unwrap_or_else(|errors| panic!("{errors:?}"));
    let design = Design::read("trial.toml".as_ref(), &design, model, system, &population);
    (
        population,
        design.unwrap_or_else(|errors| panic!("{errors:?}")),
    )
}
