//! Acute inflammation: a pathogen, the phagocytes that it activates, the damage that they do, and the mediator that calms them.
use super::declare::declare;
use crate::network::{
    Mechanism, Network, NetworkError, Observable, Reaction, Reference, Rule, Species,
};
use serde::{Deserialize, Serialize};

/// Acute inflammation: a pathogen, the phagocytes that it activates, the damage that they do, and the mediator that calms them.
///
/// With the inhibition \\(f(v) = v / (1 + (C/c_\infty)^2)\\) by the anti-inflammatory mediator \\(C\\):
/// $$ \begin{aligned}
/// \dot P &= k_{pg} P \Bigl(1 - \frac{P}{p_\infty}\Bigr) - \frac{k_{pm} s_m P}{\mu_m + k_{mp} P} - k_{pn}\\, f(N)\\, P, \\\\
/// \dot N &= \frac{s_{nr} R}{\mu_{nr} + R} - \mu_n N, \qquad R = f(k_{nn} N + k_{np} P + k_{nd} D), \\\\
/// \dot D &= k_{dn} \frac{f(N)^h}{x_{dn}^h + f(N)^h} - \mu_d D, \\\\
/// \dot C &= s_c + k_{cn} \frac{f(N + k_{cnd} D)}{1 + f(N + k_{cnd} D)} - \mu_c C.
/// \end{aligned} $$
///
/// | letter | id | meaning | unit |
/// |---|---|---|---|
/// | \\(P\\) | `P` | pathogen | `pathogen_unit` |
/// | \\(N\\) | `N` | activated phagocytes, in a unit of their own | 1 |
/// | \\(D\\) | `D` | tissue damage, in a unit of its own | 1 |
/// | \\(C\\) | `C` | anti-inflammatory mediator, in a unit of its own | 1 |
/// | \\(k_{pg}, p_\infty\\) | `k_pg`, `p_inf` | growth and carrying capacity of the pathogen | 1/time, as \\(P\\) |
/// | \\(s_m, \mu_m\\) | `s_m`, `mu_m` | source and decay of the local response | 1/time |
/// | \\(k_{pm}, k_{mp}\\) | `k_pm`, `k_mp` | killing by the local response, and its exhaustion | 1/time, 1/(as \\(P\\) time) |
/// | \\(k_{pn}\\) | `k_pn` | phagocytosis | 1/time |
/// | \\(s_{nr}, \mu_{nr}\\) | `s_nr`, `mu_nr` | source and decay of resting phagocytes | 1/time |
/// | \\(\mu_n\\) | `mu_n` | decay of activated phagocytes | 1/time |
/// | \\(k_{np}\\) | `k_np` | activation by the pathogen | 1/(as \\(P\\) time) |
/// | \\(k_{nn}, k_{nd}\\) | `k_nn`, `k_nd` | activation by activated phagocytes and by damage | 1/time |
/// | \\(k_{dn}, \mu_d\\) | `k_dn`, `mu_d` | greatest rate of damage, and repair | 1/time |
/// | \\(x_{dn}, h\\) | `x_dn`, `h_dn` | phagocytes of half the damage, and steepness | 1 |
/// | \\(c_\infty\\) | `c_inf` | mediator that halves | 1 |
/// | \\(s_c, k_{cn}, \mu_c\\) | `s_c`, `k_cn`, `mu_c` | source, induced production and decay of the mediator | 1/time |
/// | \\(k_{cnd}\\) | `k_cnd` | weight of damage beside phagocytes | 1 |
///
/// Assigned quantities are `inhibition` \\(1 + (C/c_\infty)^2\\), `activation` \\(R\\) and `alarm` \\(f(N + k_{cnd} D)\\); the observable
/// `local_threshold` is \\(k_{pm} s_m/\mu_m\\). Health, \\((0, 0, 0, s_c/\mu_c)\\), is a state of rest for all numbers; the pathogen
/// cannot invade it while \\(k_{pg}\\) is below `local_threshold`.
///
/// The local response and the resting phagocytes are in quasi-steady state. Any of the parameters may be an input of the network.
///
/// Reference: Reynolds et al. 2006, doi:10.1016/j.jtbi.2006.02.016.
///
/// ```
/// use holobiont::{library::AcuteInflammation, network::Network};
/// let mut network = Network::new("infection");
/// network.time_unit = Some("h".to_string());
/// network.add(&AcuteInflammation { pathogen_unit: Some("cells/ml".to_string()) })?;
/// assert_eq!(network.all_species().len(), 4);
/// assert_eq!(network.all_parameters().len(), 22);
/// # Ok::<(), holobiont::network::NetworkError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AcuteInflammation {
    /// Unit of the pathogen; none: 1.
    pub pathogen_unit: Option<String>,
}

