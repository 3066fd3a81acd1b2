//! Where the numbers come from: files with their SHA-256, version, machine, options, seeds.
use super::summary::estimator;
use crate::report::{fit::word, html::provenance::file_table, population::PopulationReport};
use maud::{Markup, html};

pub(super) fn section(report: &PopulationReport) -> Markup {
    let fit = report.fit;
    let options = &fit.options;
    let search = &options.search;
    let tolerances = options.population.objective.tolerances;
    let shown = &report.diagnostics.options;
    let prior = options.population.objective.prior;
    let mut rows: Vec<(&str, String)> = Vec::new();
    if let Some(date) = report.options.date {
        rows.push(("date", date.to_owned()));
    }
    let nominal = if search.nominal {
        " and the nominal values"
    } else {
        ""
    };
    rows.extend([
        ("holobiont", fit.provenance.0.clone()),
        ("instruction set", fit.provenance.1.clone()),
        ("estimator", estimator(fit.estimator).to_owned()),
        ("seed of the search", search.seed.to_string()),
        ("starts", format!("{} sampled{nominal}", search.starts)),
        (
            "importance sampling",
            format!(
                "{} draws an individual, seed {}",
                options.population.importance.draws, options.population.importance.seed
            ),
        ),
        (
            "simulations of this page",
            format!("{} populations, seed {}", shown.replicates, shown.seed),
        ),
        ("integration", word(&options.population.objective.method)),
        (
            "tolerances",
            format!(
                "relative {:e}, absolute {:e}",
                tolerances.relative, tolerances.absolute
            ),
        ),
        (
            "priors take part",
            if prior { "yes" } else { "no" }.to_owned(),
        ),
    ]);
    let options = serde_json::to_string_pretty(options).expect("options are numbers and words");
    html! {
        div.table { table { tbody {
            @for (name, value) in &rows { tr { td { (name) } td { (value) } } }
        } } }
        @if let Some(sources) = report.options.sources { (file_table(sources)) }
        details { summary { "All options" } pre { (options) } }
    }
}
