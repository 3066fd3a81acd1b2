//! The outcome as text, tables and a picture.
use crate::{
    cohort::DAYS,
    interval::Interval,
    outcome::{Found, OTHER_DAYS, Outcome, PLANTED, RATE},
    permutations::binomial_limits,
    tables::{MARKERS, Study},
};
use holobiont::report::{Axis, Bars, Figure, Mark, Panel, Series};
use std::{
    error::Error,
    fmt::{self, Write},
};

/// A file's name and content.
type File = (String, Vec<u8>);

/// What a person reads.
pub fn text(study: &Study, outcome: &Outcome) -> Result<String, fmt::Error> {
    let mut out = String::new();
    let people = study.subjects.len();
    writeln!(
        out,
        "faecal butyrate on zonulin and IL-6 of {people} adults: elasticities d ln(marker)/d ln(butyrate),"
    )?;
    writeln!(out, "estimate +- standard error (95 % interval)")?;
    for note in &study.notes {
        writeln!(out, "  {note}")?;
    }
    for (marker, found) in outcome.found.iter().enumerate() {
        of_marker(&mut out, study, marker, found)?;
    }
    let sum: f64 = outcome
        .found
        .iter()
        .map(|f| f.mixed.minus_two_log_likelihood)
        .sum();
    writeln!(out, "\n-2 ln L of both markers")?;
    for route in &outcome.routes {
        let value = route.minus_two_log_likelihood;
        let value = value.map_or_else(|| "none".to_owned(), |v| format!("{v:.4}"));
        writeln!(out, "  {:20} {value}", route.method.name())?;
    }
    writeln!(out, "  {:20} {sum:.4}", "linear mixed model")?;
    permuted(&mut out, outcome)?;
    writeln!(out)?;
    for (what, holds) in outcome.verdicts() {
        writeln!(out, "{} {what}", if holds { "met    " } else { "NOT MET" })?;
    }
    Ok(out)
}

fn of_marker(out: &mut String, study: &Study, marker: usize, found: &Found) -> fmt::Result {
    let (id, _, name) = MARKERS[marker];
    let readings = study.readings(marker);
    writeln!(
        out,
        "\n{name}: {readings} readings, half-life in the model {}",
        half_life(id)
    )?;
    let mut row = |label: &str, of: Interval, rest: &str| {
        let (low, high) = of.ends();
        let (value, error) = (of.value, of.error);
        writeln!(
            out,
            "  {label:31}{value:8.4} +- {error:.4} ({low:.4} to {high:.4}){rest}"
        )
    };
    let (low, high) = found.profile;
    let profile = format!("; by profile {low:.4} to {high:.4}");
    row("within subjects, ODE", found.population.within, &profile)?;
    let widths = format!("; the ODE's is {:.3} times as wide", found.width_ratio());
    row("within subjects, mixed model", found.mixed.within, &widths)?;
    row("between subjects, ODE", found.population.between, "")?;
    row("between subjects, mixed model", found.mixed.between, "")?;
    for (days, other) in OTHER_DAYS.iter().zip(found.other_days) {
        row(&format!("visits {days} days apart, not {DAYS}"), other, "")?;
    }
    let [ode, mixed] = found.planted;
    let moved = format!(
        "; moved by {:.4}",
        ode.value - found.population.within.value
    );
    row(&format!("{:.2} planted, ODE", PLANTED[marker]), ode, &moved)?;
    let moved = format!("; moved by {:.4}", mixed.value - found.mixed.within.value);
    row(
        &format!("{:.2} planted, mixed model", PLANTED[marker]),
        mixed,
        &moved,
    )?;
    let differences = found.variance_differences();
    for (part, what) in ["between", "within"].iter().enumerate() {
        writeln!(
            out,
            "  {:31}  {:.6} by the ODE, {:.6} by the mixed model ({:+.3} %)",
            format!("variance {what} subjects"),
            found.population.variances[part],
            found.mixed.variances[part],
            100.0 * differences[part]
        )?;
    }
    Ok(())
}

/// As the model says.
fn half_life(id: &str) -> String {
    let text = include_str!("problem/model.toml");
    let key = format!("{id}_turnover = {{ value = ");
    let found = text
        .split(&key)
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next());
    let rate = found.and_then(|number| number.parse::<f64>().ok());
    rate.map_or_else(
        || "unknown".to_owned(),
        |rate| format!("{:.2} d", std::f64::consts::LN_2 / rate),
    )
}

