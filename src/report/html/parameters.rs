//! Parameters: shared ones with intervals, sources and flags; those of single subjects and fixed ones folded.
use super::{
    figures::Figures,
    text::{count, source, unit},
};
use crate::{
    exchange::model::Model,
    fit::{Bound, Estimate, Parameter, Prior, Scale},
    network,
    report::{axes::short_number, contents::Report, draw::DrawError, pictures::parameters},
};
use maud::{Markup, html};

pub(super) fn section(report: &Report, figures: &mut Figures) -> Result<Markup, DrawError> {
    let table = &report.problem.parameters;
    let estimated = table.estimated();
    let is_own = |entry: usize| report.own.binary_search(&entry).is_ok();
    let rows_of = |own: bool| -> Vec<usize> {
        let entries = (0..estimated.len()).filter(|&entry| is_own(entry) == own);
        entries.map(|entry| estimated[entry]).collect()
    };
    let (shared, own) = (rows_of(false), rows_of(true));
    let fixed: Vec<usize> = (0..table.rows.len())
        .filter(|&i| !table.rows[i].estimate)
        .collect();
    let mut interval_figure = |id: &str, of_subjects: bool| -> Result<Option<Markup>, DrawError> {
        let estimates = report.estimates(|entry| is_own(entry) == of_subjects);
        if estimates.is_empty() {
            return Ok(None);
        }
        let label = format!(
            "Estimates of {} parameters with 95 % intervals",
            estimates.len()
        );
        let caption = html! {
            "Estimates with 95\u{a0}% confidence intervals" @if of_subjects { " of parameters of single subjects" }
            "; parameters of one unit share an axis. Intervals are symmetric on the scale of the search and cut at the bounds."
            @if report.options.truth.is_some() { " Crosses: the values that made the virtual data." }
        };
        figures
            .add(id, &parameters("", &estimates), &label, caption)
            .map(Some)
    };
    let shared_figure = interval_figure("parameters-shared", false)?;
    let own_figure = interval_figure("parameters-subjects", true)?;
    let heading = if report.fit.is_some() {
        "Estimated, shared by subjects"
    } else {
        "Would be estimated, shared by subjects"
    };
    Ok(html! {
        @if !shared.is_empty() {
            h3 { (heading) }
            (rows(report, &shared))
            @if let Some(figure) = &shared_figure { (figure) }
        }
        @if !own.is_empty() {
            h3 { "Of single subjects" }
            (stems(report, &own))
            details {
                summary { "All " (count(own.len(), "parameter")) " of single subjects" }
                (rows(report, &own))
                @if let Some(figure) = &own_figure { (figure) }
            }
        }
        @if !fixed.is_empty() {
            details {
                summary { (count(fixed.len(), "fixed parameter")) }
                (rows(report, &fixed))
            }
        }
    })
}

/// One row a parameter; `which` are rows of the parameter table. Columns that would be empty are left out.
fn rows(report: &Report, which: &[usize]) -> Markup {
    let model = report.options.sources.and_then(|s| s.model.as_ref());
    let table = &report.problem.parameters.rows;
    let any = |has: &dyn Fn(usize) -> bool| which.iter().any(|&i| has(i));
    let interval = any(&|i| estimate(report, i).is_some());
    let truth = any(&|i| report.truth_of(&table[i].id).is_some());
    let searched = any(&|i| table[i].estimate);
    let prior = any(&|i| table[i].estimate && table[i].prior.is_some());
    let sourced = any(&|i| evidence(model, &table[i].id).is_some());
    let flagged =
        any(&|i| estimate(report, i).is_some_and(|e| e.at_bound.is_some() || !e.determined));
    html! {
        div.table { table {
            thead { tr {
                th { "parameter" } th.n { "value" }
                @if interval { th.n { "95\u{a0}% interval" } }
                @if flagged { th { "flags" } }
                @if truth { th.n { "truth" } }
                th { "unit" }
                @if searched { th { "scale" } th.n { "bounds" } }
                @if prior { th { "prior" } }
                @if sourced { th { "source" } th { "evidence" } }
            } }
            tbody {
                @for &i in which {
                    @let row = &table[i];
                    @let found = estimate(report, i);
                    tr {
                        td { code { (row.id) } @if let Some(name) = &row.name { span.name { (name) } } }
                        td.n { (short_number(report.natural.0[i])) }
                        @if interval {
                            td.n { @if let Some((low, high)) = found.and_then(|e| e.interval) {
                                (short_number(low)) " to " (short_number(high))
                            } @else { "none" } }
                        }
                        @if flagged { td { (flags(found)) } }
                        @if truth { td.n { @if let Some(truth) = report.truth_of(&row.id) { (short_number(truth)) } } }
                        td { (unit(row.unit.as_deref())) }
                        @if searched {
                            td { @if row.estimate { (scale(row.scale)) } }
                            td.n { @if row.estimate { (bounds(row)) } }
                        }
                        @if prior { td { @if let Some(prior) = row.prior.as_ref().filter(|_| row.estimate) { (prior_text(prior)) } } }
                        @if sourced {
                            @if let Some(parameter) = evidence(model, &row.id) {
                                td { (source(parameter.source.as_deref().unwrap_or(""))) }
                                td { (parameter.evidence.map_or("", |e| e.word())) }
                            } @else { td {} td {} }
                        }
                    }
                }
            }
        } }
    }
}

