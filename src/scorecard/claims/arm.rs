//! Arms: who is treated, how and at what level.
use serde::Deserialize;
use std::collections::BTreeMap;

/// States and groups that are held from the start of a part on, at a multiple of what they are then.
pub type Clamp = BTreeMap<String, f64>;

/// What is done to a subject. Nothing, by default.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Treatment {
    /// Another subject than the part's.
    pub subject: Option<String>,
    /// A scenario of the model: its inputs, doses and parameters, without its start values.
    pub scenario: Option<String>,
    /// Tables of inputs, as in a scenario.
    pub inputs: BTreeMap<String, Vec<(f64, f64)>>,
    /// Parameters and their values.
    pub set: BTreeMap<String, f64>,
    /// Parameters and what is added to their values.
    pub add: BTreeMap<String, f64>,
    /// Parameters and what their values are multiplied by.
    pub multiply: BTreeMap<String, f64>,
    /// States and groups that are held.
    pub hold: Clamp,
    /// Microbes that are moved from one subject to another.
    pub transplant: Option<Transplant>,
}

/// States of a donor that take the place of the subject's own.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transplant {
    /// An untreated subject at rest; `self` is the subject that is treated.
    pub donor: String,
    /// The share of states and groups that is replaced.
    pub replaces: BTreeMap<String, f64>,
    /// When.
    #[serde(default = "at_once")]
    pub days: Vec<f64>,
    /// The share of the inoculum that lives; 0 is a killed one.
    #[serde(default = "all")]
    pub alive: f64,
}

fn at_once() -> Vec<f64> {
    vec![0.0]
}

fn all() -> f64 {
    1.0
}

/// The donor that is the subject itself.
pub(super) const SELF: &str = "self";

/// One arm, complete: the same arm is solved once, whoever asks for it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Arm {
    /// an untreated subject at rest
    pub subject: String,
    /// parameters that are replaced from the start of the subject's life on
    pub cut: BTreeMap<String, f64>,
    /// what is done in both arms of a part
    pub with: Treatment,
    /// what is done
    pub treatment: Treatment,
    /// at what level
    pub level: f64,
    /// what is held beside
    pub clamp: Clamp,
}

impl Arm {
    /// All that is held, as multiples of the states at the start.
    pub fn held(&self, groups: &BTreeMap<String, Vec<String>>) -> BTreeMap<String, f64> {
        let mut held = BTreeMap::new();
        let mut hold = |clamp: &Clamp, level: f64| {
            for (id, factor) in clamp {
                for state in members(groups, id) {
                    held.insert(state.clone(), 1.0 + level * (factor - 1.0));
                }
            }
        };
        hold(&self.clamp, 1.0);
        hold(&self.with.hold, 1.0);
        hold(&self.treatment.hold, self.level);
        held
    }

    /// The subjects whose states at rest are needed: the arm's own and the donors.
    pub fn rests(&self) -> Vec<&str> {
        let mut rests = vec![self.subject.as_str()];
        for transplant in [&self.with.transplant, &self.treatment.transplant] {
            let donor = transplant.as_ref().map_or(SELF, |t| t.donor.as_str());
            if donor != SELF && !rests.contains(&donor) {
                rests.push(donor);
            }
        }
        rests
    }
}

/// The states of a group, or the state itself.
pub(super) fn members<'g>(
    groups: &'g BTreeMap<String, Vec<String>>,
    id: &'g String,
) -> &'g [String] {
    groups
        .get(id)
        .map_or(std::slice::from_ref(id), Vec::as_slice)
}
