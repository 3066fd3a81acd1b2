//! Pictures (SVG), pages (HTML) and tables (CSV) of models, simulations and fits. What they show is computed in the layers below.
mod axes;
mod draw;
mod figure;
mod fit;
mod layout;
mod markdown;
mod mathml;
mod model;
mod pictures;

pub use axes::short_number;
pub use draw::DrawError;
pub use figure::{Axis, AxisScale, Bars, Figure, Mark, Panel, Series, labelled, wants_log};
pub use fit::{fit_files, observed};
pub use model::{model_page, model_text};
pub use pictures::{
    Curve, Estimate, Observed, Pairs, Start, observed_against_predicted, parameters, subject_fit,
    trajectories, waterfall,
};
