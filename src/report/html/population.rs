//! A fitted population as one page.
mod certificate;
mod checks;
mod effects;
mod estimates;
mod individuals;
mod provenance;
mod summary;

use super::{
    figures::Figures,
    page::{Page, Section},
};
use crate::report::{draw::DrawError, population::PopulationReport};
use maud::html;

impl PopulationReport<'_> {
    /// The report as one page: summary with warnings, estimates, certificate, individuals, residuals, predictive checks, effects,
    /// provenance. It opens without a network; but for the date the same report has the same bytes.
    ///
    /// # Errors
    /// When a picture cannot be drawn.
    pub fn html(&self) -> Result<String, DrawError> {
        let figures = &mut Figures::default();
        let mut sections = vec![
            Section::new("summary", "Summary", summary::section(self)),
            Section::new("estimates", "Estimates", estimates::section(self, figures)?),
            Section::new("certificate", "Certificate", certificate::section(self)),
        ];
        let mut add = |id, title: &str, body| sections.push(Section::new(id, title, body));
        add(
            "individuals",
            "Individuals",
            individuals::section(self, figures)?,
        );
        add(
            "residuals",
            "Observed, predicted and residuals",
            checks::residuals(self, figures)?,
        );
        add(
            "npde",
            "Prediction distribution errors",
            checks::errors(self, figures)?,
        );
        add(
            "vpc",
            "Visual predictive check",
            checks::predictive(self, figures)?,
        );
        if !self.problem.effects.is_empty() {
            add(
                "effects",
                "Random effects",
                effects::section(self, figures)?,
            );
        }
        if !self.traces.is_empty() {
            add("traces", "Search", checks::traces(self, figures)?);
        }
        add("provenance", "Provenance", provenance::section(self));
        let name = self.model_name();
        Ok(Page {
            title: format!("{name}: fit of a population"),
            head: html! {
                p.kind { "Fit of a population" }
                h1 { (self.title()) }
                @if let Some(file) = self.options.sources.and_then(|s| s.files.first()) {
                    p.subtitle { "Problem " code { (file.name) } }
                }
            },
            sections,
            date: self.options.date,
        }
        .render())
    }

    /// Name of the model for people, or its id.
    fn title(&self) -> String {
        let model = self.options.sources.and_then(|s| s.model.as_ref());
        model
            .and_then(|m| m.network.name.clone())
            .unwrap_or_else(|| self.model_name())
    }
}
