//! What a picture shows: panels, axes, series. How it is drawn lives in [`super::draw`].

/// How numbers run along an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AxisScale {
    /// evenly
    #[default]
    Linear,
    /// by powers of ten; numbers that are not positive are left out
    Log,
}

/// One axis of a panel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axis {
    /// quantity and unit, as "time (d)"
    pub label: String,
    /// how numbers run
    pub scale: AxisScale,
    /// from and to; None: as the series need
    pub range: Option<(f64, f64)>,
    /// whether what is counted comes in whole numbers only, so that ticks do too
    pub whole: bool,
    /// names at 0, 1, 2, ... in place of numbers, from top to bottom on a vertical axis
    pub categories: Vec<String>,
}

impl Axis {
    /// A linear axis for a quantity and its unit.
    ///
    /// ```
    /// use holobiont::report::Axis;
    /// assert_eq!(Axis::of("time", Some("d")).label, "time (d)");
    /// assert_eq!(Axis::of("start", None).label, "start");
    /// ```
    pub fn of(quantity: &str, unit: Option<&str>) -> Self {
        Self {
            label: labelled(quantity, unit),
            ..Self::default()
        }
    }
}

/// "quantity (unit)", as people write it.
///
/// ```
/// use holobiont::report::labelled;
/// assert_eq!(labelled("density", Some("1e11*copies/cm^3")), "density (10¹¹ copies/cm³)");
/// assert_eq!(labelled("share", Some("1")), "share");
/// ```
pub fn labelled(quantity: &str, unit: Option<&str>) -> String {
    match unit
        .map(str::trim)
        .filter(|u| !u.is_empty() && *u != "1" && *u != "dimensionless")
    {
        Some(unit) if quantity.is_empty() => unit_text(unit),
        Some(unit) => format!("{quantity} ({})", unit_text(unit)),
        None => quantity.to_owned(),
    }
}

/// A unit with raised exponents and powers of ten.
fn unit_text(unit: &str) -> String {
    let mut out = String::new();
    let mut rest = unit;
    while let Some(c) = rest.chars().next() {
        let digits = |text: &str| {
            text.char_indices()
                .take_while(|(i, c)| c.is_ascii_digit() || (*i == 0 && *c == '-'))
                .count()
        };
        let begins_number = out
            .chars()
            .last()
            .is_none_or(|c| !c.is_alphanumeric() && c != '.');
        if c == '^' && digits(&rest[1..]) > 0 {
            let n = digits(&rest[1..]);
            out.extend(rest[1..1 + n].chars().map(raised));
            rest = &rest[1 + n..];
        } else if begins_number && rest.starts_with("1e") && digits(&rest[2..]) > 0 {
            let n = digits(&rest[2..]);
            out.push_str("10");
            out.extend(rest[2..2 + n].chars().map(raised));
            rest = &rest[2 + n..];
        } else {
            out.push(if c == '*' { ' ' } else { c });
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

/// A digit or minus as superscript.
pub(super) fn raised(c: char) -> char {
    match c {
        '-' => '⁻',
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4'..='9' => char::from_u32('⁴' as u32 + (c as u32 - '4' as u32)).unwrap_or(c),
        _ => c,
    }
}

/// How the points of a series are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// joined by a line
    Line,
    /// joined by a broken line
    Dashed,
    /// nothing: the bars alone
    None,
    /// filled circles
    Circle,
    /// small dots that let each other shine through, for many points
    Dot,
    /// open circles
    Open,
    /// crosses
    Cross,
    /// triangles that point down: the truth lies below
    Down,
    /// triangles that point up: the truth lies above
    Up,
}

/// One series of a panel.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// name in the legend; empty: not in the legend
    pub name: String,
    /// position in the palette
    pub colour: usize,
    /// how points are shown
    pub mark: Mark,
    /// (x, y); a number that is not finite breaks a line
    pub points: Vec<(f64, f64)>,
    /// limits at each point, drawn as bars along `bars`; empty: none
    pub intervals: Vec<(f64, f64)>,
    /// direction of the bars
    pub bars: Bars,
    /// texts beside the marks, one a point; empty: none
    pub labels: Vec<Label>,
}

/// A text beside a mark.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Label {
    /// what it says
    pub text: String,
    /// whether it stands left of the mark and not right
    pub left: bool,
}

/// Direction of the bars of a series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bars {
    /// along y
    #[default]
    Vertical,
    /// along x
    Horizontal,
    /// along y, as one shaded band; a number that is not finite breaks it
    Band,
    /// the same, darker, to stand within another
    InnerBand,
    /// along y, as one filled area; a number that is not finite breaks it
    Area,
}

impl Bars {
    /// Whether the bars are one shape between their ends.
    pub(super) fn is_shaded(self) -> bool {
        matches!(self, Bars::Band | Bars::InnerBand | Bars::Area)
    }
}

impl Series {
    /// A series without bars.
    pub fn new(
        name: impl Into<String>,
        colour: usize,
        mark: Mark,
        points: Vec<(f64, f64)>,
    ) -> Self {
        Self {
            name: name.into(),
            colour,
            mark,
            points,
            intervals: Vec::new(),
            bars: Bars::default(),
            labels: Vec::new(),
        }
    }
}

/// One pair of axes with its series, drawn in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    /// above the panel
    pub title: String,
    /// horizontal axis
    pub x: Axis,
    /// vertical axis
    pub y: Axis,
    /// what is shown
    pub series: Vec<Series>,
}

/// A picture: panels in rows under one title, with one legend.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figure {
    /// above everything
    pub title: String,
    /// from left to right, from top to bottom
    pub panels: Vec<Panel>,
    /// panels in a row; None: as suits their number
    pub columns: Option<usize>,
    /// width and height of one panel's frame; None: as suits their number
    pub panel_size: Option<(f64, f64)>,
}

/// Whether numbers ask for a logarithmic axis: all that matter are positive and span three decades or more.
pub fn wants_log(values: impl IntoIterator<Item = f64>) -> bool {
    let (mut lowest, mut highest, mut count, mut positive) =
        (f64::INFINITY, 0.0_f64, 0_usize, 0_usize);
    for value in values.into_iter().filter(|v| v.is_finite()) {
        count += 1;
        if value < 0.0 {
            return false;
        }
        if value > 0.0 {
            positive += 1;
            lowest = lowest.min(value);
            highest = highest.max(value);
        }
    }
    count > 1 && positive * 2 > count && highest / lowest >= 1e3
}
