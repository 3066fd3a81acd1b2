//! The legend below the picture: signs, open ranges, widths, counts and inputs, as far as the picture has them.
use super::{
    Picture,
    draw::tag_svg,
    edges::{Edge, head, line_width},
    graph::{Graph, Sign, WEAK, counted, is_open, sign},
    line::line,
    place::TAG_LINE,
};
use crate::report::{axes::short_number, layout::width, model::escape};

const SIZE: f64 = 11.5;
const ROW: f64 = 22.0;
const SAMPLE: f64 = 42.0;

/// A sample and what it means; the sample is drawn at a place.
struct Entry {
    sample: Box<dyn Fn(f64, f64) -> String>,
    room: f64,
    text: String,
}

/// The legend, its upper left corner at 0, and its height, in lines that fit into a width.
pub fn legend(picture: &Picture, room: f64) -> (String, f64) {
    let entries = entries(picture);
    let mut out = String::new();
    let (mut x, mut y) = (0.0, 22.0);
    for entry in &entries {
        let needed = entry.room + 6.0 + width(&entry.text, SIZE) * 0.92 + 20.0;
        if x > 0.0 && x + needed > room {
            x = 0.0;
            y += ROW;
        }
        out += &(entry.sample)(x, y);
        out += &format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"{SIZE}\" fill=\"#1a1d21\">{}</text>\n",
            x + entry.room + 6.0,
            y + 4.0,
            escape(&entry.text)
        );
        x += needed;
    }
    (out, y + 14.0)
}

fn entries(picture: &Picture) -> Vec<Entry> {
    let graph = picture.graph();
    let modules = matches!(picture, Picture::Modules(_));
    let has = |wanted: Sign| (graph.bundles.iter()).any(|b| sign(&b.couplings) == wanted);
    let mut entries = Vec::new();
    let weak = match modules {
        true => format!("weak, all |e| < {}", short_number(WEAK)),
        false => format!("weak, share < {}", short_number(WEAK)),
    };
    for (sign, text) in [
        (Sign::Positive, "speeds up"),
        (Sign::Negative, "slows down"),
        (Sign::Mixed, "speeds up some rates, slows down others"),
        (Sign::Weak, weak.as_str()),
        (
            Sign::Unsigned,
            "read by a formula or moved by a reaction, without elasticity",
        ),
    ] {
        if has(sign) {
            entries.push(sample(sign, false, line_width(0.2), text));
        }
    }
    if graph.bundles.iter().any(|b| is_open(&b.couplings)) {
        let text = "dotted: the ranges of all its elasticities hold both signs";
        entries.push(sample(Sign::Positive, true, line_width(0.2), text));
    }
    let what = match modules {
        true => "sum of |e|",
        false => "share of what acts on the state",
    };
    for value in [0.1, 0.5, 1.5] {
        if graph.is_signed() && (modules || value < 1.0) {
            let text = format!("{what} {}", short_number(value));
            entries.push(sample(Sign::Positive, false, line_width(value), &text));
        }
    }
    entries.extend(marks(graph));
    entries
}

/// Counts and inputs.
fn marks(graph: &Graph) -> Vec<Entry> {
    let mut entries = Vec::new();
    if graph.bundles.iter().any(|b| counted(&b.couplings) > 1) {
        let circle = |x: f64, y: f64| {
            format!(
                "<circle cx=\"{:.1}\" cy=\"{y:.1}\" r=\"7.5\" fill=\"#fff\" stroke=\"#0072b2\"/><text x=\"{:.1}\" y=\"{:.1}\" font-size=\"10\" text-anchor=\"middle\">3</text>",
                x + 8.0,
                x + 8.0,
                y + 3.5
            )
        };
        entries.push(Entry {
            sample: Box::new(circle),
            room: 16.0,
            text: "how many elasticities the line holds".to_owned(),
        });
    }
    if graph.nodes.iter().any(|node| !node.tags.is_empty()) {
        let tag = |x: f64, y: f64| {
            let place = (x, y - TAG_LINE / 2.0 + 2.0, SAMPLE);
            tag_svg("input", place, &[], "input")
        };
        entries.push(Entry {
            sample: Box::new(tag),
            room: SAMPLE,
            text: "drug, diet or other input at the module it acts on".to_owned(),
        });
    }
    if graph.nodes.iter().any(|node| !node.assigned.is_empty()) {
        let italic = |x: f64, y: f64| {
            format!(
                "<text x=\"{x:.1}\" y=\"{:.1}\" font-size=\"{SIZE}\" font-style=\"italic\">italic</text>",
                y + 4.0
            )
        };
        entries.push(Entry {
            sample: Box::new(italic),
            room: 30.0,
            text: "follows from states at once".to_owned(),
        });
    }
    entries
}

fn sample(sign: Sign, open: bool, width: f64, text: &str) -> Entry {
    let draw = move |x: f64, y: f64| {
        let tip = x + SAMPLE;
        let base = tip - head(width);
        let step = (base - x) / 3.0;
        let edge = Edge {
            curve: [(x, y), (x + step, y), (x + 2.0 * step, y), (base, y)],
            tip: (tip, y),
            width,
            count: (0.0, 0.0),
        };
        line(&edge, sign, open)
    };
    Entry {
        sample: Box::new(draw),
        room: SAMPLE,
        text: text.to_owned(),
    }
}
