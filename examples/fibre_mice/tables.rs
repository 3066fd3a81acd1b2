//! The tables of a fibre study: `samples.csv`, `load.csv`, `scfa.csv` and `absolute_genus.csv` of one folder, checked.
//!
//! | table | columns |
//! |---|---|
//! | `samples.csv` | `sample`, `mouse`, `vendor`, `day`, `diet` |
//! | `load.csv` | `sample`, `copies`: all 16S copies |
//! | `scfa.csv` | `sample`, `Acetate`, `Propionate`, `Butyrate`, further acids (not used); a sample may be missing |
//! | `absolute_genus.csv` | `sample`, copies of one genus a column |
//!
//! Zero and negative readings lie below what the assay tells and count as such; a reading that is not a number is an error.
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    error::Error,
    fmt,
    path::{Path, PathBuf},
};

/// The diets that the model knows, as the tables write them.
pub const DIETS: [&str; 3] = ["Control", "Resistant starch", "Inulin"];
/// The acids that are followed, as the tables write them.
pub const ACIDS: [&str; 3] = ["Acetate", "Propionate", "Butyrate"];

/// What a sample read.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// day of the study; the diet changes on day 0
    pub day: u32,
    /// all 16S copies
    pub load: Option<f64>,
    /// acetate, propionate, butyrate
    pub acids: Option<[f64; 3]>,
    /// copies of each genus, in the order of [`Study::genera`]
    pub genera: Option<Vec<f64>>,
}

/// One mouse and its samples in the order of days.
#[derive(Clone, Debug)]
pub struct Mouse {
    /// id
    pub id: String,
    /// where it was bred
    pub vendor: String,
    /// index in [`DIETS`]
    pub diet: usize,
    /// its samples
    pub samples: Vec<Sample>,
}

impl Mouse {
    /// The sample of day 0.
    pub fn start(&self) -> &Sample {
        &self.samples[0]
    }
}

/// A folder that was read.
#[derive(Clone, Debug)]
pub struct Study {
    /// names of the genera
    pub genera: Vec<String>,
    /// mice in the order of their ids
    pub mice: Vec<Mouse>,
    /// what was taken in another way than it stands, for the report
    pub notes: Vec<String>,
}

/// Everything that is wrong with a folder.
#[derive(Debug)]
pub struct StudyErrors(pub Vec<String>);

impl fmt::Display for StudyErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.join("\n"))
    }
}
impl Error for StudyErrors {}

/// Which rows are opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Days {
    /// day 0 alone
    First,
    /// all
    All,
}

/// A table as text, with its place in messages.
struct Table {
    file: PathBuf,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

struct Reader {
    folder: PathBuf,
    errors: Vec<String>,
    notes: Vec<String>,
}

impl Reader {
    fn table(&mut self, name: &str, needed: &[&str]) -> Option<Table> {
        let file = self.folder.join(name);
        let read = || -> Result<Table, csv::Error> {
            let mut reader = csv::Reader::from_path(&file)?;
            let header = reader.headers()?.iter().map(str::to_string).collect();
            let rows = reader.records();
            let rows =
                rows.map(|row| Ok(row?.iter().map(|cell| cell.trim().to_string()).collect()));
            Ok(Table {
                file: file.clone(),
                header,
                rows: rows.collect::<Result<_, csv::Error>>()?,
            })
        };
        let table = match read() {
            Ok(table) => table,
            Err(error) => {
                self.errors.push(format!("{}: {error}", file.display()));
                return None;
            }
        };
        let mut complete = true;
        for column in needed {
            if !table.header.iter().any(|name| name == column) {
                self.errors
                    .push(format!("{}: no column `{column}`", file.display()));
                complete = false;
            }
        }
        for (position, column) in table.header.iter().enumerate() {
            if table.header[..position].contains(column) {
                let file = file.display();
                self.errors
                    .push(format!("{file}: the column `{column}` stands twice"));
                complete = false;
            }
        }
        complete.then_some(table)
    }

    fn wrong(&mut self, table: &Table, row: usize, column: &str, what: String) {
        let file = table.file.display();
        self.errors.push(format!(
            "{file}: row {}, column `{column}`: {what}",
            row + 2
        ));
    }

    /// A finite number; what is negative is told once a table.
    fn number(&mut self, table: &Table, row: usize, column: usize) -> Option<f64> {
        let text = &table.rows[row][column];
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Some(value),
            _ => {
                let what = format!(
                    "`{text}` is not a finite number; leave the whole row out where there is no reading"
                );
                self.wrong(table, row, &table.header[column].clone(), what);
                None
            }
        }
    }
}

