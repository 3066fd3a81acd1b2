//! Boxes and the couplings between them, before anything is placed.
use crate::report::axes::short_number;

/// Elasticities below this are called weak: a source that doubles changes the rate by less than 1.4 %.
pub const WEAK: f64 = 0.02;
/// A tooltip lists so many couplings and counts the others.
const LISTED: usize = 24;

/// Boxes and the bundles between them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// modules, or states
    pub nodes: Vec<Node>,
    /// at most one for each ordered pair of nodes
    pub bundles: Vec<Bundle>,
}

impl Graph {
    /// Whether anything between its boxes has an elasticity.
    pub fn is_signed(&self) -> bool {
        let all = self.bundles.iter().flat_map(|bundle| &bundle.couplings);
        all.into_iter().any(|coupling| coupling.strength.is_some())
    }
}

/// A module, or a state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// what it is called
    pub title: String,
    /// its states: id and name
    pub states: Vec<(String, String)>,
    /// its quantities that follow at once and that others read
    pub assigned: Vec<String>,
    /// couplings from itself to itself
    pub inside: Vec<Coupling>,
    /// inputs that act on it
    pub tags: Vec<Tag>,
}

/// An input at a module.
#[derive(Clone, Debug, PartialEq)]
pub struct Tag {
    /// its id
    pub input: String,
    /// its name
    pub name: String,
    /// on what it acts
    pub couplings: Vec<Coupling>,
}

/// All couplings from one node to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    /// position of the node that acts
    pub from: usize,
    /// position of the node acted upon
    pub to: usize,
    /// sorted, the strongest first
    pub couplings: Vec<Coupling>,
}

/// A source and what it acts on.
#[derive(Clone, Debug, PartialEq)]
pub struct Coupling {
    /// the quantity that acts
    pub source: String,
    /// the rate, reaction or quantity acted upon
    pub target: String,
    /// none where a formula reads the source, or a reaction moves the target, without an elasticity
    pub strength: Option<Strength>,
}

/// An elasticity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strength {
    /// the model's
    pub value: f64,
    /// from where to where it may lie
    pub range: Option<(f64, f64)>,
}

/// How couplings act together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// all speed up
    Positive,
    /// all slow down
    Negative,
    /// some speed up, others slow down
    Mixed,
    /// all elasticities are weak
    Weak,
    /// no elasticity
    Unsigned,
}

impl Strength {
    /// Whether the range holds both signs.
    pub fn is_open(&self) -> bool {
        self.range
            .is_some_and(|(lower, upper)| lower < 0.0 && upper > 0.0)
    }
}

impl Coupling {
    /// `TNF → junctions_loss: e = 0.26 (−0.5 to 0.5)`.
    pub fn text(&self) -> String {
        let pair = format!("{} → {}", self.source, self.target);
        match self.strength {
            None => pair,
            Some(Strength { value, range }) => {
                let range = range.map_or(String::new(), |(lower, upper)| {
                    format!(" ({} to {})", short_number(lower), short_number(upper))
                });
                format!("{pair}: e = {}{range}", short_number(value))
            }
        }
    }

    /// Sign of this coupling alone.
    pub fn sign(&self) -> Sign {
        sign(std::slice::from_ref(self))
    }
}

/// The sign of several couplings.
pub fn sign(couplings: &[Coupling]) -> Sign {
    let known = couplings.iter().filter_map(|c| c.strength);
    let values: Vec<f64> = known.map(|strength| strength.value).collect();
    let up = values.iter().any(|value| *value >= WEAK);
    let down = values.iter().any(|value| *value <= -WEAK);
    match (up, down) {
        (true, true) => Sign::Mixed,
        (true, false) => Sign::Positive,
        (false, true) => Sign::Negative,
        (false, false) if values.is_empty() => Sign::Unsigned,
        (false, false) => Sign::Weak,
    }
}

/// Sum of the absolute elasticities.
pub fn size(couplings: &[Coupling]) -> f64 {
    let known = couplings.iter().filter_map(|c| c.strength);
    known.map(|strength| strength.value.abs()).sum()
}

/// How many couplings have an elasticity.
pub fn counted(couplings: &[Coupling]) -> usize {
    couplings.iter().filter(|c| c.strength.is_some()).count()
}

/// Whether the ranges of all elasticities that are not weak hold both signs.
pub fn is_open(couplings: &[Coupling]) -> bool {
    let known = couplings.iter().filter_map(|c| c.strength);
    let mut strong = known
        .filter(|strength| strength.value.abs() >= WEAK)
        .peekable();
    strong.peek().is_some() && strong.all(|strength| strength.is_open())
}

/// Sorts couplings: the strongest first, those without elasticity last, alike ones by their ids.
pub fn sort(couplings: &mut Vec<Coupling>) {
    let strength = |c: &Coupling| c.strength.map_or(-1.0, |s| s.value.abs());
    couplings.sort_by(|a, b| {
        let ids = || (&a.source, &a.target).cmp(&(&b.source, &b.target));
        strength(b).total_cmp(&strength(a)).then_with(ids)
    });
    couplings.dedup();
}

/// The lines of a tooltip.
pub fn tooltip(head: &str, couplings: &[Coupling]) -> String {
    let mut text = head.to_owned();
    for coupling in couplings.iter().take(LISTED) {
        text.push('\n');
        text.push_str(&coupling.text());
    }
    if couplings.len() > LISTED {
        text.push_str(&format!("\nand {} more", couplings.len() - LISTED));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coupling(value: f64, range: (f64, f64)) -> Coupling {
        Coupling {
            source: "TNF".to_owned(),
            target: "leak".to_owned(),
            strength: Some(Strength {
                value,
                range: Some(range),
            }),
        }
    }

    #[test]
    fn weak_couplings_do_not_decide_the_sign_of_a_bundle() {
        let strong = coupling(0.3, (0.0, 1.0));
        let weak = coupling(-0.01, (-0.5, 0.5));
        assert_eq!(sign(&[strong.clone(), weak.clone()]), Sign::Positive);
        assert_eq!(weak.sign(), Sign::Weak);
        assert!(!is_open(&[strong, weak]));
    }

    #[test]
    fn a_coupling_tells_its_value_and_range() {
        let text = coupling(0.26, (-0.5, 0.5)).text();
        assert_eq!(text, "TNF → leak: e = 0.26 (−0.5 to 0.5)");
    }
}
