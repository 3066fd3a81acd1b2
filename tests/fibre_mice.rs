//! The tables of the fibre study refuse what is wrong, and its forecast beats carrying day 0 forward.
#![allow(
    dead_code,
    reason = "modules of the example, of which a test needs a part"
)]
use std::{fs, path::Path};

#[path = "../examples/fibre_mice/community.rs"]
mod community;
#[path = "../examples/fibre_mice/forecast.rs"]
mod forecast;
#[path = "../examples/fibre_mice/scores.rs"]
mod scores;
#[path = "../examples/fibre_mice/study.rs"]
mod study;
#[path = "../examples/fibre_mice/tables.rs"]
mod tables;
#[path = "../examples/fibre_mice/variation.rs"]
mod variation;
use tables::{Days, read};

const SAMPLES: &str = "sample,mouse,vendor,day,diet\na,M1,V,0,Inulin\nb,M1,V,3,Inulin\n";
const LOAD: &str = "sample,copies\na,1e8\nb,2e8\n";
const SCFA: &str = "sample,Acetate,Propionate,Butyrate,Valerate\na,5,1,1,-0.1\nb,6,-0.2,1,0\n";
const GENUS: &str = "sample,Bacteroides,Akkermansia\na,6e7,4e7\nb,2e8,0\n";

/// The messages about a study of which one table is replaced.
fn messages(table: &str, text: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let tables = [
        ("samples", SAMPLES),
        ("load", LOAD),
        ("scfa", SCFA),
        ("absolute_genus", GENUS),
    ];
    for (name, sound) in tables {
        let text = if name == table { text } else { sound };
        fs::write(folder.path().join(format!("{name}.csv")), text).unwrap();
    }
    let path = folder.path().display().to_string();
    match read(folder.path(), Days::All) {
        Ok(study) => study
            .notes
            .iter()
            .map(|note| note.replace(&path, ""))
            .collect(),
        Err(errors) => errors
            .0
            .iter()
            .map(|error| error.replace(&path, ""))
            .collect(),
    }
}

#[test]
fn negative_acids_are_below_detection_and_that_is_told() {
    let note = "/scfa.csv: 1 negative readings count as below the detection limit";
    assert_eq!(messages("", ""), [note]);
}

#[test]
fn a_genus_table_without_its_samples_is_an_error() {
    let found = messages("absolute_genus", "sample,Bacteroides\nb,1e8\nz,1\n");
    assert_eq!(
        found,
        [
            "/absolute_genus.csv: row 3, column `sample`: `z` does not stand in `samples.csv`",
            "/absolute_genus.csv: mouse `M1`, day 0: the sample of `samples.csv` has no row here",
        ]
    );
}

#[test]
fn unknown_diets_repeated_days_and_mice_without_day_0_are_told_together() {
    let samples = "sample,mouse,vendor,day,diet\na,M1,V,0,Pectin\nb,M2,V,3,Inulin\nc,M2,V,3,Inulin\nd,M2,V,x,Inulin\n";
    let found = messages("samples", samples);
    assert!(found[0].starts_with("/samples.csv: row 2, column `diet`: the model does not know the diet `Pectin`; it knows Control"));
    assert_eq!(
        found[1],
        "/samples.csv: row 4, column `day`: mouse `M2` has day 3 twice"
    );
    assert!(
        found[2]
            .starts_with("/samples.csv: row 5, column `day`: `x` is not a whole number of days")
    );
    assert!(found[3].starts_with("/samples.csv: mouse `M2` has no sample of day 0"));
}

#[test]
fn what_is_no_number_and_a_missing_column_name_their_place() {
    let found = messages("scfa", "sample,Acetate,Propionate,Butyrate\na,5,NaN,1\n");
    assert!(
        found[0].starts_with("/scfa.csv: row 2, column `Propionate`: `NaN` is not a finite number")
    );
    assert_eq!(
        messages("load", "sample,load\na,1\n")[0],
        "/load.csv: no column `copies`"
    );
}

#[test]
fn a_column_that_stands_twice_is_an_error() {
    let genus = "sample,Blautia,Blautia\na,1,1\nb,1,1\n";
    let error = "/absolute_genus.csv: the column `Blautia` stands twice";
    assert_eq!(messages("absolute_genus", genus)[0], error);
}

#[test]
fn with_the_first_day_alone_later_rows_are_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let broken = LOAD.replace("2e8", "not opened");
    for (name, text) in [
        ("samples", SAMPLES),
        ("load", &broken),
        ("scfa", SCFA),
        ("absolute_genus", GENUS),
    ] {
        fs::write(folder.path().join(format!("{name}.csv")), text).unwrap();
    }
    let study = read(folder.path(), Days::First).expect("day 0 is sound");
    assert_eq!(study.mice[0].samples.len(), 1);
    assert!(read(folder.path(), Days::All).is_err());
}

/// One vendor of Liu et al. 2022 (doi:10.1038/s41396-022-01253-4) is left out and forecast. The limits asked for hold of all three
/// vendors together (`benches/results/fibre_mice.md`); Beijing, the first, stands at 0.19, 0.24 and 0.61.
#[test]
#[ignore = "needs HOLOBIONT_SHARED"]
fn a_vendor_that_was_left_out_is_forecast_better_than_by_carrying_day_0() {
    let shared = std::env::var("HOLOBIONT_SHARED")
        .expect("HOLOBIONT_SHARED names the folder of shared data");
    let all = read(
        &Path::new(&shared).join("data/liu2022_fibre_mice"),
        Days::All,
    )
    .unwrap();
    let (mut training, mut test) = (all.clone(), all);
    training.mice.retain(|mouse| mouse.vendor != "Beijing");
    test.mice.retain(|mouse| mouse.vendor == "Beijing");
    let mut first = test.clone();
    first
        .mice
        .iter_mut()
        .for_each(|mouse| mouse.samples.truncate(1));

    let prepared = forecast::Prepared::new(&training).unwrap();
    let (design, problem) = prepared.training(&training).unwrap();
    let natural = forecast::fit_training(&problem).unwrap().natural(&problem);
    let known = &natural.0[..design.shared()];
    let forecasts = forecast::forecast(&design, &first, &training, known).unwrap();
    let scoring = scores::Scoring {
        quantities: &prepared.quantities,
        training: &training,
        test: &test,
        forecasts: &forecasts,
    };
    for ((row, limit), carry) in scoring
        .rmse(1.0, false)
        .iter()
        .zip([0.321, 0.26, 0.73])
        .zip([0.372, 0.383, 0.832])
    {
        assert!(row.rmse[0] <= limit, "{row:?}");
        // of the simple forecasts: an independent program finds the same
        assert!((row.rmse[1] - carry).abs() < 1e-3, "{row:?}");
    }
}
