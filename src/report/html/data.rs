//! Data and fit: one figure per observable with a panel per subject, prediction, bands and readings.
use super::figures::{Figures, Paged};
use crate::report::{
    contents::Report,
    data_and_fit::{BAND_LEVEL, Observed, subject_multiples},
    draw::DrawError,
};
use maud::{Markup, html};

/// Most subjects that are shown of one observable.
pub(super) const MOST: usize = 48;
/// Panels in a row.
pub(super) const ROW: usize = 4;
/// Subjects on one folded figure.
pub(super) const PAGE: usize = 24;

pub(super) fn section(report: &Report, figures: &mut Figures) -> Result<Markup, DrawError> {
    let shown = shown_subjects(report);
    let total = report.problem.cohort.subjects.len();
    let mut bodies = Vec::new();
    for (index, endpoint) in report.problem.cohort.endpoints.iter().enumerate() {
        let of = |subject: usize| {
            let curves = report.curves[subject].iter();
            curves.filter(|c| c.0 == index).map(|c| &c.1).next()
        };
        let all: Vec<&Observed> = (0..total).filter_map(of).collect();
        let members: Vec<(&str, &Observed)> = shown
            .iter()
            .filter_map(|&s| Some((report.problem.cohort.subjects[s].id.as_str(), of(s)?)))
            .collect();
        if members.is_empty() {
            continue;
        }
        let name = endpoint.name.as_deref().unwrap_or(&endpoint.id);
        bodies.push(observable(report, figures, index, name, &members, &all)?);
    }
    Ok(html! {
        p { (bands_in_words(report)) }
        @if shown.len() < total { p { (cap_in_words(shown.len(), total)) } }
        @for body in &bodies { (body) }
    })
}

fn observable(
    report: &Report,
    figures: &mut Figures,
    index: usize,
    name: &str,
    members: &[(&str, &Observed)],
    all: &[&Observed],
) -> Result<Markup, DrawError> {
    let cohort = &report.problem.cohort;
    let unit = cohort.time_unit_of(&cohort.endpoints[index]);
    let paged = Paged {
        id: format!("data-{}", index + 1),
        name,
        shown: members,
        open: open_panels(cohort.endpoints.len()),
        page: PAGE,
    };
    let picture = |part: &[(&str, &Observed)]| {
        let subjects = part.len();
        (
            subject_multiples(unit, part, all),
            format!("{name} over time in {subjects} subjects: readings, prediction and bands"),
        )
    };
    let censored = all
        .iter()
        .flat_map(|o| &o.readings)
        .any(|(_, reading)| reading.is_censored());
    let caption = html! {
        (name) ": readings and prediction over time, one panel per subject, with the same vertical axis. "
        (bands_in_short(report))
        @if censored { " Triangles and open circles: censored readings, known only to lie below, above or between limits." }
    };
    figures.add_paged(&paged, picture, caption)
}

/// Panels that stand open: fewer rows where there are many observables.
pub(super) fn open_panels(observables: usize) -> usize {
    (24 / (observables.max(1) * ROW)).clamp(1, 3) * ROW
}

/// The subjects that are shown. Of many, some: evenly spaced in the rank of their mean ln p per reading, from the worst to the
/// best described, in the order of the cohort.
pub(super) fn shown_subjects(report: &Report) -> Vec<usize> {
    let total = report.simulations.len();
    if total <= MOST {
        return (0..total).collect();
    }
    let mean = |subject: usize| {
        let predictions = &report.simulations[subject].predictions;
        let sum: f64 = predictions.iter().map(|p| p.ln_density).sum();
        // a subject without predictions failed: it comes first
        if predictions.is_empty() {
            f64::NEG_INFINITY
        } else {
            sum / predictions.len() as f64
        }
    };
    let mut ranked: Vec<usize> = (0..total).collect();
    ranked.sort_by(|a, b| mean(*a).total_cmp(&mean(*b)));
    let mut shown: Vec<usize> = (0..MOST)
        .map(|k| ranked[k * (total - 1) / (MOST - 1)])
        .collect();
    shown.sort_unstable();
    shown
}

/// That not all subjects are shown, and which.
pub(super) fn cap_in_words(shown: usize, total: usize) -> String {
    format!(
        "Shown are {shown} of {total} subjects: evenly spaced in the rank of their mean ln p per reading, from the worst to the best described."
    )
}

fn bands_in_words(report: &Report) -> String {
    let percent = 100.0 * BAND_LEVEL;
    if report.has_covariance {
        format!(
            "Each panel shows a subject's readings, the prediction at the estimates, and two bands. The dark band holds the prediction with {percent}\u{a0}% probability, given the uncertainty of the estimated parameters (delta method with the inverse Fisher matrix). The light band holds {percent}\u{a0}% of readings: the same uncertainty and the noise of a reading together. Parameters at a bound, directions that the data do not determine, and the noise parameters count as known."
        )
    } else {
        format!(
            "Each panel shows a subject's readings, the prediction, and a band that holds {percent}\u{a0}% of readings under the noise model. Nothing was estimated here, so there is no Fisher matrix and the band does not hold any uncertainty of the parameters."
        )
    }
}

fn bands_in_short(report: &Report) -> String {
    let percent = 100.0 * BAND_LEVEL;
    if report.has_covariance {
        format!(
            "Dark band: {percent}\u{a0}% band of the prediction from the uncertainty of the parameters. Light band: {percent}\u{a0}% of readings, parameters and noise together."
        )
    } else {
        format!(
            "Band: {percent}\u{a0}% of readings, from the reading noise alone (no uncertainty of parameters)."
        )
    }
}
