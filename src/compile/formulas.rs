//! Formulas of plain named numbers (condition values, parameter maps), with derivatives.
use super::build::Known;
use super::error::CompileError;
use super::layout::{Layout, Quantity, Symbols};
use super::outputs::{Outputs, Point};
use super::system::Names;
use crate::expr::Graph;

/// Compiled scalar formulas of named numbers, with derivatives.
///
/// ```
/// use holobiont::compile::Formulas;
/// let formulas = Formulas::compile(&["2*a + b^2".into()], &["a".into(), "b".into()])?;
/// let (mut value, mut slope) = ([0.0], [0.0; 2]);
/// formulas.differentiate(&[1.0, 3.0], &mut value, &mut slope);
/// assert_eq!((value, slope), ([11.0], [2.0, 6.0]));
/// # Ok::<(), holobiont::compile::CompileError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Formulas {
    outputs: Outputs,
    which: Vec<usize>,
}

impl Formulas {
    /// Compiles formulas of the named inputs.
    ///
    /// # Errors
    /// A formula that cannot be read, an id that is not an input, an input named twice, or time.
    pub fn compile(formulas: &[String], inputs: &[String]) -> Result<Formulas, CompileError> {
        let mut graph = Graph::new();
        let mut symbols = Symbols::default();
        for (i, id) in inputs.iter().enumerate() {
            let symbol = graph.intern(id);
            if symbols
                .quantities
                .insert(symbol, Quantity::Placeholder(i))
                .is_some()
            {
                return Err(CompileError::DuplicateId {
                    id: id.clone(),
                    first: "an input",
                    second: "an input",
                });
            }
        }
        let none = Names::default();
        let names = Names::new(inputs.iter().map(String::as_str));
        let mut expressions = Vec::with_capacity(formulas.len());
        for text in formulas {
            let e = graph.parse(text).map_err(|error| CompileError::Formula {
                id: text.clone(),
                error,
            })?;
            Known {
                graph: &graph,
                symbols: &symbols,
                names: [&names, &none, &none, &none],
            }
            .check(e, || format!("formula `{text}`"))?;
            if graph.depends_on_time(e) {
                return Err(CompileError::TimeInFormula {
                    formula: text.clone(),
                });
            }
            expressions.push((text.clone(), e));
        }
        let outputs = Outputs::build(graph, &symbols, Layout::default(), expressions, inputs);
        Ok(Formulas {
            which: (0..formulas.len()).collect(),
            outputs,
        })
    }

    /// Number of formulas.
    pub fn len(&self) -> usize {
        self.which.len()
    }

    /// Whether there are no formulas.
    pub fn is_empty(&self) -> bool {
        self.which.is_empty()
    }

    /// Positions of the inputs that occur in a formula, ascending.
    pub fn inputs_of(&self, formula: usize) -> &[u32] {
        self.outputs.placeholders_of(formula)
    }

    /// Values of all formulas.
    pub fn evaluate(&self, inputs: &[f64], values: &mut [f64]) {
        self.outputs.evaluate(&point(inputs), &self.which, values);
    }

    /// Values, and the Jacobian formulas x inputs, row-major.
    pub fn differentiate(&self, inputs: &[f64], values: &mut [f64], jacobian: &mut [f64]) {
        self.outputs.differentiate(
            &point(inputs),
            &self.which,
            values,
            &mut [],
            &mut [],
            jacobian,
        );
    }
}

fn point(inputs: &[f64]) -> Point<'_> {
    Point {
        time: f64::NAN,
        states: &[],
        registers: &[],
        placeholders: inputs,
    }
}
