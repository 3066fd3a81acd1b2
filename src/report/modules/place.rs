//! Where boxes stand, with their texts and inputs.
use super::{graph::Graph, order::Order};
use crate::report::layout::{BOLD, shortened, width};

/// Sizes of texts.
pub const TITLE: f64 = 13.0;
pub const STATE: f64 = 11.0;
pub const TAG: f64 = 10.5;
/// Heights of lines.
pub const LINE: f64 = 14.0;
pub const TAG_LINE: f64 = 19.0;
/// Room between the frame of a box and its text.
pub const PAD: f64 = 7.0;
/// Room around the picture.
const MARGIN: f64 = 8.0;
/// So much wider may a box be for its title.
const WIDER: f64 = 90.0;
/// Boxes above each other keep this distance, so that edges between them can be seen.
const GAP: f64 = 48.0;

/// A box with its texts and, at its bottom, its inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    /// wrapped lines of states, then of assigned quantities
    pub states: Vec<String>,
    pub assigned: Vec<String>,
    pub note: Option<String>,
    /// places of the tags: left, top, width, in the order of the node
    pub tags: Vec<(f64, f64, f64)>,
}

impl Frame {
    pub fn left(&self) -> f64 {
        self.x - self.width / 2.0
    }
    pub fn right(&self) -> f64 {
        self.x + self.width / 2.0
    }
    pub fn up(&self) -> f64 {
        self.y - self.height / 2.0
    }
    pub fn down(&self) -> f64 {
        self.y + self.height / 2.0
    }

    fn move_by(&mut self, dx: f64, dy: f64) {
        self.x += dx;
        self.y += dy;
        for tag in &mut self.tags {
            tag.0 += dx;
            tag.1 += dy;
        }
    }
}

/// The whole picture without edges.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    pub width: f64,
    pub height: f64,
    /// centre of the ellipse
    pub centre: (f64, f64),
    pub boxes: Vec<Frame>,
}

/// Places the boxes around an ellipse in a picture of this width.
pub fn place(graph: &Graph, order: &Order, total: f64, box_width: f64) -> Placement {
    let count = graph.nodes.len();
    let mut boxes: Vec<Frame> = (graph.nodes.iter())
        .map(|node| fill(node, box_width))
        .collect();
    let widest = boxes.iter().map(|b| b.width).fold(0.0, f64::max);
    let radius = total / 2.0 - MARGIN - widest / 2.0 - 12.0;
    let half = order.upper.max(count.saturating_sub(2 + order.upper));
    // a flat ellipse for few boxes; more boxes on a half need room above each other
    let rise = match half {
        0 => 0.0,
        1 | 2 => 0.42 * radius,
        _ => (110.0 + 42.0 * half as f64).max(0.55 * radius),
    };
    let mut angles = vec![0.0; count];
    for (place, node) in order.around.iter().enumerate() {
        angles[*node] = angle(place, order.upper, count);
    }
    for (frame, angle) in boxes.iter_mut().zip(&angles) {
        let x = total / 2.0 - spread(angle.cos()) * radius;
        frame.move_by(x, -angle.sin() * rise);
    }
    part(&mut boxes, &angles);
    let top = boxes.iter().map(|b| b.up()).fold(f64::INFINITY, f64::min);
    for one in &mut boxes {
        one.move_by(0.0, MARGIN - top);
    }
    let bottom = boxes.iter().map(|b| b.down()).fold(0.0, f64::max);
    Placement {
        width: total,
        height: bottom + MARGIN,
        centre: (total / 2.0, MARGIN - top),
        boxes,
    }
}

/// Boxes near the ends stand a little further out than on an ellipse.
fn spread(cosine: f64) -> f64 {
    cosine.signum() * cosine.abs().powf(0.9)
}

/// The angle of a place: 0 at the left end, a quarter turn at the top.
fn angle(place: usize, upper: usize, count: usize) -> f64 {
    use std::f64::consts::PI;
    let lower = count.saturating_sub(2 + upper);
    match place {
        0 => 0.0,
        p if p <= upper => PI * p as f64 / (upper + 1) as f64,
        p if p == upper + 1 => PI,
        p => PI + PI * (p - upper - 1) as f64 / (lower + 1) as f64,
    }
}

