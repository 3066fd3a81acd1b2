//! The model stein2013 against the published numbers and the analysis of its fixed points.
use approx::assert_relative_eq;
use holobiont::library::LotkaVolterra;
use holobiont::network::Equations;
use nalgebra::{DMatrix, DVector};

fn model() -> holobiont::exchange::model::Model {
    holobiont::models::get("stein2013")
        .expect("a model of this name")
        .expect("a sound model")
}

fn taxa(equations: &Equations) -> Vec<String> {
    equations.states.iter().map(|s| s.id.clone()).collect()
}

/// mu and M of the model's parameters.
fn community(equations: &Equations) -> (DVector<f64>, DMatrix<f64>) {
    let value = |id: &str| {
        equations
            .parameters
            .iter()
            .find(|p| p.id == id)
            .expect("a parameter of the model")
            .value
    };
    let taxa = taxa(equations);
    let mu = DVector::from_iterator(
        taxa.len(),
        taxa.iter().map(|t| value(&LotkaVolterra::growth(t))),
    );
    let m = DMatrix::from_fn(taxa.len(), taxa.len(), |i, j| {
        value(&LotkaVolterra::interaction(&taxa[i], &taxa[j]))
    });
    (mu, m)
}

/// Rows of a table of `expected/`, as text.
fn table(text: &str) -> Vec<Vec<String>> {
    text.lines()
        .map(|line| line.split('\t').map(str::to_string).collect())
        .collect()
}

#[test]
fn stein2013_has_143_parameters_with_source_unit_and_evidence() {
    let model = model();
    let parameters = model.network.all_parameters();
    assert_eq!(parameters.len(), 143);
    for (id, parameter) in parameters {
        assert_eq!(
            parameter.source.as_deref(),
            Some("10.1371/journal.pcbi.1003388"),
            "{id}"
        );
        assert!(
            parameter.unit.is_some() && parameter.evidence.is_some() && parameter.value.is_some(),
            "{id}"
        );
    }
}

#[test]
fn of_2048_sets_of_taxa_553_are_feasible_and_the_two_expected_states_are_stable() {
    let equations = model()
        .network
        .check()
        .expect("a sound network")
        .equations();
    let (mu, m) = community(&equations);
    let n = mu.len();
    // the empty set counts as feasible; it is unstable, every taxon grows alone
    let (mut feasible, mut stable) = (1, Vec::new());
    for set in 1_usize..1 << n {
        let present: Vec<usize> = (0..n).filter(|i| set >> i & 1 == 1).collect();
        let sub = m.select_rows(&present).select_columns(&present);
        let growth = DVector::from_iterator(present.len(), present.iter().map(|i| -mu[*i]));
        let Some(part) = sub.lu().solve(&growth) else {
            continue;
        };
        if part.iter().any(|x| *x <= 0.0) {
            continue;
        }
        feasible += 1;
        let mut x = DVector::zeros(n);
        present
            .iter()
            .zip(part.iter())
            .for_each(|(i, value)| x[*i] = *value);
        let jacobian = DMatrix::from_diagonal(&(&mu + &m * &x)) + DMatrix::from_diagonal(&x) * &m;
        let leading = jacobian
            .complex_eigenvalues()
            .iter()
            .map(|e| e.re)
            .fold(f64::NEG_INFINITY, f64::max);
        if leading < 0.0 {
            stable.push((x, leading));
        }
    }
    assert_eq!(feasible, 553);
    assert_eq!(stable.len(), 2);
    let expected = table(include_str!(
        "../models/stein2013/expected/stable_states.tsv"
    ));
    let taxa = taxa(&equations);
    for row in &expected[1..] {
        let number = |column: &str| -> f64 {
            let at = expected[0]
                .iter()
                .position(|c| c == column)
                .expect("a column");
            row[at].parse().expect("a number")
        };
        let (x, leading) = (stable.iter())
            .find(|(x, _)| {
                taxa.iter()
                    .enumerate()
                    .all(|(i, taxon)| (x[i] - number(taxon)).abs() < 1e-5)
            })
            .unwrap_or_else(|| panic!("no stable state is `{}`", row[0]));
        // the table's digits: six decimals of densities, four or five of eigenvalues
        assert!(
            taxa.iter()
                .enumerate()
                .all(|(i, taxon)| (x[i] - number(taxon)).abs() < 2e-6)
        );
        assert_relative_eq!(*leading, number("leading_eigenvalue"), epsilon = 5e-5);
    }
}

#[test]
fn the_right_hand_side_is_the_lotka_volterra_equation() {
    let equations = model()
        .network
        .check()
        .expect("a sound network")
        .equations();
    let (mu, m) = community(&equations);
    let taxa = taxa(&equations);
    let x = DVector::from_fn(taxa.len(), |i, _| 0.1 + 0.05 * i as f64);
    let growth = &mu + &m * &x;
    for drug in [0.0, 1.0] {
        let values = |id: &str| {
            let state = taxa.iter().position(|t| t == id).map(|i| x[i]);
            let parameter = || {
                equations
                    .parameters
                    .iter()
                    .find(|p| p.id == id)
                    .map(|p| p.value)
            };
            state
                .or_else(parameter)
                .or((id == "clindamycin").then_some(drug))
        };
        for (i, state) in equations.states.iter().enumerate() {
            let susceptibility = values(&LotkaVolterra::susceptibility(&state.id, "clindamycin"))
                .expect("a parameter");
            let derivative = equations
                .graph
                .evaluate(state.right_hand_side, &values, 0.0)
                .expect("all symbols have values");
            // rounding alone: twelve terms of order 1
            assert_relative_eq!(
                derivative,
                x[i] * (growth[i] + drug * susceptibility),
                epsilon = 1e-14,
                max_relative = 1e-13
            );
        }
    }
}
