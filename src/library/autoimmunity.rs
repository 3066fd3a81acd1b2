//! Adaptive immunity against myelin: effector and regulatory T cells in the periphery and in the brain, its barrier, microglia.
use super::influence::{Acting, Influences, assigned, made_and_lost, rate_constant, ratio, state};
use crate::network::{Mechanism, Network, NetworkError, Reference};
use serde::{Deserialize, Serialize};

/// Adaptive immunity against myelin: effector and regulatory T cells in the periphery and in the brain, the leak of the blood-brain
/// barrier and active microglia, each 1 in a healthy reference.
///
/// Effector cells \\(T\\) enter with the drive \\(\Psi\\) of the environment and multiply where they meet antigen \\(a\\), restrained by regulatory cells \\(R\\):
/// $$ \dot T = d_T\Bigl((1 - \rho)\\, \Psi + \mathcal R\\, a\\, \frac{1 + 1/c_T}{1 + T/c_T}\\, T - T\Bigr), \qquad
///    \mathcal R = \rho\\, \sigma\\, \Psi\\, \frac{1 + h^2}{h^2 + R^2}, $$
/// $$ \dot R = d_R\Bigl((1 - i)\\, F_R + i\\, F_i\\, \frac{1 + 1/c_R}{1 + T/c_R}\\, T - R\Bigr). $$
/// \\(\mathcal R\\), `R_auto`, is the number of cells that a cell leaves behind at the antigen of health: above 1 the small influx is
/// amplified into disease, below 1 it is not. At the reference \\(T = R = 1\\) and \\(\mathcal R = \rho\\).
///
/// In the brain, with the leak \\(\lambda\\) of its barrier and the entry \\(\epsilon = (b + (1 - b)\lambda)(1 - \mathrm{block})\\),
/// $$ \dot T_b = k_b (\epsilon\\, (1 - \mathrm{egress})\\, F_{T_b} T - T_b), \quad \dot R_b = k_b (\epsilon R - R_b), \quad
///    \dot \lambda = k_\lambda (F_\lambda - \lambda), \quad \dot m = k_m (F_m - m). $$
///
/// | letter | id | meaning | unit |
/// |---|---|---|---|
/// | \\(T, R\\) | `effector`, `regulatory` | T cells of the periphery | 1 |
/// | \\(T_b, R_b\\) | `effector_brain`, `regulatory_brain` | T cells of the brain | 1 |
/// | \\(\lambda, m\\) | `leak`, `microglia` | leak of the blood-brain barrier, active microglia | 1 |
/// | \\(\rho\\) | `reproduction` | `R_auto` at the reference | 1 |
/// | \\(\sigma\\) | the formula `susceptibility` | of the genes, 1 at the reference | 1 |
/// | \\(a\\) | the formula `antigen` | presented myelin, 1 in health | 1 |
/// | \\(d_T, d_R\\) | `death_effector`, `death_regulatory` | death | 1/time |
/// | \\(h\\) | `regulation_half` | regulatory cells of half restraint | 1 |
/// | \\(i\\) | `induced_share` | share of the regulatory cells that effector cells induce | 1 |
/// | \\(c_T, c_R\\) | `crowding_effector`, `crowding_regulatory` | effector cells of half growth, of half induction | 1 |
/// | \\(b\\) | `entry_base` | share of the entry that needs no leak | 1 |
/// | \\(k\\) | `turnover_brain_T`, `turnover_leak`, `turnover_microglia` | turnover | 1/time |
/// | | the formulas `block`, `egress` | shares of entry and of egress from lymph nodes that drugs block | 1 |
/// | \\(\Psi, F_R, F_i, F_{T_b}\\) | rates `effector`, `regulatory`, `induced`, `effector_brain` of `influences` | see [`Source`](super::Source) | 1 |
/// | \\(F_\lambda, F_m\\) | rates `leak`, `microglia` | | 1 |
///
/// `regulatory_brain`, `leak` and `microglia` stand at their rest where `at_once` names them.
///
/// Sources of the form: Velez de Mendizabal et al. 2011, doi:10.1186/1752-0509-5-114 (effector and regulatory cells, relapses); Alexander,
/// Wahl 2011, doi:10.1007/s11538-010-9519-2 (a threshold of self-tolerance). Numbers stand in the models.
///
/// ```
/// use holobiont::{library::Autoimmunity, network::Network};
/// let mut network = Network::new("tolerance");
/// network.add(&Autoimmunity::default())?;
/// assert_eq!(network.all_species().len(), 6);
/// # Ok::<(), holobiont::network::NetworkError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Autoimmunity {
    /// Formula of the susceptibility.
    pub susceptibility: String,
    /// Formula of the antigen.
    pub antigen: String,
    /// Formula of the share of the entry into the brain that is blocked.
    pub block: String,
    /// Formula of the share of the effector cells that cannot leave the lymph nodes.
    pub egress: String,
    /// States that stand where they would rest, as if their turnover had no end; what acts on them must not follow from them at once.
    pub at_once: Vec<String>,
    /// What acts on the rates.
    pub influences: Influences,
}

