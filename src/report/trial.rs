//! A virtual trial as text and tables, and all its files.
use super::{
    axes::short_number,
    draw::DrawError,
    figure::labelled,
    score::FOOTER,
    trial_pictures::{trial_means, trial_progression},
};
use crate::exchange::tables::{TableWriter, number_text};
use crate::trial::{Endpoint, Kind, Measure, Shared, Trial};

/// Days in a week.
pub(super) const WEEK: f64 = 7.0;

fn measure_word(measure: Measure) -> &'static str {
    match measure {
        Measure::Difference => "difference",
        Measure::Ratio => "ratio",
        Measure::RateRatio => "rate ratio",
        Measure::HazardRatio => "hazard ratio",
    }
}

fn p_text(p: f64) -> String {
    match p {
        p if p.is_nan() => "-".to_string(),
        p if p < 0.001 => "<.001".to_string(),
        p => format!("{p:.3}"),
    }
}

fn percent(share: Shared) -> String {
    match share.of {
        0 => "-".to_string(),
        _ => format!("{:.1} %", 100.0 * share.share()),
    }
}

/// Name and unit of an endpoint.
fn named(endpoint: &Endpoint) -> String {
    labelled(&endpoint.name, endpoint.unit.as_deref())
}

fn summary(endpoint: &Endpoint, value: f64) -> String {
    match endpoint.kind {
        Kind::Progression => format!("{:.1} %", 100.0 * value),
        _ => short_number(value),
    }
}

/// The trial for a terminal: who took part, endpoints with contrasts, power and false positives.
pub fn trial_text(trial: &Trial) -> String {
    let design = &trial.design;
    let mut out = format!(
        "{}, seed {}\n\n",
        design.description.as_deref().unwrap_or(&design.id),
        trial.seed
    );
    let last = trial.visits.last().copied().unwrap_or(0.0);
    for (at, arm) in design.arms.iter().enumerate() {
        let patients = trial.arm(at);
        let dropped = patients.iter().filter(|p| p.dropped).count();
        let what = arm.scenario.as_deref().unwrap_or("untreated");
        out += &format!(
            "{}: {} subjects ({what}), {dropped} left before week {:.0}\n",
            arm.id,
            patients.len(),
            last / WEEK
        );
    }
    out += &format!(
        "{} subjects screened; {} solves ended well, {} failed\n",
        trial.screened,
        trial.solved,
        trial.failures.len()
    );
    for failure in trial.failures.iter().take(5) {
        out += &format!("  {failure}\n");
    }
    if trial.failures.len() > 5 {
        out += &format!("  and {} more\n", trial.failures.len() - 5);
    }
    let wide = design
        .endpoints
        .iter()
        .map(|e| named(e).chars().count())
        .max()
        .unwrap_or(0);
    let mut arm = 0;
    for (at, row) in trial.rows.iter().enumerate() {
        let endpoint = &design.endpoints[row.endpoint];
        if row.arm != arm {
            arm = row.arm;
            let (own, first) = (&design.arms[arm].id, &design.arms[0].id);
            out += &format!(
                "\n{:wide$}  {:>12}  {:>12}  {:32}  {:>6}  {:>7}  {:>7}\n",
                format!("{own} against {first}"),
                own,
                first,
                "contrast (95 % interval)",
                "p",
                "power",
                "false +"
            );
        }
        let (lower, upper) = row.contrast.interval;
        let contrast = format!(
            "{} {} ({} to {})",
            measure_word(row.measure),
            short_number(row.contrast.value),
            short_number(lower),
            short_number(upper)
        );
        let found = trial
            .power
            .as_ref()
            .map(|power| power.rows[at])
            .unwrap_or_default();
        out += &format!(
            "{:wide$}  {:>12}  {:>12}  {contrast:32}  {:>6}  {:>7}  {:>7}\n",
            named(endpoint),
            summary(endpoint, row.treated.value),
            summary(endpoint, row.control.value),
            p_text(row.contrast.p),
            percent(found.effect),
            percent(found.none),
        );
    }
    if let Some(power) = &trial.power {
        out += &format!(
            "\npower: share of {0} trials with p < {1}; false +: the same where all arms live as the first. Subjects are allocated and chance is\n\
             drawn anew in each, lives are not solved again.\n",
            power.trials, design.significance
        );
    }
    out += "\nWhat the model says, not what a trial would: see the README of the model for what it gets wrong.\n";
    out += FOOTER;
    out.push('\n');
    out
}

