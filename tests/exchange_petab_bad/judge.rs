//! What came of a mutation: errors and how near their places are, or a problem and how it differs from the one before.
use super::{
    mutations::{Expected, Kind, Mutation},
    problems::Problem,
};
use holobiont::{
    exchange::petab::{self, PetabError, PetabProblem, PetabWarning},
    fit::{CohortObjective, ObjectiveOptions},
};
use std::{
    collections::{BTreeMap, HashSet},
    fs, panic,
    path::Path,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// an error at the cell, or the row where the mutation has no cell
    Cell,
    /// an error in the file
    File,
    /// an error where the changed word is used, which names it
    Use,
    /// read: another log-likelihood or log-posterior
    Number,
    /// read: other rows, the same number
    Rows,
    /// read: a warning at the row or the column
    Warning,
    /// read: nothing differs
    Same,
    /// what must not be
    Wrong,
}

impl Outcome {
    pub const ALL: [Self; 8] = [
        Self::Cell,
        Self::File,
        Self::Use,
        Self::Number,
        Self::Rows,
        Self::Warning,
        Self::Same,
        Self::Wrong,
    ];

    pub fn words(self) -> &'static str {
        match self {
            Self::Cell => "at place",
            Self::File => "in file",
            Self::Use => "at use",
            Self::Number => "number",
            Self::Rows => "rows",
            Self::Warning => "warning",
            Self::Same => "same",
            Self::Wrong => "WRONG",
        }
    }
}

/// What is known of a problem that could be read.
pub struct Read {
    pub problem: PetabProblem,
    /// log-likelihood and log-prior, None where the simulation fails
    value: Option<[f64; 2]>,
}

/// Reads a problem and evaluates it once.
pub fn read(yaml: &Path) -> Result<Read, Vec<PetabError>> {
    let problem = petab::read(yaml)?;
    let built = problem.fit_problem()?;
    let found = CohortObjective::new(&built, ObjectiveOptions::default())
        .ok()
        .and_then(|objective| objective.likelihood(&built.parameters.nominal()).ok());
    let value = found.map(|found| [found.log_likelihood, found.log_prior]);
    Ok(Read { problem, value })
}

pub struct Judged {
    pub outcome: Outcome,
    pub messages: Vec<String>,
}

/// Reads a mutated problem, in a folder of its own, beside the one without fault.
pub fn judge(mutation: &Mutation, before: &Read, folder: &Path) -> Judged {
    if folder.exists() {
        fs::remove_dir_all(folder).unwrap();
    }
    mutation.problem.write(folder);
    let yaml = match mutation.problem.files.first() {
        Some((name, _)) if name.ends_with(".yaml") => folder.join(name),
        _ => folder.join(&mutation.file),
    };
    let Ok(read) = panic::catch_unwind(|| read(&yaml)) else {
        return Judged {
            outcome: Outcome::Wrong,
            messages: vec!["a panic".to_owned()],
        };
    };
    let clean = |text: String| text.replace(&format!("{}/", folder.display()), "");
    match read {
        Ok(after) => {
            let warnings = after.problem.warnings.iter();
            let messages = warnings.map(|w| clean(format!("warning: {w}"))).collect();
            let outcome = of_problem(mutation, before, &after);
            Judged { outcome, messages }
        }
        Err(errors) => {
            let messages: Vec<String> = errors.iter().map(|e| clean(e.to_string())).collect();
            let outcome = of_errors(mutation, &errors, &messages);
            Judged { outcome, messages }
        }
    }
}

/// Messages about more rows than this are too many for one fault.
const MOST: usize = 4;

fn of_errors(mutation: &Mutation, errors: &[PetabError], messages: &[String]) -> Outcome {
    let expected = mutation.kind.expected();
    let rows: HashSet<_> = errors
        .iter()
        .map(|e| (&e.place.file, e.place.row))
        .collect();
    let many = rows.len() > MOST && mutation.kind != Kind::FileEmpty;
    if expected == Expected::Same || many {
        return Outcome::Wrong;
    }
    let in_file = |e: &&PetabError| e.place.file.ends_with(&mutation.file);
    let at_row = |e: &&PetabError| mutation.row.is_none() || e.place.row == mutation.row;
    let at_column = |e: &&PetabError| {
        let named =
            |column: &String| e.place.column.as_ref() == Some(column) || e.place.row == Some(1);
        mutation.column.as_ref().is_none_or(named)
    };
    let names = |message: &String| {
        mutation
            .words
            .iter()
            .any(|word| message.contains(word.as_str()))
    };
    if errors
        .iter()
        .filter(in_file)
        .filter(at_row)
        .any(|e| at_column(&e))
    {
        Outcome::Cell
    } else if matches!(expected, Expected::Error | Expected::Cell) && mutation.column.is_some() {
        Outcome::Wrong
    } else if errors.iter().any(|e| in_file(&e)) {
        Outcome::File
    } else if messages.iter().any(names) {
        Outcome::Use
    } else {
        Outcome::Wrong
    }
}

