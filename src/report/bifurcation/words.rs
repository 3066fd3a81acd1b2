//! A bifurcation diagram in words and numbers: the table of all points, and a text for a terminal.
use super::{DiagramReport, FOOTER, four_digits, short_number};
use crate::{
    exchange::tables::{TableWriter, number_text},
    solve::{Branch, BranchPoint, End, PointKind},
};

/// Eight significant digits, as many as the place of a fold has.
fn eight_digits(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e8).contains(&size) {
        return format!("{value:.7e}");
    }
    let power = if size == 0.0 {
        0.0
    } else {
        size.log10().floor()
    };
    format!("{value:.*}", (7.0 - power).max(0.0) as usize)
}

impl DiagramReport<'_> {
    /// All points, tab-separated: curve, point, value, stability, kind, the leading eigenvalue, the quantities.
    pub fn table(&self) -> String {
        let own = [
            "curve",
            "point",
            "value",
            "stable",
            "unstable_directions",
            "kind",
        ];
        let eigenvalue = ["eigenvalue_real", "eigenvalue_imaginary"];
        let quantities = self.quantities.iter().map(|q| q.id.as_str());
        let columns: Vec<&str> = own
            .into_iter()
            .chain(eigenvalue)
            .chain(quantities)
            .collect();
        let mut writer = TableWriter::tsv(&columns);
        for (c, curve) in self.curves.iter().enumerate() {
            for (k, point) in curve.branch.points.iter().enumerate() {
                let stable = if point.is_stable() { "yes" } else { "no" };
                let own = [
                    (c + 1).to_string(),
                    (k + 1).to_string(),
                    number_text(point.value),
                    stable.to_owned(),
                    point.unstable.to_string(),
                    point.kind.word().to_owned(),
                    number_text(point.leading.0),
                    number_text(point.leading.1),
                ];
                let values = curve.values[k].iter().map(|v| number_text(*v));
                writer.row(own.into_iter().chain(values));
            }
        }
        writer.finish()
    }

    /// The curves with their special points, for a terminal.
    pub fn text(&self) -> String {
        let with_unit = |value: f64, unit: &Option<String>| match unit.as_deref() {
            None | Some("1" | "dimensionless") => short_number(value),
            Some(unit) => format!("{} {unit}", short_number(value)),
        };
        let mut out = format!("{}\n\n", self.title);
        for (c, curve) in self.curves.iter().enumerate() {
            let Branch { points, ends, .. } = curve.branch;
            let (first, last) = (&points[0], &points[points.len() - 1]);
            let bound = |point: &BranchPoint| match self.unit.as_deref() {
                None | Some("1" | "dimensionless") => four_digits(point.value),
                Some(unit) => format!("{} {unit}", four_digits(point.value)),
            };
            let course = match ends[0] {
                End::Closed => {
                    let by_value = |a: &&BranchPoint, b: &&BranchPoint| a.value.total_cmp(&b.value);
                    let low = points.iter().min_by(by_value).unwrap_or(first);
                    let high = points.iter().max_by(by_value).unwrap_or(first);
                    format!(
                        "closed, {} between {} and {}",
                        self.value,
                        bound(low),
                        bound(high)
                    )
                }
                _ => format!(
                    "{} from {} ({}) to {} ({})",
                    self.value,
                    bound(first),
                    ends[0],
                    bound(last),
                    ends[1]
                ),
            };
            out += &format!(
                "curve {} ({}): {} points, {course}\n",
                c + 1,
                curve.name,
                points.len()
            );
            let mut any = false;
            for (k, point) in points.iter().enumerate() {
                if matches!(point.kind, PointKind::Regular | PointKind::End) {
                    continue;
                }
                any = true;
                let unit = match self.unit.as_deref() {
                    None | Some("1" | "dimensionless") => String::new(),
                    Some(unit) => format!(" {unit}"),
                };
                out += &format!(
                    "  {:<6} at {}{unit}",
                    point.kind.word(),
                    eight_digits(point.value)
                );
                for (quantity, value) in self.quantities.iter().zip(&curve.values[k]) {
                    out += &format!(", {} {}", quantity.id, with_unit(*value, &quantity.unit));
                }
                out.push('\n');
            }
            if !any {
                out += match points.iter().all(BranchPoint::is_stable) {
                    true => "  stable throughout, without a fold\n",
                    false => "  without a fold\n",
                };
            }
        }
        out + "\n" + FOOTER + "\n"
    }
}
