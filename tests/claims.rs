//! Claims: labels by rule, doses, controls, cuts, held states and transplants on a small model; errors; the claims of the flagship.
use approx::assert_relative_eq;
use holobiont::compile::System;
use holobiont::exchange::model::{Model, ModelText, read_text};
use holobiont::scorecard::claims::{
    Claims, Evaluated, Examined, Label, Laboratory, PartFound, Settings, couplings, draws,
    evaluate, examine, labels, read_claims,
};
use holobiont::scorecard::{Target, read_targets};
use std::collections::BTreeSet;

/// A drug makes A; A makes or hinders B, as `e_B_A` says.
const MODEL: &str = r#"
id = "toy"
time_unit = "d"
[inputs.drug]
kind = "step"
unit = "1"
[species.A]
initial = 1
unit = "1"
[species.B]
initial = 1
unit = "1"
[reactions.make_A]
rate = "k * own_A * (1 + gain * drug)"
produces = { A = 1 }
[reactions.lose_A]
rate = "k * A"
consumes = { A = 1 }
[reactions.make_B]
rate = "k * exp(e_B_A * (A - 1))"
produces = { B = 1 }
[reactions.lose_B]
rate = "k * B"
consumes = { B = 1 }
[[scenario]]
id = "healthy"
[[scenario]]
id = "ill"
set = { own_A = 2 }
[[scenario]]
id = "drug"
standing = "predicted"
[scenario.inputs]
drug = [[0, 1]]
"#;

const PARAMETERS: &str = "parameterId\tvalue\tunit\tscale\tlower\tupper
k\t1\t1/d\tlog\t0.5\t2
own_A\t1\t1\tlog\t0.5\t4
gain\t1\t1\tlog\t0.5\t2
e_B_A\t0.3\t1\t\t-1\t1
";

const SHARED: &str = r#"
subjects = ["healthy", "ill"]
settle = 50
[groups]
gut = ["A"]
[cuts]
path = { "e_*_A" = 0 }
[couplings]
prefix = "e_"
subjects = ["healthy", "ill"]
day = 40
outputs = ["A", "B"]
"#;

/// A claim with one part on the drug.
fn claim(id: &str, part: &str) -> String {
    format!(
        "[[claim]]\nid = '{id}'\nstatement = 's'\nkind = 'predicted'\nevidence = 'open'\nstanding = 's'\nsources = ['10.1/x']\n\
         [[claim.part]]\nid = 'p'\nsays = 'p'\nsubject = 'healthy'\narm = {{ scenario = 'drug' }}\nleast = 0.05\n{part}\n"
    )
}

/// B under the drug, upwards.
const B_UP: &str = "read = { quantity = 'B', day = 30 }\ndirection = 'up'";

struct Toy {
    model: Model,
    system: System,
}

impl Toy {
    fn new() -> Toy {
        let text = ModelText {
            model: MODEL,
            parameters: Some(PARAMETERS),
            ..ModelText::default()
        };
        let model = read_text(&text).unwrap_or_else(|errors| panic!("{errors:?}"));
        let system = model.network.compile().expect("a system");
        Toy { model, system }
    }

    fn claims(&self, claims: &[String], targets: &[Target]) -> Claims {
        let text = format!("{SHARED}{}", claims.concat());
        let read = read_claims(
            "claims.toml".as_ref(),
            &text,
            &self.model,
            &self.system,
            targets,
        );
        read.unwrap_or_else(|errors| panic!("{errors:#?}"))
    }

    fn errors(&self, text: &str) -> Vec<String> {
        let read = read_claims("claims.toml".as_ref(), text, &self.model, &self.system, &[]);
        let errors = read.expect_err("a wrong table");
        errors.iter().map(ToString::to_string).collect()
    }

    fn laboratory<'a>(&'a self, claims: &'a Claims, threads: usize) -> Laboratory<'a> {
        let settings = Settings {
            threads: Some(threads),
            ..Settings::default()
        };
        Laboratory {
            model: &self.model,
            system: &self.system,
            claims,
            settings,
        }
    }

