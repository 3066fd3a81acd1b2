//! A chemostat with one fermenter, its acids and their absorption.
use crate::network::{
    Mechanism, Network, NetworkError, Observable, Parameter, Reaction, Reference, Species,
};
use serde::{Deserialize, Serialize};

/// A chemostat with one fermenter, its acids and their absorption, in masses per litre of reactor.
///
/// Growth is \\(g = \mu_{max} \frac{S}{K + S} X\\) and washout \\(V = 1/T_t\\):
/// $$ \begin{aligned}
/// \dot S &= S_{in} - g/Y - V S, & \dot X &= g - V X, \\\\
/// \dot Z &= f_s (1/Y - 1)\\, g - (a_Z + V) Z, & \dot W &= W_{in} - (a_W + V) W.
/// \end{aligned} $$
///
/// | letter | id | meaning | unit |
/// |---|---|---|---|
/// | \\(S, X, Z, W\\) | `S`, `X`, `Z`, `W` | substrate, microbes, short-chain fatty acids, water | g |
/// | \\(S_{in}, W_{in}\\) | `S_in`, `W_in` | inflow of substrate and water | g/d |
/// | \\(T_t\\) | `T_t` | transit time | d |
/// | \\(\mu_{max}\\) | `mu_max` | maximal growth rate | 1/d |
/// | \\(K\\) | `K` | half-saturation | g |
/// | \\(Y\\) | `Y` | yield | 1 |
/// | \\(f_s\\) | `f_s` | share of the products that is short-chain fatty acids | 1 |
/// | \\(a_Z, a_W\\) | `a_Z`, `a_W` | absorption of acids and water | 1/d |
/// | \\(M\\) | `M_Z` | mean molar mass of the acids | g/mmol |
/// | \\(\rho\\) | `rho_W` | density of water | g/l |
///
/// The observable `tscfa` is \\(Z/M/(W/\rho)\\), in mmol/l. Steady state, if \\(\mu_{max} > V\\):
/// $$ S^* = \frac{V K}{\mu_{max} - V},\quad X^* = Y (S_{in}/V - S^*),\quad
///    Z^* = \frac{f_s (1/Y - 1) V X^*}{a_Z + V},\quad W^* = \frac{W_{in}}{a_W + V}. $$
/// It holds where \\(X^* > 0\\); else the microbes are washed out.
///
/// Reference: Kettle et al. 2018 (microPop), doi:10.1111/2041-210X.12873, one group on one substrate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Chemostat {}

/// The parameters of the chemostat as numbers, for its closed form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChemostatParameters {
    /// Inflow of substrate.
    pub substrate_inflow: f64,
    /// Inflow of water.
    pub water_inflow: f64,
    /// Transit time.
    pub transit_time: f64,
    /// Maximal growth rate.
    pub maximal_growth: f64,
    /// Half-saturation.
    pub half_saturation: f64,
    /// Yield.
    pub growth_yield: f64,
    /// Share of the products that is short-chain fatty acids.
    pub acid_share: f64,
    /// Absorption of acids.
    pub acid_absorption: f64,
    /// Absorption of water.
    pub water_absorption: f64,
}

/// A state of the chemostat.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChemostatState {
    /// S
    pub substrate: f64,
    /// X
    pub microbes: f64,
    /// Z
    pub acids: f64,
    /// W
    pub water: f64,
}

impl ChemostatParameters {
    /// The steady state; without microbes where they are washed out.
    pub fn steady_state(&self) -> ChemostatState {
        let washout = 1.0 / self.transit_time;
        let full = self.substrate_inflow / washout;
        let survives = self.maximal_growth > washout;
        let rest = if survives {
            washout * self.half_saturation / (self.maximal_growth - washout)
        } else {
            full
        };
        let substrate = rest.min(full);
        let microbes = self.growth_yield * (full - substrate);
        let acids = self.acid_share * (1.0 / self.growth_yield - 1.0) * washout * microbes
            / (self.acid_absorption + washout);
        let water = self.water_inflow / (self.water_absorption + washout);
        ChemostatState {
            substrate,
            microbes,
            acids,
            water,
        }
    }
}

impl Mechanism for Chemostat {
    fn add_to(&self, network: &mut Network) -> Result<(), NetworkError> {
        let rate = network.time_unit.as_ref().map(|t| format!("1/{t}"));
        let flow = network.time_unit.as_ref().map(|t| format!("g/{t}"));
        let text = |unit: &str| Some(unit.to_string());
        for (id, name) in [
            ("S", "substrate"),
            ("X", "microbes"),
            ("Z", "short-chain fatty acids"),
            ("W", "water"),
        ] {
            network.species(
                id,
                Species {
                    name: text(name),
                    unit: text("g"),
                    ..Species::default()
                },
            )?;
        }
        for (id, name, unit) in [
            ("S_in", "inflow of substrate", flow.clone()),
            ("W_in", "inflow of water", flow),
            ("T_t", "transit time", network.time_unit.clone()),
            ("mu_max", "maximal growth rate", rate.clone()),
            ("K", "half-saturation", text("g")),
            ("Y", "yield", text("1")),
            (
                "f_s",
                "share of the products that is short-chain fatty acids",
                text("1"),
            ),
            ("a_Z", "absorption of acids", rate.clone()),
            ("a_W", "absorption of water", rate),
            ("M_Z", "mean molar mass of the acids", text("g/mmol")),
            ("rho_W", "density of water", text("g/l")),
        ] {
            network.parameter(
                id,
                Parameter {
                    name: text(name),
                    unit,
                    ..Parameter::default()
                },
            );
        }
        network.reaction("inflow_S", Reaction::rate("S_in").produces("S", 1.0))?;
        network.reaction("inflow_W", Reaction::rate("W_in").produces("W", 1.0))?;
        let growth = Reaction::rate("mu_max * S / (K + S) * X");
        network.reaction(
            "growth",
            growth
                .consumes("S", "1/Y")
                .produces("X", 1.0)
                .produces("Z", "f_s * (1/Y - 1)"),
        )?;
        network.reaction("absorption_Z", Reaction::rate("a_Z * Z").consumes("Z", 1.0))?;
        network.reaction("absorption_W", Reaction::rate("a_W * W").consumes("W", 1.0))?;
        for id in ["S", "X", "Z", "W"] {
            network.reaction(
                &format!("washout_{id}"),
                Reaction::rate(format!("{id} / T_t")).consumes(id, 1.0),
            )?;
        }
        let concentration = Observable::new("Z / M_Z / (W / rho_W)").unit("mmol/l");
        network.observable(
            "tscfa",
            Observable {
                name: text("total short-chain fatty acids"),
                ..concentration
            },
        )?;
        Ok(())
    }

    fn references(&self) -> &'static [Reference] {
        const REFERENCES: &[Reference] = &[Reference::new(
            "Kettle et al. 2018, microPop: modelling microbial populations and communities in R, Methods Ecol Evol 9:399-409",
            "10.1111/2041-210X.12873",
        )];
        REFERENCES
    }
}
