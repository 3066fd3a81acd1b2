//! One fault in one file: where it is, and what may come of it.
use super::{problems::Problem, table::Cells};
use rand::{Rng, RngExt, seq::IndexedRandom};

macro_rules! kinds {
    ($($kind:ident $words:literal $expected:ident,)*) => {
        /// What is done to a file.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind { $($kind),* }

        impl Kind {
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            pub fn words(self) -> &'static str {
                match self { $(Self::$kind => $words),* }
            }

            pub fn expected(self) -> Expected {
                match self { $(Self::$kind => Expected::$expected),* }
            }
        }
    };
}

/// What may come of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// the same problem as before
    Same,
    /// an error
    Error,
    /// an error whose place is the cell, or another problem
    Cell,
    /// an error that names the file or the id, or another problem
    Any,
}

kinds! {
    RowDropped "a row dropped" Any,
    RowDoubled "a row doubled" Any,
    ColumnRenamed "a column renamed" Any,
    ColumnDropped "a column dropped" Any,
    ColumnDoubled "a column doubled" Error,
    IdMisspelt "an id misspelt" Any,
    WordMisspelt "a word misspelt" Cell,
    FormulaBroken "a formula broken" Error,
    FormulaChanged "an id in a formula misspelt" Any,
    NumberIsNan "NaN for a number" Cell,
    NumberIsInfinite "inf for a number" Cell,
    NumberIsText "text for a number" Cell,
    CellEmptied "a cell emptied" Any,
    CellShifted "a tab within a row" Any,
    CellQuoted "a cell in quotes" Same,
    QuoteOpened "a quote that stays open" Error,
    TabsAppended "tabs at the ends of lines" Same,
    ByteOrderMark "a byte order mark" Same,
    CarriageReturns "CR LF at the ends of lines" Same,
    FileMissing "a file missing" Error,
    FileEmpty "an empty file" Any,
    KeyMisspelt "a YAML key misspelt" Error,
    NameMisspelt "a file name misspelt in the YAML" Error,
    VersionWrong "another version" Error,
    XmlTruncated "a truncated model" Error,
}

/// A changed problem, and where the change is.
#[derive(Clone, Debug)]
pub struct Mutation {
    pub problem: Problem,
    pub kind: Kind,
    pub file: String,
    /// as an editor counts
    pub row: Option<usize>,
    pub column: Option<String>,
    /// what stood there before and after; an error elsewhere must name one of them
    pub words: Vec<String>,
}

/// Columns of formulas.
fn is_formula(column: &str) -> bool {
    [
        "observableFormula",
        "noiseFormula",
        "targetValue",
        "degreesOfFreedom",
    ]
    .contains(&column)
}

/// Columns of ids.
fn is_id_column(column: &str) -> bool {
    column.ends_with("Id") && column != "replicateId" && column != "datasetId"
        || column.ends_with("Placeholders")
}

/// Columns of words out of a list.
fn is_word(column: &str) -> bool {
    const COLUMNS: [&str; 9] = [
        "noiseDistribution",
        "observableTransformation",
        "parameterScale",
        "priorDistribution",
        "objectivePriorType",
        "estimate",
        "censoring",
        "kind",
        "scale",
    ];
    COLUMNS.contains(&column)
}

fn is_number(cell: &str) -> bool {
    cell.parse::<f64>().is_ok_and(f64::is_finite)
}

fn misspelt(word: &str, random: &mut impl Rng) -> String {
    let at = random.random_range(0..word.len());
    let mut letters: Vec<char> = word.chars().collect();
    match random.random_range(0..3) {
        0 => letters.insert(at, 'q'),
        1 => letters[at] = 'Q',
        _ => letters.push('_'),
    }
    letters.into_iter().collect()
}

/// Makes one change of a kind; None where the problem has nothing to change.
pub fn mutate(original: &Problem, kind: Kind, random: &mut impl Rng) -> Option<Mutation> {
    let ends = |end: &'static str| move |name: &&String| name.ends_with(end);
    let names: Vec<&String> = original.files.iter().map(|(name, _)| name).collect();
    let tables: Vec<&String> = names.iter().copied().filter(ends(".tsv")).collect();
    let file = match kind {
        Kind::KeyMisspelt | Kind::NameMisspelt | Kind::VersionWrong => original.yaml().to_owned(),
        Kind::XmlTruncated => (*names.iter().find(|n| n.ends_with(".xml"))?).clone(),
        Kind::FileMissing => (*names.choose(random)?).clone(),
        _ => (*tables.choose(random)?).clone(),
    };
    let mut made = Mutation {
        problem: original.clone(),
        kind,
        file: file.clone(),
        row: None,
        column: None,
        words: Vec::new(),
    };
    if !file.ends_with(".tsv") || kind == Kind::FileMissing {
        whole_file(&mut made, random)?;
    } else {
        let mut cells = Cells::parse(original.text(&file));
        let text = in_table(&mut cells, &mut made, random)?;
        *made.problem.text_mut(&file) = text;
    }
    (made.problem != *original).then_some(made)
}

