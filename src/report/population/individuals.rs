//! Data and fit of individuals as small multiples: readings, prediction at the mode with its bands, prediction for typical effects.
use super::PopulationReport;
use crate::{
    population::Curve,
    report::{
        data_and_fit::{Observed, SMALL_PANEL, panel, scale, y_range},
        figure::{Figure, Mark, Series, labelled},
    },
};

/// One panel: an individual in one of its experiments.
#[derive(Clone, Debug)]
pub(in crate::report) struct Member {
    pub title: String,
    pub observed: Observed,
    /// prediction at effects of 0
    pub typical: Vec<(f64, f64)>,
}

impl PopulationReport<'_> {
    /// Per endpoint: the individuals that curves were computed for.
    pub(in crate::report) fn members(&self) -> Vec<(usize, Vec<Member>)> {
        let of = |endpoint: usize| {
            let curves = self.diagnostics.curves.iter();
            let own = curves.filter(|c| c.endpoint == endpoint);
            own.map(|c| self.member(c)).collect::<Vec<_>>()
        };
        self.endpoints().into_iter().map(|e| (e, of(e))).collect()
    }

    fn member(&self, curve: &Curve) -> Member {
        let individual = &self.problem.individuals[curve.individual];
        let subject = &self.problem.problem.cohort.subjects[curve.subject];
        let endpoint = self.endpoint(curve.endpoint);
        let line = |values: &[f64]| -> Vec<(f64, f64)> {
            curve
                .times
                .iter()
                .copied()
                .zip(values.iter().copied())
                .collect()
        };
        let readings = subject
            .visits
            .iter()
            .filter(|v| v.endpoint == curve.endpoint);
        Member {
            title: if individual.subjects.len() > 1 && individual.id != subject.id {
                format!("{}, {}", individual.id, subject.id)
            } else {
                individual.id.clone()
            },
            observed: Observed {
                name: self.endpoint_name(curve.endpoint).to_owned(),
                unit: endpoint.unit.clone(),
                prediction: line(&curve.individual_prediction),
                certainty: curve.band.clone(),
                spread: curve.readings.clone(),
                readings: readings.map(|v| (v.time, v.reading)).collect(),
                logarithmic: endpoint.noise.logarithmic(),
            },
            typical: line(&curve.typical),
        }
    }
}

/// Panels of one endpoint, four in a row, all with the vertical axis that `all` of them need.
pub(in crate::report) fn multiples(
    report: &PopulationReport,
    endpoint: usize,
    shown: &[Member],
    all: &[Member],
) -> Figure {
    let observed: Vec<&Observed> = all.iter().map(|m| &m.observed).collect();
    let scale = scale(&observed);
    let range = y_range(&observed, scale);
    let unit = report.endpoint(endpoint).unit.as_deref();
    let panels = shown.iter().map(|m| {
        let mut panel = panel(
            m.title.clone(),
            report.time_unit(endpoint),
            labelled("value", unit),
            &m.observed,
            scale,
            range,
        );
        for series in &mut panel.series {
            if series.name == "prediction" {
                series.name = "individual prediction".to_owned();
            }
        }
        let marks = panel.series.iter();
        let first = marks
            .take_while(|s| matches!(s.mark, Mark::None | Mark::Line))
            .count();
        let typical = Series::new("typical individual", 6, Mark::Dashed, m.typical.clone());
        panel.series.insert(first, typical);
        panel
    });
    Figure {
        panels: panels.collect(),
        columns: Some(4),
        panel_size: Some(SMALL_PANEL),
        ..Figure::default()
    }
}
