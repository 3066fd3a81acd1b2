//! Pictures are complete, self-contained SVG whatever is shown.
#![cfg(feature = "report")]
use holobiont::{
    noise::Reading,
    report::{
        Compared, ComparedReading, Curve, Estimate, Observed, Shares, Start,
        observed_against_predicted, parameters, residual_quantiles, residuals_over_prediction,
        residuals_over_time, stacked_shares, subject_fit, trajectories, waterfall,
    },
};

/// Set HOLOBIONT_PICTURES to a folder to look at the pictures.
fn keep(name: &str, svg: &str) {
    if let Ok(folder) = std::env::var("HOLOBIONT_PICTURES") {
        std::fs::write(std::path::Path::new(&folder).join(name), svg).unwrap();
    }
}

fn taxa(n: usize) -> (Vec<f64>, Vec<Curve>) {
    let times: Vec<f64> = (0..=120).map(|i| i as f64 * 0.25).collect();
    let names = [
        "Blautia",
        "Barnesiella",
        "undefined genus of unclassified Mollicutes",
        "Akkermansia",
        "Clostridium difficile",
        "Enterococcus",
    ];
    let curves = (0..n)
        .map(|i| Curve {
            name: names
                .get(i)
                .map_or_else(|| format!("taxon {i}"), |n| (*n).to_owned()),
            unit: Some("1e11 rRNA copies/g".to_owned()),
            values: times
                .iter()
                .map(|t| 3.0 / (1.0 + 10f64.powi(i as i32) * (-0.8 * t).exp()))
                .collect(),
        })
        .collect();
    (times, curves)
}

#[test]
fn every_panel_names_its_axis_with_its_unit() {
    let (times, curves) = taxa(3);
    let svg = trajectories("Growth of three taxa", Some("d"), &times, &curves)
        .svg()
        .unwrap();
    keep("three.svg", &svg);
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
    for text in ["time (d)", "10¹¹ rRNA copies/g", "Blautia", "Barnesiella"] {
        assert!(svg.contains(text), "{text} is missing");
    }
    assert!(
        !svg.contains("href"),
        "a picture needs nothing from outside"
    );
}

#[test]
fn many_taxa_become_small_multiples() {
    let (times, curves) = taxa(11);
    let figure = trajectories("Eleven taxa after clindamycin", Some("d"), &times, &curves);
    assert_eq!(figure.panels.len(), 11);
    keep("eleven.svg", &figure.svg().unwrap());
}

#[test]
fn data_and_fit_show_censored_readings_with_marks_of_their_own() {
    let (times, curves) = taxa(5);
    let endpoints: Vec<Observed> = curves
        .iter()
        .map(|c| Observed {
            name: c.name.clone(),
            unit: c.unit.clone(),
            prediction: times
                .iter()
                .copied()
                .zip(c.values.iter().copied())
                .collect(),
            certainty: c.values.iter().map(|v| (v * 0.8, v * 1.2)).collect(),
            spread: c.values.iter().map(|v| (v * 0.5, v * 2.0)).collect(),
            logarithmic: false,
            readings: vec![
                (0.0, Reading::Below(c.values[2])),
                (5.0, Reading::Value(c.values[20] * 1.2)),
                (10.0, Reading::Value(c.values[40] * 0.8)),
                (20.0, Reading::Between(1.5, 2.5)),
                (28.0, Reading::Above(2.0)),
            ],
        })
        .collect();
    let svg = subject_fit("Mouse 3", Some("d"), &endpoints).svg().unwrap();
    keep("subject.svg", &svg);
    for text in [
        "reading",
        "below this limit",
        "above this limit",
        "between these limits",
        "90 % of readings",
        "90 % band of the prediction",
    ] {
        assert!(svg.contains(text), "{text} is missing");
    }
}

#[test]
fn a_waterfall_counts_failed_searches() {
    let starts: Vec<Start> = (0..30)
        .map(|i| Start {
            objective: if i > 27 {
                f64::NAN
            } else {
                -120.0 - (i / 8) as f64 * 300.0
            },
            converged: i % 5 != 0,
        })
        .collect();
    let svg = waterfall("Local searches", &starts).svg().unwrap();
    keep("waterfall.svg", &svg);
    assert!(svg.contains("(2 failed)"));
    let svg = waterfall("No search", &[]).svg().unwrap();
    assert!(svg.contains("best ln p = none"));
}

