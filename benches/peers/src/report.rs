//! Tables at equal error: between the measured tolerances of a program, log(time) is interpolated along log(error).
use crate::measure::{CHECK, FILES, GRADIENT, Row, SPREAD, VALUES, load, save};
use crate::pictures;
use crate::problems::{PROBLEMS, Problem};
use std::error::Error;
use std::path::Path;

/// How much faster than a peer we want to be on the yardstick: what, program, variant, lanes, one subject.
const ASKED: [(&str, &str, &str, f64, f64); 6] = [
    (VALUES, "libRoadRunner", "CVODE", 15.0, 2.0),
    (VALUES, "COPASI", "LSODA", 18.0, f64::NAN),
    (VALUES, "AMICI", "CVODES", 5.0, f64::NAN),
    (VALUES, "diffsol", "BDF", 5.0, f64::NAN),
    (GRADIENT, "AMICI", "simultaneous", 5.0, f64::NAN),
    (GRADIENT, "AMICI", "staggered", 5.0, f64::NAN),
];

/// Largest loss that spread parameters may cost, in per cent.
const ASKED_LOSS: f64 = 20.0;

/// Time at an error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Time {
    /// between two measured tolerances
    Between(f64),
    /// even the loosest tolerance is more exact; its time
    AtMost(f64),
    /// not even the tightest tolerance is that exact
    NotReached,
}

impl Time {
    /// Of (error, ms), from the loosest tolerance to the tightest.
    pub fn at(target: f64, points: &[(f64, f64)]) -> Time {
        match points.first() {
            Some(&(error, ms)) if error <= target => return Time::AtMost(ms),
            _ => {}
        }
        for pair in points.windows(2) {
            let [(e0, t0), (e1, t1)] = [pair[0], pair[1]];
            if e0 > target && e1 <= target {
                let part = (target / e0).ln() / (e1 / e0).ln();
                return Time::Between(t0 * (t1 / t0).powf(part));
            }
        }
        Time::NotReached
    }

    fn ms(self) -> Option<f64> {
        match self {
            Time::Between(ms) | Time::AtMost(ms) => Some(ms),
            Time::NotReached => None,
        }
    }

    fn text(self) -> String {
        match self {
            Time::Between(ms) => digits(ms),
            Time::AtMost(ms) => format!("<= {}", digits(ms)),
            Time::NotReached => "not reached".into(),
        }
    }
}

/// Three digits.
fn digits(x: f64) -> String {
    if !x.is_finite() {
        return String::new();
    }
    let decimals = (2 - x.abs().log10().floor() as i32).clamp(0, 4) as usize;
    format!("{x:.decimals$}")
}

/// The curve of a program's variant: (error, ms) from the loosest tolerance on.
pub fn curve(
    rows: &[Row],
    problem: &str,
    what: &str,
    program: &str,
    variant: &str,
) -> Vec<(f64, f64)> {
    let mut found: Vec<&Row> = rows
        .iter()
        .filter(|r| {
            r.problem == problem && r.what == what && r.program == program && r.variant == variant
        })
        .filter(|r| r.error.is_finite() && r.error > 0.0)
        .collect();
    found.sort_by(|a, b| b.rtol.total_cmp(&a.rtol));
    found.iter().map(|r| (r.error, r.ms)).collect()
}

/// Programs and variants that measured something, in the order of the files.
pub fn variants<'a>(rows: &'a [Row], problem: &str, what: &str) -> Vec<(&'a str, &'a str)> {
    let mut found = Vec::new();
    for row in rows
        .iter()
        .filter(|r| r.problem == problem && r.what == what)
    {
        let pair = (row.program.as_str(), row.variant.as_str());
        if !found.contains(&pair) {
            found.push(pair);
        }
    }
    found
}

/// Prints the tables, writes all rows and the pictures.
pub fn write(work: &Path, pictures: &Path, table: &Path) -> Result<(), Box<dyn Error>> {
    let mut rows = Vec::new();
    for name in FILES {
        let file = work.join(format!("{name}.csv"));
        if file.exists() {
            rows.extend(load(&file)?);
        } else {
            println!("{name} was not measured\n");
        }
    }
    let place = |row: &Row| PROBLEMS.iter().position(|p| p.name == row.problem);
    rows.sort_by_key(place); // stable: programs stay in their order
    save(table, &rows)?;
    for what in [VALUES, GRADIENT] {
        at_equal_error(&rows, what);
    }
    spread(&rows);
    references(&rows);
    pictures::draw(&rows, pictures)
}

