//! How many vectors of parameters show each claim, and how much of an effect goes when a path is cut.
use super::arm::{Arm, Treatment};
use super::claim::Claim;
use super::measure::{Compared, Plan, Results};
use super::part::{Ablation, Contrast, Part};
use super::run::Laboratory;
use std::collections::BTreeMap;

/// From this share of the draws on an effect is built in.
const BUILT_IN: f64 = 0.9;

/// How many vectors show an effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// in the direction that the claim requires, and large enough to count
    pub shown: usize,
    /// as large in the other direction
    pub opposite: usize,
    /// that could be solved
    pub finished: usize,
    /// that could not
    pub failed: usize,
}

impl Share {
    /// The share that shows it among those that could be solved; NaN where there is none.
    pub fn of_finished(&self) -> f64 {
        self.shown as f64 / self.finished as f64
    }

    /// Whether so many show it that it tells nothing.
    pub fn built_in(&self) -> bool {
        self.of_finished() >= BUILT_IN
    }

    fn count(&mut self, effect: Result<f64, ()>) {
        let Ok(sign) = effect else {
            self.failed += 1;
            return;
        };
        self.finished += 1;
        self.shown += usize::from(sign > 0.0);
        self.opposite += usize::from(sign < 0.0);
    }
}

/// The share of an effect that goes when a path is cut, over the vectors that show the effect.
#[derive(Clone, Debug, PartialEq)]
pub struct CutShare {
    /// the part
    pub part: String,
    /// what is cut
    pub says: String,
    /// how many vectors show the effect and could be solved with the path cut
    pub of: usize,
    /// the tenth, fiftieth and ninetieth hundredth of the share that goes
    pub lost: Option<[f64; 3]>,
}

/// One claim over many vectors of parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluated {
    /// id of the claim
    pub claim: String,
    /// all required parts together; none for a claim without parts
    pub share: Option<Share>,
    /// each part by its id
    pub parts: Vec<(String, Share)>,
    /// ablations that are told over all vectors
    pub cuts: Vec<CutShare>,
}

/// Asks every claim of every vector of the system's parameters: draws before a calibration, or an ensemble after it.
pub fn evaluate(laboratory: &Laboratory, vectors: &[Vec<f64>]) -> Vec<Evaluated> {
    let mut plan = Plan::default();
    let claims = &laboratory.claims.list;
    let asked: Vec<Vec<Asked>> = claims
        .iter()
        .map(|claim| {
            let parts = claim.parts.iter();
            parts.map(|p| Asked::of(laboratory, &mut plan, p)).collect()
        })
        .collect();
    let results = laboratory.run(&plan, vectors);
    let pairs = claims.iter().zip(&asked);
    pairs
        .map(|(claim, asked)| tell(claim, asked, &plan, &results))
        .collect()
}

/// A part and where its arms stand in the plan.
struct Asked<'a> {
    part: &'a Part,
    effect: Compared<'a>,
    cuts: Vec<(&'a Ablation, Compared<'a>)>,
}

impl<'a> Asked<'a> {
    fn of(laboratory: &Laboratory, plan: &mut Plan, part: &'a Part) -> Asked<'a> {
        let everywhere = part.ablations.iter().filter(|cut| cut.everywhere);
        Asked {
            part,
            effect: compared(laboratory, plan, part, None),
            cuts: everywhere
                .map(|cut| (cut, compared(laboratory, plan, part, Some(cut))))
                .collect(),
        }
    }
}

/// The arms of a part, with a path cut or not.
pub(super) fn compared<'a>(
    laboratory: &Laboratory,
    plan: &mut Plan,
    part: &'a Part,
    cut: Option<&Ablation>,
) -> Compared<'a> {
    let arm = |treatment: &Treatment| {
        let subject = treatment.subject.as_ref().unwrap_or(&part.subject);
        Arm {
            subject: subject.clone(),
            cut: cut.map(|cut| changes(laboratory, cut)).unwrap_or_default(),
            with: part.with.clone(),
            treatment: treatment.clone(),
            level: 1.0,
            clamp: cut.map(Ablation::clamp).unwrap_or_default(),
        }
    };
    Compared {
        reading: &part.read,
        contrast: part.contrast,
        arm: plan.ask(arm(&part.arm), &part.read),
        against: match part.contrast {
            Contrast::Value => None,
            _ => Some(plan.ask(arm(&part.against), &part.read)),
        },
    }
}

/// The parameters that an ablation changes.
pub(super) fn changes(laboratory: &Laboratory, cut: &Ablation) -> BTreeMap<String, f64> {
    let named = cut
        .cut
        .iter()
        .filter_map(|id| laboratory.claims.cuts.get(id));
    let mut changes: BTreeMap<String, f64> =
        named.flatten().map(|(k, v)| (k.clone(), *v)).collect();
    changes.extend(cut.set.clone());
    changes
}

/// 1 for an effect in the direction that is required, -1 for one in the other, 0 for none that counts.
pub(super) fn sign(part: &Part, effect: f64) -> f64 {
    let along = part.direction.along(effect);
    let least = part.least_effect();
    match along {
        _ if along >= least => 1.0,
        _ if along <= -least => -1.0,
        _ => 0.0,
    }
}

fn tell(claim: &Claim, asked: &[Asked], plan: &Plan, results: &[Results]) -> Evaluated {
    let mut parts: Vec<(String, Share)> = (asked.iter())
        .map(|asked| (asked.part.id.clone(), Share::default()))
        .collect();
    let mut share = Share::default();
    for results in results {
        let mut together: Result<f64, ()> = Ok(1.0);
        for (asked, (_, count)) in asked.iter().zip(&mut parts) {
            let effect = asked.effect.effect(plan, results).map_err(|_| ());
            let sign = effect.map(|effect| sign(asked.part, effect));
            count.count(sign);
            if asked.part.required {
                together = match (together, sign) {
                    (Ok(all), Ok(one)) => Ok(all.min(one)),
                    _ => Err(()),
                };
            }
        }
        share.count(together);
    }
    let required = asked.iter().any(|asked| asked.part.required);
    let cuts = asked.iter().flat_map(|asked| {
        let cuts = asked.cuts.iter();
        cuts.map(|(cut, compared)| lost(asked, cut, compared, plan, results))
    });
    Evaluated {
        claim: claim.id.clone(),
        share: required.then_some(share),
        parts,
        cuts: cuts.collect(),
    }
}

fn lost(
    asked: &Asked,
    cut: &Ablation,
    compared: &Compared,
    plan: &Plan,
    results: &[Results],
) -> CutShare {
    let mut shares: Vec<f64> = Vec::new();
    for results in results {
        let whole = asked.effect.effect(plan, results);
        let left = compared.effect(plan, results);
        if let (Ok(whole), Ok(left)) = (whole, left)
            && sign(asked.part, whole) > 0.0
        {
            shares.push(1.0 - left / whole);
        }
    }
    shares.sort_by(f64::total_cmp);
    let at = |level: f64| shares[((shares.len() - 1) as f64 * level).round() as usize];
    CutShare {
        part: asked.part.id.clone(),
        says: cut.says.clone(),
        of: shares.len(),
        lost: (!shares.is_empty()).then(|| [at(0.1), at(0.5), at(0.9)]),
    }
}
