//! The layers of ARCHITECTURE.md, read from the sources: no upward edge, no cycle, every file says what it is.
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// What each layer may use, from the bottom up.
const LAYERS: &[(&str, &[&str])] = &[
    ("units", &[]),
    ("expr", &["units"]),
    ("network", &["expr", "units"]),
    ("chemistry", &["units"]),
    ("library", &["network", "expr", "chemistry", "units"]),
    ("lanes", &[]),
    ("compile", &["lanes", "network", "expr", "units"]),
    ("schedule", &["compile"]),
    ("solve", &["schedule", "compile", "lanes"]),
    ("noise", &[]),
    ("cohort", &["solve", "schedule", "compile", "noise"]),
    ("fit", &["cohort", "solve", "schedule", "compile", "noise"]),
    (
        "population",
        &["fit", "cohort", "solve", "schedule", "compile", "noise"],
    ),
    (
        "exchange",
        &[
            "population",
            "fit",
            "cohort",
            "solve",
            "schedule",
            "compile",
            "noise",
            "library",
            "network",
            "expr",
            "units",
        ],
    ),
    ("models", &["exchange"]),
    (
        "trial",
        &[
            "exchange", "solve", "schedule", "compile", "noise", "network", "units",
        ],
    ),
    (
        "scorecard",
        &[
            "trial", "exchange", "fit", "noise", "solve", "schedule", "compile", "network", "units",
        ],
    ),
    (
        "report",
        &[
            "trial",
            "scorecard",
            "models",
            "exchange",
            "population",
            "fit",
            "cohort",
            "solve",
            "schedule",
            "compile",
            "noise",
            "network",
            "expr",
            "units",
        ],
    ),
    (
        "cli",
        &[
            "report",
            "trial",
            "scorecard",
            "models",
            "exchange",
            "population",
            "fit",
            "cohort",
            "solve",
            "schedule",
            "compile",
            "noise",
            "library",
            "network",
            "expr",
            "units",
        ],
    ),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("src can be listed") {
        let path = entry.expect("an entry of src can be read").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Layer, path and text of every source file.
fn all_sources() -> Vec<(String, PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    sources(&src, &mut paths);
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let relative = path.strip_prefix(&src).expect("below src");
            let first = relative.components().next().expect("not empty");
            let layer = first
                .as_os_str()
                .to_string_lossy()
                .trim_end_matches(".rs")
                .to_string();
            let text = fs::read_to_string(&path).expect("a source is UTF-8");
            (layer, path, text)
        })
        .collect()
}

/// Code without comments and without its unit tests, which may look upward.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or(text);
    text.lines()
        .map(|line| line.split("//").next().unwrap_or(""))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Names that follow `crate::`, groups included.
fn uses(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for piece in code.split("crate::").skip(1) {
        if let Some(group) = piece.strip_prefix('{') {
            let mut depth = 0;
            let mut name = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => found.push(std::mem::take(&mut name)),
                    _ if depth == 0 => name.push(c),
                    _ => {}
                }
            }
            found.push(name);
        } else {
            found.push(piece.to_string());
        }
    }
    found
        .iter()
        .map(|name| {
            name.trim()
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect()
        })
        .filter(|name: &String| !name.is_empty())
        .collect()
}

#[test]
fn no_layer_uses_a_layer_above_it() {
    let allowed: BTreeMap<_, _> = LAYERS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (layer, path, text) in all_sources() {
        // a file of tests may look upward
        if layer == "lib" || layer == "bin" || text.contains("#![cfg(test)]") {
            continue;
        }
        let below = allowed
            .get(layer.as_str())
            .unwrap_or_else(|| panic!("{} is in no layer of this test", path.display()));
        for used in uses(&code(&text)) {
            if used != layer
                && allowed.contains_key(used.as_str())
                && !below.contains(&used.as_str())
            {
                wrong.push(format!("{}: {layer} uses {used}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "upward edges:\n{}", wrong.join("\n"));
}

#[test]
fn the_layer_table_itself_has_no_cycle() {
    for (place, (layer, below)) in LAYERS.iter().enumerate() {
        for used in *below {
            assert!(
                LAYERS[..place].iter().any(|(name, _)| name == used),
                "{layer} uses {used}, which does not stand below it"
            );
        }
    }
}

#[test]
fn the_reader_of_uses_sees_groups_and_paths() {
    let text =
        "use crate::{expr::{Graph, Node}, units};\nlet x = crate::solve::solve;\n// crate::fit\n";
    assert_eq!(uses(&code(text)), ["expr", "units", "solve"]);
}

#[test]
fn every_file_says_first_what_it_is() {
    for (_, path, text) in all_sources() {
        assert!(
            text.starts_with("//! "),
            "{} has no first line of documentation",
            path.display()
        );
    }
}

#[test]
fn no_source_file_is_longer_than_600_lines() {
    for (_, path, text) in all_sources() {
        let lines = text.lines().count();
        assert!(lines <= 600, "{} has {lines} lines", path.display());
    }
}
