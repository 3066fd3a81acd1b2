//! A PEtab problem in memory: the rows of its tables, before they meet the model.
use super::{error::PetabWarning, population::PopulationRows};
use crate::{
    compile::System, exchange::tables::Place, fit::ParameterTable, network::ElementKind,
    noise::Reading,
};
use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
};

/// Where a row stood; never part of a comparison.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    pub(crate) row: Option<(Arc<Path>, usize)>,
    /// the column, where it is not the one of version 2
    column: Option<Arc<str>>,
}

impl PartialEq for Origin {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Origin {
    pub(crate) fn at(file: Arc<Path>, row: usize) -> Self {
        Self {
            row: Some((file, row)),
            column: None,
        }
    }

    /// The same row, for something that stands in this column.
    pub(crate) fn in_column(mut self, column: &str) -> Self {
        self.column = Some(Arc::from(column));
        self
    }

    /// Row in the file (the header is row 1), 0 when the row was never on disk.
    pub fn row(&self) -> usize {
        self.row.as_ref().map_or(0, |(_, row)| *row)
    }

    /// The table, for messages about all of it.
    pub fn table(&self, table: &str) -> Place {
        Place::file(self.row.as_ref().map_or(Path::new(table), |(file, _)| file))
    }

    /// The place of one of its columns, for messages; `table` names a table that was never on disk.
    pub fn place(&self, table: &str, column: &str) -> Place {
        let column = self.column.as_deref().unwrap_or(column);
        match &self.row {
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

/// Version of the format on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PetabVersion {
    /// 1.0: wide condition tables, pre-equilibration and simulation conditions, parameter scales
    V1,
    /// 2.0: experiments of any number of periods
    #[default]
    V2,
}

/// A model of a problem.
#[derive(Clone, Debug)]
pub struct PetabModel {
    /// key under `model_files`; of version 1 the name of its file
    pub id: String,
    /// where it comes from
    pub source: ModelSource,
    /// compiled, with what conditions add to it
    pub system: Arc<System>,
    /// events of the system that begin a period, with the condition rows that they stand for
    pub(crate) applied: Vec<Applied>,
    /// ids of its elements, with their kinds
    pub(crate) entities: HashMap<String, ElementKind>,
}

/// Rows of the condition table that an event of the system carries out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Applied {
    /// index of the event in the system
    pub event: usize,
    /// the conditions of the period, in order
    pub conditions: Vec<String>,
    /// whether the period is the first of its experiment
    pub first: bool,
    /// targets that it sets
    pub targets: Vec<String>,
}

/// A row of the mapping table: another name for an entity of a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MappingRow {
    /// `petabEntityId`
    pub petab_id: String,
    /// `modelEntityId`; None: the row is a note
    pub model_id: Option<String>,
    /// `name`
    pub name: Option<String>,
    /// where it stood
    pub origin: Origin,
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
    /// `modelId`; None: the problem has one model
    pub model: Option<String>,
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

/// Whether a dose continues a regimen that has lasted for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SteadyState {
    /// it does not
    #[default]
    None,
    /// the system is in the steady state of the regimen when the dose is given; earlier history is forgotten
    Reset,
    /// the steady state is added to what is there
    Add,
}

impl SteadyState {
    /// Words on disk.
    pub(crate) const WORDS: [&'static str; 3] = ["none", "reset", "add"];

    /// Word on disk.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Reset => "reset",
            Self::Add => "add",
        }
    }
}

/// A row of the dose table (extension): a jump of one state at its own moment, or an infusion; once, repeated, or for ever before.
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
    /// `duration`, a formula of parameters: the value is given over so long
    pub duration: Option<String>,
    /// `rate`, a formula of parameters: the value, times the bioavailability, is given at this rate
    pub rate: Option<String>,
    /// `bioavailability`, a formula of parameters, multiplies the value
    pub bioavailability: Option<String>,
    /// `interval`, a formula of parameters: time from one dose to the next
    pub interval: Option<String>,
    /// `additional`: so many further doses
    pub additional: usize,
    /// `steadyState`
    pub steady_state: SteadyState,
    /// where it stood
    pub origin: Origin,
}