/// Prints a table with aligned columns.
fn print(title: &str, head: &[&str], lines: &[Vec<String>]) {
    let head: Vec<String> = head.iter().map(ToString::to_string).collect();
    let width = |c: usize| {
        lines
            .iter()
            .chain([&head])
            .map(|l| l[c].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &[String]| {
        let padded = cells
            .iter()
            .zip(&widths)
            .map(|(cell, w)| format!(" {cell:<w$} |"));
        format!("|{}", padded.collect::<String>())
    };
    println!("{title}\n\n{}", line(&head));
    let rules: Vec<String> = widths.iter().map(|w| "-".repeat(*w)).collect();
    println!("{}", line(&rules));
    for cells in lines {
        println!("{}", line(cells));
    }
    println!();
}

fn at_equal_error(rows: &[Row], what: &str) {
    let mut lines = Vec::new();
    for problem in PROBLEMS {
        let Some(target) = (if what == GRADIENT {
            problem.gradient_target
        } else {
            Some(problem.target)
        }) else {
            continue;
        };
        let time = |program: &str, variant: &str| {
            Time::at(target, &curve(rows, problem.name, what, program, variant))
        };
        // with sensitivities in the error control or without, whatever is faster
        let ours = |word: &str| {
            let both = [
                time("holobiont", word),
                time("holobiont", &format!("{word} controlled")),
            ];
            both.iter().filter_map(|t| t.ms()).fold(f64::NAN, f64::min)
        };
        let (lanes, single) = (ours("lanes"), ours("single"));
        for (program, variant) in variants(rows, problem.name, what) {
            let time = time(program, variant);
            let ratio = |own: f64| time.ms().map_or(String::new(), |ms| digits(ms / own));
            let is_peer = program != "holobiont";
            let (fast, slow) = if is_peer {
                asked(&problem, what, program, variant)
            } else {
                Default::default()
            };
            lines.push(vec![
                problem.name.to_string(),
                format!("{target:.1e}"),
                format!("{program} {variant}"),
                time.text(),
                if is_peer { ratio(lanes) } else { String::new() },
                fast,
                if is_peer {
                    ratio(single)
                } else {
                    String::new()
                },
                slow,
            ]);
        }
    }
    let title = match what {
        GRADIENT => {
            "Values and sensitivities to 20 parameters, at equal error of the sensitivities"
        }
        _ => "Values, at equal error",
    };
    let head = [
        "problem", "error", "program", "ms", "x lanes", "asked", "x single", "asked ",
    ];
    print(title, &head, &lines);
}

/// What is asked of the ratios to our lanes and to our single run.
fn asked(problem: &Problem, what: &str, program: &str, variant: &str) -> (String, String) {
    let text = |x: f64| {
        if x.is_finite() {
            format!(">= {x}")
        } else {
            String::new()
        }
    };
    ASKED
        .iter()
        .find(|a| problem.name.starts_with("gut40") && (a.0, a.1, a.2) == (what, program, variant))
        .map(|a| (text(a.3), text(a.4)))
        .unwrap_or_default()
}

fn spread(rows: &[Row]) {
    let ours = |what: &str, problem: &str, rtol: f64| {
        rows.iter().find(|r| {
            r.program == "holobiont"
                && r.variant == "lanes"
                && r.what == what
                && r.problem == problem
                && r.rtol == rtol
        })
    };
    let mut lines = Vec::new();
    for row in rows.iter().filter(|r| r.what == SPREAD) {
        let Some(equal) = ours(VALUES, &row.problem, row.rtol) else {
            continue;
        };
        let step = |r: &Row| r.ms * 1e3 / r.steps;
        let loss = |spread: f64, equal: f64| format!("{:+.1} %", 100.0 * (spread / equal - 1.0));
        lines.push(vec![
            row.problem.clone(),
            format!("{:e}", row.rtol),
            digits(equal.ms),
            digits(row.ms),
            loss(row.ms, equal.ms),
            digits(equal.steps),
            digits(row.steps),
            digits(step(equal)),
            digits(step(row)),
            loss(step(row), step(equal)),
            format!("< {ASKED_LOSS} %"),
        ]);
    }
    let head = [
        "problem",
        "rtol",
        "ms equal",
        "ms spread",
        "loss",
        "steps equal",
        "steps spread",
        "us a step equal",
        "us a step spread",
        "loss a step",
        "asked",
    ];
    print(
        "holobiont in lanes: equal subjects, and rate parameters spread by 30 % (log-normal)",
        &head,
        &lines,
    );
}

fn references(rows: &[Row]) {
    let lines: Vec<Vec<String>> = rows
        .iter()
        .filter(|r| r.what.starts_with(CHECK))
        .map(|r| {
            let of = if r.what == CHECK {
                "values"
            } else {
                "sensitivities"
            };
            let program = format!("{} {}", r.program, r.variant);
            vec![
                r.problem.clone(),
                of.into(),
                program,
                format!("{:e}", r.rtol),
                format!("{:.1e}", r.error),
            ]
        })
        .collect();
    let head = ["problem", "reference of", "program", "rtol", "difference"];
    print(
        "References against peers at tight tolerances, in the measure of error",
        &head,
        &lines,
    );
}

#[cfg(test)]
mod tests {
    use super::Time;

    #[test]
    fn time_between_two_tolerances_is_interpolated_in_logarithms() {
        let points = [(1e-3, 1.0), (1e-5, 4.0), (1e-7, 16.0)];
        let Time::Between(ms) = Time::at(1e-4, &points) else {
            panic!("1e-4 lies between the first two")
        };
        assert!((ms - 2.0).abs() < 1e-12);
        assert_eq!(Time::at(1e-2, &points), Time::AtMost(1.0));
        assert_eq!(Time::at(1e-8, &points), Time::NotReached);
    }
}
