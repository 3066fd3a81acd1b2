//! The options of every command.
mod population;

pub(super) use population::{Estimator, Marginal, Recover};

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// ODE systems biology of the gut microbiota and multiple sclerosis: from a model and a cohort on disk to a fitted model.
#[derive(Debug, Parser)]
#[command(name = "holobiont", version, max_term_width = 100)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the models that ship with the program, or show one
    Models(Models),
    /// Check a model (model.toml, SBML) or a problem (PEtab 1 or 2, YAML) and report every error
    Check(Check),
    /// Score a model against published findings
    Score(Score),
    /// What is said of a model's subject beside what the model says, and how it comes to say so
    Claims(ClaimTable),
    /// Calibrate a model to the findings that are not held out
    Calibrate(Calibrate),
    /// Simulate a model
    Simulate(Simulate),
    /// Follow states of rest over a parameter: folds, Hopf points, stability, a table and a picture
    Bifurcation(Bifurcation),
    /// Log-likelihood, chi2 and gradient of a problem, as JSON on standard output
    Evaluate(Evaluate),
    /// Fit a problem: estimates with intervals, a report, tables and pictures
    Fit(Fit),
    /// Profile likelihoods: intervals, pictures, and whether data tell each parameter
    Profile(Profile),
    /// Draw a virtual cohort: the design of a problem with readings from its model
    Virtual(Virtual),
    /// Draw populations from a problem's model and refit them: bias and coverage of its parameters
    Recover(Recover),
    /// Run a virtual trial: endpoints, power and false positives, tables and pictures
    Trial(Trial),
    /// Make a problem of a NONMEM or Monolix table: doses, readings, covariates
    ///
    /// Read are the columns ID, TIME, AMT, RATE, II, SS, ADDL, EVID, CMT, DV, MDV, LIMIT, CENS, OCC and DVID, in small or capital
    /// letters; every other column of numbers is a covariate. RATE -1 and -2 take the rate and the duration of an infusion from the
    /// model's parameters R<cmt> and D<cmt>; lags and bioavailabilities are its parameters ALAG<cmt> and F<cmt>, where it has them.
    /// Parameters of the model are not estimated until parameters.tsv says so; the noise of each observable is.
    ImportNonmem(ImportNonmem),
    /// Write a model as SBML, for COPASI, libRoadRunner, AMICI and others
    #[cfg(feature = "sbml")]
    Export(Export),
    /// Write a problem in another form: PEtab 1 or 2, with or without our extension, its models as SBML
    #[cfg(feature = "sbml")]
    Convert(Convert),
}

#[derive(Debug, Args)]
pub(super) struct Models {
    #[command(subcommand)]
    pub command: Option<ModelsCommand>,
}

#[derive(Debug, Subcommand)]
pub(super) enum ModelsCommand {
    /// Equations, parameters with units and sources, scenarios
    Show {
        /// A model that ships with the program, or the path of a model.toml or SBML file
        name: String,
        /// Write one self-contained page instead
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
        /// Write a picture of its modules and couplings instead; a file that is there already stays
        #[arg(long, value_name = "FILE.svg", conflicts_with = "html")]
        picture: Option<PathBuf>,
    },
    /// Write the reference trajectories of a model into its folder `expected`, or compare them with what it says now
    Expected(Expected),
}

#[derive(Debug, Args)]
pub(super) struct Expected {
    /// Folder with model.toml, or the name of a model that ships with the program, for `models/NAME` below the working folder
    #[arg(value_name = "MODEL")]
    pub model: String,
    /// Simulate and compare; write nothing
    #[arg(long)]
    pub check: bool,
    /// Replace files that are there already
    #[arg(long, conflicts_with = "check")]
    pub force: bool,
}

