//! One vector of parameters in detail: effects, levels of the treatment, controls, paths that are cut.
use super::arm::{Arm, Treatment};
use super::evaluate::{compared, sign};
use super::measure::{Compared, Plan, Results};
use super::part::{Contrast, Control, Dose, Part};
use super::run::Laboratory;

/// Steps back of a response by less than this share of its largest effect count as none.
const SLACK: f64 = 0.05;

/// The effect at one level of a treatment.
#[derive(Clone, Debug, PartialEq)]
pub struct Dosed {
    /// 0 is nothing done, 1 the treatment
    pub level: f64,
    /// the effect, or why there is none
    pub effect: Result<f64, String>,
}

/// The effect in a control, or with a path cut.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut {
    /// what the control is, or what is cut
    pub says: String,
    /// the effect, or why there is none
    pub effect: Result<f64, String>,
    /// whether it must be none
    pub must: bool,
    /// whether it is; none where it could not be told
    pub gone: Option<bool>,
}

/// One part with the numbers of one vector.
#[derive(Clone, Debug, PartialEq)]
pub struct PartFound {
    /// id of the part
    pub part: String,
    /// what was read of the arm and of what it is compared with
    pub levels: Result<(f64, Option<f64>), String>,
    /// the effect (the logarithm of a ratio, a difference, a value), or why there is none
    pub effect: Result<f64, String>,
    /// 1 for the direction that is required, -1 for the other, 0 for less than counts
    pub sign: Option<f64>,
    /// levels of the treatment
    pub doses: Vec<Dosed>,
    /// whether the effect grows, or at least never shrinks, with the level in the direction that is required
    pub rises: Option<bool>,
    /// controls
    pub controls: Vec<Cut>,
    /// ablations
    pub cuts: Vec<Cut>,
}

/// One claim with the numbers of one vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Examined {
    /// id of the claim
    pub claim: String,
    /// its parts
    pub parts: Vec<PartFound>,
}

/// Asks every claim of one vector of the system's parameters, with doses, controls and ablations.
pub fn examine(laboratory: &Laboratory, vector: &[f64]) -> Vec<Examined> {
    let mut plan = Plan::default();
    let claims = &laboratory.claims.list;
    let mut asked = Vec::new();
    for claim in claims {
        let parts = claim.parts.iter();
        let parts = parts.map(|part| Asked::of(laboratory, &mut plan, part));
        asked.push(parts.collect::<Vec<_>>());
    }
    let results = laboratory.run(&plan, std::slice::from_ref(&vector.to_vec()));
    let results = results.first().expect("one vector was asked");
    let pairs = claims.iter().zip(&asked);
    let found = pairs.map(|(claim, asked)| Examined {
        claim: claim.id.clone(),
        parts: asked.iter().map(|a| a.tell(&plan, results)).collect(),
    });
    found.collect()
}

/// A part and where everything that is asked of it stands in the plan.
struct Asked<'a> {
    part: &'a Part,
    effect: Compared<'a>,
    doses: Vec<(f64, Compared<'a>)>,
    controls: Vec<Compared<'a>>,
    cuts: Vec<Compared<'a>>,
}

