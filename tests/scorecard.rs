//! Scorecards: tables with every error at its place, distances, and the flagship beside its findings.
use approx::assert_relative_eq;
use holobiont::compile::System;
use holobiont::scorecard::{
    Contrast, Outcome, Score, Target, read_quantities, read_targets, score,
};

const HEAD: &str = "id\tclaim\tquantity\tscenario\treference\tsubject\tday\tcontrast\tvalue\tlower\tupper\tlevel\tunit\tnull\tdoi";

fn errors(rows: &str) -> Vec<String> {
    let text = format!("{HEAD}\n{rows}\n");
    let read = read_targets("targets.tsv".as_ref(), &text);
    read.expect_err("a wrong table")
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn rows_without_source_or_interval_are_refused_at_their_place() {
    let row = |change: &[(usize, &str)]| {
        let mut cells: Vec<&str> = "a\tS1\tcrp\tprobiotic\tplacebo\tms\t84\tdifference\t-1.7\t-3\t-0.4\t0.95\tmg/l\tno\t10.1/x".split('\t').collect();
        change.iter().for_each(|(at, word)| cells[*at] = word);
        cells.join("\t")
    };
    let one = |change: &[(usize, &str)]| errors(&row(change));
    assert_eq!(
        one(&[(14, "")]),
        ["targets.tsv, row 2, column doi: the cell is empty"]
    );
    assert_eq!(
        one(&[(9, "")])[0],
        "targets.tsv, row 2, column lower: the cell is empty"
    );
    assert_eq!(
        one(&[(10, "-2")]),
        ["targets.tsv, row 2, column lower: -3 to -2 does not hold the value -1.7"]
    );
    assert_eq!(
        one(&[(8, "much")])[0],
        "targets.tsv, row 2, column value: `much` is no number"
    );
    assert_eq!(
        one(&[(11, "0.68")]),
        ["targets.tsv, row 2, column level: intervals of 95 % (0.95) are needed"]
    );
    assert_eq!(
        one(&[(6, "-1")]),
        ["targets.tsv, row 2, column day: -1 lies before the start"]
    );
    let words = one(&[(7, "diference")]);
    assert!(
        words[0].contains("`diference` is none of difference, ratio")
            && words[0].contains("did you mean `difference`"),
        "{words:?}"
    );
    assert_eq!(
        errors(&format!("{0}\n{0}", row(&[]))),
        ["targets.tsv, row 3, column id: `a` stands twice"]
    );
    let missing = read_targets("t.tsv".as_ref(), "id\tclaims\n").expect_err("columns are missing");
    assert!(
        missing[0]
            .to_string()
            .contains("the column `claim` is missing; did you mean `claims`"),
        "{missing:?}"
    );
    let twice = read_quantities(
        "q.tsv".as_ref(),
        "quantity\tof\tfactor\ncrp\tCRP\t1\ncrp\tcrp\tx\n",
    )
    .expect_err("wrong");
    let texts: Vec<String> = twice.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "q.tsv, row 3, column factor: `x` is no number",
            "q.tsv, row 3, column quantity: `crp` stands twice"
        ]
    );
}

#[test]
fn distances_are_in_half_widths_on_the_side_where_the_model_stands() {
    let target = |contrast: Contrast, value: f64, interval: (f64, f64)| Target {
        id: "a".to_string(),
        claim: "S1".to_string(),
        quantity: "crp".to_string(),
        scenario: "x".to_string(),
        reference: "placebo".to_string(),
        subject: "ms".to_string(),
        day: 1.0,
        contrast,
        value,
        interval,
        unit: "1".to_string(),
        null: false,
        source: "10.1/x".to_string(),
    };
    let difference = target(Contrast::Difference, 1.0, (0.0, 3.0));
    assert_relative_eq!(difference.distance(0.0), -1.0);
    assert_relative_eq!(difference.distance(2.0), 0.5);
    assert_relative_eq!(difference.distance(1.0), 0.0);
    let ratio = target(Contrast::Ratio, 2.0, (1.0, 8.0));
    assert_relative_eq!(ratio.distance(4.0), 0.5, epsilon = 1e-12);
    assert_relative_eq!(ratio.distance(1.0), -1.0, epsilon = 1e-12);
    assert_eq!(ratio.distance(-1.0), f64::NEG_INFINITY);
}