#[derive(Debug, Args)]
pub(super) struct Check {
    /// A model.toml, a folder that holds one, an SBML file (.xml), or the YAML file or archive (.omex) of a problem
    pub file: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Score {
    /// Name of a model that ships with findings, or a folder with model.toml, targets.tsv and quantities.tsv
    #[arg(value_name = "MODEL")]
    pub model: String,
    /// Count shares of subjects over the virtual subjects of population.toml, not by the model's own observables (slow)
    #[arg(long)]
    pub population: bool,
    /// A rival that is scored on the same findings; may be given more than once
    #[arg(long, value_name = "MODEL", conflicts_with_all = ["population", "plot"])]
    pub beside: Vec<String>,
    /// Table of all rows; with --beside the comparison, as Markdown
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Forest plot
    #[arg(long, value_name = "FILE.svg")]
    pub plot: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ClaimTable {
    /// Name of a model that ships with claims, or a folder with model.toml, claims.toml and targets.tsv
    #[arg(value_name = "MODEL")]
    pub model: String,
    /// Draws of the parameters from their declared ranges
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub draws: usize,
    /// Seed of the draws
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// What every coupling carries, instead of the claims
    #[arg(long)]
    pub ablations: bool,
    /// Write the table here: Markdown where the name ends in .md, else tab-separated; may be given more than once
    #[arg(long, value_name = "FILE")]
    pub output: Vec<PathBuf>,
    /// Put a short table between the lines `<!-- claims -->` and `<!-- end of claims -->` of this file, as of a README
    #[arg(long, value_name = "FILE.md", conflicts_with = "ablations")]
    pub into: Option<PathBuf>,
    /// Threads; all that the machine offers by default. The result does not depend on their number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub threads: Option<u32>,
}

#[derive(Debug, Args)]
pub(super) struct Calibrate {
    /// Folder with model.toml, targets.tsv, quantities.tsv and calibration/design.toml; the problem is written into `calibration`. Where
    /// calibration/start.tsv stands (parameterId, value), the first search begins there, else at the numbers of parameters.tsv
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
    /// Another folder with the findings and the design
    #[arg(long, value_name = "FOLDER")]
    pub findings: Option<PathBuf>,
    /// Write the problem and stop
    #[arg(long)]
    pub write_only: bool,
    /// Move only these of the free parameters, as in "e_*,lab_*"; the others stay as parameters.tsv has them
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Searches from starts drawn from the priors, beside the one from the model's own numbers
    #[arg(long, default_value_t = 0)]
    pub starts: usize,
    /// Take the end of this fit of the problem (`holobiont fit`) instead of searching
    #[arg(long, value_name = "FILE.json")]
    pub from: Option<PathBuf>,
    /// Members of the ensemble
    #[arg(long, default_value_t = 200)]
    pub members: usize,
    /// Factor of the spread of the draws of the ensemble
    #[arg(long, default_value_t = 0.05)]
    pub spread: f64,
    /// Steps that each member of the ensemble walks from its draw
    #[arg(long, default_value_t = 60)]
    pub sweeps: usize,
    /// Seed
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Threads
    #[arg(long)]
    pub threads: Option<usize>,
    /// Leave parameters.tsv as it is
    #[arg(long)]
    pub keep: bool,
}

#[derive(Debug, Args)]
pub(super) struct Simulate {
    /// A model that ships with the program (see `holobiont models`), or the path of a model.toml or SBML file
    pub model: String,
    /// Scenario of the model
    #[arg(long, value_name = "ID")]
    pub scenario: Option<String>,
    /// Set a parameter, or the initial value of a state, as in mu=0.4 or "mu=0.02 1/h"
    #[arg(long = "set", value_name = "ID=VALUE")]
    pub settings: Vec<String>,
    /// End, with a unit or in the model's own, as in 10y or 30d; by default that of the scenario
    #[arg(
        long,
        value_name = "TIME",
        conflicts_with = "times",
        allow_hyphen_values = true
    )]
    pub until: Option<String>,
    /// Number of equal steps between output times
    #[arg(long, value_name = "N", default_value_t = 200, conflicts_with = "times", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub steps: u32,
    /// Output times, ascending, as in 0,12h,1d
    #[arg(
        long,
        value_name = "A,B,C",
        value_delimiter = ',',
        allow_hyphen_values = true
    )]
    pub times: Vec<String>,
    #[command(flatten)]
    pub numerics: Numerics,
    /// Write the table here rather than to standard output
    #[arg(long, value_name = "FILE.csv")]
    pub output: Option<PathBuf>,
    /// Draw the trajectories
    #[arg(long, value_name = "FILE.svg")]
    pub plot: Option<PathBuf>,
    /// Draw these quantities only
    #[arg(long, value_name = "A,B,C", value_delimiter = ',', requires = "plot")]
    pub show: Vec<String>,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("along").required(true).args(["factor", "parameter"]))]
