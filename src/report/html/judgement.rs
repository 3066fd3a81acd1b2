//! Observed against predicted, and quantile residuals over time, prediction and normal quantiles.
use super::figures::Figures;
use crate::report::{
    contents::Report,
    draw::DrawError,
    residuals::{
        Compared, observed_against_predicted, residual_quantiles, residuals_over_prediction,
        residuals_over_time,
    },
};
use maud::{Markup, html};

pub(super) fn section(report: &Report, figures: &mut Figures) -> Result<Markup, DrawError> {
    let compared = report.compared();
    if compared.is_empty() {
        return Ok(html! { p { "No reading has a prediction." } });
    }
    let any = compared
        .iter()
        .flat_map(|c| &c.readings)
        .any(|r| r.reading.is_censored());
    let mut observed = observed_against_predicted("", &compared);
    if compared.len() > 4 {
        observed.columns = Some(4);
        observed.panel_size = Some((194.0, 160.0));
    }
    Ok(html! {
        p {
            "Residuals are quantile residuals ("
            a href="https://doi.org/10.1080/10618600.1996.10474708" rel="noreferrer" { "Dunn & Smyth 1996" }
            "): the probability that the model gives to lower readings, as a quantile of the standard normal distribution. Under a sound model they are standard normal whatever the noise family; under normal noise they are the difference divided by its standard deviation."
            @if any {
                " Of a censored reading only limits are known: its residual is drawn at random within them (seeded, so that the page is always the same) and marked as such."
            }
        }
        (figures.add(
            "observed-predicted",
            &observed,
            "Readings against predictions, one panel per observable, with the line of equality",
            html! { "Readings against predictions, with the line of equality; axes are logarithmic where the noise is." @if any { " Triangles: censored readings at their limit." } },
        )?)
        (figures.add(
            "residuals-time",
            &residuals_over_time(&compared),
            "Residuals over time, one panel per observable",
            html! { "Residuals over time. A trend, or more than one in twenty points outside of the broken lines, speaks against the model or its noise." },
        )?)
        (figures.add(
            "residuals-prediction",
            &residuals_over_prediction(&compared),
            "Residuals over the prediction, one panel per observable",
            html! { "Residuals over the prediction. A funnel says that the noise model has the wrong size at one end." },
        )?)
        (figures.add(
            "residuals-quantiles",
            &residual_quantiles(&compared),
            "Ordered residuals against standard normal quantiles, one panel per observable",
            html! { "Ordered residuals against the quantiles of the standard normal distribution. Points off the broken line at both ends say that the noise has heavier tails than assumed." },
        )?)
        (moments(&compared))
    })
}

/// Mean and standard deviation of the residuals of each observable.
fn moments(compared: &[Compared]) -> Markup {
    html! {
        div.table {
            table {
                caption { "Residuals of each observable: mean 0 and standard deviation 1 are expected." }
                thead { tr {
                    th { "observable" } th.n { "readings" } th.n { "censored" }
                    th.n { "mean" } th.n { "standard deviation" } th.n { "beyond ±1.96" }
                } }
                tbody {
                    @for endpoint in compared {
                        @let residuals: Vec<f64> = endpoint.readings.iter().filter_map(|r| r.residual).collect();
                        @let n = residuals.len() as f64;
                        @let mean = residuals.iter().sum::<f64>() / n;
                        @let squares: f64 = residuals.iter().map(|r| (r - mean).powi(2)).sum();
                        @let beyond = residuals.iter().filter(|r| r.abs() > 1.96).count();
                        tr {
                            td { (endpoint.name) }
                            td.n { (endpoint.readings.len()) }
                            td.n { (endpoint.readings.iter().filter(|r| r.reading.is_censored()).count()) }
                            @if residuals.len() > 1 {
                                td.n { (format!("{mean:.2}").replace('-', "−")) }
                                td.n { (format!("{:.2}", (squares / (n - 1.0)).sqrt())) }
                                td.n { (format!("{:.0}\u{a0}%", 100.0 * beyond as f64 / n)) }
                            } @else {
                                td.n {} td.n {} td.n {}
                            }
                        }
                    }
                }
            }
        }
    }
}
