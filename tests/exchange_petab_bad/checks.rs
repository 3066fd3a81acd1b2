//! How the checks of the linter of the Python package `petab` (0.8.2) are compared: a problem without fault, one change in a file, and
//! all that is said of it.
use super::problems::Problem;
use holobiont::exchange::petab;

/// A check of the linter (where, what), a change that violates it (file, from, to; `|` stands for a tab), and our message: the only
/// error (or all of them, a line each), or one of the warnings where it begins with `warning: `.
pub type Check = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

/// The problem with the change.
pub fn violate(base: &Problem, (_, file, from, to, _): &Check) -> Problem {
    let tabs = |text: &str| text.replace('|', "\t");
    base.clone().with(file, &tabs(from), &tabs(to))
}

/// Errors and warnings, without the folder.
pub fn messages(problem: &Problem) -> (Vec<String>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    problem.write(folder.path());
    let prefix = format!("{}{}", folder.path().display(), std::path::MAIN_SEPARATOR);
    let clean = |text: String| text.replace(&prefix, "");
    match petab::read(&folder.path().join(problem.yaml())) {
        Ok(read) => {
            let warnings = read.warnings.iter().map(|w| clean(format!("warning: {w}")));
            (Vec::new(), warnings.collect())
        }
        Err(errors) => (
            errors.iter().map(|e| clean(e.to_string())).collect(),
            Vec::new(),
        ),
    }
}

/// All rows of a table, the wrong ones together.
pub fn compare(base: &Problem, checks: &[Check]) {
    assert_eq!(
        messages(base),
        (Vec::new(), Vec::new()),
        "the problem without fault"
    );
    let mut wrong = Vec::new();
    for (number, check) in checks.iter().enumerate() {
        let problem = violate(base, check);
        if let Some(keep) = std::env::var_os("HOLOBIONT_CHECKS") {
            let version = base.name.replace(' ', "_");
            problem.write(&std::path::Path::new(&keep).join(format!("{version}_{number:02}")));
        }
        let (errors, warnings) = messages(&problem);
        let expected = check.4.to_owned();
        let told = match expected.starts_with("warning: ") {
            true => errors.is_empty() && warnings.contains(&expected),
            false => errors.join("\n") == expected,
        };
        if !told {
            let found = [errors, warnings].concat().join("\n    ");
            wrong.push(format!(
                "{number:02} {}: {} -> {}\n    {found}",
                check.0, check.2, check.3
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