fn permuted(out: &mut String, outcome: &Outcome) -> fmt::Result {
    let count = outcome.permuted.len();
    let (low, high) = binomial_limits(count, RATE);
    writeln!(
        out,
        "\n{count} permutations of subjects: intervals that leave 0 out; {low} to {high} lie within 95 % of chance at {} %",
        100.0 * RATE
    )?;
    for (marker, (_, _, name)) in MARKERS.iter().enumerate() {
        let counts = outcome.counts(marker);
        let share = |n: usize| 100.0 * n as f64 / count as f64;
        writeln!(
            out,
            "  {name:8} ODE {} ({:.1} %), mixed model {} ({:.1} %), elasticities at most {:.3} standard errors apart",
            counts.population,
            share(counts.population),
            counts.mixed,
            share(counts.mixed),
            counts.apart
        )?;
        writeln!(
            out,
            "           {} as far from 0 as the data (p = {:.3}); {} of {} by the mixed model alone leave 0 out ({:.2} %)",
            counts.as_far,
            (counts.as_far + 1) as f64 / (count + 1) as f64,
            counts.longer,
            outcome.mixed.len(),
            100.0 * counts.longer as f64 / outcome.mixed.len() as f64
        )?;
    }
    for failure in &outcome.failures {
        writeln!(out, "  failed: {failure}")?;
    }
    Ok(())
}

/// `negative_control.txt`, `estimates.csv`, `permutations.csv`, `elasticities.svg`.
pub fn files(study: &Study, outcome: &Outcome) -> Result<Vec<File>, Box<dyn Error>> {
    let mut estimates = csv::Writer::from_writer(Vec::new());
    estimates.write_record([
        "marker",
        "quantity",
        "method",
        "estimate",
        "standard_error",
        "lower",
        "upper",
    ])?;
    for (marker, found) in outcome.found.iter().enumerate() {
        for (quantity, method, of) in rows(found) {
            let (low, high) = of.ends();
            let mut record = vec![
                MARKERS[marker].0.to_owned(),
                quantity.to_owned(),
                method.to_owned(),
            ];
            record.extend([of.value, of.error, low, high].map(|v| v.to_string()));
            estimates.write_record(record)?;
        }
        let parts = ["variance_between", "variance_within"].iter().enumerate();
        for (part, quantity) in parts {
            let values = [
                ("ode", found.population.variances),
                ("mixed_model", found.mixed.variances),
            ];
            for (method, variances) in values {
                let value = variances[part].to_string();
                estimates.write_record([
                    MARKERS[marker].0,
                    quantity,
                    method,
                    &value,
                    "",
                    "",
                    "",
                ])?;
            }
        }
    }
    let mut permuted = csv::Writer::from_writer(Vec::new());
    permuted.write_record([
        "permutation",
        "marker",
        "ode",
        "ode_leaves_0_out",
        "mixed_model",
        "mixed_model_leaves_0_out",
    ])?;
    for (number, one) in outcome.permuted.iter().enumerate() {
        for (marker, (id, _, _)) in MARKERS.iter().enumerate() {
            let (own, mixed) = (one.population[marker], one.mixed[marker]);
            permuted.write_record([
                (number + 1).to_string(),
                (*id).to_owned(),
                own.value.to_string(),
                (!own.contains(0.0)).to_string(),
                mixed.value.to_string(),
                (!mixed.contains(0.0)).to_string(),
            ])?;
        }
    }
    Ok(vec![
        ("estimates.csv".into(), estimates.into_inner()?),
        ("permutations.csv".into(), permuted.into_inner()?),
        (
            "elasticities.svg".into(),
            picture(outcome).svg()?.into_bytes(),
        ),
        (
            "negative_control.txt".into(),
            text(study, outcome)?.into_bytes(),
        ),
    ])
}

/// (quantity, method, estimate) of a marker.
fn rows(found: &Found) -> [(&'static str, &'static str, Interval); 6] {
    [
        ("within", "ode", found.population.within),
        ("within", "mixed_model", found.mixed.within),
        ("planted", "ode", found.planted[0]),
        ("planted", "mixed_model", found.planted[1]),
        ("between", "ode", found.population.between),
        ("between", "mixed_model", found.mixed.between),
    ]
}

/// The intervals of both markers beside 0.
fn picture(outcome: &Outcome) -> Figure {
    let panel = |(marker, found): (usize, &Found)| {
        let rows = rows(found);
        let name = |(quantity, method, _): &(&str, &str, Interval)| {
            let method = if *method == "ode" {
                "ODE"
            } else {
                "mixed model"
            };
            match *quantity {
                "planted" => format!("{} planted, {method}", PLANTED[marker]),
                other => format!("{other} subjects, {method}"),
            }
        };
        let points = rows
            .iter()
            .enumerate()
            .map(|(row, (_, _, of))| (of.value, row as f64));
        let mut estimates = Series::new(
            "estimate and 95 % interval",
            0,
            Mark::Circle,
            points.collect(),
        );
        estimates.intervals = rows.iter().map(|(_, _, of)| of.ends()).collect();
        estimates.bars = Bars::Horizontal;
        let ends = vec![(0.0, -0.5), (0.0, rows.len() as f64 - 0.5)];
        Panel {
            title: MARKERS[marker].2.to_owned(),
            x: Axis::of("elasticity to faecal butyrate", None),
            y: Axis {
                categories: rows.iter().map(name).collect(),
                ..Axis::default()
            },
            series: vec![Series::new("no coupling", 1, Mark::Dashed, ends), estimates],
        }
    };
    Figure {
        title: "Negative control: butyrate in stool, markers in blood".to_owned(),
        panels: outcome.found.iter().enumerate().map(panel).collect(),
        ..Figure::default()
    }
}