    fn ask(&self, claims: &Claims) -> (Vec<Evaluated>, Vec<Examined>) {
        let laboratory = self.laboratory(claims, 1);
        let vectors = draws(&self.model, &self.system, claims, 60, 7);
        let own = self.system.parameters();
        (evaluate(&laboratory, &vectors), examine(&laboratory, own))
    }

    fn label(&self, claim: String, targets: &[Target]) -> (Label, String) {
        let claims = self.claims(&[claim], targets);
        let (evaluated, examined) = self.ask(&claims);
        let labelled = labels(&self.model, &claims, (targets, &[]), &evaluated, &examined);
        let texts = [&labelled[0].reasons[..], &labelled[0].failings[..]].concat();
        (labelled[0].label, texts.join("; "))
    }

    fn part(&self, part: &str) -> PartFound {
        let claims = self.claims(&[claim("X", part)], &[]);
        let mut examined = examine(&self.laboratory(&claims, 1), self.system.parameters());
        examined.remove(0).parts.remove(0)
    }
}

fn target(id: &str) -> Target {
    let head = "id\tclaim\tquantity\tscenario\treference\tsubject\tday\tcontrast\tvalue\tlower\tupper\tlevel\tunit\tnull\tdoi";
    let row = format!("{id}\tX\tb\tdrug\tplacebo\thealthy\t1\tratio\t2\t1\t3\t0.95\t1\tno\t10.1/x");
    let read = read_targets("targets.tsv".as_ref(), &format!("{head}\n{row}\n"));
    read.unwrap_or_else(|e| panic!("{e:?}")).remove(0)
}

#[test]
fn labels_follow_the_rule() {
    let toy = Toy::new();
    let label = |part: &str| toy.label(claim("X", part), &[]);
    // whatever the numbers are, the drug makes A
    let (built_in, why) = label("read = { quantity = 'A', day = 30 }\ndirection = 'up'");
    assert_eq!(
        (built_in, why.as_str()),
        (Label::BuiltIn, "60 of 60 draws show it")
    );
    let cut = "[[claim.part.ablation]]\nsays = 'no path'\ncut = ['path']";
    let control = "[[claim.part.control]]\nsays = 'nothing'\narm = {}";
    let (predicted, why) = label(&format!("{B_UP}\n{cut}\n{control}"));
    assert_eq!((predicted, why.as_str()), (Label::Predicted, ""));
    let (contradicted, why) = label("read = { quantity = 'B', day = 30 }\ndirection = 'down'");
    assert_eq!(
        (contradicted, why.as_str()),
        (Label::Contradicted, "p: the other direction")
    );
    let (contradicted, why) = label("read = { quantity = 'B', day = 0 }\ndirection = 'up'");
    assert_eq!(
        (contradicted, why.as_str()),
        (Label::Contradicted, "p: no effect that counts")
    );
    let (either, _) = label("read = { quantity = 'B', day = 30 }\ndirection = 'either'");
    assert_eq!(either, Label::BuiltIn);
    let moved = "[[claim.part.control]]\nsays = 'the drug again'";
    let (contradicted, why) = label(&format!("{B_UP}\n{moved}"));
    assert_eq!(contradicted, Label::Contradicted);
    assert!(
        why.contains("the control is not null: the drug again"),
        "{why}"
    );
    let beside = "[[claim.part.ablation]]\nsays = 'beside the path'\nset = { k = 1.5 }";
    let (contradicted, why) = label(&format!("{B_UP}\n{beside}"));
    assert_eq!(contradicted, Label::Contradicted);
    assert!(
        why.contains("the effect stays without its path: beside the path"),
        "{why}"
    );
    let (failed, why) = label(
        "contrast = 'ratio'\nread = { quantity = 'A', day = 30 }\ndirection = 'up'\nwith = { hold = { A = 0 } }",
    );
    assert_eq!(failed, Label::NotRepresentable);
    assert!(why.contains("has no logarithm"), "{why}");
    let without = "[[claim]]\nid = 'X'\nstatement = 's'\nkind = 'predicted'\nevidence = 'open'\nstanding = 's'\nsources = ['10.1/x']\ncannot = 'one state of A'\n";
    let (not, why) = toy.label(without.to_string(), &[]);
    assert_eq!(
        (not, why.as_str()),
        (Label::NotRepresentable, "one state of A")
    );
}

