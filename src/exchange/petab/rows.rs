//! A PEtab problem in memory: the rows of its tables, before they meet the model.
use super::error::PetabWarning;
use crate::{compile::System, exchange::tables::Place, fit::ParameterTable, noise::Reading};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Where a row stood; never part of a comparison.
#[derive(Clone, Debug, Default)]
pub struct Origin(pub(crate) Option<(Arc<Path>, usize)>);

impl PartialEq for Origin {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Origin {
    /// Row in the file (the header is row 1), 0 when the row was never on disk.
    pub fn row(&self) -> usize {
        self.0.as_ref().map_or(0, |(_, row)| *row)
    }

    /// The table, for messages about all of it.
    pub fn table(&self, table: &str) -> Place {
        Place::file(self.0.as_ref().map_or(Path::new(table), |(file, _)| file))
    }

    /// The place of one of its columns, for messages; `table` names a table that was never on disk.
    pub fn place(&self, table: &str, column: &str) -> Place {
        match &self.0 {
            Some((file, row)) => Place::file(&**file).row(*row).column(column),
            None => Place::file(table).column(column),
        }
    }
}

/// Where the model comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelSource {
    /// ships inside the crate; `location: builtin:NAME` on disk
    BuiltIn(String),
    /// a `model.toml` or an SBML file; the path as found, resolved against the folder of the YAML file
    File(PathBuf),
}

/// Distribution of an observable's readings around the prediction (`noiseDistribution`), or of their logarithms around the logarithm
/// of the prediction; the noise formula gives its scale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoiseDistribution {
    /// normal; the noise formula is the standard deviation
    #[default]
    Normal,
    /// the logarithm is normal; the noise formula is the standard deviation of the logarithm
    LogNormal,
    /// Laplace; the noise formula is b of exp(-|y - f|/b)/(2b)
    Laplace,
    /// the logarithm is Laplace distributed
    LogLaplace,
    /// Student's t (extension); the noise formula is its scale, not its standard deviation
    StudentT,
    /// the logarithm has Student's t distribution (extension)
    LogStudentT,
}

impl NoiseDistribution {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Normal,
        Self::LogNormal,
        Self::Laplace,
        Self::LogLaplace,
        Self::StudentT,
        Self::LogStudentT,
    ];

    /// Name on disk.
    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::LogNormal => "log-normal",
            Self::Laplace => "laplace",
            Self::LogLaplace => "log-laplace",
            Self::StudentT => "student-t",
            Self::LogStudentT => "log-student-t",
        }
    }

    /// Whether it is one of the extension's, with degrees of freedom.
    pub fn has_degrees_of_freedom(self) -> bool {
        matches!(self, Self::StudentT | Self::LogStudentT)
    }
}

/// A row of the observable table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ObservableRow {
    /// `observableId`
    pub id: String,
    /// `observableName`
    pub name: Option<String>,
    /// `observableFormula`
    pub formula: String,
    /// `observablePlaceholders`
    pub placeholders: Vec<String>,
    /// `noiseFormula`
    pub noise_formula: String,
    /// `noiseDistribution`
    pub distribution: NoiseDistribution,
    /// `noisePlaceholders`
    pub noise_placeholders: Vec<String>,
    /// `degreesOfFreedom` (extension), a formula as the noise formula is; of Student's distributions only
    pub degrees_of_freedom: Option<String>,
    /// `unit` (extension; for axes and tables)
    pub unit: Option<String>,
    /// `group` (extension): observables of one group form a composition
    pub group: Option<String>,
    /// where it stood
    pub origin: Origin,
}

/// A row of the condition table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConditionRow {
    /// `conditionId`
    pub condition: String,
    /// `targetId`
    pub target: String,
    /// `targetValue`, a formula
    pub value: String,
    /// where it stood
    pub origin: Origin,
}

/// A row of the experiment table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExperimentRow {
    /// `experimentId`
    pub experiment: String,
    /// `time`; minus infinity is a steady state
    pub time: f64,
    /// `conditionId`
    pub condition: Option<String>,
    /// where it stood
    pub origin: Origin,
}

/// A number or the id of a parameter, for a placeholder.
#[derive(Clone, Debug, PartialEq)]
pub enum Override {
    /// a number
    Number(f64),
    /// a row of the parameter table
    Parameter(String),
}

