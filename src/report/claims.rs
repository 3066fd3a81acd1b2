//! Claims as text, Markdown and table; what couplings carry, as Markdown and table.
mod couplings;
mod markdown;
mod table;
mod words;

pub use couplings::{couplings_markdown, couplings_table};
pub use markdown::{claims_markdown, claims_summary};
pub use table::{claims_table, claims_text};

use crate::scorecard::claims::{Claims, Evaluated, Examined, Label, Labelled};

/// Everything that a table of claims tells.
#[derive(Clone, Copy, Debug)]
pub struct ClaimReport<'a> {
    /// id of the model
    pub model: &'a str,
    /// the claims
    pub claims: &'a Claims,
    /// over draws from the declared ranges
    pub evaluated: &'a [Evaluated],
    /// with the model's own numbers
    pub examined: &'a [Examined],
    /// the labels
    pub labelled: &'a [Labelled],
    /// how many draws
    pub draws: usize,
    /// their seed
    pub seed: u64,
}

/// The last line of everything that goes to readers.
const FOOTER: &str = "Research software. Not medical advice, not a medical device, not for individual treatment decisions.";

/// "3 built in, 2 predicted": how many claims have each label.
fn counts(labelled: &[Labelled]) -> String {
    let all = [
        Label::Predicted,
        Label::Calibrated,
        Label::BuiltIn,
        Label::Contradicted,
        Label::NotRepresentable,
    ];
    let count = |label: &Label| labelled.iter().filter(|l| l.label == *label).count();
    let texts: Vec<String> = (all.iter())
        .filter(|label| count(label) > 0)
        .map(|label| format!("{} {}", count(label), label.words()))
        .collect();
    texts.join(", ")
}
