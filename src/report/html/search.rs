//! The local searches of a fit as a waterfall.
use super::figures::Figures;
use crate::report::{
    contents::Report,
    draw::DrawError,
    fit::{begun, starts, word},
    pictures::waterfall,
};
use maud::{Markup, html};
use std::collections::BTreeMap;

pub(super) fn section(report: &Report, figures: &mut Figures) -> Result<Option<Markup>, DrawError> {
    let Some(fit) = report.fit else {
        return Ok(None);
    };
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for start in begun(fit) {
        *reasons.entry(word(&start.stop)).or_default() += 1;
    }
    let never = fit.starts.len() - begun(fit).count();
    let mut picture = waterfall("", &starts(fit));
    picture.panel_size = Some((480.0, 200.0));
    let figure = figures.add(
        "waterfall",
        &picture,
        "Final values of the local searches in order, as distance to the best",
        html! { "Final values of the local searches, best first. A long first step means that many starts lead to the same best value." },
    )?;
    Ok(Some(html! {
        (figure)
        p {
            "Reasons to stop: "
            @for (i, (reason, count)) in reasons.iter().enumerate() {
                @if i > 0 { ", " }
                code { (reason) } " (" (count) ")"
            }
            "."
            @if never > 0 { " " (never) " searches were never begun." }
        }
    }))
}
