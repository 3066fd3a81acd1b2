//! The pH that acids set, and how growth depends on it.
use super::declare::{declare, simplified};
use crate::network::{Network, NetworkError, Observable};
use serde::{Deserialize, Serialize};

/// How the total of the short-chain fatty acids \\(A\\) (`tscfa`) sets the pH, the observable `pH`.
///
/// With \\(p = p_0 - s A\\), clipped or smooth of the same slope in the middle:
/// $$ \mathrm{pH} = \min(\max(p, p_{min}), p_{max}), \qquad
///    \mathrm{pH} = m + h \tanh\frac{p - m}{h},\quad m = \frac{p_{max} + p_{min}}{2},\\; h = \frac{p_{max} - p_{min}}{2}. $$
///
/// | letter | id | unit |
/// |---|---|---|
/// | \\(p_0\\) | `ph_intercept` | pH |
/// | \\(s\\) | `ph_slope` | pH per unit of the pools |
/// | \\(p_{min}, p_{max}\\) | `ph_min`, `ph_max` | pH |
///
/// Reference: Kettle et al. 2018, doi:10.1111/2041-210X.12873, and 2022, doi:10.1101/2022.07.04.498646 (clipped).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Acidity {
    /// A straight line between two bounds.
    Clipped,
    /// A smooth curve between the bounds.
    Smooth,
}

impl Acidity {
    pub(super) fn add_to(self, network: &mut Network, unit: &str) -> Result<(), NetworkError> {
        let ph = || Some("pH".to_string());
        let slope = Some(simplified(format!("1/({unit})")));
        declare(network, "ph_intercept", "pH without acids", ph());
        declare(network, "ph_slope", "fall of the pH with the acids", slope);
        declare(network, "ph_min", "lowest pH", ph());
        declare(network, "ph_max", "highest pH", ph());
        network.constraint("ph_bounds", "ph_min < ph_max")?;
        let line = "(ph_intercept - ph_slope * tscfa)";
        let (middle, half) = ("((ph_max + ph_min) / 2)", "((ph_max - ph_min) / 2)");
        let formula = match self {
            Acidity::Clipped => format!("min(max({line}, ph_min), ph_max)"),
            Acidity::Smooth => format!("{middle} + {half} * tanh(({line} - {middle}) / {half})"),
        };
        network.observable("pH", Observable::new(formula).unit("pH"))?;
        Ok(())
    }
}

/// How growth of a guild depends on the pH: a factor between 0 and 1, the observable `ph_limit_GUILD`.
///
/// With corners \\(c_1 < c_2 \le c_3 < c_4\\), the parameters `ph1_GUILD` to `ph4_GUILD`,
/// $$ h = \max\Bigl(0, \min\bigl(1, \tfrac{p - c_1}{c_2 - c_1}, \tfrac{c_4 - p}{c_4 - c_3}\bigr)\Bigr), \qquad
///    h = \tfrac12\Bigl(1 + \tanh\tfrac{2 p - c_1 - c_2}{c_2 - c_1}\Bigr)\\; \tfrac12\Bigl(1 - \tanh\tfrac{2 p - c_3 - c_4}{c_4 - c_3}\Bigr); $$
/// the smooth window has value 1/2 and slope of the trapezoid in the middle of each flank.
///
/// Reference: Kettle et al. 2018, doi:10.1111/2041-210X.12873 (trapezoid).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PhWindow {
    /// Straight flanks between the corners.
    Trapezoid,
    /// Smooth flanks.
    Smooth,
}

impl PhWindow {
    /// Declares the window of a guild on the quantity `ph` and gives the id of its factor.
    pub(super) fn add_to(
        self,
        network: &mut Network,
        guild: &str,
        ph: &str,
    ) -> Result<String, NetworkError> {
        let corner = |name: &str| format!("{name}_{guild}");
        let [a, b, c, d] = ["ph1", "ph2", "ph3", "ph4"].map(corner);
        for (id, meaning) in [
            (&a, "no growth below"),
            (&b, "full growth from"),
            (&c, "full growth up to"),
            (&d, "no growth above"),
        ] {
            let name = format!("pH of {guild}: {meaning}");
            declare(network, id, &name, Some("pH".to_string()));
        }
        let order = format!("{a} < {b} && {b} <= {c} && {c} < {d}");
        network.constraint(&format!("ph_corners_{guild}"), order)?;
        let formula = match self {
            PhWindow::Trapezoid => {
                format!("max(0, min(1, ({ph} - {a}) / ({b} - {a}), ({d} - {ph}) / ({d} - {c})))")
            }
            PhWindow::Smooth => format!(
                "(1 + tanh((2 * {ph} - {a} - {b}) / ({b} - {a}))) / 2 * (1 - tanh((2 * {ph} - {c} - {d}) / ({d} - {c}))) / 2"
            ),
        };
        let id = format!("ph_limit_{guild}");
        network.observable(&id, Observable::new(formula).unit("1"))?;
        Ok(id)
    }
}
