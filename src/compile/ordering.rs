//! The order in which the iteration matrix is eliminated, and the pattern of its factors.
//!
//! Pivots stay on the diagonal where the diagonal is structurally present; otherwise rows are matched to columns first. The
//! order is Markowitz' minimum degree: the pivot with the smallest product of the other entries in its row and column,
//! the first of equals. H. M. Markowitz, Management Science 3 (1957) 255, doi:10.1287/mnsc.3.3.255.

/// A set of small numbers.
#[derive(Clone, Debug)]
struct Bits(Vec<u64>);

impl Bits {
    fn new(n: usize) -> Self {
        Bits(vec![0; n.div_ceil(64)])
    }
    fn insert(&mut self, i: usize) {
        self.0[i / 64] |= 1 << (i % 64);
    }
    fn remove(&mut self, i: usize) {
        self.0[i / 64] &= !(1 << (i % 64));
    }
    fn contains(&self, i: usize) -> bool {
        self.0[i / 64] >> (i % 64) & 1 == 1
    }
    fn union(&mut self, other: &Bits) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a |= b);
    }
    fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }
    fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(w, &word)| {
            let mut word = word;
            std::iter::from_fn(move || {
                (word != 0).then(|| {
                    let i = word.trailing_zeros() as usize;
                    word &= word - 1;
                    64 * w + i
                })
            })
        })
    }
}

/// Pivots in order, and the pattern of the factors in that order.
#[derive(Clone, Debug)]
pub(crate) struct Elimination {
    /// Pivot k eliminates this row ...
    pub rows: Vec<usize>,
    /// ... and this column.
    pub columns: Vec<usize>,
    /// Columns (in pivot order) of the entries of each row (in pivot order), ascending: L left of the diagonal, U from it on.
    pub factors: Vec<Vec<usize>>,
}

/// Orders an n x n pattern; `None` if it is structurally singular.
pub(crate) fn eliminate(n: usize, pattern: &[(u32, u32)]) -> Option<Elimination> {
    let row_of = match_rows(n, pattern)?;
    let mut column_of = vec![0; n];
    for (column, &row) in row_of.iter().enumerate() {
        column_of[row] = column;
    }
    // pivot candidate p is (row_of[p], column p): relabel rows so that candidates are diagonal
    let mut rows = vec![Bits::new(n); n];
    let mut columns = vec![Bits::new(n); n];
    for &(row, column) in pattern {
        let p = column_of[row as usize];
        rows[p].insert(column as usize);
        columns[column as usize].insert(p);
    }
    let mut degrees: Vec<(usize, usize)> = (0..n)
        .map(|p| (rows[p].count(), columns[p].count()))
        .collect();
    let mut left: Vec<usize> = (0..n).collect();
    let mut order = Vec::with_capacity(n);
    let mut filled = rows.clone();
    while !left.is_empty() {
        let cost = |&p: &usize| (degrees[p].0 - 1) * (degrees[p].1 - 1);
        let best = (0..left.len())
            .min_by_key(|&i| (cost(&left[i]), left[i]))
            .expect("candidates are left");
        let pivot = left.remove(best);
        order.push(pivot);
        let mut row = rows[pivot].clone();
        row.remove(pivot);
        let mut column = columns[pivot].clone();
        column.remove(pivot);
        for i in column.iter() {
            rows[i].remove(pivot);
            rows[i].union(&row);
            filled[i].union(&row);
            degrees[i].0 = rows[i].count();
        }
        for j in row.iter() {
            columns[j].remove(pivot);
            columns[j].union(&column);
            degrees[j].1 = columns[j].count();
        }
    }
    let mut rank = vec![0; n];
    for (k, &p) in order.iter().enumerate() {
        rank[p] = k;
    }
    let factors = order
        .iter()
        .map(|&p| {
            let mut entries: Vec<usize> = filled[p].iter().map(|column| rank[column]).collect();
            entries.sort_unstable();
            debug_assert!(filled[p].contains(p));
            entries
        })
        .collect();
    Some(Elimination {
        rows: order.iter().map(|&p| row_of[p]).collect(),
        columns: order,
        factors,
    })
}

/// A row for every column with an entry there, the diagonal where possible; augmenting paths.
fn match_rows(n: usize, pattern: &[(u32, u32)]) -> Option<Vec<usize>> {
    let mut rows_in = vec![Vec::new(); n];
    let mut row_of: Vec<Option<usize>> = vec![None; n];
    let mut column_of: Vec<Option<usize>> = vec![None; n];
    for &(row, column) in pattern {
        let (row, column) = (row as usize, column as usize);
        rows_in[column].push(row);
        if row == column {
            row_of[column] = Some(row);
            column_of[row] = Some(column);
        }
    }
    for start in 0..n {
        if row_of[start].is_some() {
            continue;
        }
        // breadth first: from a column over its rows to the columns that hold them
        let mut reached_from: Vec<Option<usize>> = vec![None; n];
        let mut queue = std::collections::VecDeque::from([start]);
        let mut last = None;
        'search: while let Some(column) = queue.pop_front() {
            for &row in &rows_in[column] {
                if reached_from[row].is_none() {
                    reached_from[row] = Some(column);
                    match column_of[row] {
                        Some(next) => queue.push_back(next),
                        None => {
                            last = Some(row);
                            break 'search;
                        }
                    }
                }
            }
        }
        let mut row = last?;
        loop {
            let column = reached_from[row].expect("a path leads back to its start");
            let previous = row_of[column].replace(row);
            column_of[row] = Some(column);
            match previous {
                Some(released) if column != start => row = released,
                _ => break,
            }
        }
    }
    row_of.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::eliminate;

    #[test]
    fn an_arrow_is_eliminated_without_fill() {
        // the first row and column are full: eliminated first, they would fill everything
        let n = 9;
        let pattern: Vec<(u32, u32)> = (0..n).flat_map(|i| [(i, i), (0, i), (i, 0)]).collect();
        let order = eliminate(n as usize, &pattern).expect("regular");
        // it goes when as cheap as the last of the others
        assert!(
            order
                .columns
                .iter()
                .position(|c| *c == 0)
                .expect("eliminated")
                >= n as usize - 2
        );
        let entries: usize = order.factors.iter().map(Vec::len).sum();
        assert_eq!(entries, 3 * n as usize - 2);
    }

    #[test]
    fn every_pivot_is_an_entry_also_when_the_diagonal_is_empty() {
        // a cycle of three, and a state of its own
        let pattern = [(0, 1), (1, 2), (2, 0), (3, 3), (3, 0)];
        let order = eliminate(4, &pattern).expect("a permutation exists");
        for (row, column) in order.rows.iter().zip(&order.columns) {
            assert!(pattern.contains(&(*row as u32, *column as u32)));
        }
        let mut rows = order.rows.clone();
        rows.sort_unstable();
        assert_eq!(rows, [0, 1, 2, 3]);
    }

    #[test]
    fn two_columns_in_one_row_are_structurally_singular() {
        assert!(eliminate(2, &[(0, 0), (0, 1)]).is_none());
        assert!(eliminate(3, &[(0, 0), (1, 0), (2, 0), (0, 1), (0, 2)]).is_none());
    }
}