impl<'a> Asked<'a> {
    fn of(laboratory: &Laboratory, plan: &mut Plan, part: &'a Part) -> Asked<'a> {
        let effect = compared(laboratory, plan, part, None);
        let mut doses = Vec::new();
        if let Some(dose) = &part.dose {
            for level in &dose.levels {
                doses.push((*level, at_level(plan, part, dose, *level)));
            }
        }
        let controls = part.controls.iter();
        let controls = controls.map(|c| in_control(plan, part, c)).collect();
        let cuts = part.ablations.iter();
        let cuts = cuts.map(|cut| compared(laboratory, plan, part, Some(cut)));
        let cuts = cuts.collect();
        Asked {
            part,
            effect,
            doses,
            controls,
            cuts,
        }
    }

    fn tell(&self, plan: &Plan, results: &Results) -> PartFound {
        let part = self.part;
        let effect = self.effect.effect(plan, results);
        let doses: Vec<Dosed> = (self.doses.iter())
            .map(|(level, compared)| Dosed {
                level: *level,
                effect: compared.effect(plan, results),
            })
            .collect();
        let controls = part.controls.iter().zip(&self.controls);
        let controls = controls.map(|(control, compared)| {
            let effect = compared.effect(plan, results);
            let most = control.most(part);
            Cut {
                says: control.says.clone(),
                gone: effect.as_ref().ok().map(|effect| effect.abs() < most),
                effect,
                must: true,
            }
        });
        let shows = matches!(effect, Ok(whole) if sign(part, whole) > 0.0);
        let cuts = part.ablations.iter().zip(&self.cuts);
        let cuts = cuts.map(|(cut, compared)| {
            let left = compared.effect(plan, results);
            // an effect that turns round is gone, too
            let gone = |left: f64, whole: f64| {
                let along = part.direction.along(left);
                along < part.least_effect() || along <= cut.left * whole.abs()
            };
            // where there is no effect nothing can go
            let gone = match (&left, &effect) {
                (Ok(left), Ok(whole)) if shows => Some(gone(*left, *whole)),
                _ => None,
            };
            Cut {
                says: cut.says.clone(),
                gone,
                effect: left,
                must: cut.must,
            }
        });
        PartFound {
            part: part.id.clone(),
            levels: self.effect.levels(plan, results),
            sign: effect.as_ref().ok().map(|effect| sign(part, *effect)),
            rises: rises(part, &doses),
            controls: controls.collect(),
            cuts: cuts.collect(),
            effect,
            doses,
        }
    }
}

fn at_level<'a>(plan: &mut Plan, part: &'a Part, dose: &'a Dose, level: f64) -> Compared<'a> {
    let reading = dose.read.as_ref().unwrap_or(&part.read);
    let subject = dose.subject.as_ref().unwrap_or(&part.subject);
    let arm = |treatment: &Treatment, level: f64| Arm {
        subject: treatment.subject.as_ref().unwrap_or(subject).clone(),
        cut: Default::default(),
        with: part.with.clone(),
        treatment: treatment.clone(),
        level,
        clamp: Default::default(),
    };
    let nothing = Treatment::default();
    let (treatment, against) = match &dose.arm {
        Some(treatment) => (treatment, &nothing),
        None => (&part.arm, &part.against),
    };
    Compared {
        reading,
        contrast: part.contrast,
        arm: plan.ask(arm(treatment, level), reading),
        against: match part.contrast {
            Contrast::Value => None,
            _ => Some(plan.ask(arm(against, 1.0), reading)),
        },
    }
}

fn in_control<'a>(plan: &mut Plan, part: &'a Part, control: &'a Control) -> Compared<'a> {
    let reading = control.read.as_ref().unwrap_or(&part.read);
    let subject = control.subject.as_ref().unwrap_or(&part.subject);
    let with = control.with.as_ref().unwrap_or(&part.with);
    let mut ask = |treatment: &Treatment| {
        let arm = Arm {
            subject: treatment.subject.as_ref().unwrap_or(subject).clone(),
            cut: Default::default(),
            with: with.clone(),
            treatment: treatment.clone(),
            level: 1.0,
            clamp: Default::default(),
        };
        plan.ask(arm, reading)
    };
    let arm = ask(control.arm.as_ref().unwrap_or(&part.arm));
    let against = match part.contrast {
        Contrast::Value => None,
        _ => Some(ask(control.against.as_ref().unwrap_or(&part.against))),
    };
    Compared {
        reading,
        contrast: part.contrast,
        arm,
        against,
    }
}

fn rises(part: &Part, doses: &[Dosed]) -> Option<bool> {
    let along: Option<Vec<f64>> = (doses.iter())
        .map(|dosed| dosed.effect.as_ref().ok().map(|e| part.direction.along(*e)))
        .collect();
    let along = along.filter(|effects| !effects.is_empty())?;
    let most = along.iter().fold(0.0, |most: f64, e| most.max(e.abs()));
    // the first level is compared with nothing done
    let mut before = 0.0;
    let mut steps = along.iter().map(|effect| {
        let step = effect - before;
        before = *effect;
        step
    });
    let last = along.last().copied().unwrap_or(0.0);
    Some(steps.all(|step| step >= -SLACK * most) && last >= part.least_effect())
}
