//! Calibrations: a toy model, its findings as a problem, the likelihood of contrasts, information and ensembles.
use approx::assert_relative_eq;
use holobiont::compile::System;
use holobiont::exchange::{model, petab};
use holobiont::fit::{
    CohortObjective, Control, Derivatives, FitOptions, FitProblem, MultiStartOptions, Natural,
    Objective, ObjectiveOptions, Order, fit,
};
use holobiont::scorecard::{
    Calibration, Design, EnsembleOptions, Information, Outcome, Quantities, Target, calibration,
    read_quantities, read_targets, score_at,
};
use holobiont::solve::Tolerances;
use std::path::PathBuf;

const MODEL: &str = r#"
id = "toy"
time_unit = "d"

[inputs.drug]
kind = "step"
unit = "1"

[species.x]
initial = 1

[reactions.made]
rate = "k * exp(e_x_drug * drug)"
produces = { x = 1 }

[reactions.lost]
rate = "k * x"
consumes = { x = 1 }

[[scenario]]
id = "healthy"

[[scenario]]
id = "ms"
set = { k = 0.5 }
initial = { x = 3 }

[[scenario]]
id = "treated"
until = 100
[scenario.inputs]
drug = [[0, 1]]

[[scenario]]
id = "pulsed"
until = 100
[[scenario.repeat]]
input = "drug"
every = 10
pattern = [[0, 1], [5, 0]]

[[scenario]]
id = "dosed"
[[scenario.dose]]
time = 0
multiply = { x = 0.5 }
add = { x = 2 }
"#;

const PARAMETERS: &str = "parameterId\tvalue\tunit\tscale\tlower\tupper\tsource\tevidence\tname\n\
    k\t1\t1/d\tlog\t0.1\t10\t\tassumed\trate\n\
    e_x_drug\t0.1\t1\t\t-2\t2\t\tassumed\teffect\n\
    lab\t2\t1\tlog\t0.5\t8\t\tassumed\tscale\n";

const HEAD: &str = "id\tclaim\tquantity\tscenario\treference\tsubject\tday\tcontrast\tvalue\tlower\tupper\tlevel\tunit\tnull\tdoi";

/// Ids whose digest does not hold them out, and one that is a null.
const ROWS: &[&str] = &[
    "rise\tS1\tx\ttreated\tplacebo\thealthy\t20\tratio\t1.5\t1.2\t1.875\t0.95\t1\tno\t10.1/a",
    "pulse\tS1\tx\tpulsed\tbaseline\thealthy\t15\tdifference\t0.3\t0\t0.6\t0.95\t1\tno\t10.1/b",
    "jump\tS1\tx\tdosed\tplacebo\tms\t1\tdifference\t0.8\t0.2\t1.4\t0.95\t1\tno\t10.1/c",
    "rest\tS1\tx\thealthy\tbaseline\thealthy\t0\tlevel\t1\t0.8\t1.2\t0.95\t1\tno\t10.1/d",
    "odds\tS1\tp\ttreated\tplacebo\thealthy\t20\todds_ratio\t1.4\t1\t1.96\t0.95\t1\tno\t10.1/e",
    "hazard\tS1\tp\ttreated\tplacebo\thealthy\t20\thazard_ratio\t1.2\t1\t1.44\t0.95\t1\tno\t10.1/f",
];

struct Toy {
    folder: PathBuf,
    model: holobiont::exchange::model::Model,
    system: System,
    targets: Vec<Target>,
    quantities: Quantities,
    calibration: Calibration,
    problem: FitProblem,
}

fn design(free: &[&str]) -> Design {
    Design {
        free: free.iter().map(|word| word.to_string()).collect(),
        ..Design::default()
    }
}