impl Default for Autoimmunity {
    fn default() -> Self {
        Autoimmunity {
            susceptibility: "1".to_string(),
            antigen: "1".to_string(),
            block: "0".to_string(),
            egress: "0".to_string(),
            at_once: Vec::new(),
            influences: Influences::new(),
        }
    }
}

const RATES: &[&str] = &[
    "effector",
    "regulatory",
    "induced",
    "effector_brain",
    "leak",
    "microglia",
];

impl Autoimmunity {
    fn periphery(&self, network: &mut Network, acting: &Acting<'_>) -> Result<(), NetworkError> {
        let plain = || Some("1".to_string());
        for (id, name) in [
            ("reproduction", "R_auto at the reference"),
            ("regulation_half", "regulatory cells of half restraint"),
            (
                "induced_share",
                "share of the regulatory cells that effector cells induce",
            ),
            ("crowding_effector", "effector cells of half growth"),
            ("crowding_regulatory", "effector cells of half induction"),
        ] {
            ratio(network, id, name);
        }
        network.constraint(
            "reproduction_below_1",
            "reproduction >= 0 && reproduction < 1",
        )?;
        network.constraint(
            "induced_share_in_0_1",
            "induced_share >= 0 && induced_share <= 1",
        )?;
        rate_constant(network, "death_effector", "death of effector T cells");
        rate_constant(network, "death_regulatory", "death of regulatory T cells");
        state(network, "effector", "effector T cells")?;
        state(network, "regulatory", "regulatory T cells")?;
        let drive = acting.factor(network, "effector")?;
        assigned(network, "effector_drive", drive, plain())?;
        let restraint = "(1 + regulation_half^2) / (regulation_half^2 + regulatory^2)";
        let susceptibility = &self.susceptibility;
        let number = format!("reproduction * ({susceptibility}) * effector_drive * {restraint}");
        assigned(network, "R_auto", number, plain())?;
        let antigen = &self.antigen;
        let made = format!(
            "death_effector * ((1 - reproduction) * effector_drive + R_auto * ({antigen}) * (1 + 1 / crowding_effector) / (1 + effector / crowding_effector) * effector)"
        );
        made_and_lost(network, "effector", &made, "death_effector")?;
        let (regulatory, induced) = (
            acting.factor(network, "regulatory")?,
            acting.factor(network, "induced")?,
        );
        let made = format!(
            "death_regulatory * ((1 - induced_share) * {regulatory} + induced_share * {induced} * (1 + 1 / crowding_regulatory) / (1 + effector / crowding_regulatory) * effector)"
        );
        made_and_lost(network, "regulatory", &made, "death_regulatory")
    }

    fn brain(&self, network: &mut Network, acting: &Acting<'_>) -> Result<(), NetworkError> {
        rate_constant(
            network,
            "turnover_brain_T",
            "turnover of T cells of the brain",
        );
        ratio(
            network,
            "entry_base",
            "share of the entry that needs no leak",
        );
        network.constraint("entry_base_in_0_1", "entry_base >= 0 && entry_base <= 1")?;
        state(network, "effector_brain", "effector T cells of the brain")?;
        let regulatory = "regulatory_brain";
        let follows = !acting.is_at_once(regulatory);
        if follows {
            state(network, regulatory, "regulatory T cells of the brain")?;
        }
        let entry = format!(
            "(entry_base + (1 - entry_base) * leak) * (1 - ({}))",
            self.block
        );
        assigned(network, "entry", entry, Some("1".to_string()))?;
        let factor = acting.factor(network, "effector_brain")?;
        let egress = &self.egress;
        let made = format!("turnover_brain_T * entry * (1 - ({egress})) * {factor} * effector");
        made_and_lost(network, "effector_brain", &made, "turnover_brain_T")?;
        match follows {
            true => {
                let made = "turnover_brain_T * entry * regulatory";
                made_and_lost(network, regulatory, made, "turnover_brain_T")?;
            }
            false => {
                let rest = "entry * regulatory".to_string();
                assigned(network, regulatory, rest, Some("1".to_string()))?;
            }
        }
        acting.marker(network, "leak", "leak of the blood-brain barrier")?;
        acting.marker(network, "microglia", "active microglia")
    }
}

impl Mechanism for Autoimmunity {
    fn add_to(&self, network: &mut Network) -> Result<(), NetworkError> {
        let acting = Acting {
            mechanism: "autoimmunity",
            influences: &self.influences,
            at_once: &self.at_once,
        };
        acting.check(RATES)?;
        acting.check_at_once(&["regulatory_brain", "leak", "microglia"])?;
        self.periphery(network, &acting)?;
        self.brain(network, &acting)
    }

    fn references(&self) -> &'static [Reference] {
        const REFERENCES: &[Reference] = &[
            Reference::new(
                "Velez de Mendizabal et al. 2011, Modeling the effector-regulatory T cell cross-regulation reveals the intrinsic character of relapses in multiple sclerosis, BMC Syst Biol 5:114",
                "10.1186/1752-0509-5-114",
            ),
            Reference::new(
                "Alexander, Wahl 2011, Self-tolerance and autoimmunity in a regulatory T cell model, Bull Math Biol 73:33-71",
                "10.1007/s11538-010-9519-2",
            ),
        ];
        REFERENCES
    }
}