fn of_problem(mutation: &Mutation, before: &Read, after: &Read) -> Outcome {
    let expected = mutation.kind.expected();
    let number = match (before.value, after.value) {
        (Some(a), Some(b)) => a
            .iter()
            .zip(b)
            .any(|(a, b)| (a - b).abs() > 1e-9 * (1.0 + a.abs())),
        (a, b) => a.is_some() != b.is_some(),
    };
    let rows = before.problem != after.problem;
    let differs = number || rows;
    match expected {
        Expected::Error => return Outcome::Wrong,
        Expected::Same if differs => return Outcome::Wrong,
        Expected::Same => return Outcome::Same,
        Expected::Cell | Expected::Any => {}
    }
    let near = |w: &&PetabWarning| {
        w.place.file.ends_with(&mutation.file)
            && (w.place.row == mutation.row
                || mutation.column.is_some() && w.place.column == mutation.column)
    };
    if number {
        Outcome::Number
    } else if rows {
        Outcome::Rows
    } else if after.problem.warnings.iter().any(|w| near(&w)) {
        Outcome::Warning
    } else if changes_nothing(mutation) {
        Outcome::Same
    } else {
        Outcome::Wrong
    }
}

/// Whether the standard gives the text before and after the same meaning.
fn changes_nothing(mutation: &Mutation) -> bool {
    // read by nobody
    let notes = ["conditionName", "experimentName"];
    // words for what holds without them
    let defaults = ["normal", "lin", "add", "none", "NaN"];
    let column = mutation.column.as_deref().unwrap_or_default();
    let words = &mutation.words;
    match mutation.kind {
        // a nominal value that is missing is the middle of the bounds
        Kind::CellEmptied => {
            column == "nominalValue"
                || notes.contains(&column)
                || defaults.contains(&words[0].as_str())
        }
        Kind::ColumnDropped | Kind::ColumnRenamed => {
            notes.contains(&column)
                || words[1..]
                    .iter()
                    .all(|word| defaults.contains(&word.as_str()))
        }
        _ => false,
    }
}

/// Mutation kinds by outcomes, as text.
pub fn table(found: &[(Kind, Outcome)]) -> String {
    let mut counts: BTreeMap<(Kind, Outcome), usize> = BTreeMap::new();
    for key in found {
        *counts.entry(*key).or_default() += 1;
    }
    let mut text = format!("{:34}", "");
    for outcome in Outcome::ALL {
        text += &format!("{:>9}", outcome.words());
    }
    for kind in Kind::ALL {
        text += &format!("\n{:34}", kind.words());
        for outcome in Outcome::ALL {
            text += &match counts.get(&(*kind, outcome)) {
                Some(count) => format!("{count:9}"),
                None => format!("{:>9}", "-"),
            };
        }
    }
    text
}

/// Everything about one mutation, to read.
pub fn describe(name: &str, mutation: &Mutation, judged: &Judged) -> String {
    let row = mutation
        .row
        .map_or(String::new(), |row| format!(", row {row}"));
    let column = mutation
        .column
        .as_ref()
        .map_or(String::new(), |c| format!(", column {c}"));
    let line = mutation.row.and_then(|row| {
        let (_, text) = mutation
            .problem
            .files
            .iter()
            .find(|(n, _)| *n == mutation.file)?;
        text.lines().nth(row - 1)
    });
    let mut text = format!(
        "{name} {}: {} in {}{row}{column}\n    now: {}",
        judged.outcome.words(),
        mutation.kind.words(),
        mutation.file,
        line.unwrap_or("-").replace('\t', " | ")
    );
    for message in &judged.messages {
        text += &format!("\n    {message}");
    }
    text
}

/// Mutates problems in turn until there are as many as wanted, and judges each; returns the descriptions of the wrong ones.
pub fn run(
    problems: &[Problem],
    wanted: usize,
    random: &mut impl rand::Rng,
    keep: Option<&Path>,
) -> Vec<String> {
    use super::mutations::mutate;
    let folder = tempfile::tempdir().unwrap();
    let references: Vec<Read> = (problems.iter().enumerate())
        .map(|(i, problem)| {
            let own = folder.path().join(format!("before{i}"));
            problem.write(&own);
            read(&own.join(problem.yaml())).unwrap_or_else(|e| panic!("{}: {e:?}", problem.name))
        })
        .collect();
    let mut found = Vec::new();
    let mut wrong = Vec::new();
    let mut all = String::new();
    for turn in 0.. {
        if found.len() == wanted {
            break;
        }
        let position = turn / Kind::ALL.len() % problems.len();
        let kind = Kind::ALL[turn % Kind::ALL.len()];
        let Some(mutation) = mutate(&problems[position], kind, random) else {
            continue;
        };
        let own = match keep {
            Some(keep) => keep.join(format!("{:04}", found.len())),
            None => folder.path().join("after"),
        };
        let judged = judge(&mutation, &references[position], &own);
        let name = format!("{:04} {}", found.len(), problems[position].name);
        let description = describe(&name, &mutation, &judged);
        all += &format!("{description}\n");
        if judged.outcome == Outcome::Wrong {
            wrong.push(description);
        }
        found.push((kind, judged.outcome));
    }
    if let Some(keep) = keep {
        fs::write(keep.join("ours.txt"), all).unwrap();
    }
    println!("{}", table(&found));
    wrong
}
