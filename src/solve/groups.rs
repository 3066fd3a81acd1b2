//! Directions in groups of 4, 8, 16 or 24 that stand side by side.
//!
//! A group of G directions of one subject is a matrix, states x G. Wide groups read the matrices of the subject seldom;
//! with 24 the sums of a row still fit into the registers of the processor.

/// Directions of a full group.
const WIDEST: usize = 24;

/// One group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// its first direction
    pub first: usize,
    /// its columns; the last ones may stand for no direction and are zero
    pub width: usize,
    /// where it begins in the numbers of a lane
    pub start: usize,
}

/// How the directions of a block are grouped.
#[derive(Clone, Copy, Debug)]
pub(super) struct Groups {
    states: usize,
    full: usize,
    last: usize,
}

impl Groups {
    pub(super) fn new(states: usize, directions: usize) -> Self {
        let (full, rest) = (directions / WIDEST, directions % WIDEST);
        let last = match rest {
            0 => 0,
            1..=4 => 4,
            5..=8 => 8,
            9..=16 => 16,
            _ => WIDEST,
        };
        Groups { states, full, last }
    }

    /// Numbers of one lane.
    pub(super) fn size(&self) -> usize {
        self.states * (self.full * WIDEST + self.last)
    }

    pub(super) fn count(&self) -> usize {
        self.full + usize::from(self.last > 0)
    }

    /// Position of (state i, direction j) in the numbers of a lane.
    pub(super) fn at(&self, i: usize, j: usize) -> usize {
        let (group, column) = (j / WIDEST, j % WIDEST);
        let width = if group < self.full { WIDEST } else { self.last };
        group * WIDEST * self.states + i * width + column
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Group> {
        (0..self.count()).map(move |group| Group {
            first: group * WIDEST,
            width: if group < self.full { WIDEST } else { self.last },
            start: group * WIDEST * self.states,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_direction_of_every_state_has_a_place_of_its_own() {
        for directions in 0..100 {
            let groups = Groups::new(3, directions);
            let mut seen = vec![false; groups.size()];
            for j in 0..directions {
                for i in 0..3 {
                    assert!(!std::mem::replace(&mut seen[groups.at(i, j)], true));
                }
            }
            let columns: usize = groups.iter().map(|group| group.width).sum();
            assert_eq!(3 * columns, groups.size());
            assert!(columns < directions + 8, "{directions} in {columns}");
        }
    }
}
