//! Compose a model, simulate it, plot it: two gut sections in series, a fibre eater that feeds a butyrate producer, and
//! an antibiotic.
//!
//! ```text
//! cargo run --example quickstart [FILE.svg]
//! ```
use holobiont::compile::System;
use holobiont::network::{
    Input, Network, NetworkError, Observable, Parameter, Port, Reaction, Species,
};
use holobiont::report::{Curve, trajectories};
use holobiont::schedule::Schedule;
use holobiont::solve::{Method, Problem, Tolerances, solve};
use std::error::Error;

/// One section of the gut. The numbers are for show; models with sources are in the folder `models`.
fn section() -> Result<Network, NetworkError> {
    let mut section = Network::new("section");
    section.time_unit = Some("d".to_string());
    for (id, initial, unit) in [
        ("fibre", 1.0, "g/l"),
        ("Degrader", 0.5, "g/l"),
        ("Producer", 0.2, "g/l"),
    ] {
        section.species(id, Species::new(initial).unit(unit))?;
    }
    section.species("butyrate", Species::new(0.0).unit("mmol/l"))?;
    section.parameter("washout", Parameter::new(1.2).unit("1/d"));
    section.parameter(
        "mu",
        Parameter::new(6.0).unit("1/d").name("maximal growth rate"),
    );
    section.parameter("K", Parameter::new(0.5).unit("g/l").name("half-saturation"));
    section.parameter("Y", Parameter::new(0.3).unit("1").name("yield"));
    section.parameter(
        "share",
        Parameter::new(0.4)
            .unit("1")
            .name("growth of the producer per growth of the degrader"),
    );
    section.parameter(
        "p_butyrate",
        Parameter::new(40.0)
            .unit("mmol/g")
            .name("butyrate per growth of the producer"),
    );
    section.parameter(
        "uptake",
        Parameter::new(8.0)
            .unit("1/d")
            .name("absorption of butyrate"),
    );
    section.parameter(
        "kill",
        Parameter::new(7.0)
            .unit("1/d")
            .name("effect of the antibiotic"),
    );

    section.function("monod", &["s", "k"], "s / (k + s)")?;
    section.reaction(
        "degradation",
        Reaction::rate("mu * monod(fibre, K) * Degrader")
            .consumes("fibre", "1/Y")
            .produces("Degrader", 1.0),
    )?;
    section.reaction(
        "cross_feeding",
        Reaction::rate("share * degradation * monod(Producer, K)")
            .produces("Producer", 1.0)
            .produces("butyrate", "p_butyrate"),
    )?;
    section.reaction(
        "absorption",
        Reaction::rate("uptake * butyrate").consumes("butyrate", 1.0),
    )?;
    section.reaction(
        "killing",
        Reaction::rate("kill * drug * Producer").consumes("Producer", 1.0),
    )?;
    for id in ["fibre", "Degrader", "Producer", "butyrate"] {
        section.reaction(
            &format!("outflow_{id}"),
            Reaction::rate(format!("washout * {id}")).consumes(id, 1.0),
        )?;
        section.reaction(
            &format!("inflow_{id}"),
            Reaction::rate(format!("in_{id}")).produces(id, 1.0),
        )?;
        section.port(
            &format!("from_{id}"),
            Port::In {
                reads: format!("in_{id}"),
                unit: None,
            },
        );
        section.port(
            &format!("to_{id}"),
            Port::Out {
                offers: format!("outflow_{id}"),
            },
        );
    }
    section.port(
        "antibiotic",
        Port::In {
            reads: "drug".to_string(),
            unit: None,
        },
    );
    Ok(section)
}

fn main() -> Result<(), Box<dyn Error>> {
    // compose: the outflow of the first section is the inflow of the second
    let section = section()?;
    let mut colon = Network::new("colon");
    colon.time_unit = Some("d".to_string());
    colon
        .compose(&section, "proximal")
        .compose(&section, "distal");
    colon.parameter("diet", Parameter::new(15.0).unit("g/l/d"));
    colon.parameter("inoculum", Parameter::new(0.01).unit("g/l/d"));
    colon.parameter("none", Parameter::new(0.0).unit("mmol/l/d"));
    colon.input(
        "drug",
        Input {
            knots: vec![(10.0, 1.0), (15.0, 0.0)],
            ..Input::default()
        },
    );
    for (port, source) in [
        ("fibre", "diet"),
        ("Degrader", "inoculum"),
        ("Producer", "inoculum"),
        ("butyrate", "none"),
    ] {
        colon.connect(&format!("proximal__from_{port}"), source)?;
        colon.connect(
            &format!("distal__from_{port}"),
            &format!("proximal__to_{port}"),
        )?;
    }
    colon
        .connect("proximal__antibiotic", "drug")?
        .connect("distal__antibiotic", "drug")?;
    colon.observable(
        "absorbed",
        Observable::new("proximal__absorption + distal__absorption").unit("mmol/l/d"),
    )?;

    // check: all errors at once, each with its place
    let equations = match colon.check() {
        Ok(checked) => checked.equations(),
        Err(errors) => {
            errors.iter().for_each(|error| eprintln!("{error}"));
            return Err("the network has errors".into());
        }
    };
    for line in equations.text().iter().take(4) {
        println!("{line}");
    }

    // simulate
    let system = System::compile(&equations)?;
    let times: Vec<f64> = (0..=300).map(|i| f64::from(i) / 10.0).collect();
    let schedule = Schedule::default();
    let problem = Problem {
        system: &system,
        parameters: system.parameters(),
        schedule: &schedule,
        times: &times,
        sensitivity: None,
    };
    let solution = solve(&problem, &Method::default(), &Tolerances::default()).finished()?;

    // plot
    let curves: Vec<Curve> = (system.state_ids().iter().enumerate())
        .map(|(state, id)| Curve {
            name: id.clone(),
            unit: system.unit_of(id).map(str::to_string),
            values: solution.series(state),
        })
        .collect();
    let file = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "quickstart.svg".to_string());
    let figure = trajectories(
        "An antibiotic from day 10 to 15",
        system.time_unit(),
        &times,
        &curves,
    );
    std::fs::write(&file, figure.svg()?)?;
    println!("{} steps; the picture is {file}", solution.statistics.steps);
    Ok(())
}