/// A row of the measurement table.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasurementRow {
    /// `observableId`
    pub observable: String,
    /// `experimentId`; None: the model as it stands, from time 0
    pub experiment: Option<String>,
    /// `time`, in the unit of the model
    pub time: f64,
    /// `measurement`, with `censoring` and `measurementUpper`
    pub reading: Reading,
    /// `observableParameters`
    pub observable_parameters: Vec<Override>,
    /// `noiseParameters`
    pub noise_parameters: Vec<Override>,
    /// `datasetId`
    pub dataset: Option<String>,
    /// `replicateId`
    pub replicate: Option<String>,
    /// where it stood
    pub origin: Origin,
}

/// A row of the input table (extension): one knot of one input in one experiment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InputRow {
    /// `experimentId`; None: the measurements without experiment
    pub experiment: Option<String>,
    /// `inputId`
    pub input: String,
    /// `time`, a formula of parameters
    pub time: String,
    /// `value`, a formula of parameters
    pub value: String,
    /// where it stood
    pub origin: Origin,
}

/// What a dose does to its state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DoseKind {
    /// adds the value
    #[default]
    Add,
    /// puts the value in place of the state
    Set,
}

/// A row of the dose table (extension): a jump of one state at its own moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DoseRow {
    /// `experimentId`; None: the measurements without experiment
    pub experiment: Option<String>,
    /// `targetId`, a species or another state
    pub target: String,
    /// `time`, a formula of parameters
    pub time: String,
    /// `lag`, a formula of parameters, added to the time
    pub lag: Option<String>,
    /// `value`, a formula of parameters
    pub value: String,
    /// `kind`
    pub kind: DoseKind,
    /// where it stood
    pub origin: Origin,
}

/// A problem as it stands on disk: the model's address and all tables.
#[derive(Clone, Debug)]
pub struct PetabProblem {
    /// key under `model_files`
    pub model_id: String,
    /// where the model comes from
    pub model: ModelSource,
    /// parameter table, in the units that its rows say
    pub parameters: ParameterTable,
    /// where the rows of the parameter table stood
    pub parameter_origins: Vec<Origin>,
    /// observable table
    pub observables: Vec<ObservableRow>,
    /// condition table
    pub conditions: Vec<ConditionRow>,
    /// experiment table
    pub experiments: Vec<ExperimentRow>,
    /// measurement table
    pub measurements: Vec<MeasurementRow>,
    /// input table (extension)
    pub inputs: Vec<InputRow>,
    /// dose table (extension)
    pub doses: Vec<DoseRow>,
    /// where the first measurement table stood, for messages; not part of a comparison
    pub measurement_file: Option<PathBuf>,
    /// the YAML file and the tables, as they were read; not part of a comparison
    pub files: Vec<PathBuf>,
    /// the compiled model
    pub system: Arc<System>,
    /// what was odd; not part of a comparison
    pub warnings: Vec<PetabWarning>,
}

impl PartialEq for PetabProblem {
    fn eq(&self, other: &Self) -> bool {
        self.model_id == other.model_id
            && super::model::same(&self.model, &other.model)
            && self.parameters == other.parameters
            && self.observables == other.observables
            && self.conditions == other.conditions
            && self.experiments == other.experiments
            && self.measurements == other.measurements
            && self.inputs == other.inputs
            && self.doses == other.doses
    }
}

impl PetabProblem {
    /// For every subject of [`PetabProblem::fit_problem`] the rows of the measurement table (from 0) that its visits come from, in
    /// the order of the visits.
    pub fn measurements_of_subjects(&self) -> Vec<Vec<usize>> {
        let rows_of = |id: &Option<String>| {
            let mut rows: Vec<usize> = (0..self.measurements.len())
                .filter(|&i| self.measurements[i].experiment == *id)
                .collect();
            rows.sort_by(|&a, &b| {
                self.measurements[a]
                    .time
                    .total_cmp(&self.measurements[b].time)
            });
            rows
        };
        self.experiment_ids().iter().map(rows_of).collect()
    }

    /// Ids of the experiments, in the order of their first row; measurements without experiment come first, as None.
    pub fn experiment_ids(&self) -> Vec<Option<String>> {
        let mut ids = Vec::new();
        if self.measurements.iter().any(|m| m.experiment.is_none()) {
            ids.push(None);
        }
        for row in &self.experiments {
            if !ids
                .iter()
                .any(|id| id.as_deref() == Some(row.experiment.as_str()))
            {
                ids.push(Some(row.experiment.clone()));
            }
        }
        ids
    }
}