impl Mechanism for AcuteInflammation {
    fn add_to(&self, network: &mut Network) -> Result<(), NetworkError> {
        let one = || Some("1".to_string());
        let pathogen = self.pathogen_unit.clone().or_else(one);
        let rate = network.time_unit.as_ref().map(|t| format!("1/{t}"));
        let per_pathogen = match (&network.time_unit, &pathogen) {
            (Some(t), Some(p)) => Some(format!("1/({p})/{t}")),
            _ => None,
        };
        for (id, name, unit) in [
            ("P", "pathogen", pathogen.clone()),
            ("N", "activated phagocytes", one()),
            ("D", "tissue damage", one()),
            ("C", "anti-inflammatory mediator", one()),
        ] {
            let name = Some(name.to_string());
            let species = Species {
                name,
                unit,
                ..Species::default()
            };
            network.species(id, species)?;
        }
        for (id, name, unit) in [
            ("k_pg", "growth of the pathogen", &rate),
            ("p_inf", "carrying capacity of the pathogen", &pathogen),
            ("k_pm", "killing by the local response", &rate),
            (
                "k_mp",
                "exhaustion of the local response by the pathogen",
                &per_pathogen,
            ),
            ("s_m", "source of the local response", &rate),
            ("mu_m", "decay of the local response", &rate),
            ("k_pn", "phagocytosis", &rate),
            (
                "k_np",
                "activation of phagocytes by the pathogen",
                &per_pathogen,
            ),
            ("k_nn", "activation of phagocytes by activated ones", &rate),
            ("k_nd", "activation of phagocytes by damage", &rate),
            ("s_nr", "source of resting phagocytes", &rate),
            ("mu_nr", "decay of resting phagocytes", &rate),
            ("mu_n", "decay of activated phagocytes", &rate),
            ("k_dn", "greatest rate of damage", &rate),
            ("x_dn", "activated phagocytes of half the damage", &one()),
            ("h_dn", "steepness of damage", &one()),
            ("mu_d", "repair of damage", &rate),
            ("c_inf", "mediator that halves what it inhibits", &one()),
            ("s_c", "source of the mediator", &rate),
            ("k_cn", "greatest induced production of the mediator", &rate),
            (
                "k_cnd",
                "weight of damage beside phagocytes in induction",
                &one(),
            ),
            ("mu_c", "decay of the mediator", &rate),
        ] {
            declare(network, id, name, unit.clone());
        }
        for (id, formula) in [
            ("inhibition", "1 + (C / c_inf)^2"),
            (
                "activation",
                "(k_nn * N + k_np * P + k_nd * D) / inhibition",
            ),
            ("alarm", "(N + k_cnd * D) / inhibition"),
        ] {
            network.rule(Rule::Assignment {
                id: id.to_string(),
                formula: formula.into(),
                unit: None,
            })?;
        }
        for (id, rate, consumes, species) in [
            ("growth_P", "k_pg * P * (1 - P / p_inf)", false, "P"),
            (
                "local_response",
                "k_pm * s_m * P / (mu_m + k_mp * P)",
                true,
                "P",
            ),
            ("phagocytosis", "k_pn * N / inhibition * P", true, "P"),
            (
                "activation_N",
                "s_nr * activation / (mu_nr + activation)",
                false,
                "N",
            ),
            ("decay_N", "mu_n * N", true, "N"),
            (
                "damage",
                "k_dn * hill(N / inhibition, x_dn, h_dn)",
                false,
                "D",
            ),
            ("repair", "mu_d * D", true, "D"),
            ("source_C", "s_c", false, "C"),
            ("induction_C", "k_cn * alarm / (1 + alarm)", false, "C"),
            ("decay_C", "mu_c * C", true, "C"),
        ] {
            let reaction = Reaction::rate(rate);
            let reaction = match consumes {
                true => reaction.consumes(species, 1.0),
                false => reaction.produces(species, 1.0),
            };
            network.reaction(id, reaction)?;
        }
        let threshold = Observable {
            name: Some(
                "growth of the pathogen that the local response just withstands".to_string(),
            ),
            unit: rate,
            ..Observable::new("k_pm * s_m / mu_m")
        };
        network.observable("local_threshold", threshold)?;
        Ok(())
    }

    fn references(&self) -> &'static [Reference] {
        const REFERENCES: &[Reference] = &[Reference::new(
            "Reynolds et al. 2006, A reduced mathematical model of the acute inflammatory response: I. Derivation of model and analysis of anti-inflammation, J Theor Biol 242:220-236",
            "10.1016/j.jtbi.2006.02.016",
        )];
        REFERENCES
    }
}
