//! diffsol: right-hand side and Jacobian-vector product compiled ahead, dense matrices with a coloured Jacobian.
use crate::folder::{self, Prepared};
use crate::measure::{Patience, Row, VALUES};
use diffsol::{
    DenseMatrix, DiffsolError, MatrixCommon, NalgebraLU, NalgebraMat, OdeBuilder,
    OdeEquationsImplicit, OdeSolverMethod, OdeSolverProblem,
};
use std::error::Error;
use std::path::Path;

/// One problem as functions.
#[derive(Clone, Copy)]
pub struct Compiled {
    name: &'static str,
    states: &'static [&'static str],
    start: fn(&mut [f64]),
    rhs: fn(&[f64], &[f64], f64, &mut [f64]),
    jv: fn(&[f64], &[f64], f64, &[f64], &mut [f64]),
}

include!(concat!(env!("OUT_DIR"), "/compiled.rs"));

type Matrix = NalgebraMat<f64>;
type Lu = NalgebraLU<f64>;

/// Measures all problems with three methods.
pub fn measure(work: &Path, quick: bool) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut rows = Vec::new();
    for compiled in COMPILED {
        let prepared = folder::read(work, compiled.name)?;
        for relative in [1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8] {
            for variant in ["BDF", "ESDIRK34", "TR-BDF2"] {
                let long = compiled.name == "gut40_meals" && variant != "BDF";
                let exact = if quick { 1e-5 } else { 1e-6 };
                if long && relative < exact * 0.99 {
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

fn one(
    compiled: &Compiled,
    prepared: &Prepared,
    variant: &str,
    relative: f64,
    patience: Patience,
) -> Result<Row, DiffsolError> {
    let Compiled {
        states,
        start,
        rhs,
        jv,
        ..
    } = *compiled;
    let task = &prepared.task;
    let problem = OdeBuilder::<Matrix>::new()
        .rtol(relative)
        .atol([task.absolute * relative])
        .use_coloring(true)
        .rhs_implicit(rhs, jv)
        .init(
            move |_p: &[f64], _t: f64, y: &mut [f64]| start(y),
            states.len(),
        )
        .build()?;
    let (ms, table) = patience.least(|| run(&problem, variant, &task.times));
    let table = table?;
    let position = |id: &String| {
        states
            .iter()
            .position(|s| s == id)
            .expect("the same states")
    };
    let order: Vec<usize> = task.states.iter().map(position).collect();
    Ok(Row {
        program: "diffsol".into(),
        variant: variant.into(),
        problem: task.name.clone(),
        what: VALUES.into(),
        rtol: relative,
        ms,
        error: prepared.error(|k, i| table.get_index(order[i], k)),
        steps: f64::NAN,
    })
}

/// One trajectory: a column an output time.
fn run<Eqn>(
    problem: &OdeSolverProblem<Eqn>,
    variant: &str,
    times: &[f64],
) -> Result<Matrix, DiffsolError>
where
    Eqn: OdeEquationsImplicit<
            M = Matrix,
            V = <Matrix as MatrixCommon>::V,
            T = f64,
            C = <Matrix as MatrixCommon>::C,
        >,
{
    let solved = match variant {
        "BDF" => problem.bdf::<Lu>()?.solve_dense(times)?,
        "ESDIRK34" => problem.esdirk34::<Lu>()?.solve_dense(times)?,
        _ => problem.tr_bdf2::<Lu>()?.solve_dense(times)?,
    };
    Ok(solved.0)
}
