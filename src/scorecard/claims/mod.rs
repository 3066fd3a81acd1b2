//! Claims: statements about a model's subject beside what the model says of them, and how it comes to say so.
//!
//! `claims.toml` beside a model holds for each claim what the evidence says and some parts: an arm, what it is compared with, a
//! reading and the direction that the claim requires. For every part three things are asked. How many draws of the parameters
//! from their declared ranges show the direction already ([`evaluate`])? Nine tenths and more are *built in*, whatever the numbers are.
//! Does the effect grow with the dose, go away when the path that the claim names is cut, and stay away in a control
//! ([`examine`])? And may numbers have been set so that it appears? [`Label`] is the answer, by rule.
//!
//! What is drawn stands in [`draws`]; what every coupling of a model carries, in [`couplings`].
mod arm;
mod build;
mod check;
mod check_part;
mod claim;
mod coupling;
mod draw;
mod evaluate;
mod examine;
mod label;
mod measure;
mod part;
mod pattern;
mod run;

pub use arm::{Clamp, Transplant, Treatment};
pub use check::{ClaimError, read_claims};
pub use claim::{Claim, Claims, Couplings, Kind, Verdict};
pub use coupling::{Coupling, CouplingTable, couplings};
pub use draw::draws;
pub use evaluate::{CutShare, Evaluated, Share, evaluate};
pub use examine::{Cut, Dosed, Examined, PartFound, examine};
pub use label::{Label, Labelled, labels};
pub use part::{Ablation, Contrast, Control, Direction, Dose, Part, Reading, Statistic};
pub use run::{Laboratory, Settings};