pub(super) struct Bifurcation {
    /// A model that ships with the program (see `holobiont models`), or the path of a model.toml or SBML file
    pub model: String,
    /// Vary these parameters together, by a common factor that is 1 at the start
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    pub factor: Vec<String>,
    /// Vary this parameter
    #[arg(long, value_name = "ID")]
    pub parameter: Option<String>,
    /// Where the range of the parameter or factor begins
    #[arg(long, value_name = "X", allow_hyphen_values = true)]
    pub from: String,
    /// Where it ends
    #[arg(long, value_name = "X", allow_hyphen_values = true)]
    pub to: String,
    /// Scenarios of the model to start from; curves that lie on one another are followed once
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    pub scenario: Vec<String>,
    /// Species that keep the values they start with, as those that never rest
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    pub hold: Vec<String>,
    /// Species and observables to show; by default the four species that change most
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    pub observe: Vec<String>,
    /// Set a parameter, or the initial value of a state, as in mu=0.4 or "mu=0.02 1/h"
    #[arg(long = "set", value_name = "ID=VALUE")]
    pub settings: Vec<String>,
    /// Days that every scenario runs before its state of rest is looked for; of the model's own time unit where it is not a time
    #[arg(long, value_name = "N", default_value_t = 3650.0)]
    pub days: f64,
    #[command(flatten)]
    pub numerics: Numerics,
    /// Table of all points
    #[arg(long, value_name = "FILE.tsv")]
    pub output: Option<PathBuf>,
    /// Draw the diagram
    #[arg(long, value_name = "FILE.svg")]
    pub plot: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Args, Serialize, Deserialize)]
