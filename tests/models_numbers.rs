//! Every number of biology stands in `models/`: the sources of the library hold no literal but 0, 1, 2 and -1.
use std::path::Path;

/// Number literals of Rust source outside comments, texts and tests: (line, literal).
fn literals(source: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in source.lines().enumerate() {
        if line.contains("#[cfg(test)]") {
            break;
        }
        let mut code = String::new();
        let mut in_text = false;
        let mut characters = line.chars().peekable();
        while let Some(c) = characters.next() {
            match c {
                '\\' if in_text => {
                    characters.next();
                }
                '"' => in_text = !in_text,
                '/' if !in_text && characters.peek() == Some(&'/') => break,
                c if !in_text => code.push(c),
                _ => {}
            }
        }
        let mut word = String::new();
        for c in code.chars().chain([' ']) {
            if c.is_alphanumeric()
                || c == '_'
                || (c == '.' && word.starts_with(|d: char| d.is_ascii_digit()))
            {
                word.push(c);
            } else {
                if word.starts_with(|d: char| d.is_ascii_digit()) {
                    found.push((number + 1, word.trim_end_matches('.').to_string()));
                }
                word.clear();
            }
        }
    }
    found
}

/// Numbers inside texts that are formulas would hide from `literals`: digits that do not belong to an id.
fn numbers_in_texts(source: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_references = false;
    for (number, line) in source.lines().enumerate() {
        if line.contains("#[cfg(test)]") {
            break;
        }
        in_references = (in_references || line.contains("Reference::new("))
            && !line.trim_start().starts_with(")]");
        if in_references || line.trim_start().starts_with("//") {
            continue;
        }
        for text in line.split('"').skip(1).step_by(2) {
            let mut word = String::new();
            for c in text.chars().chain([' ']) {
                if c.is_alphanumeric() || c == '_' || c == '.' {
                    word.push(c);
                } else {
                    if word.starts_with(|d: char| d.is_ascii_digit() || d == '.') {
                        found.push((number + 1, word.clone()));
                    }
                    word.clear();
                }
            }
        }
    }
    found
}

#[test]
fn no_number_of_biology_stands_in_the_library() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/library");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).expect("the library's folder") {
        let path = entry.expect("a file").path();
        let source = std::fs::read_to_string(&path).expect("a source file");
        for (line, literal) in literals(&source)
            .into_iter()
            .chain(numbers_in_texts(&source))
        {
            let plain = ["0", "1", "2", "0.0", "1.0", "2.0"].contains(&literal.as_str());
            assert!(
                plain,
                "{}, line {line}: the number {literal} belongs in models/",
                path.display()
            );
        }
        files += 1;
    }
    assert!(files >= 3);
}

#[test]
fn the_search_for_literals_sees_numbers_and_skips_names_comments_and_texts() {
    let source = "let x1 = 0.35 * y; // 7\nlet s = \"8\";\nf(1.0, 2e3)";
    let found: Vec<String> = literals(source)
        .into_iter()
        .map(|(_, literal)| literal)
        .collect();
    assert_eq!(found, ["0.35", "1.0", "2e3"]);
    let found: Vec<String> = numbers_in_texts(source)
        .into_iter()
        .map(|(_, literal)| literal)
        .collect();
    assert_eq!(found, ["8"]);
}
