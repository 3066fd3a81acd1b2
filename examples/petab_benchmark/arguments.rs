//! What the command line says.
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The options.
#[derive(Debug)]
pub struct Arguments {
    /// a YAML file or a folder
    pub path: PathBuf,
    /// sampled starts of each fit; 0: no fits
    pub starts: usize,
    /// their seed
    pub seed: u64,
    /// where table, starts and picture go
    pub output: Option<PathBuf>,
    /// names of problems; empty: all
    pub only: Vec<String>,
    /// relative tolerance
    pub rtol: f64,
    /// absolute tolerance
    pub atol: f64,
    /// relative and absolute tolerance of the searches; the best end is refined by those above
    pub fit_tolerances: (f64, f64),
    /// most iterations of a search
    pub iterations: u64,
    /// further searches of each start, from points some way off its end
    pub hops: u32,
    /// the same of the best start, when all have ended
    pub best_hops: u32,
    /// the nominal values are a start too
    pub nominal: bool,
    /// argmin's L-BFGS in place of the trust region
    pub lbfgs: bool,
    /// threads of the fits
    pub threads: usize,
    /// folder of start points, NAME.tsv: one column a parameter, on the parameter scale
    pub points: Option<PathBuf>,
    /// file for the figures at nominal
    pub json: Option<PathBuf>,
}

impl Arguments {
    /// Reads them, or says what is wrong.
    pub fn read(words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut words = words;
        let mut found = Arguments {
            path: PathBuf::new(),
            starts: 20,
            seed: 1,
            output: None,
            only: Vec::new(),
            rtol: 1e-8,
            atol: 1e-8,
            fit_tolerances: (1e-6, 1e-8),
            iterations: 200,
            hops: 3,
            best_hops: 20,
            nominal: false,
            lbfgs: false,
            threads: 1,
            points: None,
            json: None,
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
            let number = |text: String| text.parse().map_err(|_| format!("`{text}` is no number"));
            match word.as_str() {
                "--starts" => found.starts = number(value()?)? as usize,
                "--seed" => found.seed = number(value()?)? as u64,
                "--iterations" => found.iterations = number(value()?)? as u64,
                "--hops" => found.hops = number(value()?)? as u32,
                "--best-hops" => found.best_hops = number(value()?)? as u32,
                "--nominal" => found.nominal = true,
                "--threads" => found.threads = (number(value()?)? as usize).max(1),
                "--rtol" => found.rtol = number(value()?)?,
                "--atol" => found.atol = number(value()?)?,
                "--fit-rtol" => found.fit_tolerances.0 = number(value()?)?,
                "--fit-atol" => found.fit_tolerances.1 = number(value()?)?,
                "--output" => found.output = Some(value()?.into()),
                "--points" => found.points = Some(value()?.into()),
                "--json" => found.json = Some(value()?.into()),
                "--only" => found.only = value()?.split(',').map(str::to_owned).collect(),
                "--lbfgs" => found.lbfgs = true,
                option if option.starts_with("--") => {
                    return Err(format!("there is no option {option}"));
                }
                path if found.path.as_os_str().is_empty() => found.path = path.into(),
                other => return Err(format!("one folder at a time, not {other} too")),
            }
        }
        if found.path.as_os_str().is_empty() {
            return Err("name a folder of PEtab problems".to_owned());
        }
        Ok(found)
    }

    /// The YAML files of the problems, in the order of their names.
    pub fn problems(&self) -> Result<Vec<PathBuf>, String> {
        let mut files = Vec::new();
        if self.path.is_file() {
            files.push(self.path.clone());
        } else {
            let mut folders = vec![self.path.clone()];
            folders.extend(list(&self.path)?.into_iter().filter(|p| p.is_dir()));
            for folder in folders {
                files.extend(list(&folder)?.into_iter().find(|file| is_problem(file)));
            }
        }
        files.retain(|file| {
            let name = name_of(file);
            self.only.is_empty() || self.only.iter().any(|only| name.starts_with(only.as_str()))
        });
        if files.is_empty() {
            return Err(format!("{}: no PEtab problem there", self.path.display()));
        }
        Ok(files)
    }
}

/// Name of a problem: its file's without the ending.
pub fn name_of(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    paths.sort();
    Ok(paths)
}

fn is_problem(file: &Path) -> bool {
    let yaml = file.extension().is_some_and(|e| e == "yaml" || e == "yml");
    yaml && fs::read_to_string(file).is_ok_and(|text| text.contains("format_version"))
}
