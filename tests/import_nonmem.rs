//! Facts about tables of NONMEM and Monolix: what becomes of each column, what is odd, what is wrong.
use holobiont::exchange::{
    nonmem::{Column, Imported, NonmemError, Options, import, import_text},
    petab::{self, PetabProblem},
};
use std::{fs, path::PathBuf};
use tempfile::TempDir;

/// One compartment with absorption, and parameters that NONMEM names.
const ORAL: &str = r#"
id = "oral"

[species.depot]
initial = 0

[species.central]
initial = "base * V"

[parameters]
k = { value = 0.1 }
k_a = { value = 1.5 }
V = { value = 20 }
base = { value = 0.5 }
ALAG1 = { value = 0.25 }
F1 = { value = 0.9 }
D2 = { value = 2 }
delay = { value = 0.1 }

[reactions.absorption]
rate = "k_a * depot"
consumes = { depot = 1 }
produces = { central = 1 }

[reactions.elimination]
rate = "k * central"
consumes = { central = 1 }

[observables.concentration]
formula = "central / V"
"#;

struct Bench {
    folder: TempDir,
    options: Options,
}

fn bench(model: &str) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.toml");
    fs::write(&path, model).unwrap();
    let options = Options::new(path);
    Bench { folder, options }
}

impl Bench {
    fn import(&self, table: &str) -> Result<Imported, Vec<NonmemError>> {
        import_text("data.csv".as_ref(), table, &self.options)
    }

    /// The problem as it is read back from the disk, and the import.
    fn read(&self, table: &str) -> (PetabProblem, Imported) {
        let imported = self.import(table).unwrap_or_else(|errors| {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            panic!("{}", errors.join("\n"))
        });
        let output = self.folder.path().join("problem");
        holobiont::exchange::files::write_files(&output, &imported.files).unwrap();
        let problem = petab::read(&output.join("problem.yaml")).unwrap_or_else(|errors| {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            panic!("{}", errors.join("\n"))
        });
        (problem, imported)
    }

    fn errors(&self, table: &str) -> Vec<String> {
        let errors = self.import(table).expect_err("a fault");
        errors.iter().map(ToString::to_string).collect()
    }
}

fn file(imported: &Imported, name: &str) -> String {
    let found = imported.files.iter().find(|(known, _)| known == name);
    let (_, bytes) = found.unwrap_or_else(|| panic!("{name} was not written"));
    String::from_utf8(bytes.clone()).unwrap()
}

fn warnings(imported: &Imported) -> Vec<String> {
    imported.warnings.iter().map(ToString::to_string).collect()
}

#[test]
fn a_table_becomes_a_problem_with_individuals() {
    let table = "ID,TIME,AMT,RATE,CMT,DV,WT,sex
1,0,100,0,1,.,70.5,1
1,1,.,.,.,2.5,70.5,1
1,6,.,.,.,1.5,70.5,1
2,0,200,50,2,.,81,0
2,2,.,.,.,5.5,81,0
";
    let (problem, imported) = bench(ORAL).read(table);
    assert_eq!(imported.individuals, 2);
    assert_eq!(problem.measurements.len(), 3);
    assert_eq!(
        file(&imported, "individuals.tsv"),
        "individualId\texperimentId\tWT\tsex\nid1\tid1\t70.5\t1\nid2\tid2\t81\t0\n"
    );
    let [oral, infused] = &problem.doses[..] else {
        panic!("{:?}", problem.doses);
    };
    assert_eq!(
        (oral.target.as_str(), oral.value.as_str()),
        ("depot", "100")
    );
    assert_eq!(oral.lag.as_deref(), Some("ALAG1"));
    assert_eq!(oral.bioavailability.as_deref(), Some("F1"));
    assert_eq!(infused.target, "central");
    assert_eq!(infused.rate.as_deref(), Some("50"));
    assert_eq!((&infused.lag, &infused.bioavailability), (&None, &None));
    let estimated: Vec<&str> = (problem.parameters.rows.iter())
        .filter(|p| p.estimate)
        .map(|p| p.id.as_str())
        .collect();
    assert_eq!(estimated, ["sigma_concentration"]);
    assert_eq!(problem.observables[0].formula, "concentration");
    assert!(file(&imported, "problem.yaml").contains("individual_files:\n    - individuals.tsv\n"));
    assert_eq!(warnings(&imported), Vec::<String>::new());
}

