//! Where everything in a picture stands: widths of texts, margins, legend, frames. In points.
use super::{
    axes::Ticks,
    figure::{Bars, Figure, Panel, Series},
};

/// Sizes of letters.
pub(super) const TEXT: f64 = 11.0;
pub(super) const SMALL: f64 = 10.0;
pub(super) const TITLE: f64 = 14.0;
/// Width of an average letter of these fonts, in font sizes (a little wide, so that nothing touches).
const LETTER: f64 = 0.61;
/// Bold letters are wider.
pub(super) const BOLD: f64 = 1.16;

/// Width of a text in points.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let narrow = |c: char| {
        matches!(
            c,
            'i' | 'l' | 'j' | 't' | 'f' | 'r' | '.' | ',' | '(' | ')' | ' ' | '\'' | '|' | '/'
        )
    };
    let raised = |c: char| matches!(c, '⁰' | '¹' | '²' | '³' | '⁴'..='⁻');
    let letters: f64 = text
        .chars()
        .map(|c| {
            if narrow(c) {
                0.36
            } else if raised(c) {
                0.42
            } else if c.is_uppercase() || matches!(c, 'm' | 'w' | '=' | '−' | '×') {
                0.8
            } else {
                LETTER
            }
        })
        .sum();
    letters * size
}

/// A text cut to a width, with an ellipsis.
pub(super) fn shortened(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut cut: String = text.to_owned();
    while cut.chars().count() > 1 && width(&cut, size) + 0.8 * size > room {
        cut.pop();
    }
    format!("{}…", cut.trim_end())
}

/// A title on one line or two; the second is cut where it does not fit.
pub(super) fn wrapped(text: &str, size: f64, room: f64) -> Vec<String> {
    if width(text, size) <= room {
        return vec![text.to_owned()];
    }
    let breaks = text
        .char_indices()
        .filter(|(_, c)| *c == ' ')
        .map(|(i, _)| i);
    match breaks
        .take_while(|i| width(&text[..*i], size) <= room)
        .last()
    {
        Some(at) => vec![
            text[..at].to_owned(),
            shortened(text[at..].trim_start(), size, room),
        ],
        None => vec![shortened(text, size, room)],
    }
}

/// Where everything stands, in points.
pub(super) struct Layout {
    pub width: f64,
    pub height: f64,
    pub columns: usize,
    /// frame of a panel
    pub frame: (f64, f64),
    /// room left of the frames of each column
    pub left: Vec<f64>,
    /// room around a frame: right, top, bottom
    pub margin: (f64, f64, f64),
    pub top: f64,
    /// titles of the panels, line by line
    pub titles: Vec<Vec<String>>,
    pub legend: Vec<LegendEntry>,
    pub legend_rows: Vec<Vec<usize>>,
    pub ticks: Vec<(Ticks, Ticks)>,
    pub shared_x: bool,
    pub shared_y: bool,
}

/// A line of the legend.
pub(super) struct LegendEntry {
    pub name: String,
    pub series: Series,
}

