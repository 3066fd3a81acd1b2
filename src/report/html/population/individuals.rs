//! Individuals: data and fit as small multiples, and a table of effects, parameters and likelihoods.
use crate::report::{
    axes::short_number,
    draw::DrawError,
    html::{
        figures::{Figures, Paged},
        text::{count, decimal},
    },
    population::{Member, PopulationReport, multiples},
};
use maud::{Markup, html};

/// Panels that stand open, and on one folded page.
const PAGE: usize = 24;
/// Rows of the table that stand open.
const ROWS: usize = 40;

pub(super) fn section(
    report: &PopulationReport,
    figures: &mut Figures,
) -> Result<Markup, DrawError> {
    let shown = &report.diagnostics;
    let percent = 100.0 * shown.options.level;
    let total = report.problem.individuals.len();
    let mut bodies = Vec::new();
    for (endpoint, members) in report.members() {
        if members.is_empty() {
            continue;
        }
        let name = report.endpoint_name(endpoint);
        let paged = Paged {
            id: format!("individuals-{}", endpoint + 1),
            name,
            shown: &members,
            open: PAGE,
            page: PAGE,
        };
        let picture = |part: &[Member]| {
            (
                multiples(report, endpoint, part, &members),
                format!(
                    "{name} over time of {}: readings, predictions and bands",
                    count(part.len(), "individual")
                ),
            )
        };
        let censored = members
            .iter()
            .flat_map(|m| &m.observed.readings)
            .any(|(_, reading)| reading.is_censored());
        let caption = html! {
            (name) ": readings and predictions over time, one panel an individual and experiment, all with the same vertical axis. Line: prediction at the individual's mode; broken line: an individual with the same covariates whose effects are 0. Dark band: " (percent)
            "\u{a0}% of the individual's predictions given its readings. Light band: " (percent) "\u{a0}% of readings."
            @if censored { " Triangles and open circles: censored readings, known only to lie below, above or between limits." }
        };
        bodies.push(figures.add_paged(&paged, picture, caption)?);
    }
    Ok(html! {
        p {
            "The dark band is that of " (shown.options.draws)
            " draws of the individual's effects from the normal approximation of their distribution given the readings (mode and curvature); the parameters of the population count as known. The light band adds the noise of a reading."
        }
        @if total > shown.options.curves {
            p { "Shown are " (shown.options.curves) " of " (total) " individuals, evenly spaced in their order." }
        }
        @for body in &bodies { (body) }
        (table(report))
    })
}

fn table(report: &PopulationReport) -> Markup {
    let individuals = &report.fit.individuals;
    let with_k_hat = (0..individuals.len()).any(|i| report.k_hat(i).is_some());
    let visits = |i: usize| -> usize {
        let subjects = report.problem.individuals[i].subjects.iter();
        let cohort = &report.problem.problem.cohort;
        subjects.map(|&s| cohort.subjects[s].visits.len()).sum()
    };
    let mut effects: Vec<(&str, Option<usize>)> = Vec::new();
    for (id, occasion, ..) in individuals.iter().flat_map(|i| &i.effects) {
        if !effects.contains(&(id, *occasion)) {
            effects.push((id, *occasion));
        }
    }
    // a page has room for so many; the table beside it has all
    let omitted = effects.len() > 8;
    effects.truncate(8);
    html! {
        details open[individuals.len() <= ROWS] {
            summary { "Table of " (count(individuals.len(), "individual")) }
            div.table { table {
                caption {
                    "Effects at the mode, ± their standard deviation given the readings. All parameters stand in " code { "individuals.tsv" } "."
                    @if omitted { " So do the other effects." }
                }
                thead { tr {
                    th { "individual" } th.n { "readings" } th.n { "ln L" }
                    @if with_k_hat { th.n { "k-hat" } }
                    @for (id, occasion) in &effects { th.n { code { (PopulationReport::effect_name(id, *occasion)) } } }
                } }
                tbody { @for (i, individual) in individuals.iter().enumerate() {
                    tr {
                        td { (individual.id) }
                        td.n { (visits(i)) }
                        td.n { (decimal(individual.ln_likelihood)) }
                        @if with_k_hat { td.n {
                            @if let Some(k) = report.k_hat(i) {
                                @let text = format!("{k:.2}").replace('-', "−");
                                @if k >= 0.7 { span.flag { (text) } } @else { (text) }
                            }
                        } }
                        @for wanted in &effects { td.n {
                            @if let Some(e) = individual.effects.iter().find(|e| (e.0.as_str(), e.1) == *wanted) {
                                (short_number(e.2)) " ± " (short_number(e.3))
                            }
                        } }
                    }
                } }
            } }
        }
    }
}