#[test]
fn tables_of_blanks_tabs_and_commas_are_one() {
    let comma = "ID,TIME,AMT,CMT,DV\n1,0,100,1,.\n1,1,.,.,2.5\n";
    let blanks = comma.replace(',', "  ");
    let tabs = format!("# made by hand\n{}C,1,5,.,.,9\n@end\n", comma).replace(',', "\t");
    let small = comma.to_lowercase().replace(',', ";");
    let bench = bench(ORAL);
    let expected = bench.import(comma).unwrap().files;
    for table in [blanks, tabs, small] {
        assert_eq!(bench.import(&table).unwrap().files, expected, "{table}");
    }
}

#[test]
fn additional_doses_and_steady_states_are_rows_of_the_dose_table() {
    let table = "ID TIME AMT CMT II ADDL SS DV
1 0 100 1 12 3 1 .
1 30 . . . . . 2.5
1 50 100 1 8 0 2 .
1 51 . . . . . 2.5
";
    let (problem, _) = bench(ORAL).read(table);
    let row = &problem.doses[0];
    assert_eq!((row.interval.as_deref(), row.additional), (Some("12"), 3));
    assert_eq!(row.steady_state, petab::SteadyState::Reset);
    assert_eq!(problem.doses[1].steady_state, petab::SteadyState::Add);
}

#[test]
fn rates_below_zero_are_parameters_of_the_model() {
    let table = "ID,TIME,AMT,RATE,CMT,DV\n1,0,100,-2,2,.\n1,1,.,.,.,2.5\n";
    let (problem, _) = bench(ORAL).read(table);
    assert_eq!(problem.doses[0].duration.as_deref(), Some("D2"));
    let errors = bench(ORAL).errors(&table.replace("-2", "-1"));
    assert_eq!(errors.len(), 1);
    assert!(errors[0].contains("`R2`"), "{errors:?}");
}

#[test]
fn options_name_lags_compartments_columns_and_observables() {
    let mut bench = bench(ORAL);
    bench.options.compartments = vec!["central".into(), "depot".into()];
    bench.options.lags = vec![("central".into(), "delay".into())];
    bench.options.observables = vec!["central".into(), "concentration".into()];
    bench.options.columns = vec![(Column::Id, "Subject".into()), (Column::Amt, "dose".into())];
    let table =
        "Subject,time,dose,conc,DV,DVID\na,0,100,.,.,.\na,1,NA,.,2.5,2\na,1,NA,.,50,central\n";
    let (problem, imported) = bench.read(table);
    // the first compartment is the default
    assert_eq!(problem.doses[0].target, "central");
    assert_eq!(problem.doses[0].lag.as_deref(), Some("delay"));
    let observed: Vec<&str> = (problem.observables.iter())
        .map(|o| o.formula.as_str())
        .collect();
    assert_eq!(observed, ["central", "concentration"]);
    // no value at all
    assert!(
        warnings(&imported)
            .iter()
            .any(|w| w.contains("conc has no value"))
    );
    assert_eq!(problem.experiments[0].experiment, "a");
}

#[test]
fn censored_readings_are_those_of_monolix() {
    use holobiont::noise::Reading;
    let table = "ID,TIME,AMT,CMT,DV,CENS,LIMIT
1,0,100,1,.,.,.
1,1,.,.,2.5,0,.
1,2,.,.,0.5,1,.
1,3,.,.,0.5,1,0
1,4,.,.,9,-1,.
";
    let (problem, _) = bench(ORAL).read(table);
    let readings: Vec<Reading> = problem.measurements.iter().map(|m| m.reading).collect();
    let expected = [
        Reading::Value(2.5),
        Reading::Below(0.5),
        Reading::Between(0.0, 0.5),
        Reading::Above(9.0),
    ];
    assert_eq!(readings, expected);
}

#[test]
fn a_reset_gives_every_state_its_initial_value_and_ends_doses() {
    let table = "ID,TIME,AMT,RATE,CMT,II,ADDL,EVID,DV
1,0,100,10,2,24,3,1,.
1,5,.,.,.,.,.,0,2.5
1,30,.,.,.,.,.,3,.
1,31,.,.,.,.,.,0,0.5
1,40,50,0,1,.,.,4,.
1,41,.,.,.,.,.,0,0.5
";
    let (problem, _) = bench(ORAL).read(table);
    let periods: Vec<f64> = problem.experiments.iter().map(|e| e.time).collect();
    assert_eq!(periods, [0.0, 30.0, 40.0]);
    let values: Vec<(&str, &str)> = (problem.conditions.iter())
        .map(|c| (c.target.as_str(), c.value.as_str()))
        .collect();
    assert_eq!(values, [("depot", "0"), ("central", "V * base")]);
    // the infusion of 24 to 34 is cut at 30
    let doses: Vec<(&str, &str, usize)> = (problem.doses.iter())
        .map(|d| (d.time.as_str(), d.value.as_str(), d.additional))
        .collect();
    assert_eq!(doses, [("0", "100", 0), ("24", "60", 0), ("40", "50", 0)]);
}

