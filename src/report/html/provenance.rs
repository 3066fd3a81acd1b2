//! Where the numbers come from: files with their SHA-256, version, machine, options.
use crate::{
    fit::instruction_set,
    report::{contents::Report, fit::word, sources::Sources},
};
use maud::{Markup, html};

pub(super) fn section(report: &Report) -> Markup {
    let tolerances = report.objective.tolerances;
    let mut rows: Vec<(&str, String)> = Vec::new();
    if let Some(date) = report.options.date {
        rows.push(("date", date.to_owned()));
    }
    let (version, set) = match report.fit {
        Some(fit) => (
            fit.provenance.version.clone(),
            fit.provenance.instruction_set.clone(),
        ),
        None => (env!("CARGO_PKG_VERSION").to_owned(), instruction_set()),
    };
    rows.push(("holobiont", version));
    rows.push(("instruction set", set));
    if let Some(fit) = report.fit {
        let search = &fit.provenance.options.search;
        rows.push(("seed", search.seed.to_string()));
        let nominal = if search.nominal {
            " and the nominal values"
        } else {
            ""
        };
        rows.push(("starts", format!("{} sampled{nominal}", search.starts)));
        rows.push(("local search", word(&search.method).replace('_', " ")));
    }
    rows.push(("integration", word(&report.objective.method)));
    rows.push((
        "tolerances",
        format!(
            "relative {:e}, absolute {:e}",
            tolerances.relative, tolerances.absolute
        ),
    ));
    let prior = if report.objective.prior { "yes" } else { "no" };
    rows.push(("priors take part", prior.to_owned()));
    let options = match report.fit {
        Some(fit) => serde_json::to_string_pretty(&fit.provenance.options),
        None => serde_json::to_string_pretty(&report.objective),
    }
    .expect("options are numbers and words");
    html! {
        div.table { table { tbody {
            @for (name, value) in &rows { tr { td { (name) } td { (value) } } }
        } } }
        @if let Some(sources) = report.options.sources { (file_table(sources)) }
        details { summary { "All options" } pre { (options) } }
    }
}

/// The files of a problem with their digests.
pub(super) fn file_table(sources: &Sources) -> Markup {
    html! {
        div.table { table {
            caption { "Files as they were read, with their SHA-256." }
            thead { tr { th { "file" } th.n { "bytes" } th { "SHA-256" } } }
            tbody {
                @for file in &sources.files {
                    tr { td { (file.name) } td.n { (file.bytes) } td.hash { (file.sha256) } }
                }
            }
        } }
    }
}
