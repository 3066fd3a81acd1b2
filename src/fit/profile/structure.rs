//! What no data of this design can tell: the rank of the sensitivities at random points.
//!
//! The sensitivities of all readings, in units of their noise and on the search scale, are decomposed at the best point and at
//! random points of the box (`null_space`). A parameter that takes part in the null space at every point is structurally not
//! identifiable by model and design: readings, times and schedules as they are. Generic points suffice: the rank is the same almost
//! everywhere, and lower only where things coincide (Jacquez and Greif 1985, doi:10.1016/0025-5564(85)90098-7). The rank at a point
//! counts only where a gap separates the singular values that are zero from those that are not; other points are reported and left out.
//! Solves are made with tighter tolerances, so that the errors of the sensitivities stay below the threshold.

use super::null_space::{NullSpace, SensitivityRows};
use crate::fit::arrow::ArrowLayout;
use crate::fit::objective::Evaluation;
use crate::fit::parameters::{ParameterTable, Search};
use crate::fit::starts::{Sampling, StartPoints};
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

/// Options of [`structure`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StructureOptions {
    /// number of random points
    pub points: usize,
    /// their seed
    pub seed: u64,
    /// singular values of the matrix with columns of length 1 below this may count as zero
    pub threshold: f64,
    /// they do where the next larger one is so many times as large
    pub gap: f64,
    /// a parameter takes part in the null space when its component reaches this
    pub component: f64,
    /// a parameter whose whole column is shorter than this times the longest one has no effect
    pub zero_column: f64,
    /// a point without a value is moved halfway to the best one, so often at most
    pub redraws: u32,
    /// relative tolerance of the solves, where that of the fit is not tighter
    pub relative_tolerance: f64,
}

impl Default for StructureOptions {
    fn default() -> Self {
        StructureOptions {
            points: 6,
            seed: 1,
            threshold: 1e-6,
            gap: 1e3,
            component: 1e-2,
            zero_column: 1e-10,
            redraws: 4,
            relative_tolerance: 1e-9,
        }
    }
}

/// Where a rank was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RankPointKind {
    /// at the best point
    Best,
    /// at a random point of the box, moved towards the best one to this share of its distance
    Random {
        /// 1: not moved
        share: f64,
    },
}

/// The rank at one point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankPoint {
    /// which point
    pub kind: RankPointKind,
    /// its search values
    pub search: Search,
    /// why there are no sensitivities, where there are none
    pub failure: Option<String>,
    /// how many directions are told; none where there is no gap
    pub rank: Option<usize>,
    /// singular values of the scaled blocks, descending
    pub singular: Vec<f64>,
}

/// Parameters that can move together without any change of the predictions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Combination {
    /// their ids
    pub parameters: Vec<String>,
    /// in how many independent directions
    pub directions: usize,
    /// the direction on the search scale, its largest component of size 1, where there is one and it is the same at all points: on
    /// logarithmic scales these are exponents
    pub direction: Option<Vec<f64>>,
}

/// What the points say together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Structure {
    /// number of estimated parameters
    pub parameters: usize,
    /// the best point, then the random ones
    pub points: Vec<RankPoint>,
    /// whether at least one random point has a clear rank; nothing is said otherwise
    pub decided: bool,
    /// what cannot be told
    pub combinations: Vec<Combination>,
}

impl Structure {
    /// The combination that a parameter takes part in.
    pub fn combination_of(&self, id: &str) -> Option<usize> {
        self.combinations
            .iter()
            .position(|c| c.parameters.iter().any(|p| p == id))
    }

    /// Number of points without sensitivities.
    pub fn failures(&self) -> usize {
        self.points.iter().filter(|p| p.failure.is_some()).count()
    }

    /// Number of points with sensitivities and no gap.
    pub fn unclear(&self) -> usize {
        (self.points.iter())
            .filter(|p| p.failure.is_none() && p.rank.is_none())
            .count()
    }
}

/// Sensitivities at a search point, or why there are none.
type RowsAt<'a> = dyn Fn(&Search) -> Result<Vec<SensitivityRows>, Box<Evaluation>> + Sync + 'a;