#[test]
fn occasions_are_experiments_of_one_individual() {
    let table = "ID,TIME,AMT,CMT,EVID,OCC,DV
1,0,100,1,1,1,.
1,2,.,.,0,1,2.5
1,48,100,1,4,2,.
1,50,.,.,0,2,2.6
1,72,100,1,1,3,.
1,74,.,.,0,3,2.9
";
    let (problem, imported) = bench(ORAL).read(table);
    assert_eq!(
        file(&imported, "individuals.tsv"),
        "individualId\texperimentId\toccasionId\nid1\tid1_1\tocc1\nid1\tid1_2\tocc2\nid1\tid1_3\tocc3\n"
    );
    let of = |id: &str| {
        let own = problem
            .doses
            .iter()
            .filter(|d| d.experiment.as_deref() == Some(id));
        own.map(|d| d.time.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(of("id1_2"), ["48"]);
    // the third goes on where the second ended
    assert_eq!(of("id1_3"), ["48", "72"]);
    let told = warnings(&imported);
    assert!(
        told.len() == 1 && told[0].contains("the occasion `3`"),
        "{told:?}"
    );
}

#[test]
fn what_is_odd_is_told_and_kept() {
    let table = "ID,TIME,AMT,CMT,DV,WT,ARM
1,0,100,1,.,70,a
1,1,.,.,2.5,71,a
1,1,.,.,2.5,71,a
1,9,100,1,.,71,a
2,0,100,1,.,80,b
1,0,100,1,.,70,a
1,1,.,.,2.5,70,a
";
    let (problem, imported) = bench(ORAL).read(table);
    let told = warnings(&imported);
    for (words, row) in [
        ("the covariate WT changes to 71; its first value 70", 3),
        ("the same reading stands in row 3", 4),
        ("no reading of the individual follows this dose", 5),
        ("the individual has no readings", 6),
        ("it is a new individual, `id1_2`", 7),
        ("holds more than numbers (`a`)", 2),
    ] {
        let place = format!("data.csv, row {row},");
        let found = told
            .iter()
            .any(|t| t.starts_with(&place) && t.contains(words));
        assert!(found, "{words}\n{}", told.join("\n"));
    }
    let individuals = file(&imported, "individuals.tsv");
    assert!(individuals.contains("id2\tid2\t80") && individuals.contains("id1_2\tid1_2\t70"));
    assert_eq!(
        problem.measurements[1].replicate.as_deref(),
        Some("replicate2")
    );
}

#[test]
fn all_readings_censored_is_told() {
    let table = "ID,TIME,AMT,CMT,DV,CENS\n1,0,100,1,.,.\n1,1,.,.,0.5,1\n";
    let (_, imported) = bench(ORAL).read(table);
    let told = warnings(&imported);
    assert!(
        told[0].contains("all readings of `concentration` are censored"),
        "{told:?}"
    );
}

#[test]
fn the_same_dose_twice_is_twice_the_amount() {
    let table = "ID,TIME,AMT,RATE,CMT,DV\n1,0,100,20,2,.\n1,0,100,20,2,.\n1,1,.,.,.,2.5\n";
    let (problem, imported) = bench(ORAL).read(table);
    let [dose] = &problem.doses[..] else {
        panic!("one row");
    };
    assert_eq!(dose.value, "2 * 100");
    assert_eq!(dose.rate.as_deref(), Some("2 * 20"));
    assert!(warnings(&imported)[0].contains("the same dose stands in row 2"));
}

#[test]
fn all_errors_come_at_once_with_row_column_and_id() {
    let table = "ID,TIME,AMT,RATE,CMT,II,ADDL,SS,EVID,DV,CENS
1,0,100,0,1,.,3,.,1,.,.
1,1,100,0,1,.,.,1,1,.,.
1,2,100,5,1,12,.,1,1,.,.
1,3,100,0,9,.,.,.,1,.,.
1,4,.,.,.,.,.,.,7,.,.
1,5,.,.,.,.,.,.,0,.,.
1,6,.,.,.,.,.,.,0,2.5,4
1,2,.,.,.,.,.,.,0,2.5,0
1,8,1O0,0,1,.,.,.,1,.,.
1,9,100,-7,1,.,.,.,1,.,.
1,10,100
2,11,.,.,.,.,.,.,0,2.5,0
2,12,50,.,1,.,.,.,0,2.5,0
";
    // F1 would make the duration of an infusion unknown
    let errors = bench(&ORAL.replace("F1 = { value = 0.9 }\n", "")).errors(table);
    for (row, words) in [
        (2, "ADDL needs a positive interval II"),
        (3, "SS needs a positive interval II"),
        (
            4,
            "the infusion lasts 20 (AMT/RATE), longer than the interval II of 12",
        ),
        (5, "the model has no compartment `9`"),
        (6, "`7` has no meaning here; EVID is 0"),
        (7, "the value is missing"),
        (8, "`4` has no meaning here; CENS is 0"),
        (9, "the time 2 comes after"),
        (10, "`1O0` is not a number"),
        (11, "`-7` has no meaning here; RATE is 0"),
        (12, "the row has 3 cells, the header 11"),
        (14, "an amount in a row of EVID 0, which is no dose"),
    ] {
        let place = format!("data.csv, row {row}");
        let found = errors
            .iter()
            .any(|e| e.starts_with(&place) && e.contains(words));
        assert!(found, "row {row}: {words}\n{}", errors.join("\n"));
    }
    assert!(errors.iter().filter(|e| e.contains("ID 1:")).count() >= 9);
}

#[test]
fn a_dose_into_one_of_several_states_needs_a_compartment() {
    let errors = bench(ORAL).errors("ID,TIME,AMT,DV\n1,0,100,.\n1,1,.,2.5\n");
    assert!(
        errors[0].contains("several states (depot, central)"),
        "{errors:?}"
    );
    assert!(errors[0].contains("--compartments"));
}

#[test]
fn limits_need_to_know_which_readings_are_censored() {
    let errors = bench(ORAL).errors("ID,TIME,AMT,CMT,DV,LIMIT\n1,0,100,1,.,.\n1,1,.,.,2.5,0\n");
    assert!(errors[0].contains("there is no column CENS"), "{errors:?}");
}

#[test]
fn a_missing_column_is_named_with_its_neighbours() {
    let errors = bench(ORAL).errors("ID,TIMES,AMT,DV\n1,0,100,.\n");
    assert_eq!(errors.len(), 1);
    assert!(
        errors[0].contains("there is no column `TIME`; did you mean `TIMES`?"),
        "{errors:?}"
    );
}

#[test]
fn the_command_writes_a_problem_that_evaluates() {
    let bench = bench(ORAL);
    let data = bench.folder.path().join("data.csv");
    let table = "ID,TIME,AMT,CMT,II,SS,DV\n1,0,100,1,12,1,.\n1,1,.,.,.,.,2.5\n1,5,.,.,.,.,4\n";
    fs::write(&data, table).unwrap();
    let output = bench.folder.path().join("out");
    let text = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let model = text(&bench.options.model);
    let run = |arguments: &[&str]| {
        let program = std::iter::once("holobiont").chain(arguments.iter().copied());
        holobiont::cli::run(program)
    };
    let import = [
        "import-nonmem",
        &text(&data),
        "--model",
        &model,
        "--output",
        &text(&output),
    ];
    assert_eq!(run(&import), 0);
    let problem = text(&output.join("problem.yaml"));
    assert_eq!(run(&["check", &problem]), 0);
    assert_eq!(run(&["evaluate", &problem, "--gradient"]), 0);
    let bad = [
        "import-nonmem",
        &text(&data),
        "--model",
        &model,
        "--output",
        &text(&output),
        "--lag",
        "1=nothing",
    ];
    assert_eq!(run(&bad), 1);
}

#[test]
fn a_model_of_the_crate_is_named() {
    for name in ["builtin:stein2013", "stein2013"] {
        let options = Options {
            observables: vec!["Blautia".into()],
            ..Options::new(name)
        };
        let table = "ID,TIME,AMT,CMT,DV\n1,0,0.1,Blautia,.\n1,1,.,.,0.2\n";
        let imported = import_text("data.csv".as_ref(), table, &options).unwrap();
        assert!(file(&imported, "problem.yaml").contains("builtin:stein2013"));
    }
    let errors = import_text("data.csv".as_ref(), "", &Options::new("builtin:stein2014"));
    let errors = errors.expect_err("no such model");
    assert!(
        errors[0].to_string().contains("did you mean stein2013?"),
        "{errors:?}"
    );
}

fn shared(name: &str) -> PathBuf {
    let shared = std::env::var("HOLOBIONT_SHARED")
        .expect("HOLOBIONT_SHARED names the folder of the shared data");
    PathBuf::from(shared)
        .join("data/population_classics")
        .join(name)
}

const ONE: &str = r#"
id = "one"

[species.central]
initial = 0

[parameters]
CL = { value = 0.007 }
V = { value = 1.5 }

[reactions.elimination]
rate = "CL / V * central"
consumes = { central = 1 }

[observables.concentration]
formula = "central / V"
"#;

#[test]
#[ignore = "needs HOLOBIONT_SHARED"]
fn phenobarbital_of_grasela_and_donn_is_read() {
    let mut bench = bench(ONE);
    bench.options.columns = vec![
        (Column::Id, "Subject".into()),
        (Column::Amt, "dose".into()),
        (Column::Dv, "conc".into()),
    ];
    let imported = import(&shared("phenobarbital.csv"), &bench.options).unwrap_or_else(|errors| {
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        panic!("{}", errors.join("\n"))
    });
    // 59 infants, 155 readings, 589 doses (Grasela, Donn 1985, doi:10.1159/000457062)
    assert_eq!((imported.individuals, imported.readings), (59, 155));
    assert_eq!(imported.doses, 589);
    let individuals = file(&imported, "individuals.tsv");
    assert!(individuals.starts_with("individualId\texperimentId\tWt\tApgar\nid1\tid1\t1.4\t7\n"));
    assert!(warnings(&imported).iter().any(|w| w.contains("ApgarInd")));
}

#[test]
#[ignore = "needs HOLOBIONT_SHARED"]
fn theophylline_of_upton_is_read() {
    // the table has the dose in each row, in mg a kg: one dose at the first time
    let text = fs::read_to_string(shared("theophylline.csv")).unwrap();
    let mut table = "ID,TIME,AMT,CMT,DV,WT\n".to_owned();
    let mut last = String::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').map(|c| c.trim_matches('"')).collect();
        let [subject, weight, dose, time, reading] = cells[..] else {
            panic!("{line}");
        };
        if subject != last {
            table.push_str(&format!("{subject},{time},{dose},1,.,{weight}\n"));
            last = subject.to_owned();
        }
        table.push_str(&format!("{subject},{time},.,.,{reading},{weight}\n"));
    }
    let (problem, imported) = bench(ORAL).read(&table);
    assert_eq!((imported.individuals, imported.readings), (12, 132));
    assert_eq!(problem.doses.len(), 12);
    assert_eq!(warnings(&imported), Vec::<String>::new());
}

/// A column that could be either is no column: nothing is chosen in silence.
#[test]
fn two_columns_of_one_meaning_are_an_error() {
    let table = "ID,TIME,AMT,CMT,DV,dv\n1,0,100,1,.,.\n1,1,.,.,2.5,3.5\n";
    let errors = bench(ORAL).errors(table);
    assert!(
        errors[0].contains("`DV` and `dv` all read as DV"),
        "{errors:?}"
    );
    let mut bench = bench(ORAL);
    bench.options.columns = vec![(Column::Dv, "dv".to_owned())];
    let (problem, _) = bench.read(table);
    let reading = problem.measurements[0].reading;
    assert_eq!(reading, holobiont::noise::Reading::Value(3.5));
}

/// Numbers are one individual however they are written; other names are changed, and that is said.
#[test]
fn ids_that_are_changed_are_told() {
    let table = "ID,TIME,AMT,CMT,DV\n1,0,100,1,.\n1.0,1,.,.,2.5\n01,2,.,.,2.5\na b,1,.,.,2.5\n";
    let (problem, imported) = bench(ORAL).read(table);
    let experiments: Vec<&str> = problem
        .measurements
        .iter()
        .filter_map(|m| m.experiment.as_deref())
        .collect();
    assert_eq!(experiments, ["id1", "id1", "a_b"]);
    let told = warnings(&imported);
    assert!(
        told.iter()
            .any(|t| t.contains("row 5") && t.contains("called `a_b`")),
        "{told:?}"
    );
}
