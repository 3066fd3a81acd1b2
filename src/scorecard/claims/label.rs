//! The label of a claim, by rule.
use super::claim::{Claim, Claims};
use super::evaluate::Evaluated;
use super::examine::{Examined, PartFound};
use crate::exchange::model::{Model, Standing};
use crate::scorecard::Target;

/// How a model comes by what it says of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// the ranges leave the sign open, nothing was set so that it appears, and controls and cuts are as they must be
    Predicted,
    /// numbers of the model may have been set so that it appears
    Calibrated,
    /// nine tenths of the draws show it, or a scenario that says so of itself
    BuiltIn,
    /// the model says otherwise: no effect, the other direction, or a test of the claim that fails
    Contradicted,
    /// the model cannot say
    NotRepresentable,
}

impl Label {
    /// The words in tables.
    pub fn words(self) -> &'static str {
        match self {
            Label::Predicted => "predicted",
            Label::Calibrated => "calibrated",
            Label::BuiltIn => "built in",
            Label::Contradicted => "contradicted by the model",
            Label::NotRepresentable => "not representable",
        }
    }
}

/// A label and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labelled {
    /// id of the claim
    pub claim: String,
    /// the label
    pub label: Label,
    /// why, in words
    pub reasons: Vec<String>,
    /// controls that are not null, paths whose cut leaves the effect
    pub failings: Vec<String>,
}

/// The labels of all claims.
///
/// 1. A claim without required parts, or whose arms cannot be solved, is not representable.
/// 2. A required part in the wrong direction, or without an effect that counts: contradicted by the model.
/// 3. Nine tenths of the draws and more show it: built in.
/// 4. A finding that may be fitted to, a row of the behaviour that the calibration was asked for, or a scenario that says so of itself, stands behind
///    it: calibrated. A control that is not null, or a cut that leaves the effect, is told beside the label.
/// 5. A control that is not null, or a cut that leaves the effect: contradicted by the model, for the claim names its path.
/// 6. Else predicted.
pub fn labels(
    model: &Model,
    claims: &Claims,
    (targets, behaviour): (&[Target], &[Target]),
    evaluated: &[Evaluated],
    examined: &[Examined],
) -> Vec<Labelled> {
    let three = claims.list.iter().zip(evaluated).zip(examined);
    three
        .map(|((claim, evaluated), examined)| {
            let failings = failings(claim, examined);
            let (label, reasons) = label(
                model,
                claim,
                (targets, behaviour),
                evaluated,
                examined,
                &failings,
            );
            Labelled {
                claim: claim.id.clone(),
                label,
                reasons,
                failings,
            }
        })
        .collect()
}

fn label(
    model: &Model,
    claim: &Claim,
    (targets, behaviour): (&[Target], &[Target]),
    evaluated: &Evaluated,
    examined: &Examined,
    failings: &[String],
) -> (Label, Vec<String>) {
    let cannot = || claim.cannot.clone().into_iter().collect();
    let Some(share) = evaluated.share else {
        return (Label::NotRepresentable, cannot());
    };
    let required = || {
        let parts = claim.parts.iter().zip(&examined.parts);
        parts.filter(|(part, _)| part.required)
    };
    let unsolved: Vec<String> = required()
        .filter_map(|(part, found)| Some(format!("{}: {}", part.id, found.effect.as_ref().err()?)))
        .collect();
    if !unsolved.is_empty() {
        return (Label::NotRepresentable, unsolved);
    }
    let wrong = required().filter_map(|(part, found)| match found.sign {
        Some(sign) if sign > 0.0 => None,
        Some(sign) if sign < 0.0 => Some(format!("{}: the other direction", part.id)),
        _ => Some(format!("{}: no effect that counts", part.id)),
    });
    let wrong: Vec<String> = wrong.collect();
    if !wrong.is_empty() {
        return (Label::Contradicted, wrong);
    }
    if share.built_in() {
        let (shown, finished) = (share.shown, share.finished);
        return (
            Label::BuiltIn,
            vec![format!("{shown} of {finished} draws show it")],
        );
    }
    if let Some(scenario) = standing(model, claim, Standing::BuiltIn) {
        return (Label::BuiltIn, vec![format!("scenario `{scenario}`")]);
    }
    let used = used(claim, targets);
    let asked = behaviour.iter().filter(|row| row.claim == claim.id);
    let asked: Vec<&str> = asked.map(|row| row.id.as_str()).collect();
    let mut reasons = Vec::new();
    if !used.is_empty() {
        let list = used.join(", ");
        reasons.push(format!("findings that may be fitted to: {list}"));
    }
    if !asked.is_empty() {
        let list = asked.join(", ");
        reasons.push(format!("the calibration was asked for it: {list}"));
    }
    if !reasons.is_empty() {
        return (Label::Calibrated, reasons);
    }
    if let Some(scenario) = standing(model, claim, Standing::Calibrated) {
        return (Label::Calibrated, vec![format!("scenario `{scenario}`")]);
    }
    if !failings.is_empty() {
        return (
            Label::Contradicted,
            vec!["the sign is right, a test of it fails".to_string()],
        );
    }
    (Label::Predicted, Vec::new())
}

/// Findings behind a claim that are not held out.
fn used(claim: &Claim, targets: &[Target]) -> Vec<String> {
    let ids = claim.findings.iter().chain(&claim.conflicts);
    let fitted = |id: &&String| targets.iter().any(|t| t.id == **id && !t.held_out());
    ids.filter(fitted).cloned().collect()
}

/// A scenario with this standing among those that a claim's required parts compare.
fn standing<'c>(model: &Model, claim: &'c Claim, standing: Standing) -> Option<&'c String> {
    let arms = claim.parts.iter().filter(|part| part.required);
    let mut scenarios = arms.flat_map(|part| {
        let treatments = [&part.arm, &part.against, &part.with].into_iter();
        treatments.flat_map(|t| [&t.scenario, &t.subject].into_iter().flatten())
    });
    let has = |id: &&String| model.scenario(id).and_then(|s| s.standing) == Some(standing);
    scenarios.find(has)
}

fn failings(claim: &Claim, examined: &Examined) -> Vec<String> {
    let parts = claim.parts.iter().zip(&examined.parts);
    let required = parts.filter(|(part, _)| part.required);
    required
        .flat_map(|(part, found)| of_part(&part.id, found))
        .collect()
}

fn of_part(id: &str, found: &PartFound) -> Vec<String> {
    let mut failings = Vec::new();
    for control in &found.controls {
        match control.gone {
            Some(true) => {}
            Some(false) => {
                failings.push(format!("{id}: the control is not null: {}", control.says))
            }
            None => failings.push(format!("{id}: the control failed: {}", control.says)),
        }
    }
    for cut in found.cuts.iter().filter(|cut| cut.must) {
        if cut.gone == Some(false) {
            failings.push(format!(
                "{id}: the effect stays without its path: {}",
                cut.says
            ));
        }
        if let Err(why) = &cut.effect {
            failings.push(format!("{id}: the cut failed: {}: {why}", cut.says));
        }
    }
    failings
}
