//! A calibration as tables and text: estimates, contraction, spectrum, the ensemble and its bands.
use super::axes::short_number;
use super::score::FOOTER;
use crate::exchange::tables::{TableWriter, number_text};
use crate::fit::Fit;
use crate::scorecard::{Calibration, Ensemble, Information, Score, Scored, Target};

/// Contraction below which findings are said to have told nothing of a parameter.
const TOLD: f64 = 0.1;
/// Parameters that are listed by name.
const LISTED: usize = 25;

/// A number for a table, to so many digits.
fn rounded(x: f64, digits: usize) -> String {
    let text = format!("{x:.*e}", digits - 1);
    number_text(text.parse().unwrap_or(x))
}

/// One row a free parameter: prior, estimate, standard deviation, contraction.
pub fn estimates_table(information: &Information) -> String {
    let mut table = TableWriter::tsv(&[
        "parameterId",
        "scale",
        "lower",
        "upper",
        "prior_mean",
        "prior_sd",
        "estimate",
        "sd",
        "contraction",
        "at_an_end",
    ]);
    for p in &information.parameters {
        let (lower, upper) = p.range;
        let scale = format!("{:?}", p.scale).to_lowercase();
        let yes_no = if p.at_an_end() { "yes" } else { "no" };
        table.row([
            p.id.clone(),
            scale,
            rounded(lower, 3),
            rounded(upper, 3),
            rounded(p.prior.0, 3),
            rounded(p.prior.1, 3),
            rounded(p.estimate, 3),
            rounded(p.deviation, 3),
            rounded(p.contraction(), 3),
            yes_no.to_string(),
        ]);
    }
    table.finish()
}

/// One row a member, natural values; the estimate first.
pub fn ensemble_table(ensemble: &Ensemble) -> String {
    let mut columns = vec!["misfit"];
    columns.extend(ensemble.ids.iter().map(String::as_str));
    let mut table = TableWriter::tsv(&columns);
    for (member, misfit) in ensemble.members.iter().zip(&ensemble.misfits) {
        let cells = [misfit].into_iter().chain(member);
        table.row(cells.map(|x| rounded(*x, 6)));
    }
    table.finish()
}

/// One row a finding: the least and the largest contrast of the members.
pub fn bands_table(targets: &[Target], ensemble: &Ensemble) -> String {
    let mut table = TableWriter::tsv(&["id", "lower", "upper", "members"]);
    for (target, contrasts) in targets.iter().zip(&ensemble.contrasts) {
        if contrasts.is_empty() {
            continue;
        }
        let lower = contrasts.iter().copied().fold(f64::INFINITY, f64::min);
        let upper = contrasts.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        table.row([
            target.id.clone(),
            rounded(lower, 5),
            rounded(upper, 5),
            contrasts.len().to_string(),
        ]);
    }
    table.finish()
}

/// The standard deviation of the members over that of the curvature, geometric mean over parameters.
fn spread_over_curvature(ensemble: &Ensemble, information: &Information) -> f64 {
    let count = ensemble.members.len() as f64;
    let logs = information.parameters.iter().enumerate().map(|(k, p)| {
        let values = || ensemble.members.iter().map(|m| p.scale.search(m[k]));
        let mean = values().sum::<f64>() / count;
        let square = values().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
        libm::log(square.sqrt() / p.deviation)
    });
    libm::exp(logs.sum::<f64>() / information.parameters.len().max(1) as f64)
}

