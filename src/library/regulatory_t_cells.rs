//! Regulatory T cells of tissues in series, and a microbial compound that induces them.
use super::declare::{declare, option_error};
use crate::network::{Mechanism, Network, NetworkError, Observable, Reaction, Reference, Species};
use serde::{Deserialize, Serialize};

/// Regulatory T cells of tissues in series, and a microbial compound that induces them.
///
/// The compound \\(B\\) enters the first tissue and passes from each to the next, as the regulatory cells \\(T\\) do; naive cells \\(N\\) stay
/// in their tissue. For tissue \\(k\\), with \\(S\\) in the first alone and no passage out of the last,
/// $$ \begin{aligned}
/// \dot B_k &= S + a_{k-1} B_{k-1} - (\mu_B + a_k) B_k, \\\\
/// \dot N_k &= F_k - (b_- \gamma + b_+ B_k) N_k - \mu_N N_k, \\\\
/// \dot T_k &= (b_- \gamma + b_+ B_k) N_k + \delta_{k-1} T_{k-1} - (\mu_T + \delta_k) T_k.
/// \end{aligned} $$
///
/// | letter | id | meaning | unit |
/// |---|---|---|---|
/// | \\(B_k\\) | `COMPOUND_TISSUE` | the compound; with `change`, its change against a baseline | `unit` |
/// | \\(N_k\\) | `naive_TISSUE` | naive CD4 cells, as multiple of those at rest | 1 |
/// | \\(T_k\\) | `treg_TISSUE` | regulatory T cells, in the same measure | 1 |
/// | \\(S\\) | `supply_COMPOUND`, an input if the network has one of this id | supply to the first tissue | `unit`/time |
/// | \\(\mu_B\\) | `decay_COMPOUND` | decay of the compound | 1/time |
/// | \\(a_k\\) | `absorption_TISSUE` | passage of the compound from this tissue to the next | 1/time |
/// | \\(F_k\\) | `influx_TISSUE` | influx of naive cells | 1/time |
/// | \\(b_-\\) | `differentiation` | differentiation without the compound | 1/time |
/// | \\(\gamma\\) | `activity` | share of it that takes place | 1 |
/// | \\(b_+\\) | `induction` | differentiation by the compound | 1/(`unit` time) |
/// | \\(\mu_N, \mu_T\\) | `death_naive`, `death_treg` | death | 1/time |
/// | \\(\delta_k\\) | `migration_TISSUE` | migration of regulatory cells from this tissue to the next | 1/time |
///
/// Observables `treg_share_TISSUE` are \\(T_k/(N_k + T_k)\\).
///
/// Reference: Islam et al. 2021, doi:10.1021/acs.iecr.1c02949.
///
/// ```
/// use holobiont::{library::RegulatoryTCells, network::Network};
/// let mut network = Network::new("axis");
/// let tissues = ["gut", "blood"].map(str::to_string).to_vec();
/// network.add(&RegulatoryTCells { tissues, ..RegulatoryTCells::default() })?;
/// let species: Vec<&str> = network.all_species().iter().map(|(id, _)| id.as_str()).collect();
/// assert_eq!(species, ["butyrate_gut", "naive_gut", "treg_gut", "butyrate_blood", "naive_blood", "treg_blood"]);
/// # Ok::<(), holobiont::network::NetworkError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RegulatoryTCells {
    /// Ids of the tissues, in the order in which the compound and the cells pass through them.
    pub tissues: Vec<String>,
    /// Id of the compound.
    pub compound: String,
    /// Unit of the compound; none: 1.
    pub unit: Option<String>,
    /// Whether the compound is counted as a change against a baseline, which may be negative.
    pub change: bool,
}

impl Default for RegulatoryTCells {
    fn default() -> Self {
        RegulatoryTCells {
            tissues: Vec::new(),
            compound: "butyrate".to_string(),
            unit: None,
            change: false,
        }
    }
}

impl RegulatoryTCells {
    fn check(&self) -> Result<(), NetworkError> {
        let wrong = |problem: String| Err(option_error("regulatory_t_cells", "tissues", problem));
        if self.tissues.is_empty() {
            return wrong("at least one tissue is needed".to_string());
        }
        for (number, tissue) in self.tissues.iter().enumerate() {
            if self.tissues[..number].contains(tissue) {
                return wrong(format!("`{tissue}` stands twice"));
            }
        }
        Ok(())
    }

    fn add_species(&self, network: &mut Network, tissue: &str) -> Result<(), NetworkError> {
        let compound = &self.compound;
        let one = || Some("1".to_string());
        for (id, name, unit, nonnegative) in [
            (
                format!("{compound}_{tissue}"),
                format!("{compound} in {tissue}"),
                self.unit.clone().or_else(one),
                !self.change,
            ),
            (
                format!("naive_{tissue}"),
                format!("naive CD4 T cells in {tissue}"),
                one(),
                true,
            ),
            (
                format!("treg_{tissue}"),
                format!("regulatory T cells in {tissue}"),
                one(),
                true,
            ),
        ] {
            let species = Species {
                name: Some(name),
                unit,
                nonnegative,
                ..Species::default()
            };
            network.species(&id, species)?;
        }
        Ok(())
    }

