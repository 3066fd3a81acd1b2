//! The command `trial` as its users run it.
use super::support::{DESIGN, MODEL, PARAMETERS, POPULATION};
use std::fs;
use std::process::{Command, Output};
use tempfile::TempDir;

fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let files = [
        ("model.toml", MODEL),
        ("parameters.tsv", PARAMETERS),
        ("population.toml", POPULATION),
        ("trials/small.toml", DESIGN),
    ];
    fs::create_dir(folder.path().join("trials")).expect("a folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("a file");
    }
    folder
}

fn holobiont(folder: &TempDir, arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_holobiont");
    Command::new(program)
        .current_dir(folder.path())
        .args(arguments)
        .output()
        .expect("it runs")
}

#[test]
fn a_trial_in_a_folder_prints_its_table_and_writes_its_files() {
    let folder = folder();
    let run = |seed: &str| {
        holobiont(
            &folder,
            &[
                "trial", ".", "small", "--seed", seed, "--trials", "20", "--output", "out",
            ],
        )
    };
    let output = run("1");
    let (text, noise) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert_eq!(output.status.code(), Some(0), "{noise}");
    assert!(noise.is_empty(), "a pipe is not watched: {noise}");
    for part in [
        "placebo: 40 subjects",
        "hazard ratio",
        "rate ratio",
        "20 trials",
        "Not medical advice",
    ] {
        assert!(text.contains(part), "`{part}` is missing:\n{text}");
    }
    let read = |name: &str| {
        fs::read_to_string(folder.path().join("out").join(name)).expect("it was written")
    };
    let (patients, endpoints) = (read("patients.csv"), read("endpoints.csv"));
    assert_eq!(patients.lines().count(), 1 + 80 * 9);
    assert!(
        patients.starts_with("subject,arm,day,present,relapses,disability,progressed,marker\n")
    );
    assert_eq!(endpoints.lines().count(), 1 + 4);
    assert!(
        read("means.svg").contains("marker (mg/l)")
            && read("progression.svg").contains("confirmed progression")
    );
    assert_eq!(read("trial.txt"), text);
    assert_eq!(run("1").stdout, output.stdout);
    assert_ne!(run("2").stdout, output.stdout);
}

#[test]
fn what_is_missing_is_named() {
    let folder = folder();
    let failed = |arguments: &[&str], code: i32| {
        let output = holobiont(&folder, arguments);
        assert_eq!(output.status.code(), Some(code));
        assert!(output.stdout.is_empty());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let shipped = failed(&["trial", "gut_ms", "propionat"], 1);
    assert!(
        shipped.contains("no trial `propionat`") && shipped.contains("did you mean `propionate`"),
        "{shipped}"
    );
    assert!(failed(&["trial", "."], 2).contains("name the file of a design"));
    fs::write(
        folder.path().join("trials/small.toml"),
        DESIGN.replace("of = \"marker\"", "of = \"markr\""),
    )
    .expect("a file");
    let wrong = failed(&["trial", ".", "trials/small.toml"], 1);
    assert!(wrong.contains("trials/small.toml, endpoint 4, of: no state or observable `markr`; did you mean `marker`?"), "{wrong}");
    fs::remove_file(folder.path().join("population.toml")).expect("it was there");
    let missing = failed(&["trial", ".", "small"], 1);
    assert!(
        missing
            .contains("population.toml: the virtual subjects of the model are described nowhere"),
        "{missing}"
    );
}
