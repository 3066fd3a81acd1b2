//! Residuals, prediction distribution errors, predictive checks, and traces of a search.
use crate::{
    population::Normality,
    report::{
        draw::DrawError,
        html::figures::Figures,
        population::{self, PopulationReport, checks, observed, weighted},
    },
};
use maud::{Markup, html};

pub(super) fn residuals(
    report: &PopulationReport,
    figures: &mut Figures,
) -> Result<Markup, DrawError> {
    let any = report.fit.readings.1 > 0;
    let observed = observed(report);
    let weighted = weighted(report);
    let conditional = report
        .diagnostics
        .readings
        .iter()
        .any(|r| r.cwres.is_some());
    Ok(html! {
        @if observed.panels.is_empty() {
            p { "No reading has a prediction." }
        } @else {
            (figures.add(
                "observed-predicted",
                &observed,
                "Readings against population and individual predictions with the line of equality",
                html! {
                    "Readings against predictions for typical effects (left) and at the modes (right), with the line of equality; axes are logarithmic where the noise is."
                    @if any { " Triangles: censored readings at their limit." }
                },
            )?)
        }
        p {
            "Conditional weighted residuals (CWRES, "
            a href="https://doi.org/10.1007/s11095-007-9361-x" rel="noreferrer" { "Hooker et al. 2007" }
            ") are differences from the model that is linear about the mode, decorrelated within an individual; individual weighted residuals (IWRES) are distances from the individual prediction in standard deviations. Under a sound model CWRES are close to standard normal; IWRES are drawn towards 0 where there are few readings an individual."
            @if any { " Of a censored reading IWRES is a quantile residual, drawn at random within its limits (seeded); it has no CWRES." }
            @if !conditional { " No reading here has uncensored normal or log-normal noise, so that there are no CWRES." }
        }
        @if !weighted.panels.is_empty() {
            (figures.add(
                "weighted-residuals",
                &weighted,
                "CWRES and IWRES over time and over predictions",
                html! { "Weighted residuals over time (left) and over the prediction (right). A trend, a funnel, or more than one in twenty points outside of the broken lines, speaks against the model or its noise." },
            )?)
        }
        (tests(report, &["CWRES", "IWRES"]))
    })
}

pub(super) fn errors(
    report: &PopulationReport,
    figures: &mut Figures,
) -> Result<Markup, DrawError> {
    let picture = population::errors(report);
    let options = &report.diagnostics.options;
    Ok(html! {
        p {
            "Normalised prediction distribution errors (NPDE, "
            a href="https://doi.org/10.1016/j.cmpb.2007.12.002" rel="noreferrer" { "Comets et al. 2008" }
            ") rank every reading among " (options.replicates)
            " simulated ones, decorrelated within its individual, and need no linear model. If the model is true they are standard normal and uncorrelated."
            @if report.fit.readings.1 > 0 {
                " A censored reading takes a simulated value beyond its limit, and simulated values beyond the limit are drawn anew likewise ("
                a href="https://doi.org/10.1007/s10928-012-9264-2" rel="noreferrer" { "Nguyen et al. 2012" } ")."
            }
        }
        @if picture.panels.is_empty() {
            p { "There are none: simulated readings have no covariance of full rank." }
        } @else {
            (figures.add(
                "npde-figure",
                &picture,
                "NPDE against normal quantiles, as histogram, over time and over the population prediction",
                html! { "Prediction distribution errors against standard normal quantiles, their histogram with the standard normal density, over time and over the prediction." },
            )?)
        }
        (tests(report, &["NPDE"]))
    })
}

pub(super) fn predictive(
    report: &PopulationReport,
    figures: &mut Figures,
) -> Result<Markup, DrawError> {
    let picture = checks(report);
    let any = report.fit.readings.1 > 0;
    Ok(html! {
        p {
            (report.diagnostics.options.replicates)
            " populations of the same individuals, schedules and times were simulated at the estimates. Every time is a bin where there are at most 12 with five readings or more each; else readings are cut by time into bins of equal size, of ten readings or more where there are so many. In each bin the 5th, 50th and 95th percentile of the readings stand against the 90\u{a0}% band of the same percentiles of simulated populations."
            @if any { " Censored readings, and simulated values beyond a reading's limit, count as the limit; how many there are stands in panels of their own. A value has the limit of the censored reading of its individual that is nearest in time, else the median limit." }
        }
        @if picture.panels.is_empty() {
            p { "There are no readings." }
        } @else {
            (figures.add(
                "vpc-figure",
                &picture,
                "Percentiles of readings over time with bands of simulated percentiles",
                html! { "Visual predictive check. Lines of readings that leave their bands show where, and in what, the model differs from the data: in the middle, or in the spread." },
            )?)
        }
    })
}

pub(super) fn traces(
    report: &PopulationReport,
    figures: &mut Figures,
) -> Result<Markup, DrawError> {
    let saem = !report.fit.runs.is_empty();
    figures.add(
        "traces-figure",
        &population::traces(&report.traces),
        "Parameters over the iterations of the search",
        html! {
            "Parameters over the iterations of the search."
            @if saem {
                " A run of SAEM ends at the mean over the second half of its last smoothing; Newton steps that led it on are not drawn."
            }
        },
    )
}

/// Tests of some quantities against the standard normal distribution.
pub(super) fn tests(report: &PopulationReport, quantities: &[&str]) -> Markup {
    let shown = report.diagnostics.normality.iter();
    let shown: Vec<&(String, String, Normality)> = shown
        .filter(|t| quantities.contains(&t.0.as_str()))
        .collect();
    let two = |v: f64| format!("{v:.2}").replace('-', "−");
    html! {
        @if !shown.is_empty() {
            div.table { table {
                caption {
                    "Against the standard normal distribution: mean (t test), variance (chi-squared test), and all of it (Anderson-Darling). The last column is three times the smallest p, at most 1. The tests take the numbers as independent; parameters estimated from the same readings make p-values larger than they should be."
                }
                thead { tr {
                    th { "quantity" } th { "of" } th.n { "count" } th.n { "mean" } th.n { "standard deviation" }
                    th.n { "p mean" } th.n { "p variance" } th.n { "p distribution" } th.n { "p adjusted" }
                } }
                tbody { @for (quantity, of, test) in shown {
                    tr {
                        td { (quantity) } td { code { (of) } } td.n { (test.count) }
                        td.n { (two(test.mean)) } td.n { (two(test.standard_deviation)) }
                        td.n { (p(test.p_mean)) } td.n { (p(test.p_variance)) }
                        td.n { (p(test.p_distribution)) } td.n { (p(test.p)) }
                    }
                } }
            } }
        }
    }
}

/// A p-value as people print it.
pub(super) fn p(value: f64) -> String {
    if value.is_nan() {
        "none".to_owned()
    } else if value < 0.001 {
        "< 0.001".to_owned()
    } else {
        format!("{value:.3}")
    }
}