pub(super) struct Numerics {
    /// Relative tolerance
    #[arg(long, value_name = "X")]
    pub rtol: Option<f64>,
    /// Absolute tolerance
    #[arg(long, value_name = "X")]
    pub atol: Option<f64>,
    /// Method of integration; rodas5p, the default, suits stiff models
    #[arg(long, value_enum)]
    pub solver: Option<Solver>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub(super) enum Solver {
    #[default]
    Rodas5p,
    Tsit5,
    Dopri5,
    Dop853,
    /// linear models, exactly
    Exponential,
}

#[derive(Debug, Args)]
pub(super) struct Evaluate {
    /// YAML file of the problem, or an archive that holds one (.omex)
    pub problem: PathBuf,
    /// Values that replace the nominal ones: a table with parameterId and nominalValue (or value)
    #[arg(long, value_name = "FILE.tsv")]
    pub parameters: Option<PathBuf>,
    /// Add the gradient of the log-likelihood in the estimated parameters, on the linear scale; of problems of version 1 on the
    /// parameter scale too
    #[arg(long)]
    pub gradient: bool,
    /// The marginal likelihood over the random effects, by this method: -2 ln L, ofv (that less n ln 2 pi over n readings) and its
    /// numerical error
    #[arg(long, value_name = "METHOD", conflicts_with_all = ["output", "gradient"])]
    pub objective: Option<Marginal>,
    /// Draws an individual for `--objective importance`
    #[arg(long, value_name = "N", default_value_t = 3000, value_parser = clap::value_parser!(u32).range(100..=10_000_000), requires = "objective")]
    pub draws: u32,
    /// Seed of `--objective importance`
    #[arg(long, value_name = "N", default_value_t = 1, requires = "objective")]
    pub seed: u64,
    /// Write report.html, simulations.tsv (PEtab) and evaluation.json into this folder
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// List every subject with its readings and log-likelihood in report.html
    #[arg(long, requires = "output")]
    pub subject_table: bool,
    #[command(flatten)]
    pub numerics: Numerics,
}

#[derive(Debug, Args)]
pub(super) struct Fit {
    /// YAML file of the problem, or an archive that holds one (.omex); may be left out with --resume DIR
    pub problem: Option<PathBuf>,
    /// Folder for report.html, fit.json, tables, pictures and what --resume needs
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// How: `focei` by default where parameters differ between individuals, `map` where they do not
    #[arg(long, value_name = "ESTIMATOR")]
    pub estimator: Option<Estimator>,
    /// Iterations of SAEM that explore; 100 by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub exploration: Option<u32>,
    /// Iterations of SAEM that smooth, 150 by default; while its runs disagree or end off a maximum it explores again and smooths twice as long, three times at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub smoothing: Option<u32>,
    /// Independent runs of SAEM, with seeds of their own; 3 by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub runs: Option<u32>,
    /// Number of sampled starts, besides the nominal values: 10 by default, none for population estimators
    #[arg(long, value_name = "N")]
    pub starts: Option<usize>,
    /// Further searches of each start, from points some way off the best end so far (basin hopping)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=30_000))]
    pub hops: Option<u32>,
    /// Further searches of the best start, when all have ended
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=30_000))]
    pub best_hops: Option<u32>,
    /// Seed of the sampled starts
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Threads; all that the machine offers by default. The result does not depend on their number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub threads: Option<u32>,
    /// Go on with a stopped or killed fit, to the same result: that of --output, or of DIR
    #[arg(long, value_name = "DIR", num_args = 0..=1)]
    pub resume: Option<Option<PathBuf>>,
    /// List every subject with its readings and log-likelihood in report.html
    #[arg(long)]
    pub subject_table: bool,
    #[command(flatten)]
    pub numerics: Numerics,
}

#[derive(Debug, Args)]
pub(super) struct Profile {
    /// YAML file of the problem
    pub problem: PathBuf,
    /// Folder for profile.html, tables, pictures, profile.json and what --resume needs
    #[arg(long, value_name = "DIR")]
    pub output: PathBuf,
    /// Profile these parameters only
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    pub parameters: Vec<String>,
    /// Probability of the intervals
    #[arg(long, value_name = "P", default_value_t = 0.95)]
    pub level: f64,
    /// Begin at the best point of an earlier fit: the folder it was written to
    #[arg(long, value_name = "DIR", conflicts_with_all = ["from", "starts"])]
    pub fit: Option<PathBuf>,
    /// Begin at these values: a table with parameterId and nominalValue (or value)
    #[arg(long, value_name = "FILE.tsv", conflicts_with = "starts")]
    pub from: Option<PathBuf>,
    /// Sampled starts, besides the nominal values, of the fit that finds the best point first; 10 by default
    #[arg(long, value_name = "N")]
    pub starts: Option<usize>,
    /// Seed of the sampled starts and of the random points of the structural check
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Leave out the priors: profiles of the likelihood alone
    #[arg(long)]
    pub no_prior: bool,
    /// Threads; all that the machine offers by default. The result does not depend on their number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub threads: Option<u32>,
    /// Go on with stopped or killed profiles in the same folder, to the same result; all other options as before
    #[arg(long)]
    pub resume: bool,
    #[command(flatten)]
    pub numerics: Numerics,
}