#[test]
fn parameters_of_one_unit_share_an_axis() {
    let mut estimates: Vec<Estimate> = (0..12)
        .map(|i| Estimate {
            name: format!(
                "growth_{}",
                ["Blautia", "Barnesiella", "Akkermansia"][i % 3]
            ),
            unit: Some("1/d".to_owned()),
            value: 0.1 * (i + 1) as f64,
            interval: (i != 4).then(|| (0.07 * (i + 1) as f64, 0.15 * (i + 1) as f64)),
            at_bound: i == 7,
            truth: (i % 2 == 0).then_some(0.11 * (i + 1) as f64),
        })
        .collect();
    estimates.extend((0..3).map(|i| Estimate {
        name: format!("noise_{i}"),
        value: 10f64.powi(-(i)),
        interval: Some((0.5 * 10f64.powi(-i), 2.0 * 10f64.powi(-i))),
        ..Estimate::default()
    }));
    let figure = parameters("Estimates", &estimates);
    assert_eq!(figure.panels.len(), 2);
    let svg = figure.svg().unwrap();
    keep("parameters.svg", &svg);
    assert!(svg.contains("value (1/d)"));
}

/// Forty readings about a rising prediction, every eighth of them censored.
fn compared() -> Compared {
    let readings = (1..=40).map(|i| {
        let prediction = f64::from(i);
        let noise = (f64::from(i) * 0.7).sin();
        let value = prediction * (0.3 * noise).exp();
        ComparedReading {
            time: f64::from(i % 10),
            prediction,
            reading: if i % 8 == 0 {
                Reading::Below(value)
            } else {
                Reading::Value(value)
            },
            residual: (i != 5).then_some(noise * 1.3),
        }
    });
    Compared {
        name: "Blautia".into(),
        unit: Some("g".into()),
        time_unit: Some("d".into()),
        logarithmic: true,
        readings: readings.collect(),
    }
}

#[test]
fn predictions_stand_against_readings_and_censored_ones_have_their_own_marks() {
    let figure = observed_against_predicted("Observed and predicted", &[compared()]);
    let count = |name: &str| {
        let series = figure.panels[0].series.iter().find(|s| s.name == name);
        series.map_or(0, |s| s.points.len())
    };
    assert_eq!((count("reading"), count("below this limit")), (35, 5));
    keep("observed.svg", &figure.svg().unwrap());
}

#[test]
fn residuals_without_a_number_are_left_out_and_censored_ones_are_marked() {
    let figures = [
        residuals_over_time(&[compared()]),
        residuals_over_prediction(&[compared()]),
        residual_quantiles(&[compared()]),
    ];
    for (figure, name) in figures
        .iter()
        .zip(["time.svg", "prediction.svg", "quantiles.svg"])
    {
        let series = &figure.panels[0].series;
        let count = |name: &str| {
            let series = series.iter().find(|s| s.name.starts_with(name));
            series.map_or(0, |s| s.points.len())
        };
        assert_eq!((count("reading"), count("censored")), (34, 5));
        keep(name, &figure.svg().unwrap());
    }
}

#[test]
fn stacked_shares_fill_their_panel_from_zero_to_one() {
    let members: Vec<String> = (0..15).map(|i| format!("taxon {i}")).collect();
    let shares = |k: f64| {
        let raw: Vec<f64> = (0..15).map(|i| 1.0 + (k + f64::from(i)).sin()).collect();
        let total: f64 = raw.iter().sum();
        raw.iter().map(|r| r / total).collect::<Vec<f64>>()
    };
    let stack = |moments: bool, n: usize| Shares {
        title: if moments { "observed" } else { "predicted" }.into(),
        times: (0..n).map(|k| 10.0 * k as f64 / n as f64).collect(),
        shares: (0..n).map(|k| shares(10.0 * k as f64 / n as f64)).collect(),
        moments,
        range: (-0.3, 10.3),
    };
    let figure = stacked_shares(Some("d"), &members, &[stack(true, 6), stack(false, 100)]);
    keep("stacked.svg", &figure.svg().unwrap());
    for panel in &figure.panels {
        let (first, last) = (&panel.series[0], &panel.series[14]);
        assert!(first.intervals.iter().all(|i| i.0 == 0.0));
        // fifteen roundings of numbers up to 1
        assert!(last.intervals.iter().all(|i| (i.1 - 1.0).abs() < 1e-14));
    }
}