impl Layout {
    pub fn of(figure: &Figure) -> Self {
        let count = figure.panels.len().max(1);
        let columns = figure.columns.unwrap_or(match count {
            1 => 1,
            2..=4 => 2,
            5..=9 => 3,
            _ => 4,
        });
        let columns = columns.min(count);
        let frame = figure.panel_size.unwrap_or(match columns {
            1 => (480.0, 300.0),
            2 => (300.0, 200.0),
            3 => (220.0, 150.0),
            _ => (180.0, 125.0),
        });
        let ticks: Vec<(Ticks, Ticks)> = figure
            .panels
            .iter()
            .map(|p| panel_ticks(p, frame))
            .collect();
        let shared = |label: &dyn Fn(&Panel) -> &str| {
            figure
                .panels
                .iter()
                .all(|p| label(p) == label(&figure.panels[0]))
        };
        let (shared_x, shared_y) = (shared(&|p| &p.x.label), shared(&|p| &p.y.label));
        // every column has the room that its own texts need
        let widest = |column: usize| {
            let own = ticks.iter().skip(column).step_by(columns);
            own.flat_map(|t| &t.1.major)
                .map(|t| width(&t.1, SMALL))
                .fold(0.0, f64::max)
        };
        let y_label = if figure.panels.iter().any(|p| !p.y.label.is_empty()) {
            18.0
        } else {
            2.0
        };
        // the last text of the horizontal axis may reach beyond the frame
        let overhang = ticks
            .iter()
            .flat_map(|t| t.0.major.last().map(|last| 0.5 * width(&last.1, SMALL)))
            .fold(0.0, f64::max);
        let right = 10.0 + overhang * 0.6;
        let titles: Vec<Vec<String>> = figure
            .panels
            .iter()
            .map(|p| wrapped(&p.title, TEXT * BOLD, frame.0 + right))
            .collect();
        let title_room = match titles.iter().map(Vec::len).max() {
            Some(2) => 34.0,
            _ if figure.panels.iter().any(|p| !p.title.is_empty()) => 20.0,
            _ => 8.0,
        };
        let left: Vec<f64> = (0..columns)
            .map(|column| widest(column) + 8.0 + y_label)
            .collect();
        let margin = (right, title_room, 36.0);
        let cells = left.iter().sum::<f64>() + columns as f64 * (frame.0 + right);
        let width_needed = width(&figure.title, TITLE) * BOLD + 24.0;
        let total = (cells + 12.0).max(width_needed.min(900.0));
        let legend = legend(figure);
        let mut legend_rows: Vec<Vec<usize>> = Vec::new();
        let mut used = f64::INFINITY;
        for (i, entry) in legend.iter().enumerate() {
            let room = 30.0 + width(&entry.name, TEXT) + 14.0;
            if used + room > total - 24.0 {
                legend_rows.push(Vec::new());
                used = 0.0;
            }
            used += room;
            legend_rows.last_mut().expect("a row was pushed").push(i);
        }
        let top =
            if figure.title.is_empty() { 8.0 } else { 32.0 } + legend_rows.len() as f64 * 18.0;
        let rows = count.div_ceil(columns);
        let height = top + rows as f64 * (margin.1 + frame.1 + margin.2) + 6.0;
        Self {
            width: total,
            height,
            columns,
            frame,
            left,
            margin,
            top,
            titles,
            legend,
            legend_rows,
            ticks,
            shared_x,
            shared_y,
        }
    }

    /// Upper left corner of a frame.
    pub fn corner(&self, index: usize) -> (f64, f64) {
        let (column, row) = (index % self.columns, index / self.columns);
        let lefts: f64 = self.left[..=column].iter().sum();
        (
            6.0 + lefts + column as f64 * (self.frame.0 + self.margin.0),
            self.top + row as f64 * (self.margin.1 + self.frame.1 + self.margin.2) + self.margin.1,
        )
    }
}

fn panel_ticks(panel: &Panel, frame: (f64, f64)) -> (Ticks, Ticks) {
    let along = |horizontal: bool| {
        panel.series.iter().flat_map(move |s| {
            let points = s
                .points
                .iter()
                .map(move |p| if horizontal { p.0 } else { p.1 });
            let bars = s
                .intervals
                .iter()
                .flat_map(|i| [i.0, i.1])
                .filter(move |_| (s.bars == Bars::Horizontal) == horizontal);
            points.chain(bars)
        })
    };
    let x = Ticks::of(&panel.x, along(true), (frame.0 / 48.0) as usize);
    let y = Ticks::of(&panel.y, along(false), (frame.1 / 28.0) as usize);
    (x, y)
}

/// Names in the order of their first appearance; a lone name says nothing.
fn legend(figure: &Figure) -> Vec<LegendEntry> {
    let mut entries: Vec<LegendEntry> = Vec::new();
    for series in figure.panels.iter().flat_map(|p| &p.series) {
        if !series.name.is_empty() && !entries.iter().any(|e| e.name == series.name) {
            entries.push(LegendEntry {
                name: series.name.clone(),
                series: series.clone(),
            });
        }
    }
    if entries.len() < 2 {
        Vec::new()
    } else {
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_titles_take_two_lines() {
        let lines = wrapped("undefined genus of Lachnospiraceae", 11.0, 150.0);
        assert_eq!(lines, ["undefined genus of", "Lachnospiraceae"]);
        assert_eq!(wrapped("Blautia", 11.0, 150.0), ["Blautia"]);
    }

    #[test]
    fn long_texts_are_cut_to_their_room() {
        let text = shortened(
            "Clostridium difficile ribotype 027 in the caecum",
            11.0,
            100.0,
        );
        assert!(text.ends_with('…') && width(&text, 11.0) <= 104.0, "{text}");
        assert_eq!(shortened("short", 11.0, 100.0), "short");
    }
}