/// The toy's files in a folder of its own; rows stand in the behaviour, so that no digest takes any away.
fn toy(name: &str) -> Toy {
    let folder = std::env::temp_dir().join(format!(
        "holobiont-calibration-{name}-{}",
        std::process::id()
    ));
    let inner = folder.join("calibration");
    std::fs::create_dir_all(&inner).expect("a folder");
    let text = MODEL.replace(
        "[[scenario]]\nid = \"healthy\"",
        "[observables.p]\nformula = \"x / (x + lab)\"\nunit = \"1\"\n\n[[scenario]]\nid = \"healthy\"",
    );
    let text = text.replace("[species.x]", "[parameters.k]\nunit = \"1/d\"\n[parameters.e_x_drug]\nunit = \"1\"\n[parameters.lab]\nunit = \"1\"\n\n[species.x]");
    std::fs::write(folder.join("model.toml"), text).expect("written");
    std::fs::write(folder.join("parameters.tsv"), PARAMETERS).expect("written");
    let model = model::read(&folder).unwrap_or_else(|e| panic!("{e:?}"));
    let system =
        System::compile(&model.network.check().expect("sound").equations()).expect("a system");
    let targets = format!("{HEAD}\n{}\n", ROWS.join("\n"));
    let targets =
        read_targets("targets.tsv".as_ref(), &targets).unwrap_or_else(|e| panic!("{e:?}"));
    let quantities = "quantity\tof\tfactor\nx\tx\t1\np\tp\t1\n";
    let quantities = read_quantities("quantities.tsv".as_ref(), quantities).expect("sound");
    let mut free = design(&["e_*", "lab"]);
    free.behaviour = targets.clone();
    let calibration = calibration(&model, &system, &[], &quantities, &free, "../model.toml")
        .unwrap_or_else(|e| panic!("{e:?}"));
    for (file, text) in &calibration.files {
        std::fs::write(inner.join(file), text).expect("written");
    }
    let read = petab::read(&inner.join("problem.yaml")).unwrap_or_else(|e| panic!("{e:?}"));
    let problem = read.fit_problem().unwrap_or_else(|e| panic!("{e:?}"));
    Toy {
        folder,
        model,
        system,
        targets,
        quantities,
        calibration,
        problem,
    }
}

impl Drop for Toy {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn options() -> ObjectiveOptions {
    ObjectiveOptions {
        tolerances: Tolerances {
            relative: 1e-9,
            absolute: 1e-12,
        },
        ..ObjectiveOptions::default()
    }
}

impl Toy {
    fn squares(&self, values: &[(&str, f64)]) -> f64 {
        let register = |id: &str| self.system.parameter_index(id).expect("known");
        let values: Vec<(usize, f64)> = values.iter().map(|(id, v)| (register(id), *v)).collect();
        let rows = score_at(
            &self.model,
            &self.system,
            &values,
            &self.targets,
            &self.quantities,
        );
        rows.iter()
            .map(|row| {
                let Outcome::Contrast(contrast) = row.outcome else {
                    panic!("{row:?}");
                };
                // intervals of ROWS are even on their scales, so half-widths are 1.96 standard deviations
                (1.959963984540054 * row.target.distance(contrast)).powi(2)
            })
            .sum()
    }