/// The parameter of the model of this id, where it says where its number comes from.
fn evidence<'a>(model: Option<&'a Model>, id: &str) -> Option<&'a network::Parameter> {
    let all = model?.network.all_parameters();
    let (_, parameter) = all.iter().find(|(known, _)| known == id)?;
    (parameter.source.is_some() || parameter.evidence.is_some()).then_some(parameter)
}

fn estimate<'a>(report: &'a Report, row: usize) -> Option<&'a Estimate> {
    let id = &report.problem.parameters.rows[row].id;
    report
        .fit?
        .uncertainty
        .estimates
        .iter()
        .find(|e| e.id == *id)
}

fn flags(estimate: Option<&Estimate>) -> Markup {
    let bound = match estimate.and_then(|e| e.at_bound) {
        Some(Bound::Lower) => "at lower bound",
        Some(Bound::Upper) => "at upper bound",
        None => "",
    };
    let loose = estimate.is_some_and(|e| !e.determined);
    html! {
        @if !bound.is_empty() { span.flag { (bound) } " " }
        @if loose { span.flag { "not identified" } }
    }
}

/// Parameters of single subjects, by the name that is left when what follows the last underscore is cut off.
fn stems(report: &Report, which: &[usize]) -> Markup {
    let mut stems: Vec<(&str, Vec<usize>)> = Vec::new();
    for &i in which {
        let id = &report.problem.parameters.rows[i].id;
        let stem = id.rsplit_once('_').map_or(id.as_str(), |(stem, _)| stem);
        match stems.iter_mut().find(|(known, _)| *known == stem) {
            Some((_, members)) => members.push(i),
            None => stems.push((stem, vec![i])),
        }
    }
    html! {
        div.table { table {
            caption { "Parameters that reach one subject each, by name without what follows the last underscore." }
            thead { tr {
                th { "parameters" } th.n { "number" } th.n { "median" } th.n { "range" } th { "unit" }
                th.n { "at a bound" } th.n { "not identified" }
            } }
            tbody {
                @for (stem, members) in &stems {
                    @let values = sorted(members.iter().map(|&i| report.natural.0[i]));
                    @let flagged = |flag: fn(&Estimate) -> bool| members.iter().filter_map(|&i| estimate(report, i)).filter(|e| flag(e)).count();
                    tr {
                        td { code { (stem) "_…" } }
                        td.n { (members.len()) }
                        td.n { (short_number(values[values.len() / 2])) }
                        td.n { (short_number(values[0])) " to " (short_number(values[values.len() - 1])) }
                        td { (unit(report.problem.parameters.rows[members[0]].unit.as_deref())) }
                        td.n { (flagged(|e| e.at_bound.is_some())) }
                        td.n { (flagged(|e| !e.determined)) }
                    }
                }
            }
        } }
    }
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

pub(super) fn scale(scale: Scale) -> &'static str {
    match scale {
        Scale::Linear => "linear",
        Scale::Log => "log",
        Scale::Log10 => "log10",
        Scale::Logit => "logit",
    }
}

fn bounds(row: &Parameter) -> String {
    format!("{} to {}", short_number(row.lower), short_number(row.upper))
}

/// A prior as PEtab names it, with its parameters.
fn prior_text(prior: &Prior) -> String {
    let (name, parameters) = prior.name_and_parameters();
    let numbers: Vec<String> = parameters.into_iter().map(short_number).collect();
    format!("{name}({})", numbers.join(", "))
}
