//! Quantities defined by expressions of each other, put in terms of what nothing defines.
use crate::expr::{Expr, Graph, Symbol};
use std::collections::HashMap;

/// A system of definitions `symbol := expression` that may use each other.
pub(super) struct Definitions {
    raw: Vec<(Symbol, Expr)>,
    position: HashMap<Symbol, usize>,
}

#[derive(Clone, Copy, PartialEq)]
enum Progress {
    New,
    Open,
    Done,
}

impl Definitions {
    pub fn new(raw: Vec<(Symbol, Expr)>) -> Self {
        let position = (raw.iter().enumerate())
            .map(|(i, (symbol, _))| (*symbol, i))
            .collect();
        Definitions { raw, position }
    }

    /// Every definition in terms of symbols that are not defined; circles are given to `report`, closed (the last is the
    /// first), each member in one circle at most.
    pub fn flatten(
        &self,
        graph: &mut Graph,
        report: &mut dyn FnMut(Vec<String>),
    ) -> HashMap<Symbol, Expr> {
        let uses: Vec<Vec<usize>> = (self.raw.iter())
            .map(|(_, e)| {
                let symbols = graph.symbols_of(*e);
                let defined = symbols.iter().filter_map(|s| self.position.get(s));
                defined.copied().collect()
            })
            .collect();
        let order = dependency_order(&uses, &mut |cycle| {
            let name = |at: &usize| graph.name(self.raw[*at].0).to_string();
            report(cycle.iter().map(name).collect());
        });
        let mut flat: HashMap<Symbol, Expr> = HashMap::with_capacity(self.raw.len());
        for at in order {
            let (symbol, e) = self.raw[at];
            let value = graph.substitute(e, &flat);
            flat.entry(symbol).or_insert(value);
        }
        flat
    }
}

/// An order in which each item comes after those that it uses; circles are given to `report`, closed (the last is the first),
/// each item in one circle at most.
pub(super) fn dependency_order(
    uses: &[Vec<usize>],
    report: &mut dyn FnMut(&[usize]),
) -> Vec<usize> {
    let mut progress = vec![Progress::New; uses.len()];
    let mut reported = vec![false; uses.len()];
    let mut order = Vec::with_capacity(uses.len());
    for start in 0..uses.len() {
        if progress[start] != Progress::New {
            continue;
        }
        progress[start] = Progress::Open;
        // the item, and how many of its uses were followed
        let mut path = vec![(start, 0)];
        while let Some((at, followed)) = path.last_mut() {
            let at = *at;
            let Some(&other) = uses[at].get(*followed) else {
                order.push(at);
                progress[at] = Progress::Done;
                path.pop();
                continue;
            };
            *followed += 1;
            match progress[other] {
                Progress::Done => {}
                Progress::New => {
                    progress[other] = Progress::Open;
                    path.push((other, 0));
                }
                Progress::Open => {
                    let members = path.iter().map(|(at, _)| *at);
                    let mut cycle: Vec<usize> = members.skip_while(|at| *at != other).collect();
                    if cycle.iter().all(|at| !reported[*at]) {
                        cycle.iter().for_each(|at| reported[*at] = true);
                        cycle.push(other);
                        report(&cycle);
                    }
                }
            }
        }
    }
    order
}
