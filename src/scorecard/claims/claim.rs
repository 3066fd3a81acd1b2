//! Claims as data: what is said, what the evidence says, and the subjects, groups and cuts that the parts share.
use super::part::Part;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The claims of a model, as `claims.toml` holds them.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// Scenarios of subjects that nothing is done to. What they set is the subjects' own: it is never drawn, and no treatment changes it.
    pub subjects: Vec<String>,
    /// How long a subject lives untreated before a part begins, in the model's time unit.
    pub settle: f64,
    /// States that are named together.
    #[serde(default)]
    pub groups: BTreeMap<String, Vec<String>>,
    /// Parameters with the values that cut a path, by the name of the cut.
    #[serde(default)]
    pub cuts: BTreeMap<String, BTreeMap<String, f64>>,
    /// What is read when every coupling is cut, one after the other.
    #[serde(default)]
    pub couplings: Option<Couplings>,
    /// The claims.
    #[serde(default, rename = "claim")]
    pub list: Vec<Claim>,
}

/// What is read when couplings are cut.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Couplings {
    /// How the ids of couplings begin; at 0 a coupling carries nothing.
    pub prefix: String,
    /// Subjects that are looked at.
    pub subjects: Vec<String>,
    /// When, after the start of the subject's scenario.
    pub day: f64,
    /// States and observables.
    pub outputs: Vec<String>,
}

/// One claim.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Id.
    pub id: String,
    /// What is said, hedged as its sources hedge it.
    pub statement: String,
    /// What kind of test the model can be to it.
    pub kind: Kind,
    /// What the evidence says, in a word.
    pub evidence: Verdict,
    /// The same in a line or two, with what is in doubt.
    pub standing: String,
    /// DOIs and PubMed ids of the evidence.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Findings of `targets.tsv` that bear on it.
    #[serde(default)]
    pub findings: Vec<String>,
    /// Findings of `targets.tsv` that say otherwise.
    #[serde(default)]
    pub conflicts: Vec<String>,
    /// What of it the model cannot represent, and why.
    #[serde(default)]
    pub cannot: Option<String>,
    /// What makes the test fair, and what it cannot tell.
    #[serde(default)]
    pub caution: Option<String>,
    /// What is asked of the model; a claim without parts is not representable.
    #[serde(default, rename = "part")]
    pub parts: Vec<Part>,
}

/// What kind of test a model can be to a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// the equations say it
    Structural,
    /// numbers of the model were set with it in view
    Calibrated,
    /// the model is free to say otherwise
    Predicted,
}

impl Kind {
    /// The word in files and tables.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Structural => "structural",
            Kind::Calibrated => "calibrated",
            Kind::Predicted => "predicted",
        }
    }
}

/// What the evidence says of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// for it
    Supported,
    /// for and against
    Mixed,
    /// against it
    Contradicted,
    /// too little to tell
    Open,
}

impl Verdict {
    /// The word in files and tables.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Supported => "supported",
            Verdict::Mixed => "mixed",
            Verdict::Contradicted => "contradicted",
            Verdict::Open => "open",
        }
    }
}