    fn add_tissue(
        &self,
        network: &mut Network,
        tissue: &str,
        next: Option<&String>,
    ) -> Result<(), NetworkError> {
        let compound = &self.compound;
        let rate = network.time_unit.as_ref().map(|t| format!("1/{t}"));
        let (b, n, t) = (
            format!("{compound}_{tissue}"),
            format!("naive_{tissue}"),
            format!("treg_{tissue}"),
        );
        let lost = |formula: String, id: &str| Reaction {
            reversible: self.change && id == b,
            ..Reaction::rate(formula).consumes(id, 1.0)
        };
        let decay = lost(format!("decay_{compound} * {b}"), &b);
        network.reaction(&format!("decay_{b}"), decay)?;

        let influx = format!("influx_{tissue}");
        let name = format!("influx of naive cells into {tissue}");
        declare(network, &influx, &name, rate.clone());
        let arrival = Reaction::rate(influx).produces(&n, 1.0);
        network.reaction(&format!("arrival_{n}"), arrival)?;
        let maturing = Reaction::rate(format!("differentiation * activity * {n}"));
        let maturing = maturing.consumes(&n, 1.0).produces(&t, 1.0);
        network.reaction(&format!("differentiation_{tissue}"), maturing)?;
        let induced = Reaction {
            reversible: self.change,
            ..Reaction::rate(format!("induction * {b} * {n}"))
        };
        let induced = induced.consumes(&n, 1.0).produces(&t, 1.0);
        network.reaction(&format!("induction_{tissue}"), induced)?;
        for (id, rate) in [(&n, "death_naive"), (&t, "death_treg")] {
            let death = lost(format!("{rate} * {id}"), id);
            network.reaction(&format!("death_{id}"), death)?;
        }

        if let Some(next) = next {
            for (parameter, from, to, name) in [
                (
                    "absorption",
                    &b,
                    format!("{compound}_{next}"),
                    compound.as_str(),
                ),
                (
                    "migration",
                    &t,
                    format!("treg_{next}"),
                    "regulatory T cells",
                ),
            ] {
                let parameter = format!("{parameter}_{tissue}");
                let name = format!("passage of {name} from {tissue} to {next}");
                declare(network, &parameter, &name, rate.clone());
                let passage = lost(format!("{parameter} * {from}"), from).produces(&to, 1.0);
                network.reaction(&format!("passage_{from}"), passage)?;
            }
        }
        let share = Observable {
            name: Some(format!("share of regulatory among CD4 T cells in {tissue}")),
            ..Observable::new(format!("{t} / ({n} + {t})"))
        };
        network.observable(&format!("treg_share_{tissue}"), share.unit("1"))?;
        Ok(())
    }
}

impl Mechanism for RegulatoryTCells {
    fn add_to(&self, network: &mut Network) -> Result<(), NetworkError> {
        self.check()?;
        for tissue in &self.tissues {
            self.add_species(network, tissue)?;
        }
        let compound = &self.compound;
        let one = || Some("1".to_string());
        let unit = self.unit.clone().or_else(one);
        let time = network.time_unit.clone();
        let per_time = time.as_ref().map(|t| format!("1/{t}"));
        let flow = (time.as_ref().zip(unit.as_ref())).map(|(t, u)| format!("({u})/{t}"));
        let induction = (time.as_ref().zip(unit.as_ref())).map(|(t, u)| format!("1/({u})/{t}"));
        let supply = format!("supply_{compound}");
        let first = &self.tissues[0];
        for (id, name, unit) in [
            (
                supply.as_str(),
                format!("supply of {compound} to {first}"),
                flow,
            ),
            (
                &format!("decay_{compound}"),
                format!("decay of {compound}"),
                per_time.clone(),
            ),
            (
                "differentiation",
                format!("differentiation without {compound}"),
                per_time.clone(),
            ),
            (
                "activity",
                "share of this differentiation that takes place".to_string(),
                one(),
            ),
            (
                "induction",
                format!("differentiation by {compound}"),
                induction,
            ),
            (
                "death_naive",
                "death of naive cells".to_string(),
                per_time.clone(),
            ),
            (
                "death_treg",
                "death of regulatory T cells".to_string(),
                per_time,
            ),
        ] {
            declare(network, id, &name, unit);
        }
        let supplied = Reaction {
            reversible: self.change,
            ..Reaction::rate(supply.as_str())
        };
        let supplied = supplied.produces(&format!("{compound}_{first}"), 1.0);
        network.reaction(&format!("{supply}_{first}"), supplied)?;
        for (number, tissue) in self.tissues.iter().enumerate() {
            self.add_tissue(network, tissue, self.tissues.get(number + 1))?;
        }
        Ok(())
    }

    fn references(&self) -> &'static [Reference] {
        const REFERENCES: &[Reference] = &[Reference::new(
            "Islam et al. 2021, Mathematical modeling of the gut-bone axis and implications of butyrate treatment on osteoimmunology, Ind Eng Chem Res 60:17814-17825",
            "10.1021/acs.iecr.1c02949",
        )];
        REFERENCES
    }
}