#[test]
fn a_finding_that_may_be_fitted_to_makes_a_claim_calibrated() {
    let toy = Toy::new();
    let targets: Vec<Target> = (0..20).map(|i| target(&format!("finding_{i}"))).collect();
    let fitted = targets.iter().find(|t| !t.held_out()).expect("two thirds");
    let held = targets.iter().find(|t| t.held_out()).expect("a third");
    let with = |id: &str| {
        let sources = format!("sources = ['10.1/x']\nfindings = ['{id}']");
        let text = claim("X", B_UP).replace("sources = ['10.1/x']", &sources);
        toy.label(text, &targets).0
    };
    assert_eq!(with(&fitted.id), Label::Calibrated);
    assert_eq!(with(&held.id), Label::Predicted);
    // behaviour that a calibration is asked for is fitted, whatever its digest
    let claims = toy.claims(&[claim("X", B_UP)], &[]);
    let (evaluated, examined) = toy.ask(&claims);
    let label = |behaviour: &[Target]| {
        let labelled = labels(&toy.model, &claims, (&[], behaviour), &evaluated, &examined);
        (labelled[0].label, labelled[0].reasons.join("; "))
    };
    let asked = [held.clone()];
    let why = format!("the calibration was asked for it: {}", held.id);
    assert_eq!(label(&asked), (Label::Calibrated, why));
    let other = Target {
        claim: "Y".to_string(),
        ..held.clone()
    };
    assert_eq!(label(&[other]).0, Label::Predicted);
}

#[test]
fn effects_doses_cuts_and_controls_have_their_numbers() {
    let toy = Toy::new();
    let dose = "[claim.part.dose]\nsays = 'dose'\nlevels = [0.5, 1, 2]";
    let cut = "[[claim.part.ablation]]\nsays = 'no path'\ncut = ['path']";
    let still = "[[claim.part.ablation]]\nsays = 'A held'\nhold = ['gut']\nmust = false";
    let found = toy.part(&format!("{B_UP}\n{dose}\n{cut}\n{still}"));
    // at rest A = 1 + drug and ln B = 0.3 (A - 1)
    assert_relative_eq!(found.effect.clone().expect("solved"), 0.3, epsilon = 1e-3);
    let levels: Vec<f64> = (found.doses.iter())
        .map(|dosed| dosed.effect.clone().expect("solved"))
        .collect();
    for (effect, expected) in levels.iter().zip([0.15, 0.3, 0.6]) {
        assert_relative_eq!(*effect, expected, epsilon = 1e-3);
    }
    assert_eq!(found.rises, Some(true));
    assert_eq!(found.cuts[0].gone, Some(true));
    assert!(found.cuts[1].effect.clone().expect("solved").abs() < 1e-3);
    let turned = toy.part(&format!("{}\n{dose}", B_UP.replace("'up'", "'down'")));
    assert_eq!(turned.rises, Some(false));
}

#[test]
fn states_are_held_and_moved() {
    let toy = Toy::new();
    let ratio = |part: &str| {
        // the drug makes way for another arm
        let text = claim("X", &format!("direction = 'up'\n{part}"));
        let text = text.replace("arm = { scenario = 'drug' }\n", "");
        let claims = toy.claims(&[text], &[]);
        let examined = examine(&toy.laboratory(&claims, 1), toy.system.parameters());
        examined[0].parts[0].effect.clone().expect("solved").exp()
    };
    let read = "read = { quantity = 'A', day = 0 }";
    let held = ratio("arm = { hold = { gut = 3 } }\nread = { quantity = 'A', day = 20 }");
    assert_relative_eq!(held, 3.0, epsilon = 1e-3);
    let moved = "arm.transplant = { donor = 'ill', replaces = { gut = 0.5 }";
    assert_relative_eq!(ratio(&format!("{moved} }}\n{read}")), 1.5, epsilon = 1e-3);
    let killed = ratio(&format!("{moved}, alive = 0 }}\n{read}"));
    assert_relative_eq!(killed, 0.5, epsilon = 1e-3);
    let own = "arm.transplant = { donor = 'self', replaces = { gut = 0.9 } }";
    assert_relative_eq!(ratio(&format!("{own}\n{read}")), 1.0, epsilon = 1e-3);
    let other = ratio(&format!("arm = {{ subject = 'ill' }}\n{read}"));
    assert_relative_eq!(other, 2.0, epsilon = 1e-3);
    let set = ratio(
        "arm = { add = { gain = 1 }, multiply = { k = 2 }, inputs = { drug = [[0, 0.5]] } }\nread = { quantity = 'A', day = 30 }",
    );
    assert_relative_eq!(set, 2.0, epsilon = 1e-3);
}

