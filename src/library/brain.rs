//! Damage in the central nervous system: demyelination, debris, axons, neurofilament, brain volume, disability.
use super::influence::{Acting, Influences, assigned, made_and_lost, rate_constant, ratio, state};
use crate::network::{Mechanism, Network, NetworkError, Observable, Reaction, Reference};
use serde::{Deserialize, Serialize};

/// Damage in the central nervous system: demyelination and repair, debris, loss of axons, neurofilament light chain, brain volume, EDSS.
///
/// With the damage \\(\delta\\), 1 in health, of which the cells \\(x\\) that attack do the share \\(q\\) there, myelin \\(M\\) and axons
/// \\(A\\) as shares of a whole brain, debris \\(D\\) (1 in health):
/// $$ \delta = 1 - q + q\\, F_\delta\\, x^2\\, \frac{1 + 1/s^2}{1 + x^2/s^2}, $$
/// $$ \dot M = r (1 - M) F_r - \delta_0\\, \delta M, \qquad \dot D = c\\, (\delta M - D), \qquad
///    \dot A = -\ell A,\quad \ell = \ell_a + \ell_0 F_\ell + \ell_b (1 - M), $$
/// $$ \dot N = k_N \Bigl(1 - n + n \frac{\ell}{\ell_a + \ell_0} - N\Bigr), \qquad
///    a = \frac{(1 + h)\\, A_g}{A_g + h},\quad A_g = 1 + g (D - 1). $$
///
/// | letter | id | meaning | unit |
/// |---|---|---|---|
/// | \\(M, A\\) | `myelin`, `axons` | intact shares | 1 |
/// | \\(D\\) | `debris` | myelin debris | 1 |
/// | \\(N\\) | `NfL` | neurofilament light chain in serum | 1 |
/// | \\(a\\) | `antigen` | presented myelin antigen; \\(g\\) `antigen_release`, \\(h\\) `antigen_half` | 1 |
/// | \\(\delta\\) | `damage` | damage to myelin | 1 |
/// | \\(x\\) | the formula `attackers` | cells that attack, 1 in health | 1 |
/// | \\(q, s\\) | `attack_share`, `attack_half` | their share of the damage in health; cells of half the most | 1 |
/// | \\(\delta_0\\) | `demyelination` | of myelin in health | 1/time |
/// | \\(r, c\\) | `remyelination`, `clearance` | repair, clearance of debris | 1/time |
/// | \\(\ell_a, \ell_0, \ell_b\\) | `axon_loss_age`, `axon_loss_inflamed`, `axon_loss_bare` | loss by age, by inflammation, of bare axons | 1/time |
/// | \\(k_N, n\\) | `turnover_NfL`, `NfL_share` | turnover; share of NfL that follows the loss of axons | 1/time, 1 |
/// | \\(F_\delta, F_r, F_\ell\\) | rates `damage`, `repair`, `axon_loss` of `influences` | see [`Source`](super::Source) | 1 |
///
/// Observables: `brain_volume` \\(B = 1 - v (1 - A)\\) (\\(v\\): `volume_share`), its relative loss per time `atrophy`, and `edss_share`
/// \\(= d^2/(d^2 + K^2)\\), the share of the 10 points of the EDSS, with \\(d = w_A (1 - A) + w_M (1 - M)\\) (`edss_half`, `edss_axons`, `edss_myelin`).
///
/// `debris` (\\(D = \delta M\\)) and `NfL` stand at their rest where `at_once` names them.
///
/// Sources of the form: Trapp, Nave 2008, doi:10.1146/annurev.neuro.30.051606.094313 (axons die of inflammation and of lack of myelin);
/// Kuhle et al. 2019, doi:10.1212/WNL.0000000000007032 (neurofilament). Numbers stand in the models.
///
/// ```
/// use holobiont::{library::Brain, network::Network};
/// let mut network = Network::new("damage");
/// network.add(&Brain::default())?;
/// assert_eq!(network.all_species().len(), 4);
/// # Ok::<(), holobiont::network::NetworkError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Brain {
    /// Formula of the cells that attack.
    pub attackers: String,
    /// States that stand where they would rest, as if their turnover had no end; what acts on them must not follow from them at once.
    pub at_once: Vec<String>,
    /// What acts on the rates.
    pub influences: Influences,
}

impl Default for Brain {
    fn default() -> Self {
        Brain {
            attackers: "1".to_string(),
            at_once: Vec::new(),
            influences: Influences::new(),
        }
    }
}

