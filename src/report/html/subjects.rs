//! The table of subjects, printed only when it is asked for: it lists identifiers.
use super::text::{count, decimal};
use crate::{report::contents::Report, solve::Status};
use maud::{Markup, html};

pub(super) fn section(report: &Report) -> Markup {
    let subjects = &report.problem.cohort.subjects;
    html! {
        details open[subjects.len() <= 50] {
            summary { (count(subjects.len(), "subject")) }
            div.table { table {
                thead { tr {
                    th { "subject" } th.n { "readings" } th.n { "censored" }
                    th.n { "log-likelihood" } th.n { "per reading" } th { "solve" }
                } }
                tbody {
                    @for (subject, simulation) in subjects.iter().zip(&report.simulations) {
                        @let sum: f64 = simulation.predictions.iter().map(|p| p.ln_density).sum();
                        tr {
                            td { (subject.id) }
                            td.n { (subject.visits.len()) }
                            td.n { (subject.visits.iter().filter(|v| v.reading.is_censored()).count()) }
                            @match &simulation.status {
                                Status::Finished => {
                                    td.n { (decimal(sum)) }
                                    td.n { @if !subject.visits.is_empty() { (decimal(sum / subject.visits.len() as f64)) } }
                                    td { "finished" }
                                }
                                Status::Failed { time, cause } => {
                                    td.n { "none" } td.n { "none" }
                                    td { span.flag { "failed" } " at time " (time) ": " (cause) }
                                }
                            }
                        }
                    }
                }
            } }
        }
    }
}
