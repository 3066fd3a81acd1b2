//! Priors of the extension as those of the standard, and those of version 2 as those of version 1.
use super::error::{ConvertErrorKind, ConvertWarningKind, Format, Notes};
use crate::exchange::{
    petab::{parameters::scale_name, rows::PetabVersion},
    tables::{Place, number_text},
};
use crate::fit::{ParameterTable, Prior, Scale};
use std::f64::consts::LN_10;

/// A prior of the standard of version 2, with what changes on the way; None: there is none.
pub(super) fn standard(prior: &Prior) -> Option<Prior> {
    Some(match *prior {
        Prior::Untruncated(ref inner) => standard(inner)?,
        Prior::OnScale { scale, ref density } => match (scale, &**density) {
            (Scale::Linear, density) => density.clone(),
            (Scale::Log, Prior::Normal { mean, sd }) => Prior::LogNormal {
                log_mean: mean + sd * sd,
                log_sd: *sd,
            },
            (Scale::Log10, Prior::Normal { mean, sd }) => {
                let (mean, sd) = (mean * LN_10, sd * LN_10);
                Prior::LogNormal {
                    log_mean: mean + sd * sd,
                    log_sd: sd,
                }
            }
            (_, Prior::Uniform { lower, upper }) => Prior::Uniform {
                lower: scale.natural(*lower).value,
                upper: scale.natural(*upper).value,
            },
            _ => return None,
        },
        ref plain => plain.clone(),
    })
}

/// Gives all rows priors of the standard of version 2.
pub(super) fn to_standard(
    table: &mut ParameterTable,
    place: impl Fn(usize, &str) -> Place,
    notes: &mut Notes,
) {
    let (mut untruncated, mut on_scale) = (Vec::new(), Vec::new());
    for (position, row) in table.rows.iter_mut().enumerate() {
        let Some(prior) = &row.prior else { continue };
        let at = || place(position, "priorDistribution");
        let Some(plain) = standard(prior) else {
            let kind = refused(prior, notes.format);
            notes.error(at(), kind);
            continue;
        };
        let inner = match prior {
            Prior::Untruncated(inner) => {
                untruncated.push(at());
                &**inner
            }
            prior => prior,
        };
        if matches!(inner, Prior::OnScale { scale, .. } if *scale != Scale::Linear) {
            on_scale.push(at());
        }
        row.prior = Some(plain);
    }
    let all = [
        (
            untruncated,
            "a prior that its bounds do not truncate becomes one that they truncate",
        ),
        (
            on_scale,
            "a density of the search value becomes the density of the value with the same shape",
        ),
    ];
    for (places, what) in all {
        let rows = places.len();
        if let Some(place) = places.into_iter().next() {
            notes.warning(place, ConvertWarningKind::Constant { what, rows });
        }
    }
}

/// Type and parameters of a prior in version 1; `place` is for what it cannot say.
pub(super) fn version_1(prior: Option<&Prior>, place: &Place, notes: &mut Notes) -> [String; 2] {
    let Some(prior) = prior else {
        return [String::new(), String::new()];
    };
    let inner = match prior {
        Prior::Untruncated(inner) => &**inner,
        prior => prior,
    };
    let (name, numbers) = inner.name_and_parameters();
    let logit = matches!(
        inner,
        Prior::OnScale {
            scale: Scale::Logit,
            ..
        }
    );
    let name = match name {
        _ if logit => None,
        "uniform" | "normal" | "laplace" => Some(name),
        "log-normal" => Some("logNormal"),
        "log-laplace" => Some("logLaplace"),
        "parameter-scale-uniform" => Some("parameterScaleUniform"),
        "parameter-scale-normal" => Some("parameterScaleNormal"),
        "parameter-scale-laplace" => Some("parameterScaleLaplace"),
        _ => None,
    };
    match name {
        Some(name) => {
            let numbers: Vec<String> = numbers.into_iter().map(number_text).collect();
            [name.to_owned(), numbers.join(";")]
        }
        None => {
            let kind = refused(inner, notes.format);
            notes.error(place.clone(), kind);
            [String::new(), String::new()]
        }
    }
}

/// Whether the bounds truncate the prior with an effect on its constant.
pub(super) fn is_truncated(prior: &Prior, lower: f64, upper: f64) -> bool {
    prior.ln_probability(lower, upper) != 0.0
}

fn refused(prior: &Prior, format: Format) -> ConvertErrorKind {
    let (distribution, _) = prior.name_and_parameters();
    let on = match prior {
        Prior::Untruncated(inner) => match **inner {
            Prior::OnScale { scale, .. } => Some(scale),
            _ => None,
        },
        Prior::OnScale { scale, .. } => Some(*scale),
        _ => None,
    };
    let on = on.map(|scale| format!(" on the scale {}", scale_name(scale)));
    let on = on.unwrap_or_default();
    debug_assert!(format.version == PetabVersion::V1 || !on.is_empty());
    ConvertErrorKind::Prior {
        distribution,
        on,
        format,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn densities_of_the_search_value_keep_their_shape() {
        let normal = Prior::Normal {
            mean: -0.4,
            sd: 0.7,
        };
        let uniform = Prior::Uniform {
            lower: -2.0,
            upper: 3.0,
        };
        for (scale, density) in [
            (Scale::Log, normal.clone()),
            (Scale::Log10, normal.clone()),
            (Scale::Linear, normal),
            (Scale::Log10, uniform),
        ] {
            let density = Box::new(density);
            let prior = Prior::OnScale { scale, density };
            let plain = standard(&prior).unwrap();
            let difference = |x: f64| prior.ln_density(x).value - plain.ln_density(x).value;
            for x in [0.1, 0.5, 1.0, 3.0, 20.0] {
                // a few roundings of terms of order 10
                assert!(
                    (difference(x) - difference(0.7)).abs() < 1e-13,
                    "{scale:?} {x}"
                );
                let slope = prior.ln_density(x).first - plain.ln_density(x).first;
                assert!(slope.abs() < 1e-12, "{scale:?} {x}: {slope}");
            }
        }
    }

    #[test]
    fn the_laplace_density_of_a_logarithm_is_none_of_the_standard() {
        let density = Box::new(Prior::Laplace {
            location: 0.0,
            scale: 1.0,
        });
        let scale = Scale::Log10;
        assert_eq!(standard(&Prior::OnScale { scale, density }), None);
    }
}