/// Moves boxes that touch apart: those of the upper half up, of the lower half down.
fn part(boxes: &mut [Frame], angles: &[f64]) {
    for _ in 0..40 {
        let mut moved = false;
        for i in 0..boxes.len() {
            for j in 0..boxes.len() {
                let (a, b) = (&boxes[i], &boxes[j]);
                let beside = (a.x - b.x).abs() < (a.width + b.width) / 2.0 + 6.0;
                let overlap = a.down().min(b.down()) - a.up().max(b.up()) + GAP;
                if i == j || !beside || overlap <= 0.0 {
                    continue;
                }
                let outer = if angles[i].sin().abs() > angles[j].sin().abs() {
                    i
                } else {
                    j
                };
                let up = angles[outer].sin() >= 0.0;
                boxes[outer].move_by(0.0, if up { -overlap } else { overlap });
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
}

/// A box around 0 with its texts and tags.
fn fill(node: &super::graph::Node, box_width: f64) -> Frame {
    let needed = width(&node.title, TITLE) * BOLD + 2.0 * PAD;
    let box_width = needed.clamp(box_width, box_width + WIDER);
    let room = box_width - 2.0 * PAD;
    let alone = node.states.len() == 1 && node.states[0].0 == node.title;
    let ids = node.states.iter().map(|(id, _)| id.clone());
    let states = match alone {
        true => Vec::new(),
        false => lines(ids, STATE, room),
    };
    let assigned = lines(node.assigned.iter().cloned(), STATE, room);
    let note = match node.inside.len() {
        count if alone || count == 0 => None,
        1 => Some("1 coupling inside".to_owned()),
        n => Some(format!("{n} couplings inside")),
    };
    let rows = states.len() + assigned.len() + usize::from(note.is_some());
    let of_tags = rows_of_tags(node, room);
    let texts = 2.0 * PAD + TITLE + 3.0 + LINE * rows as f64;
    let height = texts + TAG_LINE * of_tags.len() as f64;
    let mut tags = Vec::new();
    for (number, row) in of_tags.iter().enumerate() {
        let all: f64 = row.iter().sum::<f64>() + 4.0 * (row.len() - 1) as f64;
        let top = -height / 2.0 + texts - PAD + 4.0 + TAG_LINE * number as f64;
        let mut left = -all / 2.0;
        for wide in row {
            tags.push((left, top, *wide));
            left += wide + 4.0;
        }
    }
    Frame {
        x: 0.0,
        y: 0.0,
        width: box_width,
        height,
        states,
        assigned,
        note,
        tags,
    }
}

/// The title of a box, cut where it does not fit.
pub fn title(text: &str, frame: &Frame) -> String {
    shortened(text, TITLE * BOLD, frame.width - 2.0 * PAD + 1.0)
}

/// What a tag says: its sign and its input.
pub fn tag_text(tag: &super::graph::Tag) -> String {
    use super::graph::{Sign, sign};
    let input = tag.input.replace('_', " ");
    match sign(&tag.couplings) {
        Sign::Positive => format!("+ {input}"),
        Sign::Negative => format!("− {input}"),
        Sign::Mixed => format!("± {input}"),
        Sign::Weak | Sign::Unsigned => input,
    }
}

/// Widths of tags, row by row.
fn rows_of_tags(node: &super::graph::Node, room: f64) -> Vec<Vec<f64>> {
    let mut rows: Vec<Vec<f64>> = Vec::new();
    let mut used = f64::INFINITY;
    for tag in &node.tags {
        let wide = width(&tag_text(tag), TAG) * 0.92 + 12.0;
        if used + 4.0 + wide > room {
            rows.push(Vec::new());
            used = 0.0;
        }
        used += wide + 4.0;
        rows.last_mut()
            .expect("a row was begun, nothing is used of none")
            .push(wide);
    }
    rows
}

/// Ids joined by commas in lines that fit.
fn lines(ids: impl Iterator<Item = String>, size: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for id in ids {
        match lines.last_mut() {
            Some(line) if width(line, size) + width(&id, size) + 0.8 * size <= room => {
                line.push_str(", ");
                line.push_str(&id);
            }
            _ => {
                if let Some(line) = lines.last_mut() {
                    line.push(',');
                }
                lines.push(id);
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::{order::order, read::modules};
    use super::*;

    #[test]
    fn boxes_of_the_flagship_do_not_touch_and_hold_their_tags() {
        let model = crate::models::get("gut_ms")
            .expect("a model")
            .expect("sound");
        let graph = modules(&model);
        let placement = place(&graph, &order(&graph), 1080.0, 152.0);
        for (i, a) in placement.boxes.iter().enumerate() {
            assert!(a.left() >= 0.0 && a.right() <= placement.width);
            for b in &placement.boxes[i + 1..] {
                let beside = a.right() < b.left() || b.right() < a.left();
                let above = a.down() < b.up() || b.down() < a.up();
                assert!(beside || above, "two boxes touch");
            }
            for (left, top, wide) in &a.tags {
                assert!(*left >= a.left() && left + wide <= a.right());
                assert!(*top >= a.up() && top + TAG_LINE <= a.down() + PAD);
            }
        }
    }
}
