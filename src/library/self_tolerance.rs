//! Self-tolerance: antigen-presenting cells, regulatory and effector T cells of one self-antigen, with a threshold to autoimmunity.
use super::declare::declare;
use crate::network::{Mechanism, Network, NetworkError, Observable, Reaction, Reference, Species};
use serde::{Deserialize, Serialize};

/// Self-tolerance: antigen-presenting cells, regulatory and effector T cells of one self-antigen, with a threshold to autoimmunity.
///
/// Mature presenting cells \\(A\\) activate effectors \\(E\\), which damage tissue and so release the antigen \\(G\\) that makes more
/// cells mature; regulatory cells \\(R\\) switch mature presenting cells off:
/// $$ \begin{aligned}
/// \dot A &= f v G - (b_1 + \mu_A) A - \sigma_1 A R, & \dot R &= \beta A + \pi_1 E A - \mu_R R, \\\\
/// \dot E &= \lambda_E A - \mu_E E, & \dot G &= \gamma E - (v + \mu_G) G.
/// \end{aligned} $$
///
/// | letter | id | meaning | unit |
/// |---|---|---|---|
/// | \\(A, R, E, G\\) | `A`, `R`, `E`, `G` | mature presenting cells, regulatory and effector T cells of the antigen, the antigen | items |
/// | \\(v\\) | `v` | uptake of the antigen by immature presenting cells | 1/time |
/// | \\(f\\) | `f` | cells that mature per antigen taken up | 1 |
/// | \\(b_1\\) | `b_1` | suppression by regulatory cells of other antigens | 1/time |
/// | \\(\sigma_1\\) | `sigma_1` | suppression by those of this antigen | 1/(items time) |
/// | \\(\beta, \pi_1\\) | `beta`, `pi_1` | activation of \\(R\\), without and with help of \\(E\\) | 1/time, 1/(items time) |
/// | \\(\lambda_E\\) | `lambda_E` | activation of \\(E\\) | 1/time |
/// | \\(\gamma\\) | `gamma` | release of the antigen by \\(E\\) | 1/time |
/// | \\(\mu_A, \mu_R, \mu_E, \mu_G\\) | `mu_A`, `mu_R`, `mu_E`, `mu_G` | death and clearance | 1/time |
///
/// The observable `R0` is the basic reproductive ratio; tolerance, the state without cells and antigen, is stable below 1 and not above:
/// $$ R_0 = \frac{f v \lambda_E \gamma}{(v + \mu_G)(b_1 + \mu_A)\\, \mu_E}. $$
/// Above 1 there is one other state of rest. Regulatory cells of this antigen set its size, not the threshold:
/// $$ R^* = \frac{(R_0 - 1)(b_1 + \mu_A)}{\sigma_1},\quad c\\,{A^*}^2 + \beta A^* = \mu_R R^*,\quad c = \frac{\pi_1 \lambda_E}{\mu_E},\quad
///    E^* = \frac{\lambda_E}{\mu_E} A^*,\quad G^* = \frac{\gamma E^*}{v + \mu_G}. $$
///
/// Reference: Alexander and Wahl 2011, doi:10.1007/s11538-010-9519-2 (suppression of mature presenting cells).
///
/// ```
/// use holobiont::{library::SelfTolerance, network::Network};
/// let mut network = Network::new("tolerance");
/// network.add(&SelfTolerance {})?;
/// assert_eq!(network.all_parameters().len(), 12);
/// assert_eq!(network.all_observables()[0].0, "R0");
/// # Ok::<(), holobiont::network::NetworkError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SelfTolerance {}

impl Mechanism for SelfTolerance {
    fn add_to(&self, network: &mut Network) -> Result<(), NetworkError> {
        let rate = network.time_unit.as_ref().map(|t| format!("1/{t}"));
        let per_item = network.time_unit.as_ref().map(|t| format!("1/item/{t}"));
        for (id, name) in [
            ("A", "mature antigen-presenting cells"),
            ("R", "regulatory T cells of the antigen"),
            ("E", "effector T cells of the antigen"),
            ("G", "self-antigen"),
        ] {
            let species = Species {
                name: Some(name.to_string()),
                unit: Some("item".to_string()),
                ..Species::default()
            };
            network.species(id, species)?;
        }
        for (id, name, unit) in [
            ("v", "uptake of the antigen by immature cells", &rate),
            (
                "f",
                "cells that mature per antigen taken up",
                &Some("1".to_string()),
            ),
            (
                "b_1",
                "suppression by regulatory cells of other antigens",
                &rate,
            ),
            (
                "sigma_1",
                "suppression by regulatory cells of the antigen",
                &per_item,
            ),
            ("beta", "activation of regulatory cells", &rate),
            (
                "pi_1",
                "activation of regulatory cells with help of effectors",
                &per_item,
            ),
            ("lambda_E", "activation of effectors", &rate),
            ("gamma", "release of the antigen by effectors", &rate),
            ("mu_A", "death of presenting cells", &rate),
            ("mu_R", "death of regulatory cells", &rate),
            ("mu_E", "death of effectors", &rate),
            ("mu_G", "clearance of the antigen", &rate),
        ] {
            declare(network, id, name, unit.clone());
        }
        let produced = [
            ("maturation", "f * v * G", "A"),
            ("activation_R", "beta * A", "R"),
            ("help_R", "pi_1 * E * A", "R"),
            ("activation_E", "lambda_E * A", "E"),
            ("release_G", "gamma * E", "G"),
        ];
        for (id, rate, species) in produced {
            network.reaction(id, Reaction::rate(rate).produces(species, 1.0))?;
        }
        let lost = [
            ("death_A", "(b_1 + mu_A) * A", "A"),
            ("suppression_A", "sigma_1 * A * R", "A"),
            ("death_R", "mu_R * R", "R"),
            ("death_E", "mu_E * E", "E"),
            ("clearance_G", "(v + mu_G) * G", "G"),
        ];
        for (id, rate, species) in lost {
            network.reaction(id, Reaction::rate(rate).consumes(species, 1.0))?;
        }
        let ratio = Observable {
            name: Some("basic reproductive ratio".to_string()),
            ..Observable::new("f * v * lambda_E * gamma / ((v + mu_G) * (b_1 + mu_A) * mu_E)")
        };
        network.observable("R0", ratio.unit("1"))?;
        Ok(())
    }

    fn references(&self) -> &'static [Reference] {
        const REFERENCES: &[Reference] = &[Reference::new(
            "Alexander and Wahl 2011, Self-tolerance and autoimmunity in a regulatory T cell model, Bull Math Biol 73:33-71",
            "10.1007/s11538-010-9519-2",
        )];
        REFERENCES
    }
}
