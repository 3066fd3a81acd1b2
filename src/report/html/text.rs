//! Small texts of pages: numbers, units, links, lists, words of the fit.
use crate::{
    fit::StopReason,
    report::{axes::short_number, figure::labelled},
};
use maud::{Markup, html};

/// A number with three decimals and a true minus, for logarithms of probabilities.
pub(super) fn decimal(value: f64) -> String {
    if value.is_finite() {
        format!("{value:.3}").replace('-', "−")
    } else {
        short_number(value)
    }
}

/// "1 subject", "2 subjects".
pub(super) fn count(number: usize, singular: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {singular}{s}")
}

/// A unit as people write it; nothing for a pure number.
pub(super) fn unit(unit: Option<&str>) -> String {
    labelled("", unit)
}

/// A source: a link where it is a DOI.
pub(super) fn source(text: &str) -> Markup {
    html! {
        @for (i, part) in text.split(';').map(str::trim).filter(|p| !p.is_empty()).enumerate() {
            @if i > 0 { "; " }
            @let doi = part.strip_prefix("doi:").unwrap_or(part);
            @let (doi, rest) = doi.split_once(' ').unwrap_or((doi, ""));
            @if doi.starts_with("10.") {
                a href={ "https://doi.org/" (doi) } rel="noreferrer" { (doi) }
                @if !rest.is_empty() { " " (rest) }
            } @else {
                (part)
            }
        }
    }
}

/// Names in a sentence: at most `most` of them.
pub(super) fn names(names: &[&str], most: usize) -> Markup {
    html! {
        @for (i, name) in names.iter().take(most).enumerate() {
            @if i > 0 { ", " }
            code { (name) }
        }
        @if names.len() > most { " and " (names.len() - most) " more" }
    }
}

/// Why a search ended, as the end of "The best search ended because".
pub(super) fn stop(reason: &StopReason) -> String {
    match reason {
        StopReason::Gradient => "the projected gradient vanished within its tolerance".to_owned(),
        StopReason::Value => "no further improvement was in sight".to_owned(),
        StopReason::Step => "its steps became too small, before the gradient vanished".to_owned(),
        StopReason::MaxIterations => "it made the most iterations allowed".to_owned(),
        StopReason::Finished => "it ran its set length".to_owned(),
        StopReason::Timeout => "its time was up".to_owned(),
        StopReason::Interrupted => "it was interrupted".to_owned(),
        StopReason::InfeasibleStart { message } => {
            format!("there is no value at its start ({message})")
        }
        StopReason::Failed { message } => format!("it failed ({message})"),
    }
}
