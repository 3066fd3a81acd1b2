//! Speed of holobiont beside other programs, at equal error; `run` in this folder calls the commands in their order.
//!
//! `prepare WORK`, `holobiont WORK`, `diffsol WORK` (each with `--quick`), `report WORK PICTURES TABLE`.
mod folder;
mod measure;
mod ours;
mod pictures;
mod problems;
mod report;
mod with_diffsol;

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let quick = arguments.iter().any(|a| a == "--quick");
    let words: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .filter(|a| *a != "--quick")
        .collect();
    match words[..] {
        ["prepare", work] => folder::prepare(Path::new(work)),
        ["holobiont", work] => {
            let work = Path::new(work);
            measure::save(&work.join("holobiont.csv"), &ours::measure(work, quick)?)
        }
        ["diffsol", work] => {
            let work = Path::new(work);
            measure::save(&work.join("diffsol.csv"), &with_diffsol::measure(work, quick)?)
        }
        ["report", work, pictures, table] => {
            report::write(Path::new(work), Path::new(pictures), Path::new(table))
        }
        _ => Err("holobiont-peers prepare|holobiont|diffsol WORK [--quick], or report WORK PICTURES TABLE".into()),
    }
}
