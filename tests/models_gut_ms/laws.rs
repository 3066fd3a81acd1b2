//! What holds whatever the numbers are: finite results over the declared ranges, balances, inputs that are not used.
use crate::support::*;
use approx::assert_relative_eq;
use holobiont::chemistry::Compound;
use holobiont::exchange::model::{ModelText, read_text};
use rand::{RngExt, SeedableRng};

/// Draws within the ranges of the parameter table, on its scales.
fn draws(model: &GutMs, count: usize, seed: u64) -> Vec<Vec<(String, f64)>> {
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let rows: Vec<_> = model.model.parameters.iter().collect();
    let draw = |random: &mut rand_chacha::ChaCha8Rng| {
        let row = |row: &&holobiont::exchange::model::ParameterRow| {
            let (lower, upper) = (row.lower?, row.upper?);
            let u: f64 = random.random();
            let value = if lower > 0.0 {
                (lower.ln() + u * (upper / lower).ln()).exp()
            } else {
                lower + u * (upper - lower)
            };
            Some((row.id.clone(), value))
        };
        rows.iter().filter_map(row).collect()
    };
    (0..count).map(|_| draw(&mut random)).collect()
}

/// 200 vectors of all parameters, or as many as GUT_MS_DRAWS says (`.ci/long gut_ms`: 10 000). At most 1 % may fail.
#[test]
fn random_parameters_give_finite_results_or_a_typed_failure() {
    let model = gut_ms();
    let times = every(73.0, 730.0);
    let count = std::env::var("GUT_MS_DRAWS").map_or(200, |n| n.parse().expect("a number"));
    let mut failed = Vec::new();
    for vector in draws(&model, count, 1) {
        match model.attempt("ms", &vector, &times, 1e-5) {
            Ok(solution) => {
                let states = 0..model.system.state_ids().len();
                let finite = |state| solution.series(state).iter().all(|x: &f64| x.is_finite());
                assert!(states.clone().all(finite));
            }
            Err(cause) => failed.push(cause),
        }
    }
    println!("{count} vectors, {} failed: {failed:?}", failed.len());
    assert!(100 * failed.len() <= count, "{failed:?}");
}

/// Every reaction of the lumen keeps carbon, but for those that bring it in or take it out.
#[test]
fn pathways_keep_carbon() {
    // with gases and water followed, which the model leaves out
    let text = include_str!("../../models/gut_ms/model.toml")
        .replace("stock = \"unfollowed\"", "stock = \"plentiful\"")
        .replace("[initial]\n", "[initial]\nH2 = 0\nCO2 = 0\nH2O = 0\n");
    let parameters = include_str!("../../models/gut_ms/parameters.tsv");
    let model = read_text(&ModelText {
        model: &text,
        parameters: Some(parameters),
        ..ModelText::default()
    });
    let network = model.unwrap_or_else(|errors| panic!("{errors:?}")).network;
    let stoichiometry = network.stoichiometry();
    let guilds = ["Bac", "Bif", "But", "Akk", "Lch", "Ent"];
    let biomass = Compound::parse("CH2O").expect("a formula");
    let carbon = |id: &str| -> Option<f64> {
        let species = network
            .all_species()
            .iter()
            .find(|(known, _)| known == id)?;
        match &species.1.chemical_formula {
            Some(formula) => {
                let count = Compound::parse(formula).ok()?.count("C");
                Some(f64::from(count.numerator()) / f64::from(count.denominator()))
            }
            // g/l of CH2O: moles of carbon per gram
            None if guilds.contains(&id) => Some(1.0 / biomass.grams_per_millimole()),
            None => None,
        }
    };
    let mut checked = 0;
    for (column, reaction) in stoichiometry.reactions.iter().enumerate() {
        if !reaction.starts_with("growth_") {
            continue;
        }
        let net = stoichiometry.matrix.column(column);
        let (mut sum, mut size) = (0.0_f64, 0.0_f64);
        for (id, n) in stoichiometry
            .species
            .iter()
            .zip(net.iter())
            .filter(|(_, n)| **n != 0.0)
        {
            let part = n * carbon(id).unwrap_or_else(|| panic!("{id} has no carbon count"));
            sum += part;
            size = size.max(part.abs());
        }
        assert!(sum.abs() < 1e-9 * size, "{reaction}: {sum} of {size}");
        checked += 1;
    }
    assert!(checked >= 16, "{checked}");
}

/// A parameter of a module that nothing calls upon changes no bit.
#[test]
fn unused_inputs_change_nothing() {
    let model = gut_ms();
    let times = [365.0];
    let plain = model.attempt("ms", &[], &times, 1e-6).expect("finished");
    for id in [
        "e_TNF_anti_tnf",
        "e_microglia_dimethyl_fumarate",
        "kill_But",
        "passage_oral",
        "mucosal_kill",
    ] {
        let replaced = [(id.to_string(), 0.37)];
        let other = model
            .attempt("ms", &replaced, &times, 1e-6)
            .expect("finished");
        assert_eq!(plain.states(0), other.states(0), "{id}");
    }
}

/// All elasticities of the gut's products on the host cut: the two guts make the same disease.
#[test]
fn without_couplings_of_the_gut_the_gut_makes_no_difference() {
    let model = gut_ms();
    let cut: Vec<(String, f64)> = (model.system.parameter_ids().iter())
        .filter(|id| {
            let sources = [
                "_LPS",
                "_mucosa_Lch",
                "_mucosa_Ent",
                "_mucosa_Akk",
                "_plasma_acetate",
                "_plasma_propionate",
                "_plasma_butyrate",
            ];
            id.starts_with("e_") && sources.iter().any(|source| id.ends_with(source))
        })
        .map(|id| (id.clone(), 0.0))
        .collect();
    assert!(cut.len() > 12, "{cut:?}");
    let with = |scenario: &str| {
        let susceptible: Vec<_> = cut
            .iter()
            .cloned()
            .chain([("susceptibility".to_string(), 2.5)])
            .collect();
        let solution = model
            .attempt(scenario, &susceptible, &[1500.0], 1e-6)
            .expect("finished");
        model.last(&solution, "effector_brain")
    };
    assert_relative_eq!(with("healthy"), with("dysbiotic"), max_relative = 0.02);
}
