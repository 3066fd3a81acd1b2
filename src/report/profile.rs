//! Profile likelihoods as pictures and tables.
use super::{
    axes::short_number,
    draw::DrawError,
    figure::{Axis, AxisScale, Bars, Figure, Mark, Panel, Series, labelled},
    fit::word,
};
use crate::{
    exchange::tables::{TableWriter, number_text},
    fit::{End, Profiled, Profiles, Scale, Verdict},
};

/// Other parameters that are drawn along a profile: those that move most.
const OTHERS: usize = 5;
/// Points of the smooth curve between two points of a profile.
const BETWEEN: usize = 12;

/// The profile of one parameter: the rise of the objective with threshold, estimate and interval; beside it how the other
/// parameters move along it.
///
/// # Panics
/// when the parameter is not among `profiles`' own.
pub fn profile_figure(profiles: &Profiles, one: &Profiled) -> Figure {
    let x = x_axis(one);
    let mut panels = vec![rise_panel(profiles, one, x.clone())];
    panels.extend(others_panel(profiles, one, x));
    Figure {
        title: format!("{}: {}", one.id, verdict_text(profiles, one)),
        columns: Some(panels.len()),
        panel_size: Some((if panels.len() == 1 { 460.0 } else { 340.0 }, 240.0)),
        panels,
    }
}

/// The verdict in words.
pub fn verdict_text(profiles: &Profiles, one: &Profiled) -> String {
    let with = |combination: usize| {
        let members = &profiles.structure.combinations[combination].parameters;
        let others: Vec<&str> = members
            .iter()
            .filter(|id| **id != one.id)
            .map(String::as_str)
            .collect();
        match others.len() {
            0 => "alone".to_owned(),
            1..=4 => format!("with {}", others.join(", ")),
            n => format!("with {} and {} more", others[..3].join(", "), n - 3),
        }
    };
    match one.verdict {
        Verdict::Identified => "identified".to_owned(),
        Verdict::PracticallyNot { lower, upper } => {
            let side = match (lower, upper) {
                (true, true) => "on both sides",
                (true, false) => "downwards",
                _ => "upwards",
            };
            format!("practically not identifiable, {side}")
        }
        Verdict::StructurallyNot { combination } => {
            format!("structurally not identifiable, {}", with(combination))
        }
        Verdict::ByPriorAlone { combination } => {
            format!("told by priors alone, {}", with(combination))
        }
        Verdict::Undecided => "undecided".to_owned(),
    }
}

/// The interval in words: "0.2 to 0.7", "above 0.2", "none".
pub(super) fn interval_text(one: &Profiled) -> String {
    match one.interval {
        (Some(low), Some(high)) => format!("{} to {}", short_number(low), short_number(high)),
        (Some(low), None) => format!("above {}", short_number(low)),
        (None, Some(high)) => format!("below {}", short_number(high)),
        (None, None) => "none".to_owned(),
    }
}

fn x_axis(one: &Profiled) -> Axis {
    let (scale, words) = match one.scale {
        Scale::Linear => (AxisScale::Linear, "linear scale"),
        Scale::Log => (AxisScale::Log, "log scale"),
        Scale::Log10 => (AxisScale::Log, "log10 scale"),
        Scale::Logit => (AxisScale::Linear, "logit scale"),
    };
    let points = &one.profile.points;
    let (first, last) = (points[0].value, points[points.len() - 1].value);
    let range = if scale == AxisScale::Log {
        let room = (last / first).powf(0.04);
        (first / room, last * room)
    } else {
        let room = 0.04 * (last - first);
        (first - room, last + room)
    };
    Axis {
        label: format!("{}, {words}", labelled(&one.id, one.unit.as_deref())),
        scale,
        range: Some(range),
        ..Axis::default()
    }
}

