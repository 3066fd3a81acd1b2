//! Virtual cohorts and trials: subjects that differ, arms as scenarios, chance, endpoints, power.
//!
//! A [`Population`] says who the virtual subjects are (`population.toml` beside a model), a [`Design`] what is done with them
//! (`trials/*.toml`). Both are data; every number carries a source or the word `assumed`.
//!
//! 1. A subject draws its parameters and infections, and lives untreated for the run-in ([`Subjects::settle`]).
//! 2. From then on it lives once in every arm ([`Subjects::treated`]): the same subject, the same infections, another treatment.
//! 3. Chance acts on a life: dropout, relapses, noise of measurement (`chance`).
//! 4. A trial gives each subject to one arm and is analysed as trials are (`analysis`).
//! 5. Power and false positives come from many trials: subjects are allocated anew and chance is drawn anew, lives are not solved
//!    again (`power`). Under no effect all arms take the life of the first.
//!
//! Streams of random numbers are one a purpose and subject, so neither threads nor other subjects change a bit of a subject.
//!
//! | file | job |
//! |---|---|
//! | `population`, `design`, `spread` | the files and their errors |
//! | `check`, `check_design` | what cannot be, with file, key and what to try |
//! | `stream` | random numbers |
//! | `subject`, `course`, `steps` | a subject's parameters, infections and treatment as one scenario |
//! | `life` | many subjects through the solver |
//! | `chance` | dropout, relapses, readings |
//! | `disability` | steps of the scale, confirmed progression |
//! | `compare`, `survival` | two groups: means, rates, times to an event |
//! | `analysis`, `power`, `run` | the table of endpoints |
//! | `shares` | shares of virtual subjects with a disease, a relapse, a progression |
mod analysis;
mod chance;
mod check;
mod check_design;
mod compare;
mod course;
mod design;
mod disability;
mod error;
mod life;
mod population;
mod power;
mod run;
mod shares;
mod spread;
mod steps;
mod stream;
mod subject;
mod survival;

pub use analysis::{Measure, Row, Summary, analyse};
pub use chance::{Patient, expected_relapses};
pub use compare::{Contrast, rate_ratio, welch};
pub use design::{Adherence, Arm, Change, Design, Dropout, Endpoint, Kind, Scale};
pub use disability::{Disability, Onset, Rise, confirmed_progression, nearest_step};
pub use error::{Failure, TrialError};
pub use life::{Life, Settled, Subjects};
pub use population::{Event, Infections, Population, Relapses, ShareOf, Vary};
pub use power::{Power, Rejections, Shared};
pub use run::{Options, Trial, run};
pub use shares::{Shares, shares, shares_of};
pub use spread::{Spread, SpreadKind};
pub use survival::{Curve, Time, hazard_ratio, kaplan_meier, log_rank};