/// A problem as it stands on disk: the models' addresses and all tables. Tables of version 1 stand here in the form of version 2.
#[derive(Clone, Debug)]
pub struct PetabProblem {
    /// version on disk
    pub version: PetabVersion,
    /// `id`
    pub id: Option<String>,
    /// one or more models
    pub models: Vec<PetabModel>,
    /// mapping table
    pub mappings: Vec<MappingRow>,
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
    /// tables about individuals (extension)
    pub population: PopulationRows,
    /// where the first measurement table stood, for messages; not part of a comparison
    pub measurement_file: Option<PathBuf>,
    /// the YAML file and the tables, as they were read; not part of a comparison
    pub files: Vec<PathBuf>,
    /// what was odd; not part of a comparison
    pub warnings: Vec<PetabWarning>,
}

impl PartialEq for PetabProblem {
    fn eq(&self, other: &Self) -> bool {
        let same = |(a, b): (&PetabModel, &PetabModel)| {
            a.id == b.id && super::model::same(&a.source, &b.source)
        };
        self.models.len() == other.models.len()
            && self.models.iter().zip(&other.models).all(same)
            && self.id == other.id
            && self.mappings == other.mappings
            && self.parameters == other.parameters
            && self.observables == other.observables
            && self.conditions == other.conditions
            && self.experiments == other.experiments
            && self.measurements == other.measurements
            && self.inputs == other.inputs
            && self.doses == other.doses
            && self.population == other.population
    }
}

impl PetabProblem {
    /// Position of the model that a row of the measurement table is about.
    pub fn model_of(&self, row: &MeasurementRow) -> Option<usize> {
        match &row.model {
            None => (self.models.len() == 1).then_some(0),
            Some(id) => self.models.iter().position(|model| model.id == *id),
        }
    }

    /// For every subject of [`PetabProblem::fit_problem`] the rows of the measurement table (from 0) that its visits come from, in
    /// the order of the visits.
    pub fn measurements_of_subjects(&self) -> Vec<Vec<usize>> {
        let rows_of = |(model, id): &(usize, Option<String>)| {
            let mut rows: Vec<usize> = (0..self.measurements.len())
                .filter(|&i| {
                    let row = &self.measurements[i];
                    row.experiment == *id && self.model_of(row) == Some(*model)
                })
                .collect();
            rows.sort_by(|&a, &b| {
                self.measurements[a]
                    .time
                    .total_cmp(&self.measurements[b].time)
            });
            rows
        };
        self.subjects().iter().map(rows_of).collect()
    }

    /// The subjects: a model and an experiment of it that was measured, in the order of the experiment table; measurements
    /// without experiment come first, as None.
    pub fn subjects(&self) -> Vec<(usize, Option<String>)> {
        let mut measured: HashSet<(usize, Option<&str>)> = HashSet::new();
        for row in &self.measurements {
            if let Some(model) = self.model_of(row) {
                measured.insert((model, row.experiment.as_deref()));
            }
        }
        let mut known = HashSet::new();
        let ids = std::iter::once(None)
            .chain(self.experiments.iter().map(|r| Some(r.experiment.as_str())))
            .filter(|id| known.insert(*id));
        ids.flat_map(|id| (0..self.models.len()).map(move |model| (model, id)))
            .filter(|subject| measured.contains(subject))
            .map(|(model, id)| (model, id.map(str::to_owned)))
            .collect()
    }

    /// Name of a subject: its experiment, and its model where there are several.
    pub(crate) fn name_of(&self, (model, experiment): &(usize, Option<String>)) -> String {
        let name = experiment.as_deref().unwrap_or(super::MODEL_AS_IT_STANDS);
        match self.models.len() {
            1 => name.to_owned(),
            _ => format!("{name}__{}", self.models[*model].id),
        }
    }
}