fn rise_panel(profiles: &Profiles, one: &Profiled, x: Axis) -> Panel {
    let points = &one.profile.points;
    let threshold = profiles.threshold;
    let highest = points.iter().map(|p| p.rise).fold(0.0, f64::max);
    let lowest = points.iter().map(|p| p.rise).fold(0.0, f64::min);
    let top = highest.clamp(1.15 * threshold, 1.6 * threshold);
    let bottom = lowest - 0.04 * (top - lowest);
    let (left, right) = x.range.expect("was set");
    let percent = number_text((profiles.level * 1e4).round() / 100.0);
    let mut series = Vec::new();
    if one.interval != (None, None) {
        let (low, high) = (
            one.interval.0.unwrap_or(left),
            one.interval.1.unwrap_or(right),
        );
        let mut band = Series::new(
            format!("{percent} % interval"),
            2,
            Mark::None,
            vec![(low, bottom), (high, bottom)],
        );
        band.intervals = vec![(bottom, top); 2];
        band.bars = Bars::Band;
        series.push(band);
    }
    series.push(Series::new(
        format!("threshold, {}", short_number(threshold)),
        6,
        Mark::Dashed,
        vec![(left, threshold), (right, threshold)],
    ));
    let upright = |at: f64| vec![(at, bottom), (at, top)];
    series.push(Series::new(
        "estimate",
        1,
        Mark::Line,
        upright(one.estimate),
    ));
    let within = |b: &f64| (left..=right).contains(b);
    for bound in [one.bounds.0, one.bounds.1]
        .into_iter()
        .flatten()
        .filter(within)
    {
        // black in the third pattern of the palette: dotted
        series.push(Series::new("bound", 20, Mark::Line, upright(bound)));
    }
    series.push(Series::new("", 0, Mark::Line, curve(one)));
    let at = |p: &crate::fit::ProfilePoint| (p.value, p.rise);
    let (held, free): (Vec<_>, Vec<_>) = points.iter().partition(|p| !p.held.is_empty());
    for (name, mark, which) in [
        ("profile", Mark::Circle, free),
        ("profile, another parameter at its bound", Mark::Open, held),
    ] {
        if !which.is_empty() {
            series.push(Series::new(
                name,
                0,
                mark,
                which.into_iter().map(at).collect(),
            ));
        }
    }
    Panel {
        title: format!("{percent} % interval: {}", interval_text(one)),
        x,
        y: Axis {
            label: "−ln p above the best".to_owned(),
            range: Some((bottom, top)),
            ..Axis::default()
        },
        series,
    }
}

/// Cubics through the points with the profile's own slopes, cut so that they do not swing between the points (Fritsch and
/// Carlson 1980, doi:10.1137/0717021), as natural value and rise.
fn curve(one: &Profiled) -> Vec<(f64, f64)> {
    let mut line = Vec::new();
    for pair in one.profile.points.windows(2) {
        let (a, b) = (&pair[0], &pair[1]);
        let width = b.search - a.search;
        let secant = b.rise - a.rise;
        let cut = |slope: f64| {
            let own = slope * width;
            if own * secant <= 0.0 {
                0.0
            } else {
                own.signum() * own.abs().min(3.0 * secant.abs())
            }
        };
        let (s0, s1) = (cut(a.slope), cut(b.slope));
        for k in 0..BETWEEN {
            let t = k as f64 / BETWEEN as f64;
            let u = 1.0 - t;
            let rise = u * u * ((1.0 + 2.0 * t) * a.rise + t * s0)
                + t * t * ((3.0 - 2.0 * t) * b.rise - u * s1);
            line.push((one.scale.natural(a.search + t * width).value, rise));
        }
    }
    line.extend(one.profile.points.last().map(|p| (p.value, p.rise)));
    line
}

/// Search entries of the other parameters, those that move most along the profile within the interval first.
pub(super) fn movers(one: &Profiled) -> Vec<(usize, f64)> {
    let points = &one.profile.points;
    let own = one.profile.entry;
    let count = points.first().map_or(0, |p| p.x.len());
    let mut moved: Vec<(usize, f64)> = (0..count)
        .filter(|entry| *entry != own)
        .map(|entry| {
            let values = || points.iter().map(|p| p.x[entry]);
            let low = values().fold(f64::INFINITY, f64::min);
            (entry, values().fold(f64::NEG_INFINITY, f64::max) - low)
        })
        .collect();
    moved.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    moved.truncate(OTHERS);
    moved
}