#[test]
fn draws_stay_within_their_ranges_and_spare_what_is_the_subjects_own() {
    let toy = Toy::new();
    let claims = toy.claims(&[claim("X", B_UP)], &[]);
    let twenty = draws(&toy.model, &toy.system, &claims, 20, 3);
    assert_eq!(
        draws(&toy.model, &toy.system, &claims, 10, 3)[..],
        twenty[..10]
    );
    assert_ne!(
        draws(&toy.model, &toy.system, &claims, 10, 4)[..],
        twenty[..10]
    );
    let at = |id: &str| toy.system.parameter_index(id).expect("a parameter");
    assert!(twenty.iter().all(|v| v[at("own_A")] == 1.0));
    assert!(twenty.iter().all(|v| (0.5..=2.0).contains(&v[at("gain")])));
    let signs: BTreeSet<bool> = twenty.iter().map(|v| v[at("e_B_A")] > 0.0).collect();
    assert_eq!(signs.len(), 2);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let toy = Toy::new();
    let everywhere =
        "[[claim.part.ablation]]\nsays = 'A held'\nhold = ['gut']\nmust = false\neverywhere = true";
    let part = format!("{B_UP}\n{everywhere}");
    let claims = toy.claims(&[claim("X", &part), claim("Y", B_UP)], &[]);
    let vectors = draws(&toy.model, &toy.system, &claims, 70, 1);
    let one = evaluate(&toy.laboratory(&claims, 1), &vectors);
    assert_eq!(one, evaluate(&toy.laboratory(&claims, 2), &vectors));
    let share = one[0].share.expect("it has parts");
    assert_eq!((share.finished, share.failed), (70, 0));
    assert_eq!(one[1].share, one[0].share);
    let [low, middle, high] = one[0].cuts[0].lost.expect("some show it");
    assert!(low > 0.9 && middle > 0.9 && high < 1.1);
    assert_eq!(one[0].cuts[0].of, share.shown);
}

#[test]
fn a_vector_that_cannot_be_solved_is_counted() {
    let toy = Toy::new();
    let claims = toy.claims(&[claim("X", B_UP)], &[]);
    let mut vector = toy.system.parameters().to_vec();
    vector[toy.system.parameter_index("k").expect("k")] = f64::NAN;
    let vectors = [toy.system.parameters().to_vec(), vector];
    let evaluated = evaluate(&toy.laboratory(&claims, 1), &vectors);
    let share = evaluated[0].share.expect("it has parts");
    assert_eq!((share.shown, share.finished, share.failed), (1, 1, 1));
}

#[test]
fn couplings_are_cut_one_after_the_other() {
    let toy = Toy::new();
    let claims = toy.claims(&[], &[]);
    let table = couplings(&toy.laboratory(&claims, 1), toy.system.parameters()).expect("asked");
    assert_eq!(table.rows.len(), 1);
    let row = &table.rows[0];
    assert_eq!((row.id.as_str(), row.value), ("e_B_A", 0.3));
    let changes: Vec<f64> = row.changes.iter().map(|c| c.expect("solved")).collect();
    // A of both, and B of the healthy subject, stay; B of the ill one loses exp(0.3)
    for (change, expected) in changes.iter().zip([0.0, 0.0, 0.0, (-0.3f64).exp() - 1.0]) {
        assert_relative_eq!(*change, expected, epsilon = 1e-3);
    }
}