impl Table {
    fn column(&self, name: &str) -> usize {
        let found = self.header.iter().position(|column| column == name);
        found.expect("needed columns were looked for when the table was read")
    }
}

/// Where a sample belongs: position of its mouse and of itself among the mouse's.
type Owners = HashMap<String, (String, u32)>;

/// Reads a folder. With [`Days::First`] no reading after day 0 is looked at.
///
/// # Errors
/// All that is found: files, columns, numbers, diets that are not known, samples that are not listed or come twice, days repeated for
/// a mouse, mice without day 0.
pub fn read(folder: &Path, days: Days) -> Result<Study, StudyErrors> {
    let mut reader = Reader {
        folder: folder.to_path_buf(),
        errors: Vec::new(),
        notes: Vec::new(),
    };
    let mut mice = BTreeMap::new();
    let owners = read_samples(&mut reader, days, &mut mice);
    let load = reader.table("load.csv", &["sample", "copies"]);
    let scfa = reader.table("scfa.csv", &["sample", ACIDS[0], ACIDS[1], ACIDS[2]]);
    let genus = reader.table("absolute_genus.csv", &["sample"]);
    let genera: Vec<String> = genus.as_ref().map_or(Vec::new(), |t| {
        t.header
            .iter()
            .filter(|c| *c != "sample")
            .cloned()
            .collect()
    });
    if let (Some(owners), Some(load), Some(scfa), Some(genus)) = (&owners, load, scfa, genus) {
        attach(
            &mut reader,
            &load,
            owners,
            days,
            &mut mice,
            &["copies".to_string()],
            |sample, v| sample.load = Some(v[0]),
        );
        let acids = ACIDS.map(str::to_string);
        attach(
            &mut reader,
            &scfa,
            owners,
            days,
            &mut mice,
            &acids,
            |sample, v| sample.acids = Some([v[0], v[1], v[2]]),
        );
        attach(
            &mut reader,
            &genus,
            owners,
            days,
            &mut mice,
            &genera,
            |sample, v| sample.genera = Some(v),
        );
        for (id, mouse) in &mice {
            for sample in &mouse.samples {
                let missing = [
                    ("load.csv", sample.load.is_none()),
                    ("absolute_genus.csv", sample.genera.is_none()),
                ];
                for (file, _) in missing.iter().filter(|(_, missing)| *missing) {
                    let path = reader.folder.join(file);
                    reader.errors.push(format!(
                        "{}: mouse `{id}`, day {}: the sample of `samples.csv` has no row here",
                        path.display(),
                        sample.day
                    ));
                }
            }
        }
    }
    if reader.errors.is_empty() && mice.is_empty() {
        reader.errors.push(format!(
            "{}: no samples",
            folder.join("samples.csv").display()
        ));
    }
    if !reader.errors.is_empty() {
        return Err(StudyErrors(reader.errors));
    }
    Ok(Study {
        genera,
        mice: mice.into_values().collect(),
        notes: reader.notes,
    })
}

fn read_samples(
    reader: &mut Reader,
    days: Days,
    mice: &mut BTreeMap<String, Mouse>,
) -> Option<Owners> {
    let table = reader.table("samples.csv", &["sample", "mouse", "vendor", "day", "diet"])?;
    let [sample, mouse, vendor, day, diet] =
        ["sample", "mouse", "vendor", "day", "diet"].map(|c| table.column(c));
    let mut owners = Owners::new();
    for row in 0..table.rows.len() {
        let cells = table.rows[row].clone();
        let Ok(number) = cells[day].parse::<u32>() else {
            reader.wrong(
                &table,
                row,
                "day",
                format!("`{}` is not a whole number of days from 0 on", cells[day]),
            );
            continue;
        };
        let Some(diet) = DIETS.iter().position(|known| *known == cells[diet]) else {
            let what = format!(
                "the model does not know the diet `{}`; it knows {}",
                cells[diet],
                DIETS.join(", ")
            );
            reader.wrong(&table, row, "diet", what);
            continue;
        };
        if owners
            .insert(cells[sample].clone(), (cells[mouse].clone(), number))
            .is_some()
        {
            reader.wrong(
                &table,
                row,
                "sample",
                format!("`{}` stands twice", cells[sample]),
            );
            continue;
        }
        let entry = mice.entry(cells[mouse].clone()).or_insert_with(|| Mouse {
            id: cells[mouse].clone(),
            vendor: cells[vendor].clone(),
            diet,
            samples: Vec::new(),
        });
        if entry.diet != diet || entry.vendor != cells[vendor] {
            let what = format!(
                "mouse `{}` has another diet or vendor in an earlier row",
                cells[mouse]
            );
            reader.wrong(&table, row, "mouse", what);
        }
        if entry.samples.iter().any(|s| s.day == number) {
            reader.wrong(
                &table,
                row,
                "day",
                format!("mouse `{}` has day {number} twice", cells[mouse]),
            );
            continue;
        }
        entry.samples.push(Sample {
            day: number,
            ..Sample::default()
        });
    }
    for mouse in mice.values_mut() {
        mouse.samples.sort_by_key(|sample| sample.day);
        if mouse.samples.first().is_none_or(|sample| sample.day != 0) {
            let file = table.file.display();
            reader.errors.push(format!(
                "{file}: mouse `{}` has no sample of day 0, from which its community would start; leave the mouse out",
                mouse.id
            ));
        }
        if days == Days::First {
            mouse.samples.truncate(1);
        }
    }
    Some(owners)
}

