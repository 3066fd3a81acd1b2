//! Pictures (SVG), pages (HTML) and tables (CSV) of models, simulations and fits. What they show is computed in the layers below.
mod axes;
mod bands;
mod beside;
mod bifurcation;
mod calibration;
mod claims;
mod composition;
mod contents;
mod data_and_fit;
mod draw;
mod figure;
mod fit;
mod html;
mod layout;
mod markdown;
mod mathml;
mod model;
mod modules;
mod pictures;
mod population;
mod profile;
mod residuals;
mod score;
mod sources;
mod thin;
mod trial;
mod trial_pictures;

pub use axes::short_number;
pub use beside::{Beside, beside_text};
pub use bifurcation::{DiagramReport, Quantity, TracedCurve};
pub use calibration::{bands_table, calibration_text, ensemble_table, estimates_table};
pub use claims::{
    ClaimReport, claims_markdown, claims_summary, claims_table, claims_text, couplings_markdown,
    couplings_table,
};
pub use composition::{Shares, stacked_shares};
pub use contents::{Report, ReportOptions};
pub use data_and_fit::{BAND_LEVEL, Observed, subject_fit, subject_multiples};
pub use draw::DrawError;
pub use figure::{Axis, AxisScale, Bars, Figure, Label, Mark, Panel, Series, labelled, wants_log};
pub use html::{model_page, profile_page};
pub use model::model_text;
pub use modules::model_picture;
pub use pictures::{Curve, Estimate, Start, parameters, trajectories, waterfall};
pub use population::{PopulationReport, traces};
pub use profile::{profile_figure, verdict_text, verdict_word};
pub use residuals::{
    Compared, ComparedReading, observed_against_predicted, residual_quantiles,
    residuals_over_prediction, residuals_over_time,
};
pub use score::{FOOTER, forest, score_table, score_text};
pub use sources::{FileDigest, Sources, SourcesError};
pub use trial::{trial_endpoints, trial_files, trial_patients, trial_text};
pub use trial_pictures::{trial_means, trial_progression};
