//! Which free quantity each algebraic rule determines: maximum bipartite matching by augmenting paths.
//!
//! Where a rule could determine several, the first of these is taken: quantities without a start value, then those that are
//! no boundary species, in the order species, compartments, parameters, each as declared.
use super::determine::{Quantity, Role};
use super::resolve::Resolved;
use super::{ElementKind, Formula, Network, NetworkError, Place};
use crate::expr::{Expr, Symbol};
use std::collections::{HashMap, VecDeque};

/// The place of an algebraic rule, given its position.
pub(super) fn place_of(rule: usize) -> Place {
    Place::of(ElementKind::AlgebraicRule, &(rule + 1).to_string())
}

/// Rules and quantities matched.
pub(super) struct Matching {
    /// by rule: free quantities that occur in it, by preference
    pub candidates: Vec<Vec<usize>>,
    /// by rule: the quantity that it determines
    pub of_rule: Vec<Option<usize>>,
    /// by quantity: the rule that determines it
    pub matched: HashMap<usize, usize>,
}

impl Matching {
    /// Matches the `active` rules, whose expressions without defined quantities are `flat`, with the quantities that `may` be
    /// determined.
    pub fn new(
        network: &Network,
        quantities: &[Quantity],
        resolved: &Resolved,
        flat: &[Expr],
        active: &[bool],
        may: &dyn Fn(usize) -> bool,
    ) -> Self {
        let by_symbol: HashMap<Symbol, usize> = (quantities.iter().enumerate())
            .filter(|(i, q)| q.role == Role::Free && may(*i))
            .filter_map(|(i, q)| Some((resolved.graph.lookup(q.id)?, i)))
            .collect();
        let preference = |i: &usize| {
            let q = &quantities[*i];
            let boundary = q.kind == ElementKind::Species && network.species[q.index].1.boundary;
            (starts(network, resolved, q), boundary, *i)
        };
        let candidates = |(e, active): (&Expr, &bool)| {
            if !active {
                return Vec::new();
            }
            let symbols = resolved.graph.symbols_of(*e);
            let found = symbols.iter().filter_map(|s| by_symbol.get(s).copied());
            let mut found: Vec<usize> = found.collect();
            found.sort_by_key(preference);
            found
        };
        let mut matching = Matching {
            candidates: flat.iter().zip(active).map(candidates).collect(),
            of_rule: vec![None; flat.len()],
            matched: HashMap::new(),
        };
        for rule in (0..flat.len()).filter(|&rule| active[rule]) {
            matching.augment(rule);
        }
        matching
    }

    /// Ids of a rule's candidates, sorted.
    pub fn names(&self, rule: usize, quantities: &[Quantity]) -> Vec<String> {
        let candidates = self.candidates[rule].iter();
        let mut names: Vec<String> = candidates.map(|i| quantities[*i].id.to_string()).collect();
        names.sort();
        names
    }

    /// Rules that leave a choice: a free quantity that no rule determines could take the place of the one that the rule
    /// determines.
    pub fn open(&self, quantities: &[Quantity]) -> Vec<NetworkError> {
        let undetermined = |i: &usize| !self.matched.contains_key(i);
        (0..self.of_rule.len())
            .filter(|&rule| self.of_rule[rule].is_some())
            .filter(|&rule| self.candidates[rule].iter().any(undetermined))
            .map(|rule| NetworkError::UnderdeterminedAlgebraic {
                place: place_of(rule),
                candidates: self.names(rule, quantities),
            })
            .collect()
    }

    /// Gives free quantities their roles: determined by a rule, else still (species) or constant.
    pub fn settle(&self, network: &Network, quantities: &mut [Quantity]) {
        for (i, quantity) in quantities.iter_mut().enumerate() {
            if quantity.role == Role::Free {
                quantity.role = match (self.matched.get(&i), quantity.kind) {
                    (Some(rule), _) => Role::Algebraic(*rule),
                    // doses may change it, but nothing makes a number of what is none
                    (None, ElementKind::Species) => {
                        match network.species[quantity.index].1.initial {
                            Some(Formula::Number(value)) if !value.is_finite() => Role::Constant,
                            _ => Role::Still,
                        }
                    }
                    (None, _) => Role::Constant,
                };
            }
        }
    }

    /// Rules that compete for the candidates of a rule that found none, itself among them.
    pub fn competing(&self, rule: usize) -> Vec<usize> {
        let mut found = vec![rule];
        let mut at = 0;
        while at < found.len() {
            for candidate in &self.candidates[found[at]] {
                if let Some(&other) = self.matched.get(candidate)
                    && !found.contains(&other)
                {
                    found.push(other);
                }
            }
            at += 1;
        }
        found
    }

    /// Finds a candidate for a rule, breadth first; rules that are served already may have to take another one.
    fn augment(&mut self, rule: usize) -> bool {
        let mut reached_from: HashMap<usize, usize> = HashMap::new();
        let mut queue = VecDeque::from([rule]);
        while let Some(at) = queue.pop_front() {
            for &candidate in &self.candidates[at] {
                if reached_from.contains_key(&candidate) {
                    continue;
                }
                reached_from.insert(candidate, at);
                if let Some(&other) = self.matched.get(&candidate) {
                    queue.push_back(other);
                    continue;
                }
                let mut free = Some(candidate);
                while let Some(candidate) = free {
                    let taker = reached_from[&candidate];
                    self.matched.insert(candidate, taker);
                    free = self.of_rule[taker].replace(candidate);
                }
                return true;
            }
        }
        false
    }
}

/// Whether a value is given at the start.
fn starts(network: &Network, resolved: &Resolved, q: &Quantity) -> bool {
    let value = match q.kind {
        ElementKind::Species => match network.species[q.index].1.initial {
            Some(Formula::Number(value)) => Some(value),
            _ => None,
        },
        ElementKind::Compartment => network.compartments[q.index].1.size,
        _ => network.parameters[q.index].1.value,
    };
    value.is_some_and(f64::is_finite) || resolved.initial.contains_key(q.id)
}