fn others_panel(profiles: &Profiles, one: &Profiled, x: Axis) -> Option<Panel> {
    let movers = movers(one);
    if movers.is_empty() {
        return None;
    }
    let best = &profiles.best.search.0;
    let series = movers
        .iter()
        .enumerate()
        .map(|(k, (entry, _))| {
            let points = (one.profile.points.iter())
                .map(|p| (p.value, p.x[*entry] - best[*entry]))
                .collect();
            // the colours that the profile leaves over, the first of them once more in broken lines
            let colour = [3, 4, 5, 6, 10][k % OTHERS];
            Series::new(profiles.entries[*entry].clone(), colour, Mark::Line, points)
        })
        .collect();
    Some(Panel {
        title: "the others that move most".to_owned(),
        x,
        y: Axis::of("change on the search scale", None),
        series,
    })
}

/// What a side's end is, in a word for tables.
pub(super) fn end_word(end: &End) -> &'static str {
    match end {
        End::Crossed { limited: false, .. } => "crossed",
        End::Crossed { limited: true, .. } => "crossed by bounds of others",
        End::Bound { .. } => "bound",
        End::Points { .. } => "most points",
        End::Infeasible { .. } => "infeasible",
        End::Unconverged { .. } => "unconverged",
    }
}

impl Profiles {
    /// Everything as (file name, content): `profiles.tsv`, `intervals.tsv`, `profile_ID.svg` for every parameter and
    /// `profile.json`.
    ///
    /// # Errors
    /// When a picture cannot be drawn.
    pub fn files(&self) -> Result<Vec<(String, Vec<u8>)>, DrawError> {
        let mut files = vec![
            ("profiles.tsv".to_owned(), self.points_table().into_bytes()),
            (
                "intervals.tsv".to_owned(),
                self.intervals_table().into_bytes(),
            ),
        ];
        for one in &self.parameters {
            let name = format!("profile_{}.svg", one.id);
            files.push((name, profile_figure(self, one).svg()?.into_bytes()));
        }
        let json =
            serde_json::to_string_pretty(self).expect("numbers and names can be written as JSON");
        files.push(("profile.json".to_owned(), (json + "\n").into_bytes()));
        Ok(files)
    }

    fn points_table(&self) -> String {
        let columns = [
            "parameterId",
            "scale",
            "search",
            "value",
            "objective",
            "rise",
            "atBounds",
            "iterations",
        ];
        let mut writer = TableWriter::tsv(&columns);
        for one in &self.parameters {
            for point in &one.profile.points {
                let held: Vec<&str> = (point.held.iter())
                    .map(|entry| self.entries[*entry].as_str())
                    .collect();
                writer.row([
                    one.id.clone(),
                    word(&one.scale),
                    number_text(point.search),
                    number_text(point.value),
                    number_text(self.best.objective + point.rise),
                    number_text(point.rise),
                    held.join(";"),
                    point.iterations.to_string(),
                ]);
            }
        }
        writer.finish()
    }

    fn intervals_table(&self) -> String {
        let columns = [
            "parameterId",
            "unit",
            "scale",
            "estimate",
            "level",
            "lower",
            "upper",
            "lowerEnd",
            "upperEnd",
            "lowerBound",
            "upperBound",
            "verdict",
            "combination",
        ];
        let cell = |value: Option<f64>| value.map_or_else(String::new, number_text);
        let mut writer = TableWriter::tsv(&columns);
        for one in &self.parameters {
            let combination = self.structure.combination_of(&one.id);
            writer.row([
                one.id.clone(),
                one.unit.clone().unwrap_or_default(),
                word(&one.scale),
                number_text(one.estimate),
                number_text(self.level),
                cell(one.interval.0),
                cell(one.interval.1),
                end_word(&one.profile.lower).to_owned(),
                end_word(&one.profile.upper).to_owned(),
                cell(one.bounds.0),
                cell(one.bounds.1),
                verdict_word(one.verdict).to_owned(),
                combination.map_or_else(String::new, |k| {
                    self.structure.combinations[k].parameters.join(";")
                }),
            ]);
        }
        writer.finish()
    }
}

/// The verdict in a word for tables.
pub fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Identified => "identified",
        Verdict::PracticallyNot {
            lower: true,
            upper: true,
        } => "practically not: both sides",
        Verdict::PracticallyNot { lower: true, .. } => "practically not: lower side",
        Verdict::PracticallyNot { .. } => "practically not: upper side",
        Verdict::StructurallyNot { .. } => "structurally not",
        Verdict::ByPriorAlone { .. } => "priors alone",
        Verdict::Undecided => "undecided",
    }
}