fn whole_file(made: &mut Mutation, random: &mut impl Rng) -> Option<()> {
    let file = made.file.clone();
    if made.kind == Kind::FileMissing {
        made.problem.files.retain(|(name, _)| *name != file);
        made.words.push(file);
        return Some(());
    }
    let text = made.problem.text_mut(&file);
    let lines: Vec<&str> = text.lines().collect();
    let (row, line) = match made.kind {
        Kind::KeyMisspelt => {
            let keys = lines.iter().enumerate().filter(|(_, line)| {
                let key = line
                    .trim_start_matches(['-', ' '])
                    .split(':')
                    .next()
                    .unwrap_or_default();
                line.contains(':') && !["conversion", "model_0", "holobiont"].contains(&key)
            });
            let (row, line) = keys.collect::<Vec<_>>().choose(random).copied()?;
            let start = line.find(|c: char| c.is_ascii_alphabetic())?;
            let end = line.find(':')?;
            let key = misspelt(&line[start..end], random);
            made.words = vec![line[start..end].to_owned(), key.clone()];
            (row, format!("{}{key}{}", &line[..start], &line[end..]))
        }
        Kind::NameMisspelt => {
            let named = lines
                .iter()
                .enumerate()
                .filter(|(_, l)| l.contains(".tsv") || l.contains(".xml"));
            let (row, line) = named.collect::<Vec<_>>().choose(random).copied()?;
            (
                row,
                line.replacen(".tsv", "s.tsv", 1)
                    .replacen(".xml", "s.xml", 1),
            )
        }
        Kind::VersionWrong => {
            let row = lines.iter().position(|l| l.starts_with("format_version"))?;
            let version = ["3.0.0", "0.9", "one", "[2]", ""].choose(random)?;
            (row, format!("format_version: {version}"))
        }
        _ => {
            let at = text
                .char_indices()
                .nth(random.random_range(0..text.trim_end().len()))?
                .0;
            text.truncate(at);
            return Some(());
        }
    };
    let lines: Vec<String> = (lines.iter().enumerate())
        .map(|(i, old)| if i == row { line.clone() } else { (*old).to_owned() } + "\n")
        .collect();
    *text = lines.concat();
    // an unreadable name is told where the key stands, or by the name
    made.row = (made.kind != Kind::NameMisspelt).then_some(row + 1);
    made.words.extend(
        line.trim_matches(['-', ' '])
            .split([' ', ':', '[', ']'])
            .map(str::to_owned),
    );
    Some(())
}

