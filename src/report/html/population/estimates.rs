//! Estimates with their errors, random effects with their shrinkage, distinct optima, fixed parameters.
use crate::{
    population::Level,
    report::{
        axes::short_number,
        draw::DrawError,
        html::{
            figures::Figures,
            text::{count, decimal, unit},
        },
        pictures::parameters,
        population::PopulationReport,
    },
};
use maud::{Markup, html};

pub(super) fn section(
    report: &PopulationReport,
    figures: &mut Figures,
) -> Result<Markup, DrawError> {
    let fit = report.fit;
    let label = format!(
        "Estimates of {} with 95 % intervals",
        count(fit.estimates.len(), "parameter")
    );
    let caption = html! {
        "Estimates with 95\u{a0}% intervals from the observed information; parameters of one unit share an axis. Intervals are symmetric on the scale of the search and cut at the bounds."
        @if report.options.truth.is_some() { " Crosses: the values that made the virtual data." }
    };
    let picture = parameters("", &report.estimates());
    Ok(html! {
        (table(report))
        (figures.add("parameters", &picture, &label, caption)?)
        @if !fit.effects.is_empty() { h3 { "Random effects" } (effects(report)) }
        @if fit.modes.len() > 1 { h3 { "Distinct optima" } (optima(report)) }
        @if !fit.fixed.is_empty() {
            details {
                summary { (count(fit.fixed.len(), "fixed parameter")) }
                div.table { table {
                    thead { tr { th { "parameter" } th.n { "value" } } }
                    tbody { @for (id, value) in &fit.fixed {
                        tr { td { code { (id) } } td.n { (short_number(*value)) } }
                    } }
                } }
            }
        }
    })
}

/// A number, or a word where there is none.
fn or_none(value: Option<f64>) -> String {
    value.map_or_else(|| "none".to_owned(), short_number)
}

fn table(report: &PopulationReport) -> Markup {
    let boundary = |id: &str| {
        let table = &report.problem.problem.parameters.rows;
        let effects = report.problem.effects.iter().zip(&report.fit.effects);
        effects.filter(|(_, e)| e.boundary).any(|(known, _)| {
            matches!(known.standard_deviation, crate::population::Coefficient::Row(row) if table[row].id == id)
        })
    };
    let truth = report.options.truth.is_some();
    let units = report.fit.estimates.iter().any(|e| e.unit.is_some());
    let flagged = report
        .fit
        .estimates
        .iter()
        .any(|e| e.at_bound || boundary(&e.id));
    html! {
        div.table { table {
            caption {
                "Standard error and relative standard error (RSE) are those of the value, to first order, from the observed information. On the right the standard errors on the scale of the search by three routes: observed information (differences of the exact gradient), the information of the linearised model, and the sandwich of observed information and squared scores of the individuals. Where they differ much, the model or its approximation is in doubt."
            }
            thead { tr {
                th { "parameter" } th.n { "value" } th.n { "SE" } th.n { "RSE" } th.n { "95\u{a0}% interval" }
                @if flagged { th { "flags" } }
                @if truth { th.n { "truth" } }
                @if units { th { "unit" } }
                th.n { "observed" } th.n { "linearised" } th.n { "sandwich" }
            } }
            tbody {
                @for e in &report.fit.estimates {
                    tr {
                        td { code { (e.id) } }
                        td.n { (short_number(e.value)) }
                        td.n { (or_none(e.natural_standard_error)) }
                        td.n {
                            @match e.natural_standard_error.map(|s| 100.0 * s / e.value.abs()).filter(|p| p.is_finite()) {
                                Some(percent) => { (format!("{percent:.1}\u{a0}%")) }
                                None => { "none" }
                            }
                        }
                        td.n { @match e.interval {
                            Some((low, high)) => { (short_number(low)) " to " (short_number(high)) }
                            None => { "none" }
                        } }
                        @if flagged { td {
                            @if boundary(&e.id) { span.flag { "boundary variance" } }
                            @else if e.at_bound { span.flag { "at a bound" } }
                        } }
                        @if truth { td.n { @if let Some(truth) = report.truth_of(&e.id) { (short_number(truth)) } } }
                        @if units { td { (unit(e.unit.as_deref())) } }
                        td.n { (or_none(e.standard_error)) }
                        td.n { (or_none(e.linearised)) }
                        td.n { (or_none(e.sandwich)) }
                    }
                }
            }
        } }
    }
}

fn effects(report: &PopulationReport) -> Markup {
    let known = report.problem.effects.iter().zip(&report.fit.effects);
    let rows = &report.problem.problem.parameters.rows;
    let boundary = report.fit.effects.iter().any(|e| e.boundary);
    html! {
        div.table { table {
            caption { "Shrinkage is 1 − (standard deviation of the modes)/(standard deviation of the effect): near 1 the readings say little about individuals, and plots of modes mislead." }
            thead { tr {
                th { "effect" } th { "parameter" } th { "varies between" } th { "scale" }
                th.n { "standard deviation" } th.n { "shrinkage" } @if boundary { th { "flags" } }
            } }
            tbody {
                @for (model, effect) in known {
                    @let of = report.problem.parameters.iter().find(|p| p.typical == model.typical);
                    tr {
                        td { code { (effect.id) } }
                        td { code { (rows[model.typical].id) } }
                        td { (match effect.level { Level::Individual => "individuals", Level::Occasion => "occasions" }) }
                        td { (of.map_or("", |p| p.transform.name())) }
                        td.n { (short_number(effect.standard_deviation)) }
                        td.n { @match effect.shrinkage {
                            Some(s) => { (format!("{:.0}\u{a0}%", (100.0 * s).round() + 0.0).replace('-', "−")) }
                            None => { "none" }
                        } }
                        @if boundary { td { @if effect.boundary { span.flag { "boundary" } } } }
                    }
                }
            }
        } }
    }
}

fn optima(report: &PopulationReport) -> Markup {
    let modes = &report.fit.modes;
    let best = modes.first().map_or(f64::NAN, |m| m.0);
    html! {
        div.table { table {
            caption { "Ends of searches that differ from each other, best first." }
            thead { tr {
                th.n { "−2 ln L" } th.n { "above the best" }
                @for e in &report.fit.estimates { th.n { code { (e.id) } } }
            } }
            tbody { @for (value, at) in modes {
                tr {
                    td.n { (decimal(*value)) } td.n { (decimal(value - best)) }
                    @for v in at { td.n { (short_number(*v)) } }
                }
            } }
        } }
    }
}
