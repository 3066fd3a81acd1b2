//! diffsol: right-hand side and Jacobian-vector product compiled ahead, dense matrices with a coloured Jacobian, and for BDF sparse ones.
use crate::folder::{self, Prepared};
use crate::measure::{Patience, Row, VALUES};
use diffsol::{
    DenseMatrix, DiffsolError, FaerSparseLU, FaerSparseMat, NalgebraLU, NalgebraMat, OdeBuilder,
    OdeSolverMethod,
};
use std::error::Error;
use std::path::Path;

/// States, parameters (none), time and the result.
type RightHandSide = fn(&[f64], &[f64], f64, &mut [f64]);
/// The same with a vector that the Jacobian is multiplied with.
type JacobianVector = fn(&[f64], &[f64], f64, &[f64], &mut [f64]);

/// One problem as functions.
#[derive(Clone, Copy)]
pub struct Compiled {
    name: &'static str,
    states: &'static [&'static str],
    start: fn(&mut [f64]),
    rhs: RightHandSide,
    jv: JacobianVector,
}

include!(concat!(env!("OUT_DIR"), "/compiled.rs"));

/// Measures all problems with all methods.
pub fn measure(work: &Path, quick: bool) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut rows = Vec::new();
    for compiled in COMPILED {
        let prepared = folder::read(work, compiled.name)?;
        for relative in [1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8] {
            for variant in ["BDF", "BDF sparse", "ESDIRK34", "TR-BDF2"] {
                // these take seconds there
                let long = compiled.name == "gut40_meals" && !variant.starts_with("BDF");
                let tightest = if quick { 1e-5 } else { 1e-6 };
                if long && relative < tightest * 0.99 {
                    continue;
                }
                match one(
                    &compiled,
                    &prepared,
                    variant,
                    relative,
                    Patience::new(quick),
                ) {
                    Ok(row) => rows.push(row),
                    Err(e) => eprintln!("diffsol {variant} {} {relative:e}: {e}", compiled.name),
                }
            }
        }
        eprintln!("diffsol: {} done", compiled.name);
    }
    Ok(rows)
}

/// Milliseconds and error of one method with its kind of matrix and of linear solver.
macro_rules! timed {
    ($matrix:ty, $method:ident, $lu:ty, $compiled:expr, $prepared:expr, $relative:expr, $patience:expr) => {{
        let Compiled {
            states,
            start,
            rhs,
            jv,
            ..
        } = *$compiled;
        let task = &$prepared.task;
        let problem = OdeBuilder::<$matrix>::new()
            .rtol($relative)
            .atol([task.absolute * $relative])
            .use_coloring(true)
            .rhs_implicit(rhs, jv)
            .init(
                move |_p: &[f64], _t: f64, y: &mut [f64]| start(y),
                states.len(),
            )
            .build()?;
        let (ms, solved) = $patience.least(|| problem.$method::<$lu>()?.solve_dense(&task.times));
        let table = solved?.0;
        let position = |id: &String| {
            states
                .iter()
                .position(|s| s == id)
                .expect("the same states")
        };
        let order: Vec<usize> = task.states.iter().map(position).collect();
        (ms, $prepared.error(|k, i| table.get_index(order[i], k)))
    }};
}

fn one(
    compiled: &Compiled,
    prepared: &Prepared,
    variant: &str,
    relative: f64,
    patience: Patience,
) -> Result<Row, DiffsolError> {
    type Dense = NalgebraMat<f64>;
    type Lu = NalgebraLU<f64>;
    type Sparse = FaerSparseMat<f64>;
    type SparseLu = FaerSparseLU<f64>;
    let (ms, error) = match variant {
        "BDF" => timed!(Dense, bdf, Lu, compiled, prepared, relative, patience),
        "BDF sparse" => {
            timed!(
                Sparse, bdf, SparseLu, compiled, prepared, relative, patience
            )
        }
        "ESDIRK34" => timed!(Dense, esdirk34, Lu, compiled, prepared, relative, patience),
        _ => timed!(Dense, tr_bdf2, Lu, compiled, prepared, relative, patience),
    };
    Ok(Row {
        program: "diffsol".into(),
        variant: variant.into(),
        problem: prepared.task.name.clone(),
        what: VALUES.into(),
        rtol: relative,
        ms,
        error,
        steps: f64::NAN,
    })
}
