//! The flat equations for people: text and LaTeX, one per state and observable.
use super::Equations;
use crate::expr::Expr;

impl Equations {
    /// One line per state, `dX/dt = ...` or `0 = ...`, then one per observable.
    pub fn text(&self) -> Vec<String> {
        self.lines(
            &|id| format!("d{id}/dt = "),
            &|id| format!("{id} = "),
            "0 = ",
            &|e| self.graph.text(e),
        )
    }

    /// The same in LaTeX.
    pub fn latex(&self) -> Vec<String> {
        let name = |id: &str| format!("\\mathrm{{{}}}", id.replace('_', "\\_"));
        self.lines(
            &|id| {
                format!(
                    "\\frac{{\\mathrm{{d}}\\,{}}}{{\\mathrm{{d}}t}} = ",
                    name(id)
                )
            },
            &|id| format!("{} = ", name(id)),
            "0 = ",
            &|e| self.graph.latex(e),
        )
    }

    fn lines(
        &self,
        derivative: &dyn Fn(&str) -> String,
        value: &dyn Fn(&str) -> String,
        zero: &str,
        write: &dyn Fn(Expr) -> String,
    ) -> Vec<String> {
        let states = self.states.iter().map(|s| {
            let left = if s.mass == 0.0 {
                zero.to_string()
            } else {
                derivative(&s.id)
            };
            left + &write(s.right_hand_side)
        });
        let observables = self
            .observables
            .iter()
            .map(|o| value(&o.id) + &write(o.expression));
        states.chain(observables).collect()
    }
}
