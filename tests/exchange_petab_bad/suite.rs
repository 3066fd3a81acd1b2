//! A thousand faults in the problems of the PEtab test suite. `HOLOBIONT_MUTATIONS` names a folder where the mutated problems and all
//! messages are kept, for reading and for other programs (`tests/peers/petab_bad.py`).
use super::{
    judge,
    problems::{OURS, Problem, VERSION_1, VERSION_2},
};
use rand::SeedableRng;
use std::{fs, path::PathBuf};

fn problems() -> Vec<Problem> {
    let shared = std::env::var("HOLOBIONT_SHARED")
        .expect("HOLOBIONT_SHARED names the folder of the shared data");
    let suite = PathBuf::from(shared).join("suites/petab-test-suite");
    let mut found = Vec::new();
    for version in ["v1", "v2"] {
        let folder = suite.join(version);
        let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        let mut cases: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with(|c: char| c.is_ascii_digit()))
            .collect();
        cases.sort();
        assert!(
            cases.len() >= 15,
            "{}: {} cases",
            folder.display(),
            cases.len()
        );
        found.extend(
            cases
                .iter()
                .map(|case| Problem::load(&format!("{version}/{case}"), &folder.join(case))),
        );
    }
    found.push(Problem::parse("version 1", VERSION_1));
    found.push(Problem::parse("version 2", VERSION_2));
    found.push(Problem::parse("our language", OURS));
    found
}

#[test]
#[ignore = "needs HOLOBIONT_SHARED"]
fn a_fault_in_a_case_of_the_suite_is_told_with_its_place() {
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(2);
    let keep = std::env::var_os("HOLOBIONT_MUTATIONS").map(PathBuf::from);
    if let Some(keep) = &keep {
        fs::create_dir_all(keep).unwrap();
    }
    let wrong = judge::run(&problems(), 1000, &mut random, keep.as_deref());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