impl Brain {
    fn parameters(&self, network: &mut Network) -> Result<(), NetworkError> {
        if !self.at_once.iter().any(|id| id == "debris") {
            rate_constant(network, "clearance", "clearance of debris");
        }
        for (id, name) in [
            ("demyelination", "loss of myelin in health"),
            ("remyelination", "repair of myelin"),
            ("axon_loss_age", "loss of axons by age"),
            (
                "axon_loss_inflamed",
                "loss of axons by inflammation, at the reference",
            ),
            ("axon_loss_bare", "loss of axons without myelin"),
        ] {
            rate_constant(network, id, name);
        }
        for (id, name) in [
            (
                "attack_share",
                "share of the damage in health that attackers do",
            ),
            ("attack_half", "attackers of half the most damage"),
            (
                "antigen_release",
                "share of the antigen that debris sets free",
            ),
            ("antigen_half", "antigen of half presentation"),
            ("NfL_share", "share of NfL that follows the loss of axons"),
            ("volume_share", "brain volume lost with all axons"),
            ("edss_half", "damage of half the scale of disability"),
            ("edss_axons", "weight of lost axons in disability"),
            ("edss_myelin", "weight of lost myelin in disability"),
        ] {
            ratio(network, id, name);
        }
        network.constraint(
            "antigen_release_in_0_1",
            "antigen_release >= 0 && antigen_release <= 1",
        )?;
        Ok(())
    }

    fn observables(network: &mut Network) -> Result<(), NetworkError> {
        let rate = network.time_unit.as_ref().map(|t| format!("1/{t}"));
        let observable = |name: &str, formula: &str, unit: Option<String>| Observable {
            name: Some(name.to_string()),
            unit,
            ..Observable::new(formula)
        };
        let plain = || Some("1".to_string());
        network.observable(
            "brain_volume",
            observable(
                "brain volume, as share of a whole brain",
                "1 - volume_share * (1 - axons)",
                plain(),
            ),
        )?;
        network.observable(
            "atrophy",
            observable(
                "relative loss of brain volume",
                "volume_share * axon_loss * axons / (1 - volume_share * (1 - axons))",
                rate,
            ),
        )?;
        assigned(
            network,
            "disability",
            "edss_axons * (1 - axons) + edss_myelin * (1 - myelin)".to_string(),
            plain(),
        )?;
        network.observable(
            "edss_share",
            observable(
                "disability, as share of the EDSS",
                "disability^2 / (disability^2 + edss_half^2)",
                plain(),
            ),
        )?;
        Ok(())
    }
}

impl Mechanism for Brain {
    fn add_to(&self, network: &mut Network) -> Result<(), NetworkError> {
        let acting = Acting {
            mechanism: "brain",
            influences: &self.influences,
            at_once: &self.at_once,
        };
        acting.check(&["damage", "repair", "axon_loss"])?;
        acting.check_at_once(&["debris", "NfL"])?;
        self.parameters(network)?;
        let plain = || Some("1".to_string());
        let per_time = network.time_unit.as_ref().map(|t| format!("1/{t}"));
        state(network, "myelin", "intact myelin")?;
        let follows = !acting.is_at_once("debris");
        if follows {
            state(network, "debris", "myelin debris")?;
        }
        state(network, "axons", "intact axons")?;
        let (x, factor) = (&self.attackers, acting.factor(network, "damage")?);
        let attack = format!("({x})^2 * (1 + 1 / attack_half^2) / (1 + ({x})^2 / attack_half^2)");
        let damage = format!("1 - attack_share + attack_share * {factor} * {attack}");
        assigned(network, "damage", damage, plain())?;
        let repair = acting.factor(network, "repair")?;
        let made = format!("remyelination * (1 - myelin) * {repair}");
        made_and_lost(network, "myelin", &made, "demyelination * damage")?;
        match follows {
            true => {
                let made = "clearance * damage * myelin";
                made_and_lost(network, "debris", made, "clearance")?;
            }
            false => assigned(network, "debris", "damage * myelin".to_string(), plain())?,
        }
        let loss = acting.factor(network, "axon_loss")?;
        let loss =
            format!("axon_loss_age + axon_loss_inflamed * {loss} + axon_loss_bare * (1 - myelin)");
        assigned(network, "axon_loss", loss, per_time)?;
        let lost = Reaction::rate("axon_loss * axons").consumes("axons", 1.0);
        network.reaction("loss_axons", lost)?;
        let released =
            "(1 - NfL_share) + NfL_share * axon_loss / (axon_loss_age + axon_loss_inflamed)";
        acting.relative(
            network,
            "NfL",
            "neurofilament light chain in serum",
            &format!("({released})"),
        )?;
        let level = "(1 - antigen_release + antigen_release * debris)";
        let antigen = format!("{level} * (1 + antigen_half) / ({level} + antigen_half)");
        assigned(network, "antigen", antigen, plain())?;
        Brain::observables(network)
    }

    fn references(&self) -> &'static [Reference] {
        const REFERENCES: &[Reference] = &[
            Reference::new(
                "Trapp, Nave 2008, Multiple sclerosis: an immune or neurodegenerative disorder?, Annu Rev Neurosci 31:247-269",
                "10.1146/annurev.neuro.30.051606.094313",
            ),
            Reference::new(
                "Kuhle et al. 2019, Blood neurofilament light chain as a biomarker of MS disease activity and treatment response, Neurology 92:e1007-e1015",
                "10.1212/WNL.0000000000007032",
            ),
        ];
        REFERENCES
    }
}
