//! Reports and models as one self-contained HTML page each: no script, no resource from outside, every text escaped.
mod claims;
mod composition;
mod data;
mod figures;
mod judgement;
mod model;
mod modules;
mod page;
mod parameters;
mod population;
mod profile;
mod provenance;
mod search;
mod subjects;
mod summary;
mod text;

pub use model::model_page;
pub use profile::profile_page;

use super::{contents::Report, draw::DrawError};
use figures::Figures;
use maud::html;
use page::{Page, Section};

impl Report<'_> {
    /// The report as one page: summary with warnings, data and fit, compositions, residuals, local searches, parameters, the
    /// model, provenance. It opens without a network; but for the date the same report has the same bytes.
    ///
    /// # Errors
    /// When a picture cannot be drawn.
    pub fn html(&self) -> Result<String, DrawError> {
        let figures = &mut Figures::default();
        let mut sections = vec![
            Section::new("summary", "Summary", summary::section(self)),
            Section::new("data", "Data and fit", data::section(self, figures)?),
        ];
        let mut add = |id, title, body: Option<_>| {
            sections.extend(body.map(|body| Section::new(id, title, body)));
        };
        add(
            "composition",
            "Composition",
            composition::section(self, figures)?,
        );
        add(
            "residuals",
            "Observed, predicted and residuals",
            Some(judgement::section(self, figures)?),
        );
        add("search", "Local searches", search::section(self, figures)?);
        add(
            "parameters",
            "Parameters",
            Some(parameters::section(self, figures)?),
        );
        if self.options.subject_table {
            add("subjects", "Subjects", Some(subjects::section(self)));
        }
        add("model", "Model", model::section(self));
        add("provenance", "Provenance", Some(provenance::section(self)));
        let what = if self.fit.is_some() {
            "Fit of a cohort"
        } else {
            "Evaluation of a cohort"
        };
        let name = self.model_title();
        Ok(Page {
            title: format!("{name}: {}", what.to_lowercase()),
            head: html! {
                p.kind { (what) }
                h1 { (name) }
                @if let Some(problem) = self.problem_name() {
                    p.subtitle { "Problem " code { (problem) } }
                }
            },
            sections,
            date: self.options.date,
        }
        .render())
    }

    /// Name of the model for people, or its id.
    fn model_title(&self) -> String {
        let model = self.options.sources.and_then(|s| s.model.as_ref());
        model
            .and_then(|m| m.network.name.clone())
            .unwrap_or_else(|| self.model_name())
    }

    /// The problem by its file and the key of its model.
    fn problem_name(&self) -> Option<String> {
        let sources = self.options.sources?;
        let file = sources.files.first()?;
        Some(format!("{} ({})", file.name, sources.model_id))
    }
}
