//! Calls of the interpreter, brought together: no vector register survives a call, so few calls at few places are cheap.
//!
//! Calls whose operands need no result of another call make the first group, calls that need only those the second, and so
//! on. Before each group stand the steps that its operands need, in the order of the tape; everything else follows the last
//! group. Each step does what it did: only the order changes.
use super::values::{Action, NONE, Origin, Step, Values};

/// Brings calls together, unless a step would then overwrite a register that is still to be read.
pub(super) fn group_calls(values: &mut Values) {
    let Values { steps, origins, .. } = values;
    let is_call = |step: &Step| matches!(step.action, Action::Call(_));
    if steps.iter().filter(|step| is_call(step)).count() < 2 {
        return;
    }
    // of each value, how many calls one after the other it needs
    let mut depths = vec![0u32; origins.len()];
    for step in steps.iter() {
        let depth = (step.from.iter())
            .filter(|&&value| value != NONE)
            .map(|&value| depths[value as usize])
            .max();
        depths[step.to as usize] = depth.unwrap_or(0) + u32::from(is_call(step));
    }
    // of each step, the first group that needs it: 2 k before the calls of group k, 2 k + 1 in it
    let mut ranks = vec![NONE; steps.len()];
    let mut needed = vec![NONE; origins.len()];
    for (step, rank) in steps.iter().zip(&mut ranks).rev() {
        *rank = needed[step.to as usize];
        let mut sources = *rank;
        if is_call(step) {
            // calls are made in their group, whoever needs them when
            let group = 2 * (depths[step.to as usize] - 1);
            *rank = group + 1;
            sources = group;
        }
        for &value in step.from.iter().filter(|&&value| value != NONE) {
            let needed = &mut needed[value as usize];
            *needed = sources.min(*needed);
        }
    }
    // what comes forward stands with the temporaries, but for the last value of a register
    for (step, &rank) in steps.iter().zip(&ranks) {
        if rank != NONE && step.store == NONE {
            origins[step.to as usize] = Origin::Made(NONE);
        }
    }
    if overwrites(steps, origins, &ranks) {
        return;
    }
    let mut order: Vec<u32> = (0..steps.len() as u32).collect();
    order.sort_by_key(|&at| ranks[at as usize]);
    *steps = order.iter().map(|&at| steps[at as usize]).collect();
}

/// Whether a step that comes forward has a register of its own that another value has, too.
fn overwrites(steps: &[Step], origins: &[Origin], ranks: &[u32]) -> bool {
    let mut owners: Vec<u8> = Vec::new();
    for origin in origins {
        if let Origin::Register(r) | Origin::Made(r) = *origin
            && r != NONE
        {
            let r = r as usize;
            if owners.len() <= r {
                owners.resize(r + 1, 0);
            }
            owners[r] = owners[r].saturating_add(1);
        }
    }
    steps.iter().zip(ranks).any(|(step, &rank)| {
        rank != NONE
            && matches!(origins[step.to as usize], Origin::Made(r) if r != NONE && owners[r as usize] > 1)
    })
}
