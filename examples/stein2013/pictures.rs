//! A picture of each mouse, with the fit that saw it and the forecast that did not, and both as a table.
use crate::{
    choice::{Trials, WIDTHS},
    mice::{FLOOR, Mouse},
    study::{Assumptions, Study},
};
use holobiont::{
    fit::Natural,
    report::{Mark, Observed, Report, ReportOptions, Series, labelled, subject_fit},
};
use std::error::Error;

/// Densities shown: every panel of every mouse on one axis, from just below the floor of the score.
const SHOWN: (f64, f64) = (0.5 * FLOOR, 30.0);

/// A file's name and content.
type File = (String, Vec<u8>);

/// `mouse_ID.svg` of each mouse and `forecast.csv`.
pub fn files(study: &Study, mice: &[Mouse], trials: &Trials) -> Result<Vec<File>, Box<dyn Error>> {
    let chosen = trials.choose(&[]);
    let mut files = Vec::new();
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record([
        "mouse",
        "population",
        "day",
        "taxon",
        "observed",
        "fit",
        "fit_width",
        "forecast",
        "forecast_width",
    ])?;
    for (index, mouse) in mice.iter().enumerate() {
        let blind = trials.choose(&[index]);
        let seen = (WIDTHS[chosen], &trials.without(&[])[chosen].natural);
        let unseen = (WIDTHS[blind], &trials.without(&[index])[blind].natural);
        files.push((
            format!("{}.svg", mouse.id),
            picture(study, mouse, seen, unseen)?.into_bytes(),
        ));
        let predict = |(width, natural): (f64, &Natural)| {
            let assumptions = Assumptions {
                width,
                inoculation: false,
            };
            let mouse = std::slice::from_ref(mouse);
            study.predict(mouse, natural, &assumptions)
        };
        let (fit, forecast) = (predict(seen)?, predict(unseen)?);
        // a cell stays empty where a trajectory could not be computed
        let cell = |densities: &[Option<Vec<Vec<f64>>>], sample: usize, taxon: usize| {
            densities[0]
                .as_ref()
                .map_or_else(String::new, |d| d[sample][taxon].max(0.0).to_string())
        };
        for (sample, day) in mouse.days.iter().skip(1).enumerate() {
            for (taxon, id) in study.community.taxa.iter().enumerate() {
                table.write_record([
                    mouse.id.clone(),
                    mouse.population.to_string(),
                    day.to_string(),
                    id.clone(),
                    mouse.densities[sample + 1][taxon].to_string(),
                    cell(&fit, sample, taxon),
                    seen.0.to_string(),
                    cell(&forecast, sample, taxon),
                    unseen.0.to_string(),
                ])?;
            }
        }
    }
    files.push(("forecast.csv".into(), table.into_inner()?));
    Ok(files)
}

fn picture(
    study: &Study,
    mouse: &Mouse,
    seen: (f64, &Natural),
    unseen: (f64, &Natural),
) -> Result<String, Box<dyn Error>> {
    let options = study.options();
    let curves = |(width, natural): (f64, &Natural)| -> Result<Vec<Observed>, Box<dyn Error>> {
        let assumptions = Assumptions {
            width,
            inoculation: false,
        };
        let problem = study.problem(std::slice::from_ref(mouse), &assumptions)?;
        let shown = ReportOptions::default();
        Ok(Report::of_evaluation(&problem, natural.clone(), options, shown)?.observed(0))
    };
    let mut fit = curves(seen)?;
    for endpoint in &mut fit {
        endpoint.spread.clear();
    }
    let forecast = curves(unseen)?;
    let treatment = match (mouse.clindamycin, mouse.population) {
        (false, _) => "no drug",
        (true, 3) => "clindamycin on day 0, then C. difficile, of which the model is not told",
        (true, _) => "clindamycin on day 0",
    };
    let title = format!("{}: {treatment}", mouse.id.replace('_', " "));
    let mut figure = subject_fit(&title, Some("d"), &fit);
    for (taxon, (panel, forecast)) in figure.panels.iter_mut().zip(forecast).enumerate() {
        panel.y.range = Some(SHOWN);
        panel.y.label = labelled("density", forecast.unit.as_deref());
        panel.series[0].name = "fit to all nine mice".into();
        let dashed = Series::new(
            "forecast without this mouse",
            2,
            Mark::Dashed,
            forecast.prediction,
        );
        panel.series.insert(1, dashed);
        let start = (mouse.days[0], mouse.densities[0][taxon].max(FLOOR));
        let start = Series::new("first sample, the start", 3, Mark::Open, vec![start]);
        panel.series.push(start);
    }
    Ok(figure.svg()?)
}