#[test]
fn the_flagship_speaks_of_most_of_its_findings() {
    let model = holobiont::models::get("gut_ms")
        .expect("ships")
        .expect("sound");
    let [targets, quantities] = holobiont::models::scorecard("gut_ms").expect("ships");
    let targets = read_targets("targets.tsv".as_ref(), targets).unwrap_or_else(|e| panic!("{e:?}"));
    let quantities =
        read_quantities("quantities.tsv".as_ref(), quantities).unwrap_or_else(|e| panic!("{e:?}"));
    assert!(targets.len() >= 50);
    // every null is held out, and about a third of the others
    let others: Vec<_> = targets.iter().filter(|t| !t.null).collect();
    let held = others.iter().filter(|t| t.held_out()).count() as f64 / others.len() as f64;
    assert!((0.2..=0.5).contains(&held), "{held}");
    assert!(targets.iter().filter(|t| t.null).all(Target::held_out));
    let equations = model.network.check().expect("sound").equations();
    let system = System::compile(&equations).expect("a system");
    let rows = score(&model, &system, &targets, &quantities);
    assert_eq!(rows.len(), targets.len());
    assert!(
        rows.iter()
            .all(|row| !matches!(row.outcome, Outcome::Failed(_))),
        "{rows:?}"
    );
    let all = Score::of(rows.iter()).expect("it speaks of some");
    assert!(
        all.representable >= 60 && all.distance.is_finite() && (0.0..=1.0).contains(&all.inside)
    );
    // a finding that compares an arm with itself would say nothing
    let same = rows
        .iter()
        .filter(|row| row.target.scenario == row.target.reference);
    assert_eq!(same.count(), 0);
}

/// A quantity that follows a faecal acid with the power 0.5, in a subject whose supply differs by 0.2 of its logarithm.
#[test]
fn an_elasticity_is_diluted_by_what_stool_differs_by_besides() {
    let text = "id = \"toy\"\ntime_unit = \"d\"\n[species.butyrate]\n[parameters.supply]\nunit = \"1\"\nvalue = 3\n[reactions.made]\nrate = \"supply\"\nproduces = { butyrate = 1 }\n[reactions.lost]\nrate = \"butyrate\"\nconsumes = { butyrate = 1 }\n[initial]\nbutyrate = 3\n[observables.y]\nformula = \"butyrate^0.5\"\n[[scenario]]\nid = \"healthy\"\n";
    let model = holobiont::exchange::model::read_text(&holobiont::exchange::model::ModelText {
        model: text,
        ..Default::default()
    });
    let model = model.unwrap_or_else(|errors| panic!("{errors:#?}"));
    let system = System::compile(&model.network.check().expect("sound").equations());
    let system = system.expect("tapes");
    let row = "slope\tS1\ty\thealthy\tbaseline\thealthy\t200\telasticity\t0\t-1\t1\t0.95\td ln / d ln faecal butyrate\tyes\t10.1/x";
    let targets = read_targets("targets.tsv".as_ref(), &format!("{HEAD}\n{row}\n")).expect("sound");
    let slope = |measured: &str| {
        let table = format!("quantity\tof\tfactor\ny\ty\t1\nmoved\tsupply\t0.2\n{measured}");
        let quantities = read_quantities("q.tsv".as_ref(), &table).expect("sound");
        match score(&model, &system, &targets, &quantities)[0].outcome {
            Outcome::Contrast(slope) => slope,
            ref other => panic!("{other:?}"),
        }
    };
    // solved to 1e-6, over a change of a tenth
    assert_relative_eq!(slope(""), 0.5, epsilon = 1e-4);
    // the subject's own variance over the measured one: 0.5 x (0.2 / 0.4)^2
    assert_relative_eq!(slope("measured\tbutyrate\t0.4\n"), 0.125, epsilon = 1e-4);
    // a gut that differs by more than was measured keeps its slope
    assert_relative_eq!(slope("measured\tbutyrate\t0.1\n"), 0.5, epsilon = 1e-4);
    assert_relative_eq!(slope("measured\tacetate\t0.4\n"), 0.5, epsilon = 1e-4);
}

#[test]
fn models_beside_each_other_are_told_apart_where_one_alone_is_inside() {
    let row = |id: &str| {
        format!(
            "{id}\tS1\tcrp\tprobiotic\tplacebo\tms\t84\tdifference\t-1\t-2\t0\t0.95\tmg/l\tno\t10.1/x"
        )
    };
    let rows = ["a", "b", "c"].map(row).join("\n");
    let targets =
        read_targets("targets.tsv".as_ref(), &format!("{HEAD}\n{rows}\n")).expect("sound");
    let says = |contrasts: [f64; 3]| -> Vec<holobiont::scorecard::Scored> {
        let pairs = targets.iter().zip(contrasts);
        pairs
            .map(|(target, contrast)| holobiont::scorecard::Scored {
                target: target.clone(),
                outcome: Outcome::Contrast(contrast),
                band: None,
            })
            .collect()
    };
    // both inside; one alone inside; none inside
    let (own, rival) = (says([-1.0, -1.5, 3.0]), says([-0.5, 2.0, 5.0]));
    let models = [("one", &own[..]), ("other", &rival[..])];
    let text = holobiont::report::beside_text(&models, "holobiont score one --beside other");
    assert!(text.contains("1 of 3 findings do so"), "{text}");
    assert!(text.contains("| **\u{2212}1.5** | 2 (3) |"), "{text}");
}