fn in_table(cells: &mut Cells, made: &mut Mutation, random: &mut impl Rng) -> Option<String> {
    let header = cells.header().to_vec();
    let mut cell =
        |accept: &dyn Fn(&str, &str) -> bool, random: &mut _| -> Option<(usize, usize)> {
            let (row, column) = cells
                .find(|name, text| accept(name, text))
                .choose(random)
                .copied()?;
            made.row = Some(row + 1);
            made.column = Some(header[column].clone());
            made.words
                .extend([cells.0[row][column].clone(), header[column].clone()]);
            Some((row, column))
        };
    let filled = |_: &str, text: &str| !text.is_empty();
    let number = |_: &str, text: &str| is_number(text);
    match made.kind {
        Kind::RowDropped | Kind::RowDoubled => {
            let row = random.random_range(1..cells.0.len());
            made.words = cells.0[row]
                .iter()
                .filter(|c| !c.is_empty())
                .cloned()
                .collect();
            match made.kind {
                Kind::RowDropped => drop(cells.0.remove(row)),
                _ => {
                    cells.0.push(cells.0[row].clone());
                    made.row = Some(cells.0.len());
                }
            }
        }
        Kind::ColumnRenamed | Kind::ColumnDropped | Kind::ColumnDoubled => {
            let column = random.random_range(0..header.len());
            let name = &header[column];
            made.row = Some(1);
            made.column = Some(name.clone());
            made.words.push(name.clone());
            match made.kind {
                Kind::ColumnRenamed => {
                    let other = misspelt(name, random);
                    made.words.push(other.clone());
                    cells.0[0][column] = other;
                }
                Kind::ColumnDoubled => {
                    made.column = None;
                    for row in &mut cells.0 {
                        let cell = row.get(column).cloned().unwrap_or_default();
                        row.push(cell);
                    }
                }
                _ => {
                    // what stood in it may be missed elsewhere
                    made.words.extend(
                        cells.0[1..]
                            .iter()
                            .filter_map(|row| row.get(column))
                            .cloned(),
                    );
                    made.words.retain(|word| !word.is_empty());
                    cells
                        .0
                        .iter_mut()
                        .filter(|row| row.len() > column)
                        .for_each(|row| drop(row.remove(column)));
                }
            }
        }
        Kind::IdMisspelt => {
            let (row, column) = cell(&|name, text| is_id_column(name) && !text.is_empty(), random)?;
            let other = misspelt(&cells.0[row][column], random);
            made.words.push(other.clone());
            cells.0[row][column] = other;
        }
        Kind::WordMisspelt => {
            let (row, column) = cell(&|name, text| is_word(name) && !text.is_empty(), random)?;
            cells.0[row][column] = misspelt(&cells.0[row][column], random);
        }
        Kind::FormulaBroken => {
            let (row, column) = cell(&|name, text| is_formula(name) && !text.is_empty(), random)?;
            let text = &cells.0[row][column];
            let broken = [
                "(#",
                "# +",
                "# x",
                "# ** 2",
                "#)",
                "2 * / #",
                "sin(#, 1, 2)",
                "siin(#)",
                "#[0]",
                "# = 1",
                "#; 1",
            ];
            cells.0[row][column] = broken.choose(random)?.replace('#', text);
        }
        Kind::FormulaChanged => {
            let letter = |text: &str| text.starts_with(|c: char| c.is_ascii_alphabetic());
            let (row, column) = cell(&|name, text| is_formula(name) && letter(text), random)?;
            let text = cells.0[row][column].clone();
            let end = text
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(text.len());
            let other = misspelt(&text[..end], random);
            made.words.extend([text[..end].to_owned(), other.clone()]);
            cells.0[row][column] = other + &text[end..];
        }
        Kind::NumberIsNan => {
            let (row, column) = cell(&number, random)?;
            cells.0[row][column] = ["NaN", "nan"].choose(random)?.to_string();
        }
        Kind::NumberIsInfinite => {
            let (row, column) = cell(&number, random)?;
            cells.0[row][column] = ["inf", "-inf", "1e999"].choose(random)?.to_string();
        }
        Kind::NumberIsText => {
            let (row, column) = cell(&number, random)?;
            let text = [
                "#,5", "#abc", "# 1", "ten", "#%", "0x1F", "--#", "1e", "12:30",
            ]
            .choose(random)?;
            cells.0[row][column] = text.replace('#', &cells.0[row][column]);
        }
        Kind::CellEmptied => {
            let (row, column) = cell(&filled, random)?;
            cells.0[row][column].clear();
        }
        Kind::CellShifted => {
            let (row, column) = cell(&filled, random)?;
            made.column = None;
            made.words
                .extend(cells.0[row].iter().filter(|c| !c.is_empty()).cloned());
            cells.0[row].insert(column, String::new());
        }
        Kind::CellQuoted => {
            let (row, column) = cell(&filled, random)?;
            cells.0[row][column] = format!("\"{}\"", cells.0[row][column]);
        }
        Kind::QuoteOpened => {
            let (row, column) = cell(&filled, random)?;
            made.column = None;
            cells.0[row][column].insert(0, '"');
        }
        Kind::TabsAppended => {
            let count = random.random_range(1..4);
            return Some(cells.text().replace('\n', &("\t".repeat(count) + "\n")));
        }
        Kind::ByteOrderMark => return Some(format!("\u{feff}{}", cells.text())),
        Kind::CarriageReturns => return Some(cells.text().replace('\n', "\r\n")),
        Kind::FileEmpty => {
            made.words.extend(
                cells.0[1..]
                    .iter()
                    .flatten()
                    .filter(|c| !c.is_empty())
                    .cloned(),
            );
            return Some(match random.random_range(0..3) {
                0 => String::new(),
                1 => "\n\n".to_owned(),
                _ => header.join("\t") + "\n",
            });
        }
        _ => unreachable!("the other kinds change whole files"),
    }
    Some(cells.text())
}
