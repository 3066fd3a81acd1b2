//! Curves whose states of rest, folds and Hopf points are known as formulas.
use crate::support::{at, diagram, run, system, value};
use holobiont::network::{Network, Parameter, Reaction, Species};
use holobiont::solve::{Along, Branch, ContinuationOptions, Diagram, End, PointKind};

fn values(branch: &Branch, kind: PointKind) -> Vec<f64> {
    branch.of_kind(kind).map(|point| point.value).collect()
}

/// Where a curve passes a value: states by linear interpolation, and stability.
fn crossings(branch: &Branch, value: f64) -> Vec<(f64, bool)> {
    let mut found = Vec::new();
    for pair in branch.points.windows(2) {
        let (a, b) = (pair[0].value - value, pair[1].value - value);
        if a * b < 0.0 {
            let share = a / (a - b);
            let state = pair[0].states[0] + share * (pair[1].states[0] - pair[0].states[0]);
            found.push((state, pair[0].is_stable()));
        }
    }
    found
}

#[test]
fn a_cubic_has_folds_at_two_over_three_root_three_and_three_states_between_them() {
    let system = system(
        &[("x", -1.0, false)],
        &[("r", 0.0)],
        &[("x", "r + x - x^3")],
    );
    let mut diagram = diagram(&system, "r", -1.0, 1.0);
    assert_eq!(diagram.add(&run(&system, 100.0)), Ok(0));
    // the other stable state and the unstable one lie on the same curve
    assert_eq!(diagram.add(&at(&system, &[1.0])), Ok(0));
    assert_eq!(diagram.add(&at(&system, &[0.0])), Ok(0));
    let branch = &diagram.branches()[0];
    assert_eq!(branch.ends, [End::Range, End::Range]);
    let fold = 2.0 / 27f64.sqrt();
    let found = values(branch, PointKind::Fold);
    assert_eq!(found.len(), 2);
    for (found, exact) in found.iter().zip([fold, -fold]) {
        assert!((found - exact).abs() < 1e-6 * fold, "{found}"); // what the method promises
    }
    for point in &branch.points {
        let x = point.states[0];
        let rate = point.value + x - x.powi(3);
        assert!(rate.abs() < 1e-9, "{rate}"); // Newton's method ends at 1e-10 of the states
        if point.kind == PointKind::Regular {
            assert_eq!(point.is_stable(), 3.0 * x * x > 1.0, "{x}");
        }
    }
    // a hundredth off 0, which a point may hit; steps of 0.02 leave 1e-3 to linear interpolation
    let between = crossings(branch, 0.01);
    let stable: Vec<bool> = between.iter().map(|c| c.1).collect();
    assert_eq!(stable, [true, false, true]);
    for ((x, _), exact) in between.iter().zip([-0.994_988, -0.010_001, 1.004_963]) {
        assert!((x - exact).abs() < 1e-3, "{x}");
    }
}

#[test]
fn a_circle_is_followed_once_around() {
    let system = system(
        &[("x", 1.0, false)],
        &[("r", 0.1)],
        &[("x", "1 - x^2 - r^2")],
    );
    let mut diagram = diagram(&system, "r", -2.0, 2.0);
    diagram.add(&run(&system, 100.0)).expect("a curve");
    let branch = &diagram.branches()[0];
    assert_eq!(branch.ends, [End::Closed, End::Closed]);
    let folds = values(branch, PointKind::Fold);
    assert_eq!(folds.len(), 2);
    assert!((folds[0] - 1.0).abs() < 1e-6 && (folds[1] + 1.0).abs() < 1e-6);
    let (first, last) = (&branch.points[0], &branch.points[branch.points.len() - 1]);
    assert_eq!(first.states, last.states);
}

#[test]
fn a_population_ends_where_it_would_become_negative() {
    let system = system(&[("x", 1.0, true)], &[("r", 1.0)], &[("x", "x * (r - x)")]);
    let mut diagram = diagram(&system, "r", -1.0, 2.0);
    diagram.add(&run(&system, 100.0)).expect("a curve");
    let branch = &diagram.branches()[0];
    let negative = End::Negative { state: "x".into() };
    assert_eq!(branch.ends, [negative, End::Range]);
    // the shortest step is 1e-7 of the range
    assert!(
        branch.points[0].value.abs() < 1e-5,
        "{}",
        branch.points[0].value
    );
    assert!(
        branch
            .points
            .iter()
            .all(|p| p.value < 1e-4 || p.is_stable())
    );
}

#[test]
fn nothing_loses_its_stability_to_a_population_at_a_branch_point() {
    let system = system(&[("x", 0.0, true)], &[("r", 1.0)], &[("x", "x * (r - x)")]);
    let mut diagram = diagram(&system, "r", -1.0, 2.0);
    diagram.add(&at(&system, &[0.0])).expect("a curve");
    let branch = &diagram.branches()[0];
    let found = values(branch, PointKind::Branch);
    assert_eq!(found.len(), 1);
    assert!(found[0].abs() < 1e-6, "{}", found[0]); // bisection to 1e-9 of a step
    for point in branch
        .points
        .iter()
        .filter(|p| p.kind == PointKind::Regular)
    {
        assert_eq!(point.states[0], 0.0);
        assert_eq!(point.is_stable(), point.value < 0.0);
    }
}