/// Looks at the rank at the best point and at random points. `rows` gives the sensitivities at a search point, as
/// [`CohortObjective::sensitivity_rows`](crate::fit::CohortObjective::sensitivity_rows) does, `layout` is that of the objective.
/// Infinite bounds stand at a distance of 1 + |x| from the best point.
///
/// ```
/// use holobiont::fit::{ArrowLayout, Parameter, ParameterTable, Scale, Search, SensitivityRows, StructureOptions, structure};
/// let row = |id: &str| Parameter { id: id.into(), name: None, unit: None, scale: Scale::Log, lower: 0.1, upper: 10.0, nominal: 1.0, estimate: true, prior: None };
/// let table = ParameterTable { rows: vec![row("a"), row("b")] };
/// // readings a b t at t = 1, 2: on logarithmic scales both columns are the readings themselves
/// let rows = |x: &Search| {
///     let y = (x.0[0] + x.0[1]).exp();
///     Ok(vec![SensitivityRows { entries: vec![0, 1], rows: nalgebra::DMatrix::from_row_slice(2, 2, &[y, y, 2.0 * y, 2.0 * y]) }])
/// };
/// let found = structure(&rows, &ArrowLayout::dense(2), &table, &Search(vec![0.0, 0.0]), &StructureOptions::default());
/// assert_eq!(found.combinations[0].parameters, ["a", "b"]);
/// let direction = found.combinations[0].direction.as_ref().unwrap();
/// assert!((direction[0] + direction[1]).abs() < 1e-9);
/// ```
pub fn structure(
    rows: &RowsAt<'_>,
    layout: &ArrowLayout,
    table: &ParameterTable,
    best: &Search,
    options: &StructureOptions,
) -> Structure {
    let drawn = random_points(table, best, options);
    let mut points = Vec::new();
    let mut clear: Vec<NullSpace> = Vec::new();
    let mut clear_random = 0;
    for k in 0..=drawn.len() {
        let mut share = 1.0;
        let mut attempt = 0;
        loop {
            let (kind, x) = match k.checked_sub(1).map(|k| &drawn[k]) {
                None => (RankPointKind::Best, best.clone()),
                Some(point) => {
                    let between = |(b, p): (&f64, &f64)| b + share * (p - b);
                    let x = best.0.iter().zip(&point.0).map(between).collect();
                    (RankPointKind::Random { share }, Search(x))
                }
            };
            let (failure, found) = match rows(&x) {
                Ok(all) => (None, Some(NullSpace::of(layout, &all, options))),
                Err(answer) => (Some(answer.to_string()), None),
            };
            if failure.is_some() && k > 0 && attempt < options.redraws {
                share *= 0.5;
                attempt += 1;
                continue;
            }
            points.push(RankPoint {
                kind,
                search: x,
                failure,
                rank: (found.as_ref())
                    .filter(|f| f.clear)
                    .map(|f| layout.dim() - f.basis.ncols()),
                singular: found.as_ref().map_or_else(Vec::new, |f| f.singular.clone()),
            });
            if let Some(found) = found.filter(|f| f.clear) {
                clear_random += usize::from(k > 0);
                clear.push(found);
            }
            break;
        }
    }
    let decided = clear_random > 0;
    Structure {
        parameters: layout.dim(),
        points,
        decided,
        combinations: if decided {
            combinations(table, &clear, options)
        } else {
            Vec::new()
        },
    }
}

/// Sobol points of the box; a missing bound is replaced by one around the best point.
fn random_points(table: &ParameterTable, best: &Search, options: &StructureOptions) -> Vec<Search> {
    let mut finite = table.clone();
    for (&row, x) in table.estimated().iter().zip(&best.0) {
        let row = &mut finite.rows[row];
        // only the linear scale may have infinite bounds, and there search values are natural ones
        if row.lower.is_infinite() {
            row.lower = x - (1.0 + x.abs());
        }
        if row.upper.is_infinite() {
            row.upper = x + (1.0 + x.abs());
        }
    }
    match StartPoints::new(&finite, Sampling::Sobol, options.seed, options.points) {
        Ok(points) => (0..options.points).map(|k| points.point(k, 0)).collect(),
        Err(_) => Vec::new(),
    }
}

/// Parameters in the null space of every point, grouped by what they share.
fn combinations(
    table: &ParameterTable,
    points: &[NullSpace],
    options: &StructureOptions,
) -> Vec<Combination> {
    let estimated = table.estimated();
    let takes: Vec<Vec<f64>> = points.iter().map(NullSpace::participation).collect();
    let mut left: Vec<usize> = (0..estimated.len())
        .filter(|&i| takes.iter().all(|t| t[i] >= options.component))
        .collect();
    let projectors: Vec<DMatrix<f64>> = (points.iter())
        .map(|p| {
            let rows = p.basis.select_rows(&left);
            &rows * rows.transpose()
        })
        .collect();
    let all = left.clone();
    let place = |i: usize| all.binary_search(&i).expect("is one of them");
    let linked = |i: usize, j: usize| {
        (projectors.iter()).any(|p| p[(place(i), place(j))].abs() >= options.component)
    };
    let mut found = Vec::new();
    while !left.is_empty() {
        let mut members = vec![left.remove(0)];
        let mut next = 0;
        while next < members.len() {
            let from = members[next];
            let (joins, stays) = left.iter().partition(|&&j| linked(from, j));
            members.extend::<Vec<usize>>(joins);
            left = stays;
            next += 1;
        }
        members.sort_unstable();
        let trace = |p: &DMatrix<f64>| members.iter().map(|&i| p[(place(i), place(i))]).sum();
        let directions = (projectors.iter().map(trace))
            .fold(f64::INFINITY, f64::min)
            .round()
            .max(1.0) as usize;
        found.push(Combination {
            parameters: members
                .iter()
                .map(|&i| table.rows[estimated[i]].id.clone())
                .collect(),
            directions,
            direction: (directions == 1)
                .then(|| common_direction(points, &members))
                .flatten(),
        });
    }
    found
}

/// The direction of a group with one direction, its first component positive, where it is the same at all points to three digits.
fn common_direction(points: &[NullSpace], members: &[usize]) -> Option<Vec<f64>> {
    let mut common: Option<Vec<f64>> = None;
    for point in points {
        // the projection of the first member's unit vector lies in the group's direction
        let first = point.basis.row(members[0]);
        let vector: Vec<f64> = members
            .iter()
            .map(|&i| first.dot(&point.basis.row(i)) / point.lengths[i])
            .collect();
        let size = vector.iter().fold(0.0_f64, |a, v| a.max(v.abs()));
        if size == 0.0 {
            return None;
        }
        let vector: Vec<f64> = vector.iter().map(|v| v / size).collect();
        match &common {
            None => common = Some(vector),
            Some(known) => {
                let same = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-3;
                if !vector.iter().zip(known).all(same) {
                    return None;
                }
            }
        }
    }
    common
}
