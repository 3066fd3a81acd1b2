//! Observables of version 1: transformations become distributions, placeholders are found in the formulas.
use crate::exchange::petab::{
    error::PetabErrorKind,
    rows::{NoiseDistribution, ObservableRow},
    sheet::{Findings, Sheet},
};
use crate::expr::Graph;
use std::{
    collections::{BTreeSet, HashMap},
    path::PathBuf,
};

/// Reads the observables of one model and appends them; returns their names here by their names on disk.
pub(super) fn read(
    files: &[PathBuf],
    model: Option<&str>,
    rows: &mut Vec<ObservableRow>,
    findings: &mut Findings,
) -> HashMap<String, String> {
    let before = rows.len();
    let mut names = HashMap::new();
    for file in files {
        let required = ["observableId", "observableFormula", "noiseFormula"];
        let optional = [
            "observableName",
            "observableTransformation",
            "noiseDistribution",
        ];
        let Some(sheet) = Sheet::read(file, &required, &optional, findings) else {
            continue;
        };
        for row in 0..sheet.len() {
            let Some(mut read) = observable(&sheet, row, findings) else {
                findings.left_out(&sheet, row, &["observableId"]);
                continue;
            };
            if let Some(first) = rows[before..].iter().find(|r| r.id == read.id) {
                let what = format!("the observable `{}`", read.id);
                findings.duplicate(sheet.place(row, "observableId"), what, &first.origin);
                continue;
            }
            let name = read.id.clone();
            if let Some(model) = model
                && let Some(other) = rows[..before].iter().find(|r| r.id == read.id)
            {
                if *other == read {
                    names.insert(name.clone(), name);
                    continue;
                }
                read.id = format!("{name}__{model}");
            }
            names.insert(name, read.id.clone());
            rows.push(read);
        }
    }
    names
}

fn observable(sheet: &Sheet, row: usize, findings: &mut Findings) -> Option<ObservableRow> {
    let id = sheet.id(row, "observableId", findings);
    let formula = sheet.required(row, "observableFormula", findings);
    let noise_formula = sheet.required(row, "noiseFormula", findings);
    let transformation = sheet.word(
        row,
        "observableTransformation",
        &["lin", "log", "log10"],
        findings,
    );
    let distribution = sheet.word(row, "noiseDistribution", &["normal", "laplace"], findings);
    let (id, formula, mut noise_formula) = (id?, formula?, noise_formula?);
    let (transformation, distribution) = (transformation?, distribution?);
    let logarithm = !matches!(transformation, None | Some("lin"));
    let distribution = match (distribution, logarithm) {
        (Some("laplace"), false) => NoiseDistribution::Laplace,
        (Some("laplace"), true) => NoiseDistribution::LogLaplace,
        (_, false) => NoiseDistribution::Normal,
        (_, true) => NoiseDistribution::LogNormal,
    };
    let formulas = [
        ("observableFormula", formula.clone()),
        ("noiseFormula", noise_formula.clone()),
    ];
    let placeholders = placeholders(sheet, row, &id, &formulas, "observableParameter", findings);
    let noise_placeholders =
        self::placeholders(sheet, row, &id, &formulas[1..], "noiseParameter", findings);
    let (placeholders, noise_placeholders) = (placeholders?, noise_placeholders?);
    if transformation == Some("log10") {
        noise_formula = format!("({noise_formula}) * ln(10)");
    }
    Some(ObservableRow {
        id,
        name: sheet.text(row, "observableName").map(str::to_owned),
        formula,
        placeholders,
        noise_formula,
        distribution,
        noise_placeholders,
        degrees_of_freedom: None,
        unit: None,
        group: None,
        origin: sheet.origin(row),
    })
}

/// The placeholders PREFIX1_ID, PREFIX2_ID ... that formulas use; a gap in their numbers is an error.
fn placeholders(
    sheet: &Sheet,
    row: usize,
    id: &str,
    formulas: &[(&str, String)],
    prefix: &str,
    findings: &mut Findings,
) -> Option<Vec<String>> {
    let mut numbers: BTreeSet<usize> = BTreeSet::new();
    for (_, formula) in formulas {
        let mut graph = Graph::new();
        // a formula that cannot be read is an error elsewhere
        let Ok(expression) = graph.parse(formula) else {
            continue;
        };
        for symbol in graph.symbols_of(expression) {
            let number = graph
                .name(symbol)
                .strip_prefix(prefix)
                .and_then(|rest| rest.strip_suffix(id)?.strip_suffix('_'));
            numbers.extend(number.and_then(|n| n.parse::<usize>().ok()));
        }
    }
    let name = |number: usize| format!("{prefix}{number}_{id}");
    match (1..).zip(&numbers).find(|(wanted, found)| wanted != *found) {
        None => Some(numbers.into_iter().map(name).collect()),
        Some((wanted, found)) => {
            let kind = PetabErrorKind::PlaceholderGap {
                found: name(*found),
                missing: name(wanted),
            };
            findings.error(sheet.place(row, formulas[0].0), kind);
            None
        }
    }
}
