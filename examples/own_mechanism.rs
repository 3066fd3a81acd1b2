//! A mechanism of your own: a struct with the equations in its doc comment, added to a network beside those of the library.
//!
//! ```text
//! cargo run --example own_mechanism
//! ```
use holobiont::compile::System;
use holobiont::library::LotkaVolterra;
use holobiont::network::{
    Formula, Mechanism, Network, NetworkError, Parameter, Reaction, Reference, Species,
};
use holobiont::schedule::Schedule;
use holobiont::solve::{Method, Problem, Tolerances, solve};
use std::error::Error;

/// A phage that adsorbs to one taxon and bursts it:
/// $$ \dot P = (b - 1)\\, \phi\\, x P - \delta P, \qquad \dot x = \dots - \phi\\, x P. $$
///
/// | letter | id | meaning | unit |
/// |---|---|---|---|
/// | \\(P\\) | `phage_TAXON` | phage | that of the taxon |
/// | \\(\phi\\) | `phi_TAXON` | adsorption | 1/(unit time) |
/// | \\(b\\) | `b_TAXON` | burst size | 1 |
/// | \\(\delta\\) | `delta_TAXON` | decay | 1/time |
struct Phage {
    taxon: String,
}

impl Mechanism for Phage {
    fn add_to(&self, network: &mut Network) -> Result<(), NetworkError> {
        let taxon = &self.taxon;
        let [phage, phi, burst, decay] =
            ["phage", "phi", "b", "delta"].map(|id| format!("{id}_{taxon}"));
        network.species(&phage, Species::default())?;
        for id in [&phi, &burst, &decay] {
            network.parameter(id, Parameter::unset());
        }
        network.reaction(
            &format!("lysis_{taxon}"),
            Reaction::rate(format!("{phi} * {taxon} * {phage}"))
                .consumes(taxon, 1.0)
                .produces(&phage, format!("{burst} - 1")),
        )?;
        network.reaction(
            &format!("decay_{phage}"),
            Reaction::rate(format!("{decay} * {phage}")).consumes(&phage, 1.0),
        )?;
        Ok(())
    }

    fn references(&self) -> &'static [Reference] {
        const REFERENCES: &[Reference] = &[Reference::new(
            "Campbell 1961, Conditions for the existence of bacteriophage, Evolution 15:153-165",
            "",
        )];
        REFERENCES
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut network = Network::new("phage_in_a_community");
    network.add(&LotkaVolterra {
        taxa: vec!["A".to_string(), "B".to_string()],
        ..LotkaVolterra::default()
    })?;
    network.add(&Phage {
        taxon: "A".to_string(),
    })?;

    // the numbers: of a table in a model folder, or of Rust as here
    for (id, value) in [
        ("mu_A", 1.0),
        ("mu_B", 0.7),
        ("m_A_A", -1.0),
        ("m_A_B", -0.5),
        ("m_B_A", -0.6),
        ("m_B_B", -1.0),
        ("phi_A", 0.4),
        ("b_A", 20.0),
        ("delta_A", 1.5),
    ] {
        network
            .parameter_mut(id)
            .ok_or("a parameter of a mechanism")?
            .value = Some(value);
    }
    for (id, value) in [("A", 0.5), ("B", 0.5), ("phage_A", 0.01)] {
        network.initial_value(id, Formula::Number(value))?;
    }

    let equations = network
        .check()
        .map_err(|errors| errors[0].clone())?
        .equations();
    equations.text().iter().for_each(|line| println!("{line}"));
    let system = System::compile(&equations)?;
    let times: Vec<f64> = (0..=10).map(|i| f64::from(i) * 10.0).collect();
    let schedule = Schedule::default();
    let problem = Problem {
        system: &system,
        parameters: system.parameters(),
        schedule: &schedule,
        times: &times,
        sensitivity: None,
    };
    let solution = solve(&problem, &Method::default(), &Tolerances::default()).finished()?;
    println!("time\t{}", system.state_ids().join("\t"));
    for (k, time) in times.iter().enumerate() {
        let row: Vec<String> = solution
            .states(k)
            .iter()
            .map(|y| format!("{y:.4}"))
            .collect();
        println!("{time}\t{}", row.join("\t"));
    }
    for reference in network.references() {
        println!("{} {}", reference.citation, reference.doi);
    }
    Ok(())
}
