//! Work-precision diagrams: CPU time along the error that it buys.
use crate::measure::{GRADIENT, Row, VALUES};
use crate::problems::PROBLEMS;
use crate::report::{curve, variants};
use holobiont::report::{Axis, AxisScale, Figure, Mark, Panel, Series};
use std::error::Error;
use std::fs;
use std::path::Path;

/// Not drawn, for the pictures' sake: the slower of two kinds of matrices, and the slowest method of all.
const LEFT_OUT: [&str; 2] = ["BDF sparse", "TR-BDF2"];

/// Draws one picture a problem and kind of measurement.
pub fn draw(rows: &[Row], folder: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    for problem in PROBLEMS {
        for what in [VALUES, GRADIENT] {
            let mut found = variants(rows, problem.name, what);
            found.retain(|(_, variant)| !LEFT_OUT.contains(variant));
            if found.is_empty() {
                continue;
            }
            let mut series = Vec::new();
            for (colour, (program, variant)) in found.into_iter().enumerate() {
                let points = curve(rows, problem.name, what, program, variant);
                let name = format!("{program} {variant}");
                series.push(Series::new(name, colour, Mark::Line, points.clone()));
                series.push(Series::new("", colour, Mark::Circle, points));
            }
            let log = |label: &str| Axis {
                label: label.into(),
                scale: AxisScale::Log,
                ..Axis::default()
            };
            let (error, title, ending) = match what {
                GRADIENT => (
                    "error of the sensitivities (RMS, scaled)",
                    "with 20 sensitivities",
                    "_gradient",
                ),
                _ => ("error (RMS, scaled)", "values", ""),
            };
            let panel = Panel {
                title: String::new(),
                x: log(error),
                y: log("CPU time per trajectory (ms)"),
                series,
            };
            let figure = Figure {
                title: format!("{}: {title}", problem.title),
                panels: vec![panel],
                columns: Some(1),
                panel_size: Some((460.0, 320.0)),
            };
            fs::write(
                folder.join(format!("{}{ending}.svg", problem.name)),
                small(&figure.svg()?),
            )?;
        }
    }
    Ok(())
}

/// The same picture without attributes that say what holds anyway, the font said once.
fn small(svg: &str) -> String {
    let mut text = svg.replace(" opacity=\"1\"", "");
    text = text
        .replace(" stroke=\"none\"", "")
        .replace(" stroke-width=\"1\"", "");
    let font = text.find(" font-family=\"").and_then(|from| {
        let length = text[from + 14..].find('"')? + 15;
        Some(text[from..from + length].to_string())
    });
    if let Some(font) = font {
        text = text
            .replace(&font, "")
            .replacen("<svg", &format!("<svg{font}"), 1);
    }
    text
}
