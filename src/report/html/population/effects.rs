//! Random effects: distributions, pairs, covariates, with tests.
use super::checks::{p, tests};
use crate::report::{
    draw::DrawError,
    html::figures::Figures,
    population::{MOST_EFFECTS, PopulationReport, covariates, distributions, pairs},
};
use maud::{Markup, html};

pub(super) fn section(
    report: &PopulationReport,
    figures: &mut Figures,
) -> Result<Markup, DrawError> {
    let (distributions, pairs, covariates) =
        (distributions(report), pairs(report), covariates(report));
    let mut bodies = Vec::new();
    if !distributions.panels.is_empty() {
        bodies.push(figures.add(
            "effects-figure",
            &distributions,
            "Histograms of the modes of random effects with the normal density of the model",
            html! { "Modes of the random effects and the normal density of the model. Shrinkage makes histograms narrower than the density." },
        )?);
    }
    bodies.push(tests(report, &["effect"]));
    if !pairs.panels.is_empty() {
        bodies.push(figures.add(
            "pairs-figure",
            &pairs,
            "Pairs of random effects beside each other",
            html! {
                "Pairs of effects of individuals: modes, and one draw an individual given its readings."
                @if report.diagnostics.effects.len() > MOST_EFFECTS { " Shown are pairs of the first " (MOST_EFFECTS) " effects; the table has all." }
            },
        )?);
        bodies.push(correlations(report));
    }
    if !covariates.panels.is_empty() {
        bodies.push(figures.add(
            "covariates-figure",
            &covariates,
            "Modes of random effects over covariates",
            html! { "Modes of effects over covariates. A trend over a covariate of the model says that its effect has the wrong form, over another that it may belong into the model." },
        )?);
        bodies.push(covariate_table(report));
    }
    Ok(html! {
        p {
            "Modes are drawn towards 0 where readings say little. One draw an individual from the distribution of its effects given its readings (normal about the mode) is free of that ("
            a href="https://doi.org/10.1007/s11095-016-2020-3" rel="noreferrer" { "Lavielle & Ribba 2016" }
            "): such draws, in standard deviations of the effect, are what is tested here."
        }
        @for body in &bodies { (body) }
    })
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(
        || "none".to_owned(),
        |v| format!("{v:.2}").replace('-', "−"),
    )
}

fn correlations(report: &PopulationReport) -> Markup {
    let effects = &report.diagnostics.effects;
    html! {
        div.table { table {
            caption { "Correlations of effects: in the model, of the modes, of the draws; p of a correlation of the draws as in the model (Fisher's transform), not adjusted for the number of pairs." }
            thead { tr { th { "effects" } th.n { "model" } th.n { "modes" } th.n { "draws" } th.n { "p" } } }
            tbody { @for c in &report.diagnostics.correlations {
                tr {
                    td { code { (effects[c.first].id) } ", " code { (effects[c.second].id) } }
                    td.n { (number(Some(c.model))) } td.n { (number(c.modes)) } td.n { (number(c.drawn)) }
                    td.n { (c.p.map_or_else(|| "none".to_owned(), p)) }
                }
            } }
        } }
    }
}

fn covariate_table(report: &PopulationReport) -> Markup {
    let effects = &report.diagnostics.effects;
    html! {
        div.table { table {
            caption { "Pearson's correlation of modes with covariates, and p of a correlation of 0 (t test), not adjusted for the number of pairs. Shrinkage weakens correlations." }
            thead { tr { th { "covariate" } th { "effect" } th.n { "individuals" } th.n { "correlation" } th.n { "p" } } }
            tbody { @for c in &report.diagnostics.covariates {
                tr {
                    td { code { (c.covariate) } } td { code { (effects[c.effect].id) } } td.n { (c.points.len()) }
                    td.n { (number(c.correlation)) } td.n { (c.p.map_or_else(|| "none".to_owned(), p)) }
                }
            } }
        } }
    }
}
