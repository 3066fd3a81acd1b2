//! The tables beside the page of a population: tab-separated, empty where there is no number.
use super::PopulationReport;
use crate::{
    exchange::tables::{TableWriter, number_text},
    noise::Reading,
    population::Share,
};

fn cell(value: Option<f64>) -> String {
    value
        .filter(|v| v.is_finite())
        .map_or_else(String::new, number_text)
}

/// `estimates.tsv`: a row an estimated parameter. Standard errors stand on the search scale but for `standardError`.
pub(super) fn estimates(report: &PopulationReport) -> String {
    let mut writer = TableWriter::tsv(&[
        "parameterId",
        "unit",
        "value",
        "standardError",
        "rse_percent",
        "lower_95",
        "upper_95",
        "search",
        "se_observed",
        "se_linearised",
        "se_sandwich",
        "at_bound",
    ]);
    for e in &report.fit.estimates {
        writer.row([
            e.id.clone(),
            e.unit.clone().unwrap_or_default(),
            number_text(e.value),
            cell(e.natural_standard_error),
            cell(relative(e.natural_standard_error, e.value)),
            cell(e.interval.map(|i| i.0)),
            cell(e.interval.map(|i| i.1)),
            number_text(e.search),
            cell(e.standard_error),
            cell(e.linearised),
            cell(e.sandwich),
            e.at_bound.to_string(),
        ]);
    }
    writer.finish()
}

/// A standard error in percent of the value.
pub(in crate::report) fn relative(error: Option<f64>, value: f64) -> Option<f64> {
    let percent = 100.0 * error? / value.abs();
    percent.is_finite().then_some(percent)
}

/// `individuals.tsv`: effects with their standard deviations, parameters, ln L, k-hat. Effects of occasions carry their number.
pub(super) fn individuals(report: &PopulationReport) -> String {
    let individuals = &report.fit.individuals;
    let mut effects: Vec<(&str, Option<usize>)> = Vec::new();
    let mut parameters: Vec<&str> = Vec::new();
    for individual in individuals {
        for (id, occasion, ..) in &individual.effects {
            if !effects.contains(&(id, *occasion)) {
                effects.push((id, *occasion));
            }
        }
        for (id, _) in &individual.parameters {
            if !parameters.contains(&id.as_str()) {
                parameters.push(id);
            }
        }
    }
    let mut columns = vec![
        "individualId".to_owned(),
        "ln_likelihood".to_owned(),
        "k_hat".to_owned(),
    ];
    for (id, occasion) in &effects {
        let name = PopulationReport::effect_name(id, *occasion);
        columns.push(format!("{name}_sd"));
        columns.insert(columns.len() - 1, name);
    }
    columns.extend(parameters.iter().map(|p| (*p).to_owned()));
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let mut writer = TableWriter::tsv(&columns);
    for (number, individual) in individuals.iter().enumerate() {
        let mut cells = vec![
            individual.id.clone(),
            cell(Some(individual.ln_likelihood)),
            cell(report.k_hat(number)),
        ];
        for wanted in &effects {
            let mut own = individual.effects.iter();
            let own = own.find(|(id, occasion, ..)| (id.as_str(), *occasion) == *wanted);
            cells.push(cell(own.map(|e| e.2)));
            cells.push(cell(own.map(|e| e.3)));
        }
        for wanted in &parameters {
            let mut own = individual.parameters.iter();
            cells.push(cell(own.find(|(id, _)| id == wanted).map(|p| p.1)));
        }
        writer.row(cells);
    }
    writer.finish()
}

/// `predictions.tsv`: a row a reading, individual by individual.
pub(super) fn predictions(report: &PopulationReport) -> String {
    let cohort = &report.problem.problem.cohort;
    let mut writer = TableWriter::tsv(&[
        "row",
        "individualId",
        "experimentId",
        "time",
        "observableId",
        "reading",
        "censoring",
        "upper",
        "pred",
        "ipred",
        "iwres",
        "cwres",
        "pd",
        "npde",
    ]);
    for r in &report.diagnostics.readings {
        let (censoring, value, upper) = match r.reading {
            Reading::Value(v) => ("none", v, None),
            Reading::Below(v) => ("left", v, None),
            Reading::Above(v) => ("right", v, None),
            Reading::Between(a, b) => ("interval", a, Some(b)),
        };
        writer.row([
            r.row.to_string(),
            report.problem.individuals[r.individual].id.clone(),
            cohort.subjects[r.subject].id.clone(),
            number_text(r.time),
            cohort.endpoints[r.endpoint].id.clone(),
            number_text(value),
            censoring.to_owned(),
            cell(upper),
            cell(r.population),
            cell(r.individual_prediction),
            cell(r.iwres),
            cell(r.cwres),
            cell(r.pd),
            cell(r.npde),
        ]);
    }
    writer.finish()
}

/// `vpc.tsv`: a row a bin and quantity: a percentile of the readings, or the share of readings beyond a limit.
pub(super) fn vpc(report: &PopulationReport) -> String {
    let mut writer = TableWriter::tsv(&[
        "observableId",
        "from",
        "to",
        "time",
        "readings",
        "quantity",
        "observed",
        "simulated_5",
        "simulated_50",
        "simulated_95",
    ]);
    for check in &report.diagnostics.vpc {
        for bin in &check.bins {
            let percentiles = ["percentile_5", "percentile_50", "percentile_95"];
            let mut rows: Vec<(&str, f64, [f64; 3])> = Vec::new();
            for (k, name) in percentiles.into_iter().enumerate() {
                rows.push((name, bin.observed[k], bin.simulated[k]));
            }
            let share =
                |name, share: &Option<Share>| share.map(|s| (name, s.observed, s.simulated));
            rows.extend(share("share_below_limit", &bin.below));
            rows.extend(share("share_above_limit", &bin.above));
            for (name, observed, simulated) in rows {
                writer.row([
                    check.id.clone(),
                    number_text(bin.from),
                    number_text(bin.to),
                    number_text(bin.middle),
                    bin.count.to_string(),
                    name.to_owned(),
                    cell(Some(observed)),
                    cell(Some(simulated[0])),
                    cell(Some(simulated[1])),
                    cell(Some(simulated[2])),
                ]);
            }
        }
    }
    writer.finish()
}
