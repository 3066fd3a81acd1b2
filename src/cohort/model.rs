//! The models of a cohort: compiled systems, each with the formulas that are observed of it.

use super::{Cohort, Endpoint, Subject};
use crate::compile::{Outputs, System};
use std::sync::Arc;

/// A compiled model with its observables and noise formulas.
#[derive(Clone, Debug)]
pub struct CohortModel {
    /// identifier, unique in the cohort
    pub id: String,
    /// the compiled model
    pub system: Arc<System>,
    /// observables and noise formulas
    pub outputs: Outputs,
}

impl CohortModel {
    /// A model under the id of its system.
    pub fn new(system: Arc<System>, outputs: Outputs) -> Self {
        CohortModel {
            id: system.id().into(),
            system,
            outputs,
        }
    }
}

impl Cohort {
    /// The system that a subject follows.
    ///
    /// # Panics
    /// when there is no such model; [`check`](Cohort::check) finds that.
    pub fn system_of(&self, subject: &Subject) -> &System {
        &self.models[subject.model].system
    }

    /// The formulas that are observed of a subject.
    ///
    /// # Panics
    /// when there is no such model.
    pub fn outputs_of(&self, subject: &Subject) -> &Outputs {
        &self.models[subject.model].outputs
    }

    /// Unit of time at an endpoint: that of its model, where it declares one.
    ///
    /// # Panics
    /// when there is no such model.
    pub fn time_unit_of(&self, endpoint: &Endpoint) -> Option<&str> {
        self.models[endpoint.model].system.time_unit()
    }

    /// What it is about, for titles: the ids of its models.
    pub fn name(&self) -> String {
        let ids: Vec<&str> = self.models.iter().map(|model| model.id.as_str()).collect();
        ids.join(", ")
    }
}
