//! A virtual trial: propionate against placebo in relapsing disease, two arms of 200 subjects, three years, on the model `gut_ms`.
//!
//! ```text
//! cargo run --release --example virtual_trial [FOLDER]
//! ```
//!
//! The table of endpoints goes to standard output; tables and pictures go into the folder (`target/virtual_trial` unless given). Who
//! the subjects are stands in `models/gut_ms/population.toml`, the design in `models/gut_ms/trials/propionate.toml`. Nothing here is
//! a result about patients.
use holobiont::exchange::files::write_files;
use holobiont::models;
use holobiont::report::{trial_files, trial_text};
use holobiont::trial::{Design, Options, Population, run};
use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

/// All errors of a file, a line each.
fn lines<E: ToString>(errors: Vec<E>) -> String {
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    texts.join("\n")
}

fn main() -> Result<(), Box<dyn Error>> {
    let given = std::env::args().nth(1);
    let folder = PathBuf::from(given.unwrap_or_else(|| "target/virtual_trial".to_string()));
    let start = Instant::now();

    let model = models::get("gut_ms")
        .ok_or("gut_ms ships")?
        .map_err(lines)?;
    let system = model.network.compile()?;
    let text = models::population("gut_ms").ok_or("its subjects ship")?;
    let population =
        Population::read("population.toml".as_ref(), text, &model, &system).map_err(lines)?;
    let (id, text) = models::trials("gut_ms").first().ok_or("its trial ships")?;
    let file = PathBuf::from(format!("trials/{id}.toml"));
    let design = Design::read(&file, text, &model, &system, &population).map_err(lines)?;

    let options = Options {
        seed: 1,
        ..Options::default()
    };
    let trial = run(&model, &system, &population, &design, &options)?;
    print!("{}", trial_text(&trial));
    write_files(&folder, &trial_files(&trial)?)?;
    println!(
        "{:.0} s; tables and pictures are in {}",
        start.elapsed().as_secs_f64(),
        folder.display()
    );
    Ok(())
}
