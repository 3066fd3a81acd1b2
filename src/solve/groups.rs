//! Directions in groups of 24 or 8 that stand side by side.
//!
//! A group of G directions of one subject is a matrix, states x G. Wide groups read the matrices of the subject seldom;
//! with 24 the sums of a row still fit into the registers of the processor.

/// Directions of a wide and of a narrow group.
pub(super) const WIDE: usize = 24;
pub(super) const NARROW: usize = 8;

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

/// How the directions of a block are grouped: wide groups first, then narrow ones.
#[derive(Clone, Copy, Debug)]
pub(super) struct Groups {
    states: usize,
    wide: usize,
    narrow: usize,
}

impl Groups {
    pub(super) fn new(states: usize, directions: usize) -> Self {
        let (wide, rest) = (directions / WIDE, directions % WIDE);
        let narrow = rest.div_ceil(NARROW);
        // three narrow groups cost more than a wide one
        let (wide, narrow) = if narrow * NARROW == WIDE {
            (wide + 1, 0)
        } else {
            (wide, narrow)
        };
        Groups {
            states,
            wide,
            narrow,
        }
    }

    /// Numbers of one lane.
    pub(super) fn size(&self) -> usize {
        self.states * (self.wide * WIDE + self.narrow * NARROW)
    }

    pub(super) fn count(&self) -> usize {
        self.wide + self.narrow
    }

    /// Numbers of the widest group.
    pub(super) fn widest(&self) -> usize {
        self.iter().map(|group| group.width).max().unwrap_or(0) * self.states
    }

    fn group(&self, number: usize) -> Group {
        let (first, width) = if number < self.wide {
            (number * WIDE, WIDE)
        } else {
            (self.wide * WIDE + (number - self.wide) * NARROW, NARROW)
        };
        Group {
            first,
            width,
            start: first * self.states,
        }
    }

    /// Position of (state i, direction j) in the numbers of a lane.
    pub(super) fn at(&self, i: usize, j: usize) -> usize {
        let group = self.group(if j < self.wide * WIDE {
            j / WIDE
        } else {
            self.wide + (j - self.wide * WIDE) / NARROW
        });
        group.start + i * group.width + j - group.first
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Group> {
        (0..self.count()).map(move |number| self.group(number))
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