#[test]
fn the_brusselator_begins_to_oscillate_at_one_plus_a_squared() {
    let system = system(
        &[("x", 1.0, true), ("y", 1.0, true)],
        &[("a", 1.3), ("b", 1.5)],
        &[("x", "a - (b + 1) * x + x^2 * y"), ("y", "b * x - x^2 * y")],
    );
    let mut diagram = diagram(&system, "b", 0.5, 4.0);
    diagram.add(&run(&system, 200.0)).expect("a curve");
    let branch = &diagram.branches()[0];
    let hopf: Vec<_> = branch.of_kind(PointKind::Hopf).collect();
    assert_eq!(hopf.len(), 1);
    assert!(
        (hopf[0].value - (1.0 + 1.3 * 1.3)).abs() < 1e-6,
        "{}",
        hopf[0].value
    );
    // the frequency is a
    assert!(
        (hopf[0].leading.1 - 1.3).abs() < 1e-6,
        "{}",
        hopf[0].leading.1
    );
    for point in branch.points.iter().filter(|p| p.kind != PointKind::Hopf) {
        let unstable = if point.value > 2.69 { 2 } else { 0 };
        assert_eq!(point.unstable, unstable, "{}", point.value);
    }
}

#[test]
fn a_linear_decay_rests_and_its_curve_ends_at_the_bounds_of_the_range() {
    let system = system(&[("x", 5.0, true)], &[("k", 1.0)], &[("x", "2 - k * x")]);
    let mut diagram = diagram(&system, "k", 0.25, 4.0);
    diagram.add(&run(&system, 50.0)).expect("a curve");
    let branch = &diagram.branches()[0];
    assert_eq!(branch.ends, [End::Range, End::Range]);
    let (first, last) = (&branch.points[0], &branch.points[branch.points.len() - 1]);
    assert_eq!((first.value, last.value), (0.25, 4.0));
    assert_eq!((first.kind, last.kind), (PointKind::End, PointKind::End));
    for point in &branch.points {
        // Newton's method ends at 1e-10 of the state
        assert!((point.states[0] * point.value - 2.0).abs() < 1e-9);
        assert!((point.leading.0 + point.value).abs() < 1e-12 && point.is_stable());
    }
}

#[test]
fn a_factor_multiplies_all_its_parameters() {
    let system = system(
        &[("x", 1.0, true)],
        &[("a", 0.5), ("b", 1.5), ("k", 2.0)],
        &[("x", "a + b^2"), ("x", "-k * x")],
    );
    let registers = ["a", "b"].map(|id| system.parameter_index(id).expect("a parameter"));
    let along = Along::Factor(registers.to_vec());
    let mut diagram =
        Diagram::new(&system, along, ContinuationOptions::over(0.5, 2.0)).expect("a range");
    diagram.add(&run(&system, 50.0)).expect("a curve");
    let branch = &diagram.branches()[0];
    for point in &branch.points {
        let factor = point.value;
        let exact = (0.5 * factor + (1.5 * factor).powi(2)) / 2.0;
        assert!((point.states[0] - exact).abs() < 1e-9 * exact); // Newton's method ends at 1e-10
        let registers = branch.registers(factor);
        assert_eq!(registers[..3], [0.5 * factor, 1.5 * factor, 2.0]);
    }
}

#[test]
fn states_of_other_parameters_lie_on_curves_of_their_own() {
    let system = system(
        &[("x", 1.0, true)],
        &[("r", 1.0), ("k", 1.0), ("unread", 1.0)],
        &[("x", "r - k * x")],
    );
    let mut diagram = diagram(&system, "r", 0.5, 2.0);
    assert_eq!(diagram.add(&at(&system, &[1.0])), Ok(0));
    let mut other = at(&system, &[1.0]);
    other.registers[2] = 7.0;
    assert_eq!(diagram.add(&other), Ok(0));
    other.registers[1] = 2.0;
    other.states = vec![0.5];
    assert_eq!(diagram.add(&other), Ok(1));
}

#[test]
fn a_curve_ends_after_the_most_points() {
    let system = system(&[("x", 1.0, true)], &[("r", 1.0)], &[("x", "r - x")]);
    let options = ContinuationOptions {
        most_points: 5,
        ..ContinuationOptions::over(0.5, 2.0)
    };
    let mut diagram = Diagram::new(&system, value(&system, "r"), options).expect("a range");
    diagram.add(&at(&system, &[1.0])).expect("a curve");
    let branch = &diagram.branches()[0];
    assert_eq!(branch.ends, [End::MostPoints, End::MostPoints]);
    assert_eq!(branch.points.len(), 11);
}

#[test]
fn an_algebraic_equation_takes_part_in_rest_and_stability() {
    let mut network = Network::new("algebraic");
    network.species("x", Species::new(2.0)).expect("a new id");
    network.parameter("r", Parameter::new(1.0));
    let unknown = Parameter {
        constant: false,
        ..Parameter::new(1.0)
    };
    network.parameter("z", unknown);
    network
        .reaction("flow", Reaction::rate("r - z").produces("x", 1.0))
        .expect("a new id");
    network.algebraic_rule("z^3 + z - x").expect("a rule");
    let system = network.compile().expect("a sound network");
    assert!(system.mass().contains(&0.0));
    let mut diagram = diagram(&system, "r", 0.5, 2.0);
    diagram.add(&run(&system, 200.0)).expect("a curve");
    let x = system.state_index("x").expect("a state");
    for point in &diagram.branches()[0].points {
        let r = point.value;
        let exact = r.powi(3) + r;
        assert!((point.states[x] - exact).abs() < 1e-8 * exact); // Newton's method ends at 1e-10
        // dz/dx at the point, with a minus
        let slope = -1.0 / (3.0 * r * r + 1.0);
        assert!((point.leading.0 - slope).abs() < 1e-8);
    }
}
