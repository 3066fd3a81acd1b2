//! A problem as it stands on disk: cohort and parameter table.

use super::error::FitError;
use super::parameters::ParameterTable;
use crate::cohort::Cohort;

/// What `exchange::petab` reads and `fit` fits.
#[derive(Clone, Debug)]
pub struct FitProblem {
    /// models, subjects, readings
    pub cohort: Cohort,
    /// all parameters
    pub parameters: ParameterTable,
}

impl FitProblem {
    /// All errors of parameter table and cohort at once.
    ///
    /// # Errors
    /// [`FitError::Problem`] with everything found.
    pub fn check(&self) -> Result<(), FitError> {
        let parameters = self.parameters.check();
        let cohort = self.cohort.check(self.parameters.rows.len());
        if parameters.is_empty() && cohort.is_empty() {
            Ok(())
        } else {
            Err(FitError::Problem { parameters, cohort })
        }
    }
}
