//! What varies between mice and between vendors, how much, and how readings scatter: the numbers of the mixed model.
//!
//! Effects are logarithms of factors, normal about 0:
//!
//! | effect | acts on | differs between |
//! |---|---|---|
//! | a followed genus | its capacity and its start | mice, vendors |
//! | `whole` | capacities and starts of all guilds | mice, vendors |
//! | an acid | its reading per concentration | mice, vendors |
//! | `community` | the starts of all guilds | mice, vendors |
//! | `start_` and a genus or an acid | its start | vendors (between mice it is scatter of day 0) |
//!
//! What acts on the start alone is forgotten. Standard deviations between mice and of readings are estimated by marginal likelihood.
//! Those between vendors have scaled inverse chi-squared priors and are updated by the modes and curvatures of the effects in training;
//! few vendors tell little, and what stays unknown is drawn in forecasts. Effects of cages (a vendor and a diet) on genera and acids were
//! tried: left-out vendors' genera were forecast worse with them.
use super::community::ACID_IDS;
use super::scores::{GROUPS, group};
use holobiont::{
    cohort::Source,
    fit::{Parameter, Prior, Scale},
};
use std::f64::consts::LN_10;

/// Names of the kinds of effects: first those of mice and vendors, then those of vendors alone.
pub const KINDS: [&str; 6] = [
    "genus",
    "community",
    "whole",
    "acid",
    "start of genus",
    "start of acid",
];
/// Number of kinds that differ between mice.
const MICE: usize = 4;

/// The kind of an effect.
pub fn kind(effect: &str) -> usize {
    let is_acid = |id: &str| usize::from(ACID_IDS.contains(&id));
    match effect.strip_prefix("start_") {
        Some(id) => 4 + is_acid(id),
        None if effect == "community" => 1,
        None if effect == "whole" => 2,
        None => 3 * is_acid(effect),
    }
}

/// Whether mice have an effect; vendors have all.
pub fn of_mice(effect: &str) -> bool {
    kind(effect) < MICE
}

/// Prior standard deviations of log10 between vendors, by kind. Vendors' mice differ in which strains they have, by orders of
/// magnitude in a genus, and less in what a full gut holds; what is forgotten is half of what lasts.
const VENDORS: [f64; 6] = [0.7, 0.1, 0.2, 0.15, 0.35, 0.075];
/// Degrees of freedom of these priors: what four seen effects would tell.
const FREEDOM: f64 = 4.0;

/// What is known of the variance of one kind of effects of vendors: scaled inverse chi-squared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VendorSpread {
    /// degrees of freedom
    pub freedom: f64,
    /// standard deviation of ln, its scale
    pub sd: f64,
}

impl VendorSpread {
    /// The priors, by kind.
    pub fn priors() -> [VendorSpread; 6] {
        VENDORS.map(|sd| VendorSpread {
            freedom: FREEDOM,
            sd: sd * LN_10,
        })
    }

    /// The prior of a kind after effects of so many vendors with these squares were seen. One vendor in all goes into the shared
    /// parameters.
    pub fn posterior(kind: usize, vendors: usize, squares: &[f64]) -> VendorSpread {
        let prior = VendorSpread::priors()[kind];
        let count = squares.len() as f64;
        let sum = prior.freedom * prior.sd * prior.sd + squares.iter().sum::<f64>();
        VendorSpread {
            freedom: prior.freedom + count * (1.0 - 1.0 / vendors as f64),
            sd: (sum / (prior.freedom + count)).sqrt(),
        }
    }
}

/// Priors of the estimated standard deviations of log10: median by kind, and by group of readings on day 0 and later. They are
/// log-normal with [`PRIOR_SPREAD`].
const MOUSE: [f64; 4] = [0.15, 0.3, 0.1, 0.1];
const READING: [[f64; 3]; 2] = [[0.15, 0.2, 0.4], [0.15, 0.2, 0.4]];
/// Standard deviation of ln of an estimated standard deviation: a factor of 2.7 either way in nine of ten.
const PRIOR_SPREAD: f64 = 0.6;

/// The standard deviations, all of natural logarithms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spreads {
    /// between mice, by kind of effect
    pub mouse: [f64; 4],
    /// of readings on day 0 and later, by group
    pub reading: [[f64; 3]; 2],
}

impl Default for Spreads {
    /// Medians of the priors.
    fn default() -> Self {
        Spreads {
            mouse: MOUSE.map(|sd| sd * LN_10),
            reading: READING.map(|row| row.map(|sd| sd * LN_10)),
        }
    }
}

impl Spreads {
    /// Number of estimated standard deviations.
    pub const COUNT: usize = 10;

    /// The standard deviation of a reading.
    pub fn of_reading(&self, q: usize, day: u32) -> f64 {
        self.reading[usize::from(day > 0)][group(q)]
    }

    /// All as one list: mice, readings of day 0, later ones.
    pub fn list(&self) -> [f64; Spreads::COUNT] {
        let mut all = [0.0; Spreads::COUNT];
        let values = self.mouse.iter().chain(self.reading.iter().flatten());
        for (slot, value) in all.iter_mut().zip(values) {
            *slot = *value;
        }
        all
    }

    /// From such a list.
    pub fn from_list(all: &[f64]) -> Spreads {
        let three = |from: usize| [all[from], all[from + 1], all[from + 2]];
        Spreads {
            mouse: [all[0], all[1], all[2], all[3]],
            reading: [three(4), three(7)],
        }
    }

    /// Names of the list.
    pub fn names() -> Vec<String> {
        let mice = KINDS[..MICE].iter().map(|kind| format!("sd_mouse_{kind}"));
        let readings = ["day0", "later"]
            .into_iter()
            .flat_map(|when| GROUPS.map(|group| format!("sd_{group}_{when}")));
        mice.chain(readings).collect()
    }

    /// Rows that estimate them.
    pub fn rows(&self) -> Vec<Parameter> {
        let medians = Spreads::default().list();
        let named = Spreads::names()
            .into_iter()
            .zip(medians.iter().zip(self.list()));
        named
            .map(|(id, (median, value))| Parameter {
                id,
                name: None,
                unit: None,
                scale: Scale::Log,
                lower: 1e-3,
                upper: 1e2,
                nominal: value,
                estimate: true,
                prior: Some(Prior::LogNormal {
                    log_mean: median.ln(),
                    log_sd: PRIOR_SPREAD,
                }),
                initialization: None,
            })
            .collect()
    }

    /// The place of the standard deviation of a reading among rows that begin at `first`.
    pub fn source(first: usize, q: usize, day: u32) -> Source {
        Source::Parameter(first + 4 + 3 * usize::from(day > 0) + group(q))
    }
}
