//! The priors of a parameter table on the natural scale, truncated to the bounds, as a part of an objective.

use super::objective::{Derivatives, Evaluation, Infeasibility, Order};
use super::parameters::{Natural, ParameterTable, ScaledValue};
use super::prior::PriorDensity;

/// Priors of the estimated rows.
#[derive(Clone, Debug)]
pub(crate) struct Priors<'a> {
    table: &'a ParameterTable,
    /// rows of the search entries
    estimated: Vec<usize>,
    /// per search entry: ln of the prior probability within the bounds
    truncation: Vec<f64>,
    used: bool,
}

impl<'a> Priors<'a> {
    /// `used`: false for maximum likelihood.
    pub fn new(table: &'a ParameterTable, used: bool) -> Self {
        let estimated = table.estimated();
        let within = |&row: &usize| {
            let row = &table.rows[row];
            let prior = row.prior.as_ref();
            prior.map_or(0.0, |prior| prior.ln_probability(row.lower, row.upper))
        };
        Priors {
            table,
            truncation: estimated.iter().map(within).collect(),
            estimated,
            used,
        }
    }

    fn density(
        &self,
        entry: usize,
        natural: &Natural,
    ) -> Result<Option<PriorDensity>, Box<Evaluation>> {
        let row = self.estimated[entry];
        let parameter = &self.table.rows[row];
        let Some(prior) = parameter.prior.as_ref().filter(|_| self.used) else {
            return Ok(None);
        };
        let mut density = prior.ln_density(natural.0[row]);
        density.value -= self.truncation[entry];
        if density.value.is_finite() {
            Ok(Some(density))
        } else {
            Err(Box::new(Evaluation::Infeasible {
                subject: None,
                time: None,
                why: Infeasibility::Prior {
                    parameter: parameter.id.clone(),
                },
            }))
        }
    }

    /// Sum of the logarithms of the densities.
    pub fn ln(&self, natural: &Natural) -> Result<f64, Box<Evaluation>> {
        let mut sum = 0.0;
        for entry in 0..self.estimated.len() {
            sum += self.density(entry, natural)?.map_or(0.0, |d| d.value);
        }
        Ok(sum)
    }

    /// Takes the logarithms of the densities from a value to be minimised, with derivatives on the search scale.
    pub fn subtract(
        &self,
        natural: &Natural,
        scales: &[ScaledValue],
        want: Order,
        value: &mut f64,
        out: &mut Derivatives,
    ) -> Result<(), Box<Evaluation>> {
        for (entry, scale) in scales.iter().enumerate() {
            let Some(density) = self.density(entry, natural)? else {
                continue;
            };
            *value -= density.value;
            if want == Order::Value {
                continue;
            }
            out.gradient[entry] -= density.first * scale.first;
            if want == Order::GaussNewton {
                let linear = -density.second * scale.first * scale.first;
                let exact = linear - density.first * scale.second;
                let positive = if exact > 0.0 { exact } else { linear.max(0.0) };
                out.curvature.add_diagonal(entry, positive);
            }
        }
        Ok(())
    }
}
