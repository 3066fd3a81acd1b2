//! The nine mice of Stein et al. 2013 as a cohort, and how predictions of them are scored.
use holobiont::{
    cohort::{Cohort, CohortModel, Endpoint, Source, Subject, Visit},
    compile::System,
    network::InputKind,
    noise::{LogNormal, Reading},
    schedule::{Dose, Factor, InputTable, Jump, Moment, Schedule},
};
use std::{error::Error, path::Path, sync::Arc};

/// Start values below it are raised to it (1e11 copies/cm3).
pub const START_FLOOR: f64 = 1e-6;
/// Readings and predictions below it count as it; a reading at or below it is known to lie below, no more.
pub const FLOOR: f64 = 1e-5;
/// Added to every predicted density before its logarithm, a hundredth of the floor: a vanished taxon reads as nothing, not as -inf.
pub const BACKGROUND: f64 = 1e-7;

/// One mouse: its samples in time order, densities in the order of the taxa of the model.
#[derive(Clone, Debug)]
pub struct Mouse {
    /// `ID` of the table
    pub id: String,
    /// treatment group: 1 control, 2 clindamycin, 3 clindamycin and C. difficile
    pub population: usize,
    /// clindamycin signal on day 0
    pub clindamycin: bool,
    /// days
    pub days: Vec<f64>,
    /// samples x taxa, 1e11 copies/cm3
    pub densities: Vec<Vec<f64>>,
}

/// Reads `mice.csv`; the taxa give the order of the densities.
pub fn read(path: &Path, taxa: &[String]) -> Result<Vec<Mouse>, Box<dyn Error>> {
    let mut reader =
        csv::Reader::from_path(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let header = reader.headers()?.clone();
    let column = |name: &str| {
        header
            .iter()
            .position(|h| h == name)
            .ok_or_else(|| format!("{}: no column `{name}`", path.display()))
    };
    let (id, population) = (column("ID")?, column("Population")?);
    let (day, signal) = (column("time (in d)")?, column("Clindamycin signal")?);
    let columns = taxa
        .iter()
        .map(|taxon| column(taxon))
        .collect::<Result<Vec<_>, _>>()?;
    let mut mice: Vec<Mouse> = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let record = record?;
        let number = |column: usize| -> Result<f64, String> {
            record[column].trim().parse().map_err(|_| {
                let name = &header[column];
                format!(
                    "{}: row {}, column `{name}`: `{}` is not a number",
                    path.display(),
                    index + 2,
                    &record[column]
                )
            })
        };
        let name = format!("mouse_{}", number(id)?);
        if mice.last().is_none_or(|mouse| mouse.id != name) {
            mice.push(Mouse {
                id: name,
                population: number(population)? as usize,
                clindamycin: number(signal)? > 0.0,
                days: Vec::new(),
                densities: Vec::new(),
            });
        }
        let mouse = mice.last_mut().expect("one was just pushed");
        mouse.days.push(number(day)?);
        mouse.densities.push(
            columns
                .iter()
                .map(|&c| number(c))
                .collect::<Result<_, _>>()?,
        );
    }
    Ok(mice)
}

/// What is told about C. difficile spores, which the table does not carry.
#[derive(Clone, Copy, Debug)]
pub struct Inoculation {
    /// row of the parameter table with the added density
    pub row: usize,
    /// day of the gavage
    pub day: f64,
}

/// The mice as a cohort: start values from the first sample, clindamycin 1 on [0, 1) d after its signal, readings after day 0.
pub fn cohort(
    system: &Arc<System>,
    taxa: &[String],
    mice: &[Mouse],
    sources: &[(usize, Source)],
    sigma: f64,
    inoculation: Option<Inoculation>,
) -> Result<Cohort, Box<dyn Error>> {
    let mut formulas: Vec<(String, String)> = taxa
        .iter()
        .map(|taxon| (format!("{taxon}_read"), format!("{taxon} + {BACKGROUND}")))
        .collect();
    formulas.push(("sigma".into(), format!("{sigma}")));
    let endpoint = |(index, taxon): (usize, &String)| Endpoint {
        id: format!("{taxon}_read"),
        model: 0,
        observable: index,
        noise_parameters: vec![taxa.len()],
        noise: Arc::new(LogNormal),
        unit: Some("1e11*copies/cm^3".into()),
        name: Some(taxon.replace('_', " ")),
    };
    let subjects = mice
        .iter()
        .map(|mouse| subject(system, taxa, mouse, sources, inoculation))
        .collect();
    Ok(Cohort {
        models: vec![CohortModel::new(
            system.clone(),
            system.outputs(&formulas, &[])?,
        )],
        endpoints: taxa.iter().enumerate().map(endpoint).collect(),
        formulas: None,
        subjects,
    })
}