#[test]
fn errors_name_file_and_key() {
    let toy = Toy::new();
    let one = |part: &str| toy.errors(&format!("{SHARED}{}", claim("X", part)));
    let key = "claims.toml, claim `X`, part `p`";
    assert_eq!(
        one("read = { quantity = 'b', day = 1 }\ndirection = 'up'"),
        [format!(
            "{key}, read.quantity: there is no state or observable `b`; did you mean `B`?"
        )]
    );
    let arm = |arm: &str| {
        let text = claim("X", B_UP).replace("arm = { scenario = 'drug' }", arm);
        toy.errors(&format!("{SHARED}{text}"))
    };
    assert_eq!(
        arm("arm = { scenario = 'drugs' }"),
        [format!(
            "{key}, arm.scenario: there is no scenario `drugs`; did you mean `drug`?"
        )]
    );
    assert_eq!(
        arm("arm = { set = { gian = 1 } }"),
        [format!(
            "{key}, arm: there is no parameter `gian`; did you mean `gain`?"
        )]
    );
    assert_eq!(
        arm("arm = { inputs = { dug = [[0, 1]] } }"),
        [format!(
            "{key}, arm.inputs: there is no input `dug`; did you mean `drug`?"
        )]
    );
    assert_eq!(
        arm("arm = { hold = { gutt = 1 } }"),
        [format!(
            "{key}, arm.hold: there is no state or group `gutt`; did you mean `gut`?"
        )]
    );
    assert_eq!(
        arm("arm.transplant = { donor = 'sick', replaces = { gut = 2 } }").len(),
        2
    );
    let without = claim("X", B_UP).replace("sources = ['10.1/x']\n", "");
    assert_eq!(
        toy.errors(&format!("{SHARED}{without}")),
        ["claims.toml, claim `X`: it needs sources or findings"]
    );
    let finding = claim("X", B_UP).replace("sources = ", "findings = ");
    assert_eq!(
        toy.errors(&format!("{SHARED}{finding}")),
        ["claims.toml, claim `X`, findings: there is no finding `10.1/x`"]
    );
    let cut = "[[claim.part.ablation]]\nsays = 'x'\nset = { 'e_*_Z' = 0 }";
    let errors = one(&format!("{B_UP}\n{cut}"));
    assert!(
        errors[0].contains("ablation: no parameter fits `e_*_Z`"),
        "{errors:?}"
    );
    let unknown = one(&format!("{B_UP}\nlevels = [1]"));
    assert!(
        unknown[0].starts_with("claims.toml: ") && unknown[0].contains("unknown field `levels`"),
        "{unknown:?}"
    );
    let subject = SHARED.replace("\"ill\"]\nsettle", "\"il\"]\nsettle");
    assert_eq!(
        toy.errors(&subject)[0],
        "claims.toml, subjects: there is no scenario `il`; did you mean `ill`?"
    );
}

#[test]
fn the_claims_of_the_flagship_read_and_their_table_is_of_them() {
    let model = holobiont::models::get("gut_ms")
        .expect("ships")
        .expect("sound");
    let system = model.network.compile().expect("a system");
    let table = |file: &str| holobiont::models::table("gut_ms", file).expect("ships");
    let targets = read_targets("targets.tsv".as_ref(), table("targets.tsv"));
    let targets = targets.unwrap_or_else(|e| panic!("{e:?}"));
    let file = "models/gut_ms/claims.toml";
    let claims = read_claims(
        file.as_ref(),
        table("claims.toml"),
        &model,
        &system,
        &targets,
    );
    let claims = claims.unwrap_or_else(|errors| panic!("{errors:#?}"));
    let ids: Vec<String> = claims.list.iter().map(|claim| claim.id.clone()).collect();
    let expected: Vec<String> = (1..=14).map(|number| format!("S{number}")).collect();
    assert_eq!(ids, expected);
    for claim in &claims.list {
        let required: Vec<_> = claim.parts.iter().filter(|part| part.required).collect();
        let some = |found: bool, what: &str| assert!(found, "{} has no {what}", claim.id);
        some(required.iter().any(|part| part.dose.is_some()), "dose");
        some(
            required.iter().any(|part| !part.ablations.is_empty()),
            "ablation",
        );
        some(
            required.iter().any(|part| !part.controls.is_empty()),
            "control",
        );
        // the generated table says what the claims say
        let line = format!("{}\t{}\t", claim.id, claim.statement);
        let generated = table("claims.tsv").lines().filter(|l| l.starts_with(&line));
        assert_eq!(
            generated.count(),
            claim.parts.len(),
            "{}: generate it again",
            claim.id
        );
    }
}
