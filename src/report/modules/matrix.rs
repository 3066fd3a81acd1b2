//! Effects of many states on each other as a matrix of dots, where lines could not be followed.
use super::{
    draw::{effect, open},
    graph::{Coupling, Graph},
    line::{NEGATIVE, POSITIVE},
};
use crate::report::{layout::shortened, layout::width, model::escape};

const CELL: f64 = 30.0;
const TEXT: f64 = 12.0;
const MOST_LABEL: f64 = 330.0;
/// Height of the heads of the columns.
const HEAD: f64 = 46.0;
const MARGIN: f64 = 8.0;

/// Rows are acted upon, columns act; the area of a dot is the share of what acts on the row.
pub fn matrix(graph: &Graph, label: &str) -> String {
    let count = graph.nodes.len();
    let label_of = |number: usize| format!("{}  {}", number + 1, graph.nodes[number].title);
    let widest = (0..count).map(|n| width(&label_of(n), TEXT));
    let labels = widest.fold(0.0, f64::max).min(MOST_LABEL) + 10.0;
    let side = CELL * count as f64;
    let total = (2.0 * MARGIN + labels + side).max(560.0);
    let (left, top) = (MARGIN + labels, MARGIN + HEAD);
    let mut out = open(total, top + side + 64.0, label);
    let mut text = |x: f64, y: f64, anchor: &str, content: &str| {
        out += &format!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{TEXT}\" text-anchor=\"{anchor}\" fill=\"#1a1d21\">{}</text>\n",
            escape(content)
        );
    };
    text(
        left,
        MARGIN + 14.0,
        "start",
        "this state acts on those at the left:",
    );
    for number in 0..count {
        let middle = (number as f64 + 0.5) * CELL;
        let own = shortened(&label_of(number), TEXT, labels - 8.0);
        text(left - 8.0, top + middle + 4.0, "end", &own);
        let number = (number + 1).to_string();
        text(left + middle, top - 8.0, "middle", &number);
    }
    for number in 0..=count {
        let at = number as f64 * CELL;
        out += &format!(
            "<path d=\"M{left:.1} {y:.1}h{side:.1}M{x:.1} {top:.1}v{side:.1}\" stroke=\"#d9dde2\"/>\n",
            y = top + at,
            x = left + at
        );
    }
    let place = |id: &str| graph.nodes.iter().position(|node| node.title == id);
    let between = graph.bundles.iter().flat_map(|bundle| &bundle.couplings);
    let inside = graph.nodes.iter().flat_map(|node| &node.inside);
    for coupling in between.chain(inside) {
        if let (Some(from), Some(to)) = (place(&coupling.source), place(&coupling.target)) {
            let x = left + (from as f64 + 0.5) * CELL;
            let y = top + (to as f64 + 0.5) * CELL;
            out += &dot(x, y, coupling);
        }
    }
    out + &legend(MARGIN, top + side + 26.0) + "</svg>\n"
}

fn radius(share: f64) -> f64 {
    (0.46 * CELL * share.abs().sqrt()).max(1.0)
}

fn dot(x: f64, y: f64, coupling: &Coupling) -> String {
    let share = coupling.strength.map_or(0.0, |strength| strength.value);
    format!(
        "<g><title>{}</title>{}</g>\n",
        escape(&effect(coupling)),
        mark(x, y, share)
    )
}

/// A full dot speeds up, a ring slows down: told apart without colour.
fn mark(x: f64, y: f64, share: f64) -> String {
    let radius = radius(share);
    match share > 0.0 {
        true => {
            format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" fill=\"{POSITIVE}\"/>")
        }
        false => format!(
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{:.1}\" fill=\"#fff\" stroke=\"{NEGATIVE}\" stroke-width=\"{:.1}\"/>",
            0.8 * radius,
            0.4 * radius
        ),
    }
}

fn legend(left: f64, y: f64) -> String {
    let mut out = String::new();
    let mut x = left;
    for (share, text) in [
        (0.3, "speeds up"),
        (-0.3, "slows down"),
        (0.02, "share of what acts on the state 0.02"),
        (0.2, "0.2"),
        (0.8, "0.8"),
    ] {
        out += &mark(x + 14.0, y, share);
        out += &format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"11.5\" fill=\"#1a1d21\">{text}</text>\n",
            x + 32.0,
            y + 4.0
        );
        x += 32.0 + width(text, 11.5) * 0.92 + 18.0;
    }
    out
}