#[derive(Debug, Args)]
pub(super) struct Virtual {
    /// YAML file of the problem whose design is used
    pub problem: PathBuf,
    /// Seed of the draws
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Folder for the problem with the drawn readings
    #[arg(long, value_name = "DIR")]
    pub output: PathBuf,
    /// True values that replace the nominal ones: a table with parameterId and nominalValue (or value)
    #[arg(long, value_name = "FILE.tsv")]
    pub parameters: Option<PathBuf>,
    /// Detection limit of an observable: lower draws are only known to lie below it
    #[arg(long = "limit", value_name = "ID=VALUE")]
    pub limits: Vec<String>,
    #[command(flatten)]
    pub numerics: Numerics,
}

#[derive(Debug, Args)]
pub(super) struct Trial {
    /// Name of a model that ships with trials, or a folder with model.toml and population.toml
    pub model: String,
    /// Id of a trial of the model, or the file of a design; may be left out where the model has one trial
    pub design: Option<String>,
    /// Seed of all random numbers
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Folder for endpoints.csv, patients.csv, progression.svg and means.svg
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Repeated trials behind power and false positives; as many as the design says by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    pub trials: Option<u32>,
}

#[derive(Debug, Args)]
pub(super) struct ImportNonmem {
    /// The table, separated by commas, tabs, semicolons or blanks, with a header
    #[arg(value_name = "DATA")]
    pub data: PathBuf,
    /// A model that ships with the program (see `holobiont models`), or the path of a model.toml or SBML file
    #[arg(long, value_name = "MODEL")]
    pub model: PathBuf,
    /// Folder for the problem
    #[arg(long, value_name = "DIR")]
    pub output: PathBuf,
    /// States of the model in the order of CMT, as in depot,central; without it the order of the model
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    pub compartments: Vec<String>,
    /// Quantities of the model that are read in DV, in the order of DVID; without it the observables of the model
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    pub observable: Vec<String>,
    /// Parameter that is the lag of doses into a compartment
    #[arg(long, value_name = "CMT=PARAMETER")]
    pub lag: Vec<String>,
    /// Parameter that multiplies doses into a compartment
    #[arg(long, value_name = "CMT=PARAMETER")]
    pub bioavailability: Vec<String>,
    /// A column of another name, as in AMT=dose
    #[arg(long, value_name = "COLUMN=NAME")]
    pub column: Vec<String>,
}

#[cfg(feature = "sbml")]
#[derive(Debug, Args)]
pub(super) struct Export {
    /// A model that ships with the program (see `holobiont models`), or the path of a model.toml or SBML file
    pub model: String,
    /// The SBML file; one that is there already is replaced
    #[arg(long, value_name = "FILE.xml")]
    pub sbml: PathBuf,
    /// Level and version of SBML
    #[arg(long, value_name = "L.V", value_enum, default_value_t)]
    pub level_version: LevelVersion,
    /// Scenario of the model: its settings, tables, doses and periods are written into the file
    #[arg(long, value_name = "ID")]
    pub scenario: Option<String>,
}

#[cfg(feature = "sbml")]
#[derive(Debug, Args)]
pub(super) struct Convert {
    /// YAML file of the problem, or an archive that holds one (.omex)
    pub problem: PathBuf,
    /// Version of PEtab; 1 has no place for the extension
    #[arg(long, value_name = "1|2", value_enum)]
    pub petab: PetabFormat,
    /// Folder for the files, or the archive that holds them (.omex)
    #[arg(long, value_name = "DIR")]
    pub output: PathBuf,
    /// Leave out the extension `holobiont`: what other programs read
    #[arg(long)]
    pub plain: bool,
}

#[cfg(feature = "sbml")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PetabFormat {
    #[value(name = "1")]
    V1,
    #[value(name = "2")]
    V2,
}

#[cfg(feature = "sbml")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum LevelVersion {
    #[value(name = "3.1")]
    L3V1,
    #[default]
    #[value(name = "3.2")]
    L3V2,
}