/// Gives the samples the readings of one table.
fn attach(
    reader: &mut Reader,
    table: &Table,
    owners: &Owners,
    days: Days,
    mice: &mut BTreeMap<String, Mouse>,
    columns: &[String],
    mut give: impl FnMut(&mut Sample, Vec<f64>),
) {
    let key = table.column("sample");
    let columns: Vec<usize> = columns.iter().map(|column| table.column(column)).collect();
    let (mut seen, mut below) = (BTreeSet::new(), 0);
    for row in 0..table.rows.len() {
        let id = table.rows[row][key].clone();
        let Some((mouse, day)) = owners.get(&id) else {
            reader.wrong(
                table,
                row,
                "sample",
                format!("`{id}` does not stand in `samples.csv`"),
            );
            continue;
        };
        if !seen.insert(id.clone()) {
            reader.wrong(table, row, "sample", format!("`{id}` stands twice"));
            continue;
        }
        if days == Days::First && *day != 0 {
            continue;
        }
        let values: Vec<f64> = columns
            .iter()
            .filter_map(|&c| reader.number(table, row, c))
            .collect();
        if values.len() < columns.len() {
            continue;
        }
        below += values.iter().filter(|value| **value < 0.0).count();
        let samples = mice.get_mut(mouse).map(|mouse| &mut mouse.samples);
        if let Some(sample) = samples.and_then(|s| s.iter_mut().find(|s| s.day == *day)) {
            give(sample, values);
        }
    }
    if below > 0 {
        let file = table.file.display();
        reader.notes.push(format!(
            "{file}: {below} negative readings count as below the detection limit"
        ));
    }
}

/// A published response of a taxon to inulin, 1/d.
pub struct InulinResponse {
    /// the taxon, `-` written as `_dash_`
    pub taxon: String,
    /// limits of the 95 % interval
    pub low: f64,
    /// see `low`
    pub high: f64,
    /// median
    pub median: f64,
}

/// Reads the inulin responses of the published regression (doi:10.1038/s41396-022-01253-4); empty if the file is not there.
///
/// # Errors
/// A table that cannot be read.
pub fn published_inulin(file: &Path) -> Result<Vec<InulinResponse>, StudyErrors> {
    if !file.exists() {
        return Ok(Vec::new());
    }
    let mut reader = Reader {
        folder: file.parent().unwrap_or(Path::new("")).to_path_buf(),
        errors: Vec::new(),
        notes: Vec::new(),
    };
    let name = file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let columns = ["Type", "Taxa", "Left", "Right", "Median"];
    let mut found = Vec::new();
    if let Some(table) = reader.table(&name, &columns) {
        let [kind, taxon, low, high, median] = columns.map(|c| table.column(c));
        for row in (0..table.rows.len()).filter(|&row| table.rows[row][kind] == "inulin_response") {
            let numbers = [low, high, median].map(|column| reader.number(&table, row, column));
            if let [Some(low), Some(high), Some(median)] = numbers {
                let taxon = table.rows[row][taxon].clone();
                found.push(InulinResponse {
                    taxon,
                    low,
                    high,
                    median,
                });
            }
        }
    }
    if reader.errors.is_empty() {
        Ok(found)
    } else {
        Err(StudyErrors(reader.errors))
    }
}
