//! Stacked composition: for every group of observables the observed shares beside the predicted ones.
use super::{
    data::{PAGE, cap_in_words, open_panels, shown_subjects},
    figures::{Figures, Paged},
};
use crate::{
    exchange::petab::Composition,
    noise::Reading,
    report::{
        composition::{Shares, stacked_shares},
        contents::Report,
        draw::DrawError,
    },
};
use maud::{Markup, html};

pub(super) fn section(report: &Report, figures: &mut Figures) -> Result<Option<Markup>, DrawError> {
    let compositions = report
        .options
        .sources
        .map_or(&[][..], |sources| &sources.compositions);
    let subjects = shown_subjects(report);
    let total = report.problem.cohort.subjects.len();
    let mut bodies = Vec::new();
    for (index, composition) in compositions.iter().enumerate() {
        bodies.extend(group(report, figures, index, composition, &subjects)?);
    }
    Ok((!bodies.is_empty()).then(|| {
        html! {
            p {
                "Observables that the problem groups as one community, as shares of their sum: left what was observed, right what is predicted. "
                "A visit is shown where every member was read; a reading below its limit counts as zero, one above as the limit, one between two limits as their middle, and readings of the same visit are averaged."
            }
            @if subjects.len() < total { p { (cap_in_words(subjects.len(), total)) } }
            @for body in &bodies { (body) }
        }
    }))
}

fn group(
    report: &Report,
    figures: &mut Figures,
    index: usize,
    composition: &Composition,
    subjects: &[usize],
) -> Result<Option<Markup>, DrawError> {
    let endpoints = &report.problem.cohort.endpoints;
    let names: Vec<String> = composition
        .observables
        .iter()
        .map(|&o| {
            endpoints[o]
                .name
                .clone()
                .unwrap_or_else(|| endpoints[o].id.clone())
        })
        .collect();
    let pairs: Vec<[Shares; 2]> = subjects
        .iter()
        .filter_map(|&subject| pair(report, composition, subject))
        .collect();
    if pairs.is_empty() {
        return Ok(None);
    }
    let unit = report
        .problem
        .cohort
        .time_unit_of(&endpoints[composition.observables[0]]);
    let picture = |part: &[[Shares; 2]]| {
        let stacks: Vec<Shares> = part.iter().flatten().cloned().collect();
        let label = format!(
            "Shares of {} members of {} over time in {} subjects, observed beside predicted",
            names.len(),
            composition.name,
            part.len()
        );
        (stacked_shares(unit, &names, &stacks), label)
    };
    // a subject takes two panels
    let paged = Paged {
        id: format!("composition-{}", index + 1),
        name: &composition.name,
        shown: &pairs,
        open: open_panels(1) / 2,
        page: PAGE / 2,
    };
    let caption = html! {
        "Composition of " (composition.name) ": for each subject the observed shares (bars at the visits) beside the predicted ones (areas)."
    };
    figures.add_paged(&paged, picture, caption).map(Some)
}

/// Observed and predicted shares of one subject; None without a visit at which every member was read.
fn pair(report: &Report, composition: &Composition, subject: usize) -> Option<[Shares; 2]> {
    let curves: Vec<_> = composition
        .observables
        .iter()
        .map(|o| {
            report.curves[subject]
                .iter()
                .find(|c| c.0 == *o)
                .map(|c| &c.1)
        })
        .collect::<Option<_>>()?;
    let mut observed = Shares {
        moments: true,
        ..Shares::default()
    };
    for (time, _) in &curves[0].readings {
        if observed.times.last() == Some(time) {
            continue;
        }
        let amounts: Option<Vec<f64>> = curves
            .iter()
            .map(|curve| {
                let same = curve.readings.iter().filter(|r| r.0 == *time);
                let values: Vec<f64> = same.map(|r| amount(&r.1)).collect();
                (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
            })
            .collect();
        if let Some(shares) = amounts.and_then(shares) {
            observed.times.push(*time);
            observed.shares.push(shares);
        }
    }
    let mut predicted = Shares::default();
    for (k, (time, _)) in curves[0].prediction.iter().enumerate() {
        let amounts = curves
            .iter()
            .map(|curve| curve.prediction[k].1.max(0.0))
            .collect();
        if let Some(shares) = shares(amounts) {
            predicted.times.push(*time);
            predicted.shares.push(shares);
        }
    }
    let all = || {
        observed
            .times
            .iter()
            .chain(&predicted.times)
            .copied()
            .filter(|t| t.is_finite())
    };
    let (low, high) = (
        all().fold(f64::INFINITY, f64::min),
        all().fold(f64::NEG_INFINITY, f64::max),
    );
    if observed.times.is_empty() || low >= high {
        return None;
    }
    let room = 0.03 * (high - low);
    let id = &report.problem.cohort.subjects[subject].id;
    for (shares, what) in [(&mut observed, "observed"), (&mut predicted, "predicted")] {
        shares.title = format!("{id}, {what}");
        shares.range = (low - room, high + room);
    }
    Some([observed, predicted])
}

fn amount(reading: &Reading) -> f64 {
    match *reading {
        Reading::Value(v) | Reading::Above(v) => v.max(0.0),
        Reading::Below(_) => 0.0,
        Reading::Between(a, b) => (0.5 * (a + b)).max(0.0),
    }
}

/// None where nothing is there to be shared.
fn shares(amounts: Vec<f64>) -> Option<Vec<f64>> {
    let total: f64 = amounts.iter().sum();
    (total > 0.0 && total.is_finite()).then(|| amounts.iter().map(|a| a / total).collect())
}