fn subject(
    system: &System,
    taxa: &[String],
    mouse: &Mouse,
    sources: &[(usize, Source)],
    inoculation: Option<Inoculation>,
) -> Subject {
    let own = system.parameters().len();
    let mut schedule = Schedule::default();
    let mut registers = sources.to_vec();
    for (taxon, density) in taxa.iter().zip(&mouse.densities[0]) {
        let register = system
            .parameter_index(&format!("initial({taxon})"))
            .expect("every taxon has a plain initial value");
        registers.push((register, Source::Constant(density.max(START_FLOOR))));
    }
    if mouse.clindamycin {
        let input = system
            .input_index("clindamycin")
            .expect("the model has this input");
        debug_assert_eq!(system.inputs()[input].kind, InputKind::Step);
        let mut knot = |id: &str, time: f64, value: f64| {
            let time = schedule.add_entry(own, format!("clindamycin_{id}_time"), time);
            (
                time,
                schedule.add_entry(own, format!("clindamycin_{id}"), value),
            )
        };
        let knots = vec![knot("on", 0.0, 1.0), knot("off", 1.0, 0.0)];
        schedule.inputs.push(InputTable { input, knots });
    }
    if let Some(Inoculation { row, day }) = inoculation.filter(|_| mouse.population == 3) {
        let at = schedule.add_entry(own, "inoculation_day", day);
        let amount = schedule.add_entry(own, "inoculum", 0.0);
        registers.push((amount.0, Source::Parameter(row)));
        let state = system
            .state_index("Clostridium_difficile")
            .expect("a taxon of the model");
        let jump = Jump {
            state,
            offset: Some(amount),
            factor: Factor::One,
        };
        schedule.doses.push(Dose {
            moment: Moment { at, lag: None },
            jump,
        });
    }
    let mut visits = Vec::new();
    for (sample, &day) in mouse.days.iter().enumerate().skip(1) {
        for (endpoint, &density) in mouse.densities[sample].iter().enumerate() {
            let reading = if density <= FLOOR {
                Reading::Below(FLOOR)
            } else {
                Reading::Value(density)
            };
            visits.push(Visit {
                time: day,
                endpoint,
                reading,
                placeholders: Vec::new(),
                row: 0,
            });
        }
    }
    Subject {
        id: mouse.id.clone(),
        model: 0,
        schedule,
        registers,
        visits,
    }
}

/// Squared errors of log10 density of one mouse, both sides floored, and their number. `predicted`: samples after day 0 x taxa.
pub fn squared_error(mouse: &Mouse, predicted: &[Vec<f64>]) -> (f64, usize) {
    let log = |x: f64| x.max(FLOOR).log10();
    let errors = mouse.densities[1..]
        .iter()
        .flatten()
        .zip(predicted.iter().flatten())
        .map(|(observed, predicted)| (log(*observed) - log(*predicted)).powi(2));
    (errors.clone().sum(), errors.count())
}

/// Root mean square of pooled squared errors.
pub fn rmse(parts: &[(f64, usize)]) -> f64 {
    let (sum, count) = parts.iter().fold((0.0, 0), |(s, n), (a, b)| (s + a, n + b));
    (sum / count as f64).sqrt()
}

/// The first sample carried forward.
pub fn carried(mouse: &Mouse) -> Vec<Vec<f64>> {
    let start: Vec<f64> = mouse.densities[0]
        .iter()
        .map(|x| x.max(START_FLOOR))
        .collect();
    vec![start; mouse.days.len() - 1]
}

/// The geometric mean of the other mice of the same treatment on the same day (own start where there is none).
pub fn mean_of_others(mouse: &Mouse, mice: &[Mouse]) -> Vec<Vec<f64>> {
    let log = |x: f64| x.max(FLOOR).log10();
    let on_day = |day: f64| {
        let samples: Vec<&Vec<f64>> = mice
            .iter()
            .filter(|other| other.id != mouse.id && other.population == mouse.population)
            .flat_map(|other| other.days.iter().zip(&other.densities))
            .filter(|(d, _)| **d == day)
            .map(|(_, sample)| sample)
            .collect();
        (0..mouse.densities[0].len())
            .map(|taxon| match samples.len() {
                0 => mouse.densities[0][taxon],
                n => 10f64.powf(samples.iter().map(|s| log(s[taxon])).sum::<f64>() / n as f64),
            })
            .collect()
    };
    mouse.days[1..].iter().map(|&day| on_day(day)).collect()
}
