//! Any files are read as a PEtab problem: errors with their places or a problem, never a panic, a hang or a lot of memory; a problem
//! has a likelihood or says why not.
//!
//! An input is a problem as one text: `=== NAME` begins a file. Its first line says which of the problems in
//! `tests/exchange_petab_bad/problems` lends the files that the text does not have.
#![no_main]
mod tables;
use holobiont::{
    exchange::petab::{self, PetabError},
    fit::{CohortObjective, ObjectiveOptions},
    solve::{Method, Rodas5P},
};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use std::{fs, path::Path, sync::LazyLock};

const PROBLEMS: [&str; 3] = [
    include_str!("../../exchange_petab_bad/problems/v1.txt"),
    include_str!("../../exchange_petab_bad/problems/v2.txt"),
    include_str!("../../exchange_petab_bad/problems/ours.txt"),
];

/// In memory where the system has a folder for that.
static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.expect("a folder for the files of a problem")
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    if seed % 3 == 0 {
        return fuzzer_mutate(data, size, max_size);
    }
    let text = String::from_utf8_lossy(&data[..size]).into_owned();
    let text = match size {
        0..3 => PROBLEMS[seed as usize / 3 % PROBLEMS.len()].to_owned(),
        _ => tables::mutate(&text, seed),
    };
    if text.len() > max_size {
        return fuzzer_mutate(data, size, max_size);
    }
    data[..text.len()].copy_from_slice(text.as_bytes());
    text.len()
});

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let first = text.bytes().next().unwrap_or_default();
    let mut files = tables::files(PROBLEMS[usize::from(first) % PROBLEMS.len()]);
    for (name, content) in tables::files(&text) {
        match files.iter().position(|(known, _)| *known == name) {
            Some(position) => files[position].1 = content,
            None if files.len() < 16 && plain(&name) => files.push((name, content)),
            None => {}
        }
    }
    let folder = FOLDER.path();
    for (name, content) in &files {
        fs::write(folder.join(name), content).expect("a file in memory");
    }
    let yaml = folder.join("problem.yaml");
    match petab::read(&yaml) {
        Ok(problem) => {
            let built = problem.fit_problem().expect("what was read is sound");
            likelihood(&built);
            let _ = problem.measurements_of_subjects();
        }
        Err(errors) => {
            assert!(!errors.is_empty(), "a refusal says why");
            errors.iter().for_each(|error| check_place(error, &files));
        }
    }
    for (name, _) in files {
        fs::remove_file(folder.join(name)).expect("the file was written above");
    }
});

fn plain(name: &str) -> bool {
    (1..40).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.') && name != "." && name != ".."
}

/// At the nominal values, with few steps: an answer of either kind.
fn likelihood(built: &holobiont::fit::FitProblem) {
    let options = ObjectiveOptions {
        method: Method::Rodas5P(Rodas5P { max_steps: 300 }),
        ..ObjectiveOptions::default()
    };
    if let Ok(objective) = CohortObjective::new(built, options)
        && let Ok(found) = objective.likelihood(&built.parameters.nominal())
    {
        assert!(!found.log_likelihood.is_nan(), "a likelihood is a number");
    }
}

/// A row exists, and the message says something.
fn check_place(error: &PetabError, files: &[(String, String)]) {
    let name = error.place.file.file_name().unwrap_or_default().to_string_lossy();
    if let (Some(row), Some((_, text))) = (error.place.row, files.iter().find(|(n, _)| **n == *name)) {
        let lines = text.split(['\n', '\r']).count() + 1;
        assert!((1..=lines).contains(&row), "{error}");
    }
    assert!(!error.kind.to_string().is_empty());
}