/// The table of endpoints.
pub fn trial_endpoints(trial: &Trial) -> String {
    let columns = [
        "endpoint",
        "name",
        "unit",
        "arm",
        "control",
        "n_arm",
        "n_control",
        "value_arm",
        "value_control",
        "measure",
        "contrast",
        "lower",
        "upper",
        "p",
        "power",
        "power_lower",
        "power_upper",
        "false_positives",
        "false_lower",
        "false_upper",
        "trials",
    ];
    let mut writer = TableWriter::csv(&columns);
    for (at, row) in trial.rows.iter().enumerate() {
        let endpoint = &trial.design.endpoints[row.endpoint];
        let mut cells = vec![
            endpoint.id.clone(),
            endpoint.name.clone(),
            endpoint.unit.clone().unwrap_or_default(),
            trial.design.arms[row.arm].id.clone(),
            trial.design.arms[0].id.clone(),
            row.treated.subjects.to_string(),
            row.control.subjects.to_string(),
            number(row.treated.value),
            number(row.control.value),
            measure_word(row.measure).to_string(),
        ];
        let contrast = &row.contrast;
        cells.extend(
            [
                contrast.value,
                contrast.interval.0,
                contrast.interval.1,
                contrast.p,
            ]
            .map(number),
        );
        match &trial.power {
            Some(power) => {
                for share in [power.rows[at].effect, power.rows[at].none] {
                    let (lower, upper) = share.interval();
                    cells.extend([share.share(), lower, upper].map(number));
                }
                cells.push(power.trials.to_string());
            }
            None => cells.extend(std::iter::repeat_n(String::new(), 7)),
        }
        writer.row(cells);
    }
    writer.finish()
}

/// A number, or nothing where there is none.
fn number(value: f64) -> String {
    if value.is_nan() {
        String::new()
    } else {
        number_text(value)
    }
}

/// One row a patient and visit: readings in their units, points of disability, relapses since the visit before.
pub fn trial_patients(trial: &Trial) -> String {
    let design = &trial.design;
    let read: Vec<usize> = (0..design.endpoints.len())
        .filter(|e| design.endpoints[*e].kind == Kind::Reading)
        .collect();
    let mut columns = vec!["subject", "arm", "day", "present", "relapses"];
    let scale = trial
        .patients
        .iter()
        .any(|patient| !patient.disability.is_empty());
    if scale {
        columns.extend(["disability", "progressed"]);
    }
    columns.extend(read.iter().map(|e| design.endpoints[*e].id.as_str()));
    let mut writer = TableWriter::csv(&columns);
    for patient in &trial.patients {
        let mut before = f64::NEG_INFINITY;
        for (visit, day) in trial.visits.iter().enumerate() {
            let since = patient
                .relapses
                .iter()
                .filter(|r| **r > before && **r <= *day)
                .count();
            before = *day;
            let present = *day <= patient.left;
            let mut cells = vec![
                patient.subject.to_string(),
                design.arms[patient.arm].id.clone(),
                number_text(*day),
                if present { "yes" } else { "no" }.to_string(),
                since.to_string(),
            ];
            if scale {
                let progressed = patient.progression.is_some_and(|onset| onset.day <= *day);
                cells.push(
                    patient
                        .disability
                        .get(visit)
                        .map(|score| number(*score))
                        .unwrap_or_default(),
                );
                cells.push(if progressed { "yes" } else { "no" }.to_string());
            }
            cells.extend(read.iter().map(|e| number(patient.readings[*e][visit])));
            writer.row(cells);
        }
    }
    writer.finish()
}

/// All files of a trial: names and contents.
///
/// # Errors
/// Pictures that cannot be drawn.
pub fn trial_files(trial: &Trial) -> Result<Vec<(String, Vec<u8>)>, DrawError> {
    let mut files = vec![
        ("trial.txt".to_string(), trial_text(trial).into_bytes()),
        (
            "patients.csv".to_string(),
            trial_patients(trial).into_bytes(),
        ),
    ];
    let means = trial_means(trial);
    if !means.panels.is_empty() {
        files.push(("means.svg".to_string(), means.svg()?.into_bytes()));
    }
    if trial
        .design
        .endpoints
        .iter()
        .any(|endpoint| endpoint.kind == Kind::Progression)
    {
        let picture = trial_progression(trial).svg()?;
        files.push(("progression.svg".to_string(), picture.into_bytes()));
    }
    files.push((
        "endpoints.csv".to_string(),
        trial_endpoints(trial).into_bytes(),
    ));
    Ok(files)
}
