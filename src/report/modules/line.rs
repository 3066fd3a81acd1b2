//! A line from one box to another with its head, as SVG: colour and head tell the sign, dots an open one.
use super::{
    edges::{Edge, Point, head},
    graph::Sign,
};

/// Okabe and Ito's blue and vermillion, safe for colour-blind readers (https://jfly.uni-koeln.de/color/).
pub const POSITIVE: &str = "#0072b2";
pub const NEGATIVE: &str = "#d55e00";
const MIXED: &str = "#7b4a8c";
const WEAK: &str = "#a7adb5";
const UNSIGNED: &str = "#6b737d";

/// The colour of a sign.
pub fn colour(sign: Sign) -> &'static str {
    match sign {
        Sign::Positive => POSITIVE,
        Sign::Negative => NEGATIVE,
        Sign::Mixed => MIXED,
        Sign::Weak => WEAK,
        Sign::Unsigned => UNSIGNED,
    }
}

/// A line with its head.
pub fn line(edge: &Edge, sign: Sign, open: bool) -> String {
    let [a, b, c, d] = edge.curve;
    let path = format!(
        "M{:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}",
        a.0, a.1, b.0, b.1, c.0, c.1, d.0, d.1
    );
    let width = match sign {
        Sign::Unsigned => 1.1,
        _ => edge.width,
    };
    let stroke = |colour: &str, more: &str| {
        format!(
            "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width:.1}\"{more}/>"
        )
    };
    let dots = format!(
        " stroke-linecap=\"round\" stroke-dasharray=\"0.1 {:.1}\"",
        1.6 * width + 1.6
    );
    let body = match (sign, open) {
        (Sign::Mixed, false) => {
            let halves = " stroke-dasharray=\"9 9\"";
            stroke(POSITIVE, "") + &stroke(NEGATIVE, halves)
        }
        (Sign::Mixed, true) => {
            let step = 1.6 * width + 1.6;
            let second = format!(
                " stroke-linecap=\"round\" stroke-dasharray=\"0.1 {:.1}\" stroke-dashoffset=\"{step:.1}\"",
                2.0 * step
            );
            let first = format!(
                " stroke-linecap=\"round\" stroke-dasharray=\"0.1 {:.1}\"",
                2.0 * step
            );
            stroke(POSITIVE, &first) + &stroke(NEGATIVE, &second)
        }
        (_, true) => stroke(colour(sign), &dots),
        (_, false) => stroke(colour(sign), ""),
    };
    body + &heads(edge, sign)
}

/// An arrow for what speeds up, a bar for what slows down, both for both, an open arrow for what has no sign.
fn heads(edge: &Edge, sign: Sign) -> String {
    let (base, tip) = (edge.curve[3], edge.tip);
    let length = head(edge.width);
    let (ux, uy) = ((tip.0 - base.0) / length, (tip.1 - base.1) / length);
    let half = 3.0 + 0.85 * edge.width;
    let at = |along: f64, side: f64| -> Point {
        (
            tip.0 - along * ux - side * uy,
            tip.1 - along * uy + side * ux,
        )
    };
    let points = |list: &[Point]| -> String {
        let texts = list.iter().map(|(x, y)| format!("{x:.1},{y:.1}"));
        texts.collect::<Vec<_>>().join(" ")
    };
    let arrow = |colour: &str, end: f64| {
        let corners = points(&[at(end, 0.0), at(length, half), at(length, -half)]);
        format!("<polygon points=\"{corners}\" fill=\"{colour}\"/>")
    };
    let bar = |colour: &str| {
        let (a, b, c) = (at(1.2, half + 1.5), at(1.2, -half - 1.5), at(1.2, 0.0));
        let stem = format!("M{:.1} {:.1}L{:.1} {:.1}", base.0, base.1, c.0, c.1);
        format!(
            "<path d=\"M{:.1} {:.1}L{:.1} {:.1}\" stroke=\"{colour}\" stroke-width=\"2.6\"/><path d=\"{stem}\" stroke=\"{colour}\" stroke-width=\"{:.1}\"/>",
            a.0,
            a.1,
            b.0,
            b.1,
            edge.width.min(3.0)
        )
    };
    match sign {
        Sign::Positive => arrow(POSITIVE, 0.0),
        Sign::Negative => bar(NEGATIVE),
        Sign::Mixed => bar(NEGATIVE) + &arrow(POSITIVE, 2.6),
        Sign::Weak => arrow(WEAK, 0.0),
        Sign::Unsigned => format!(
            "<path d=\"M{:.1} {:.1}L{:.1} {:.1}\" stroke=\"{UNSIGNED}\" stroke-width=\"1.1\"/><polyline points=\"{}\" fill=\"none\" stroke=\"{UNSIGNED}\" stroke-width=\"1.2\"/>",
            base.0,
            base.1,
            tip.0,
            tip.1,
            points(&[at(6.0, 3.4), tip, at(6.0, -3.4)])
        ),
    }
}