    /// chi2 of the problem with every level at its best, by two Newton steps along the levels (the readings are linear in them).
    fn chi2(&self, values: &[(&str, f64)]) -> f64 {
        let table = &self.problem.parameters;
        let objective = CohortObjective::new(&self.problem, options()).expect("sound");
        let mut natural = table.nominal();
        for (id, value) in values {
            natural.0[table.index_of(id).expect("a row")] = *value;
        }
        let levels: Vec<usize> = (0..table.rows.len())
            .filter(|row| table.rows[*row].id.starts_with("level_"))
            .collect();
        let mut derivatives = Derivatives::new(objective.layout());
        let x = table.search(&natural);
        objective.evaluate(&x, Order::GaussNewton, &mut derivatives);
        let curvature = derivatives.curvature.to_dense();
        let entries = table.estimated();
        for &row in &levels {
            let entry = entries.iter().position(|e| *e == row).expect("estimated");
            natural.0[row] -= derivatives.gradient[entry] / curvature[(entry, entry)];
        }
        let likelihood = objective.likelihood(&natural).expect("a value");
        likelihood.chi2.expect("normal readings")
    }
}

#[test]
fn two_readings_around_a_free_level_are_the_likelihood_of_their_contrast() {
    let toy = toy("likelihood");
    assert_eq!(toy.calibration.used.len(), ROWS.len());
    assert!(toy.calibration.left_out.is_empty());
    for values in [
        [("e_x_drug", 0.1), ("lab", 2.0)],
        [("e_x_drug", -0.6), ("lab", 1.0)],
        [("e_x_drug", 0.9), ("lab", 5.0)],
    ] {
        // both sides are solved to 1e-5 or better
        assert_relative_eq!(toy.chi2(&values), toy.squares(&values), max_relative = 1e-3);
    }
}

#[test]
fn an_ensemble_fits_as_well_as_it_says_at_any_number_of_threads() {
    let toy = toy("ensemble");
    let options = FitOptions {
        objective: options(),
        search: MultiStartOptions {
            starts: 2,
            ..MultiStartOptions::default()
        },
        ..FitOptions::default()
    };
    let none: &[Natural] = &[];
    let found = fit(&toy.problem, &options, none, Control::default(), None).expect("a fit");
    let objective = CohortObjective::new(&toy.problem, options.objective).expect("sound");
    let mut derivatives = Derivatives::new(objective.layout());
    objective.evaluate(&found.search(), Order::GaussNewton, &mut derivatives);
    let information =
        Information::new(&toy.problem, &found.search(), &derivatives).expect("positive definite");
    let ids: Vec<&str> = information
        .parameters
        .iter()
        .map(|p| p.id.as_str())
        .collect();
    assert_eq!(ids, ["e_x_drug", "lab"]);
    // a curvature that tells nothing, as beside a row that drowns all others, is an error that names a parameter
    let nothing = Derivatives::new(objective.layout());
    let error = Information::new(&toy.problem, &found.search(), &nothing).expect_err("singular");
    let text = error.to_string();
    assert!(text.contains("not positive definite"), "{text}");
    assert!(ids.contains(&error.id.as_str()), "{text}");
    // the effect is told by four of six rows, so it contracts; its prior has the middle of the range as mean and the ends two deviations away
    let effect = &information.parameters[0];
    assert_eq!(effect.prior, (0.0, 1.0));
    assert!(
        effect.contraction() > 0.3 && effect.estimate > 0.1,
        "{effect:?}"
    );
    assert!((0.5..=2.0).contains(&information.effective()));
    let draw = |threads| {
        let options = EnsembleOptions {
            members: 20,
            spread: 1.0,
            sweeps: 30,
            threads: Some(threads),
            ..EnsembleOptions::default()
        };
        let rows = (&toy.calibration.used[..], &toy.targets[..]);
        let drawn = information.ensemble(&toy.model, &toy.system, rows, &toy.quantities, &options);
        drawn.expect("an ensemble")
    };
    let ensemble = draw(1);
    assert_eq!(ensemble, draw(2));
    assert_eq!(ensemble.members.len(), 20);
    for (member, misfit) in ensemble.members.iter().zip(&ensemble.misfits) {
        let values = [("e_x_drug", member[0]), ("lab", member[1])];
        assert_relative_eq!(toy.squares(&values), *misfit, max_relative = 1e-9);
        assert!(*misfit <= ensemble.threshold);
    }
    assert!(ensemble.contrasts.iter().all(|list| list.len() == 20));
}

#[test]
fn designs_that_name_nothing_are_refused() {
    let toy = toy("design");
    let with = |free: &[&str]| {
        let tried = calibration(
            &toy.model,
            &toy.system,
            &toy.targets,
            &toy.quantities,
            &design(free),
            "../model.toml",
        );
        let errors = tried.expect_err("a wrong design");
        errors.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        with(&["labb"]),
        ["design of the calibration: `labb` names no parameter of the model; did you mean `lab`?"]
    );
    let staged = |only: &[&str]| Design {
        only: only.iter().map(|word| word.to_string()).collect(),
        ..design(&["e_*", "lab"])
    };
    let moved = staged(&["lab"]);
    let moved = moved.free(&toy.model).expect("one parameter");
    assert_eq!(
        moved.iter().map(|row| &row.id[..]).collect::<Vec<_>>(),
        ["lab"]
    );
    let refused = |only| staged(only).free(&toy.model).expect_err("nothing")[0].to_string();
    assert_eq!(
        refused(&["la"]),
        "design of the calibration: `la` names no parameter of the model; did you mean `lab`?"
    );
    // `k` is a parameter, but none that the design frees
    assert_eq!(
        refused(&["k"]),
        "design of the calibration: no parameter is moved; widen `free` or `--only`, or take parameters from `fixed`"
    );
    let begun = |start: &[(&str, f64)]| Design {
        start: start
            .iter()
            .map(|(id, value)| (id.to_string(), *value))
            .collect(),
        ..design(&["e_*", "lab"])
    };
    let problem = |design: &Design| {
        let Toy { model, system, .. } = &toy;
        let (targets, quantities) = (&toy.targets, &toy.quantities);
        calibration(model, system, targets, quantities, design, "../model.toml")
    };
    let moved = problem(&begun(&[("lab", 4.0)])).expect("a sound problem");
    let table = |of: &Calibration| {
        let mut files = of.files.iter();
        let (_, text) = files
            .find(|(name, _)| name == "parameters.tsv")
            .expect("it");
        text.lines().map(str::to_string).collect::<Vec<_>>()
    };
    let (before, after) = (table(&problem(&begun(&[])).expect("sound")), table(&moved));
    let lab = |rows: &[String]| rows.iter().find(|row| row.starts_with("lab\t")).cloned();
    assert_eq!(
        lab(&before).map(|row| row.replace("\t2\ttrue", "\t4\ttrue")),
        lab(&after)
    );
    // the levels of p = x / (x + lab) begin where the starting values put them: ln(1/5 / (4/5)), not ln(1/3 / (2/3))
    let level = |rows: &[String]| -> f64 {
        let row = rows
            .iter()
            .find(|row| row.contains("odds"))
            .expect("a level");
        row.split('\t')
            .nth(3)
            .expect("its value")
            .parse()
            .expect("a number")
    };
    assert_relative_eq!(level(&before), 0.5_f64.ln(), max_relative = 1e-6);
    assert_relative_eq!(level(&after), 0.25_f64.ln(), max_relative = 1e-6);
    assert_eq!((moved.started, toy.calibration.started), (1, 0));
    let refused = |start| problem(&begun(start)).expect_err("a wrong start")[0].to_string();
    assert_eq!(
        refused(&[("labb", 4.0)]),
        "starting values of the calibration (start.tsv): `labb` is none of the free parameters; take its row out, or free it in design.toml; did you mean `lab`?"
    );
    assert_eq!(
        refused(&[("lab", 9.0)]),
        "starting values of the calibration (start.tsv): 9 of `lab` is outside its range in parameters.tsv, 0.5 to 8"
    );
    let treatments = "free = []\n[[scenario]]\nid = \"twice\"\nset = { k = 2 }\n[[scenario]]\nid = \"treated\"\n[[scenario]]\nid = \"odd\"\nset = { kk = 2 }\n";
    let read = Design::read("design.toml", treatments, Vec::new()).expect("a sound design");
    let errors = read
        .with_treatments(toy.model.clone(), &toy.system)
        .expect_err("two wrong treatments");
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts[0],
        "calibration: scenario `treated`: another scenario has this id"
    );
    assert!(
        texts.len() == 2
            && texts[1].starts_with("calibration: scenario `odd`: ")
            && texts[1].contains("kk"),
        "{texts:?}"
    );
    let sound = Design {
        scenarios: read.scenarios[..1].to_vec(),
        ..Design::default()
    };
    let model = sound.with_treatments(toy.model.clone(), &toy.system);
    assert!(model.expect("sound").scenario("twice").is_some());
    let read = Design::read("design.toml", "fre = []", Vec::new());
    let message = read.expect_err("an unknown key").to_string();
    assert!(
        message.starts_with("design.toml: ") && message.contains("fre"),
        "{message}"
    );
}
