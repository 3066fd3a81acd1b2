//! Draws a [`Figure`] as a self-contained SVG.
use super::{
    figure::{Bars, Figure, Label, Mark, Panel, Series},
    layout::{BOLD, Layout, SMALL, TEXT, TITLE, shortened, width},
    model::escape,
    thin::thinned,
};
use plotters::{
    backend::SVGBackend,
    coord::Shift,
    drawing::{DrawingArea, IntoDrawingArea},
    element::{Circle, PathElement, Polygon, Rectangle},
    style::{
        Color, FontStyle, FontTransform, IntoFont, RGBColor, ShapeStyle, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

/// A picture that could not be drawn.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("the picture cannot be drawn: {message}")]
pub struct DrawError {
    /// what the drawing library said
    pub message: String,
}

/// Okabe and Ito's colours, safe for colour-blind readers (https://jfly.uni-koeln.de/color/), yellow left out on white.
const PALETTE: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(0, 0, 0),
];
const GREY: RGBColor = RGBColor(110, 110, 110);
const FAINT: RGBColor = RGBColor(228, 228, 228);
const BLACK: RGBColor = RGBColor(20, 20, 20);
const WHITE: RGBColor = RGBColor(255, 255, 255);
/// Drawing units per point of the picture: coordinates of the library are whole numbers.
const FINE: f64 = 8.0;
const FONT: &str = "Helvetica, Arial, 'DejaVu Sans', sans-serif";
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

impl Figure {
    /// The picture as SVG text, complete in itself.
    ///
    /// ```
    /// use holobiont::report::{Axis, Figure, Mark, Panel, Series};
    /// let line = Series::new("x", 0, Mark::Line, vec![(0.0, 1.0), (1.0, 2.0)]);
    /// let panel = Panel { x: Axis::of("time", Some("d")), series: vec![line], ..Panel::default() };
    /// let svg = Figure { title: "Growth".into(), panels: vec![panel], ..Figure::default() }.svg().unwrap();
    /// assert!(svg.starts_with("<svg") && svg.contains("time (d)"));
    /// ```
    pub fn svg(&self) -> Result<String, DrawError> {
        let layout = Layout::of(self);
        let size = ((layout.width * FINE) as u32, (layout.height * FINE) as u32);
        let mut text = String::new();
        {
            let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
            let canvas = Canvas { area: &area };
            canvas.fill_white()?;
            canvas.figure(self, &layout)?;
            area.present().map_err(wrap)?;
        }
        let fine = format!("<svg width=\"{}\" height=\"{}\"", size.0, size.1);
        let plain = format!(
            "<svg role=\"img\" width=\"{:.0}\" height=\"{:.0}\"",
            layout.width, layout.height
        );
        Ok(text.replacen(&fine, &plain, 1))
    }

    /// The picture as SVG to stand within an HTML page: with an id and a label for those who cannot see it, and without what the
    /// page's style says for all pictures.
    pub(super) fn svg_within(&self, id: &str, label: &str) -> Result<String, DrawError> {
        let svg = self.svg()?;
        let head = format!(
            "<svg id=\"{}\" aria-label=\"{}\"",
            escape(id),
            escape(label)
        );
        let font = format!(" font-family=\"{}\"", FONT.replace('\'', "&apos;"));
        Ok(svg
            .replacen("<svg", &head, 1)
            .replacen(" xmlns=\"http://www.w3.org/2000/svg\"", "", 1)
            .replace(&font, "")
            .replace(" opacity=\"1\"", "")
            .replace(" stroke=\"none\"", ""))
    }
}

fn wrap(error: impl std::fmt::Display) -> DrawError {
    DrawError {
        message: error.to_string(),
    }
}

struct Canvas<'a, 'b> {
    area: &'a Area<'b>,
}

impl Canvas<'_, '_> {
    fn fill_white(&self) -> Result<(), DrawError> {
        self.area.fill(&WHITE).map_err(wrap)
    }

    fn line(
        &self,
        points: &[(f64, f64)],
        colour: RGBColor,
        thickness: f64,
    ) -> Result<(), DrawError> {
        let points: Vec<(i32, i32)> = points.iter().map(|p| fine(*p)).collect();
        self.area
            .draw(&PathElement::new(points, stroke(colour, thickness)))
            .map_err(wrap)
    }

    fn text(
        &self,
        text: &str,
        at: (f64, f64),
        size: f64,
        colour: RGBColor,
        pos: Pos,
    ) -> Result<(), DrawError> {
        self.styled(
            text,
            at,
            size,
            colour,
            pos,
            FontStyle::Normal,
            FontTransform::None,
        )
    }

    #[allow(clippy::too_many_arguments)]
    fn styled(
        &self,
        text: &str,
        at: (f64, f64),
        size: f64,
        colour: RGBColor,
        pos: Pos,
        weight: FontStyle,
        turn: FontTransform,
    ) -> Result<(), DrawError> {
        // the backend writes sizes divided by 1.24
        let font = (FONT, size * FINE * 1.24)
            .into_font()
            .style(weight)
            .transform(turn);
        let style = TextStyle::from(font).color(&colour).pos(pos);
        self.area.draw_text(text, &style, fine(at)).map_err(wrap)
    }

    fn figure(&self, figure: &Figure, layout: &Layout) -> Result<(), DrawError> {
        let left = Pos::new(HPos::Left, VPos::Center);
        if !figure.title.is_empty() {
            let title = shortened(&figure.title, TITLE * BOLD, layout.width - 24.0);
            self.styled(
                &title,
                (12.0, 18.0),
                TITLE,
                BLACK,
                left,
                FontStyle::Bold,
                FontTransform::None,
            )?;
        }
        let mut y = if figure.title.is_empty() { 12.0 } else { 38.0 };
        for row in &layout.legend_rows {
            let mut x = 12.0;
            for &i in row {
                let entry = &layout.legend[i];
                self.sample(&entry.series, x, y)?;
                self.text(&entry.name, (x + 28.0, y), TEXT, BLACK, left)?;
                x += 30.0 + width(&entry.name, TEXT) + 14.0;
            }
            y += 18.0;
        }
        for (i, panel) in figure.panels.iter().enumerate() {
            let below = i + layout.columns < figure.panels.len();
            let label_x = !(layout.shared_x && below);
            let label_y = !layout.shared_y || i % layout.columns == 0;
            self.panel(panel, layout, i, label_x, label_y)?;
        }
        Ok(())
    }

    /// The mark of a series in the legend.
    fn sample(&self, series: &Series, x: f64, y: f64) -> Result<(), DrawError> {
        let colour = colour(series.colour);
        match series.mark {
            Mark::Line | Mark::Dashed | Mark::None => {
                if series.bars.is_shaded() && !series.intervals.is_empty() {
                    let corners = [fine((x, y - 5.0)), fine((x + 22.0, y + 5.0))];
                    self.area
                        .draw(&Rectangle::new(corners, fill(series)))
                        .map_err(wrap)?;
                }
                if series.mark == Mark::None {
                    return Ok(());
                }
                self.polyline(&[(x, y), (x + 22.0, y)], series)
            }
            _ => self.mark(series.mark, (x + 11.0, y), colour),
        }
    }

    fn panel(
        &self,
        panel: &Panel,
        layout: &Layout,
        index: usize,
        label_x: bool,
        label_y: bool,
    ) -> Result<(), DrawError> {
        let (left, top) = layout.corner(index);
        let (w, h) = layout.frame;
        let (x_ticks, y_ticks) = &layout.ticks[index];
        let at_x = |v: f64| x_ticks.position(v).map(|p| left + p * w);
        let flipped = !panel.y.categories.is_empty();
        let at_y = |v: f64| {
            y_ticks.position(v).map(|p| {
                if flipped {
                    top + p * h
                } else {
                    top + h - p * h
                }
            })
        };
        let bottom_left = Pos::new(HPos::Left, VPos::Bottom);
        for (i, line) in layout.titles[index].iter().rev().enumerate() {
            let at = (left, top - 5.0 - 14.0 * i as f64);
            self.styled(
                line,
                at,
                TEXT,
                BLACK,
                bottom_left,
                FontStyle::Bold,
                FontTransform::None,
            )?;
        }
        let mut last_end = f64::NEG_INFINITY;
        for (value, text) in &x_ticks.major {
            let Some(x) = at_x(*value) else { continue };
            self.line(&[(x, top), (x, top + h)], FAINT, 0.6)?;
            self.line(&[(x, top + h), (x, top + h + 4.0)], GREY, 0.8)?;
            let half = 0.5 * width(text, SMALL);
            if x - half > last_end + 3.0 {
                self.text(
                    text,
                    (x, top + h + 6.0),
                    SMALL,
                    BLACK,
                    Pos::new(HPos::Center, VPos::Top),
                )?;
                last_end = x + half;
            }
        }
        for (value, text) in y_ticks.major.iter().filter(|t| !t.1.is_empty()) {
            let Some(y) = at_y(*value) else { continue };
            self.line(&[(left, y), (left + w, y)], FAINT, 0.6)?;
            self.line(&[(left - 4.0, y), (left, y)], GREY, 0.8)?;
            self.text(
                text,
                (left - 6.0, y),
                SMALL,
                BLACK,
                Pos::new(HPos::Right, VPos::Center),
            )?;
        }
        for x in x_ticks.minor.iter().filter_map(|v| at_x(*v)) {
            self.line(&[(x, top + h), (x, top + h + 2.2)], GREY, 0.6)?;
        }
        for y in y_ticks.minor.iter().filter_map(|v| at_y(*v)) {
            self.line(&[(left - 2.2, y), (left, y)], GREY, 0.6)?;
        }
        for series in &panel.series {
            self.series(series, &at_x, &at_y, (left, top, w, h))?;
        }
        self.line(
            &[(left, top), (left, top + h), (left + w, top + h)],
            GREY,
            0.9,
        )?;
        if label_x {
            let label = shortened(&panel.x.label, TEXT, w + 30.0);
            self.text(
                &label,
                (left + 0.5 * w, top + h + 20.0),
                TEXT,
                BLACK,
                Pos::new(HPos::Center, VPos::Top),
            )?;
        }
        if label_y && !panel.y.label.is_empty() {
            let label = shortened(&panel.y.label, TEXT, h + 24.0);
            // the backend turns a text about its anchor and drops the vertical alignment
            let at = (
                left - layout.left[index % layout.columns] + 14.0,
                top + 0.5 * h,
            );
            let centre = Pos::new(HPos::Center, VPos::Bottom);
            self.styled(
                &label,
                at,
                TEXT,
                BLACK,
                centre,
                FontStyle::Normal,
                FontTransform::Rotate270,
            )?;
        }
        Ok(())
    }

    fn series(
        &self,
        series: &Series,
        at_x: &dyn Fn(f64) -> Option<f64>,
        at_y: &dyn Fn(f64) -> Option<f64>,
        (left, top, w, h): (f64, f64, f64, f64),
    ) -> Result<(), DrawError> {
        let colour = colour(series.colour);
        let inside = |p: (f64, f64)| {
            p.0 >= left - 0.5 && p.0 <= left + w + 0.5 && p.1 >= top - 0.5 && p.1 <= top + h + 0.5
        };
        let clip_y = |y: f64| y.clamp(top, top + h);
        if series.bars.is_shaded() {
            let mut edges: Vec<[(f64, f64); 2]> = Vec::new();
            for (point, interval) in series.points.iter().zip(&series.intervals) {
                if let (Some(x), Some(high)) = (at_x(point.0), at_y(interval.1)) {
                    let low = at_y(interval.0).unwrap_or(top + h);
                    edges.push([(x, clip_y(low)), (x, clip_y(high))]);
                } else {
                    self.area(&std::mem::take(&mut edges), series)?;
                }
            }
            self.area(&edges, series)?;
        } else {
            for (point, interval) in series.points.iter().zip(&series.intervals) {
                let ends = if series.bars == Bars::Vertical {
                    let (Some(x), Some(high)) = (at_x(point.0), at_y(interval.1)) else {
                        continue;
                    };
                    let low = at_y(interval.0).unwrap_or(top + h);
                    [(x, clip_y(low)), (x, clip_y(high))]
                } else {
                    let (Some(y), Some(high)) = (at_y(point.1), at_x(interval.1)) else {
                        continue;
                    };
                    let low = at_x(interval.0).unwrap_or(left);
                    [
                        (low.clamp(left, left + w), y),
                        (high.clamp(left, left + w), y),
                    ]
                };
                self.line(&ends, colour, 1.6)?;
            }
        }
        let points = series.points.iter().map(|p| Some((at_x(p.0)?, at_y(p.1)?)));
        if matches!(series.mark, Mark::Line | Mark::Dashed) {
            let mut run: Vec<(f64, f64)> = Vec::new();
            for point in points {
                match point {
                    Some(point) => run.push((point.0, clip_y(point.1))),
                    None => self.polyline(&std::mem::take(&mut run), series)?,
                }
            }
            return self.polyline(&run, series);
        }
        for (k, point) in points.enumerate() {
            let Some(point) = point.filter(|p| inside(*p)) else {
                continue;
            };
            self.mark(series.mark, point, colour)?;
            if let Some(label) = series.labels.get(k) {
                self.label(label, point, (left, left + w))?;
            }
        }
        Ok(())
    }

    /// A text beside a mark, on its other side where there is no room on its own.
    fn label(
        &self,
        label: &Label,
        (x, y): (f64, f64),
        (from, to): (f64, f64),
    ) -> Result<(), DrawError> {
        let room = 7.0 + width(&label.text, SMALL);
        let left = match label.left {
            true => x - room > from,
            false => x + room > to,
        };
        let (x, side, corner) = if left {
            (x - 7.0, HPos::Right, x - room)
        } else {
            (x + 7.0, HPos::Left, x + 7.0)
        };
        let corners = [(corner, y - 6.0), (corner + room - 7.0, y + 6.0)].map(fine);
        self.area
            .draw(&Rectangle::new(corners, WHITE.mix(0.8).filled()))
            .map_err(wrap)?;
        self.text(
            &label.text,
            (x, y),
            SMALL,
            BLACK,
            Pos::new(side, VPos::Center),
        )
    }

    /// A band or area between its lower and upper edge.
    fn area(&self, edges: &[[(f64, f64); 2]], series: &Series) -> Result<(), DrawError> {
        if edges.len() < 2 {
            return Ok(());
        }
        let edge = |side: usize| thinned(&edges.iter().map(|e| e[side]).collect::<Vec<_>>());
        let corners: Vec<(i32, i32)> = edge(1)
            .into_iter()
            .chain(edge(0).into_iter().rev())
            .map(fine)
            .collect();
        self.area
            .draw(&Polygon::new(corners, fill(series)))
            .map_err(wrap)
    }

    /// A line in the dash pattern of its series: the palette repeats with other patterns.
    fn polyline(&self, points: &[(f64, f64)], series: &Series) -> Result<(), DrawError> {
        if points.len() < 2 {
            return Ok(());
        }
        let colour = colour(series.colour);
        let pattern: &[f64] = match (series.mark, series.colour / PALETTE.len()) {
            (Mark::Dashed, _) | (_, 1) => &[5.0, 3.0],
            (_, 0) => return self.line(&thinned(points), colour, 1.6),
            (_, 2) => &[1.5, 2.5],
            _ => &[7.0, 2.5, 1.5, 2.5],
        };
        // broken lines of their own right are lines of reference
        let thickness = if series.mark == Mark::Dashed {
            1.0
        } else {
            1.6
        };
        for dash in dashes(points, pattern) {
            self.line(&dash, colour, thickness)?;
        }
        Ok(())
    }

    fn mark(&self, mark: Mark, (x, y): (f64, f64), colour: RGBColor) -> Result<(), DrawError> {
        let centre = fine((x, y));
        let radius = |r: f64| (r * FINE) as i32;
        match mark {
            Mark::Circle => {
                self.area
                    .draw(&Circle::new(centre, radius(3.3), WHITE.filled()))
                    .map_err(wrap)?;
                self.area
                    .draw(&Circle::new(centre, radius(2.7), colour.mix(0.9).filled()))
                    .map_err(wrap)
            }
            Mark::Dot => self
                .area
                .draw(&Circle::new(centre, radius(2.2), colour.mix(0.6).filled()))
                .map_err(wrap),
            Mark::Open => {
                self.area
                    .draw(&Circle::new(centre, radius(3.0), WHITE.filled()))
                    .map_err(wrap)?;
                self.area
                    .draw(&Circle::new(centre, radius(3.0), stroke(colour, 1.2)))
                    .map_err(wrap)
            }
            Mark::Cross => {
                self.line(&[(x - 3.0, y - 3.0), (x + 3.0, y + 3.0)], colour, 1.4)?;
                self.line(&[(x - 3.0, y + 3.0), (x + 3.0, y - 3.0)], colour, 1.4)
            }
            Mark::Down | Mark::Up => {
                let s = if mark == Mark::Down { 1.0 } else { -1.0 };
                let corners = [
                    (x - 3.6, y - 2.4 * s),
                    (x + 3.6, y - 2.4 * s),
                    (x, y + 3.8 * s),
                ];
                let corners: Vec<(i32, i32)> = corners.into_iter().map(fine).collect();
                self.area
                    .draw(&Polygon::new(corners, colour.filled()))
                    .map_err(wrap)
            }
            Mark::Line | Mark::Dashed | Mark::None => Ok(()),
        }
    }
}

fn colour(index: usize) -> RGBColor {
    PALETTE[index % PALETTE.len()]
}

/// How a band or area is filled: areas are opaque, and lighter and darker where the palette repeats.
fn fill(series: &Series) -> ShapeStyle {
    let RGBColor(r, g, b) = colour(series.colour);
    let towards = |end: u8, share: f64| {
        let mix = |c: u8| (f64::from(c) + share * (f64::from(end) - f64::from(c))).round() as u8;
        RGBColor(mix(r), mix(g), mix(b))
    };
    match (series.bars, series.colour / PALETTE.len()) {
        (Bars::Area, 0) => towards(255, 0.12).filled(),
        (Bars::Area, 1) => towards(255, 0.55).filled(),
        (Bars::Area, _) => towards(0, 0.45).filled(),
        (Bars::InnerBand, _) => colour(series.colour).mix(0.4).filled(),
        _ => colour(series.colour).mix(0.2).filled(),
    }
}

fn stroke(colour: RGBColor, thickness: f64) -> ShapeStyle {
    ShapeStyle {
        color: colour.to_rgba(),
        filled: false,
        stroke_width: (thickness * FINE).round() as u32,
    }
}

fn fine((x, y): (f64, f64)) -> (i32, i32) {
    ((x * FINE).round() as i32, (y * FINE).round() as i32)
}

/// Cuts a line into dashes; `pattern` holds lengths, on and off in turn.
fn dashes(points: &[(f64, f64)], pattern: &[f64]) -> Vec<Vec<(f64, f64)>> {
    let mut found = Vec::new();
    let mut current = vec![points[0]];
    let (mut step, mut left) = (0, pattern[0]);
    for pair in points.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        loop {
            let rest = (to.0 - from.0).hypot(to.1 - from.1);
            if rest < left {
                left -= rest;
                current.push(to);
                break;
            }
            let f = if rest > 0.0 { left / rest } else { 1.0 };
            let cut = (from.0 + f * (to.0 - from.0), from.1 + f * (to.1 - from.1));
            current.push(cut);
            if step % 2 == 0 {
                found.push(std::mem::take(&mut current));
            }
            step += 1;
            left = pattern[step % pattern.len()];
            current = vec![cut];
            from = cut;
        }
    }
    if step % 2 == 0 && current.first() != current.last() {
        found.push(current);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_have_the_length_of_the_pattern() {
        let cut = dashes(&[(0.0, 0.0), (10.0, 0.0)], &[3.0, 2.0]);
        assert_eq!(
            cut,
            [vec![(0.0, 0.0), (3.0, 0.0)], vec![(5.0, 0.0), (8.0, 0.0)]]
        );
    }
}