/// The report, in Markdown; `command` is what made it.
pub fn calibration_text(
    model: &str,
    command: &str,
    calibration: &Calibration,
    fit: &Fit,
    information: &Information,
    ensemble: &Ensemble,
    rows: &[Scored],
) -> String {
    let published = |id: &str| rows.iter().any(|row| row.target.id == id);
    let used = calibration.used.iter();
    let findings = used.filter(|target| published(&target.id)).count();
    let behaviour = calibration.used.len() - findings;
    let free = information.parameters.len();
    let mut told: Vec<_> = (information.parameters.iter())
        .filter(|p| p.contraction() >= TOLD)
        .collect();
    told.sort_by(|a, b| b.contraction().total_cmp(&a.contraction()));
    let ends = information
        .parameters
        .iter()
        .filter(|p| p.at_an_end())
        .count();
    let mut text = format!(
        "# Calibration of `{model}`\n\nMade by `{command}`; every number below comes from that run.\n\n"
    );
    if !fit.complete {
        text += "**The searches were interrupted before their ends.**\n\n";
    }
    let mut line = |words: String| {
        text += "- ";
        text += &words;
        text.push('\n');
    };
    line(format!(
        "Fitted: {findings} published findings that are not held out and {behaviour} rows of behaviour (`behaviour.tsv`)."
    ));
    line(format!(
        "Free parameters: {free}, each with a normal prior on its search scale; effective number of directions that the rows tell: {}.",
        short_number(information.effective())
    ));
    if calibration.started > 0 {
        line(format!(
            "The first search began at the {} starting values of `start.tsv`.",
            calibration.started
        ));
    }
    line(format!(
        "Objective {} (ln likelihood {}, ln prior {}), the best of {} searches; {} had no value.",
        short_number(fit.value),
        short_number(fit.log_likelihood),
        short_number(fit.log_prior),
        fit.starts.len(),
        fit.failures
    ));
    line(format!(
        "Ends of the searches: {}.",
        fit.starts
            .iter()
            .filter_map(|start| start.value)
            .map(short_number)
            .collect::<Vec<_>>()
            .join(", ")
    ));
    line(format!(
        "{} of {free} parameters contracted by a tenth or more; **the others say what their priors say and are not to be interpreted**. {ends} lie at an end of their range.",
        told.len()
    ));
    let shown: Vec<String> = information
        .spectrum
        .iter()
        .take(40)
        .map(|l| short_number(*l))
        .collect();
    line(format!(
        "Fisher spectrum of the rows in units of the prior (1: a direction told as well by rows as by prior): {}; the other {} are smaller.",
        shown.join(", "),
        free.saturating_sub(shown.len())
    ));
    line(format!(
        "Ensemble: {} vectors of {} draws ({} failed) from the normal distribution of the estimate with {} of its standard deviations (seed {}), folded at the ends of the ranges; kept is whose sum of squared distances (in standard deviations of the contrasts) is at most {} (the estimate has {}; the 95 % quantile of chi-squared with {} degrees of freedom more). From there each walked {} steps within that bound, of which {} % were taken, towards the measure of the priors cut off there; on the mean a parameter spreads over {} of the standard deviation that the curvature gives it. Bands are the range of these equally good fits, not credible intervals.",
        ensemble.members.len(),
        ensemble.draws,
        ensemble.failed,
        short_number(ensemble.spread),
        ensemble.seed,
        short_number(ensemble.threshold),
        short_number(ensemble.misfits[0]),
        short_number(information.effective()),
        ensemble.sweeps,
        short_number(100.0 * ensemble.taken),
        short_number(spread_over_curvature(ensemble, information))
    ));
    for (held, name) in [(false, "fitted"), (true, "held out")] {
        if let Some(score) = Score::of(rows.iter().filter(|r| r.target.held_out() == held)) {
            line(format!(
                "Findings {name}: {} of {} can be spoken of, {} % inside their intervals, mean distance {} half-widths (each up to 3); over contrasts with an effect {}, a model without effects {}.",
                score.representable,
                score.all,
                short_number(100.0 * score.inside),
                short_number(score.distance),
                short_number(score.over_the_same),
                short_number(score.without_effects)
            ));
        }
    }
    text += "\n| parameter | prior | estimate | contraction |\n|---|---|---|---|\n";
    for p in told.iter().take(LISTED) {
        let natural = |x: f64| short_number(p.scale.natural(x).value);
        text += &format!(
            "| `{}` | {} ({} to {}) | {} | {} |\n",
            p.id,
            natural(p.prior.0),
            natural(p.prior.0 - 2.0 * p.prior.1),
            natural(p.prior.0 + 2.0 * p.prior.1),
            natural(p.estimate),
            short_number(p.contraction())
        );
    }
    text += &format!(
        "\nAll of them: `estimates.tsv`; the members: `ensemble.tsv`; bands of the findings: `bands.tsv`.\n\n{FOOTER}\n"
    );
    text
}
