//! Names, references, deletions, replacements.
use super::*;

#[test]
fn ids_get_the_submodel_before_them_at_every_level() {
    let main = format!(
        "{}{}",
        parameters(&[("x", "")]),
        submodels(&submodel("a", "mid"))
    );
    let model = sound(&file(&main, &(sub() + &mid(""))));
    assert_eq!(parameter_ids(&model), ["x", "a__z", "a__s__x", "a__s__y"]);
    assert_eq!(rule_texts(&model)["a__s__y ="], "(a__s__x+t)");
    assert_eq!(
        model.parameters[2].meta.meta_id.as_deref(),
        Some("a__s__m_x")
    );
}

#[test]
fn a_taken_id_makes_the_prefix_longer() {
    let main = format!(
        "{}{}",
        parameters(&[("a__x", "")]),
        submodels(&(submodel("a", "sub") + &submodel("a_", "sub")))
    );
    let model = sound(&file(&main, &sub()));
    let ids = parameter_ids(&model);
    assert_eq!(ids, ["a__x", "a___x", "a___y", "a____x", "a____y"]);
}

#[test]
fn the_place_of_a_replaced_element_is_free() {
    let inner = replaces(r#"<comp:replacedElement comp:submodelRef="a" comp:idRef="x"/>"#);
    let main = format!(
        "{}{}",
        parameters(&[("a__x", &inner)]),
        submodels(&submodel("a", "sub"))
    );
    assert_eq!(
        parameter_ids(&sound(&file(&main, &sub()))),
        ["a__x", "a__y"]
    );
}

#[test]
fn every_kind_of_reference_reaches_the_element() {
    for way in [
        r#"comp:idRef="x""#,
        r#"comp:metaIdRef="m_x""#,
        r#"comp:portRef="px""#,
        r#"idRef="x""#,
    ] {
        let inner = replaces(&format!(
            r#"<comp:replacedElement comp:submodelRef="a" {way}/>"#
        ));
        let main = format!(
            "{}{}",
            parameters(&[("p", &inner)]),
            submodels(&submodel("a", "sub"))
        );
        let model = sound(&file(&main, &sub()));
        assert_eq!(parameter_ids(&model), ["p", "a__y"], "{way}");
        assert_eq!(rule_texts(&model)["a__y ="], "(p+t)", "{way}");
    }
}

#[test]
fn units_are_replaced_by_their_reference() {
    let main = format!(
        r#"<listOfUnitDefinitions><unitDefinition id="mM"><comp:listOfReplacedElements>
<comp:replacedElement comp:submodelRef="a" comp:unitRef="u"/></comp:listOfReplacedElements></unitDefinition></listOfUnitDefinitions>{}"#,
        submodels(&submodel("a", "part"))
    );
    let part = r#"<comp:modelDefinition id="part"><listOfUnitDefinitions><unitDefinition id="u"/><unitDefinition id="v"/></listOfUnitDefinitions>
<listOfParameters><parameter id="p" units="u" constant="true"/><parameter id="q" units="v" constant="true"/>
<parameter id="r" units="mole" constant="true"/></listOfParameters></comp:modelDefinition>"#;
    let model = sound(&file(&main, part));
    let units: Vec<_> = model
        .parameters
        .iter()
        .map(|p| p.units.as_deref())
        .collect();
    assert_eq!(units, [Some("mM"), Some("a__v"), Some("mole")]);
    assert_eq!(model.units.len(), 2);
}

#[test]
fn nested_references_reach_into_submodels_of_submodels() {
    let inner = replaces(
        r#"<comp:replacedElement comp:submodelRef="a" comp:idRef="s"><comp:sBaseRef comp:idRef="x"/></comp:replacedElement>"#,
    );
    let main = format!(
        "{}{}",
        parameters(&[("p", &inner)]),
        submodels(
            r#"<comp:submodel comp:id="a" comp:modelRef="mid"><comp:listOfDeletions>
<comp:deletion comp:idRef="z"/></comp:listOfDeletions></comp:submodel>"#
        )
    );
    let model = sound(&file(&main, &(sub() + &mid(""))));
    assert_eq!(parameter_ids(&model), ["p", "a__s__y"]);
    assert_eq!(rule_texts(&model)["a__s__y ="], "(p+t)");
}

#[test]
fn an_element_replaced_by_one_of_a_submodel_keeps_its_name() {
    let by = r#"<comp:replacedBy comp:submodelRef="a" comp:idRef="y"/>"#;
    let other = replaces(r#"<comp:replacedElement comp:submodelRef="b" comp:idRef="x"/>"#);
    let main = format!(
        "{}{}{}",
        parameters(&[("p", &(by.to_string() + &other)), ("q", "")]),
        rules(&rule("assignmentRule", "q", "<ci>p</ci>")),
        submodels(&(submodel("a", "sub") + &submodel("b", "sub")))
    );
    let model = sound(&file(&main, &sub()));
    // y of a bears the name p, and p replaces x of b
    assert_eq!(parameter_ids(&model), ["q", "a__x", "p", "b__y"]);
    let rules = rule_texts(&model);
    assert_eq!(rules["q ="], "p");
    assert_eq!(rules["p ="], "(a__x+t)");
    assert_eq!(rules["b__y ="], "(p+t)");
}

#[test]
fn a_reference_to_an_element_replaced_within_its_model_means_the_replacement() {
    let outer = replaces(r#"<comp:replacedElement comp:submodelRef="a" comp:idRef="z"/>"#);
    let main = format!(
        "{}{}",
        parameters(&[("p", &outer)]),
        submodels(&submodel("a", "mid"))
    );
    let middle = mid(r#"<comp:replacedBy comp:submodelRef="s" comp:idRef="y"/>"#);
    let model = sound(&file(&main, &(sub() + &middle)));
    assert_eq!(parameter_ids(&model), ["p", "a__s__x"]);
    assert_eq!(rule_texts(&model)["p ="], "(a__s__x+t)");
}

#[test]
fn deletions_take_elements_with_what_they_hold() {
    let with = |deletions: &str| {
        let main = submodels(&format!(
            r#"<comp:submodel comp:id="a" comp:modelRef="full"><comp:listOfDeletions>{deletions}</comp:listOfDeletions></comp:submodel>"#
        ));
        sound(&file(&main, &full()))
    };
    let delete = |meta: &str| format!(r#"<comp:deletion comp:metaIdRef="{meta}"/>"#);
    assert_eq!(with("<comp:deletion comp:idRef='J'/>").reactions.len(), 0);
    assert!(
        with(&(delete("J_law") + &delete("J_local"))).reactions[0]
            .kinetic_law
            .is_none()
    );
    assert!(with(&delete("J_product")).reactions[0].products.is_empty());
    assert_eq!(with("<comp:deletion comp:idRef='E'/>").events.len(), 0);
    assert!(with(&delete("E_trigger")).events[0].trigger.is_none());
    assert!(with(&delete("E_delay")).events[0].delay.is_none());
    assert!(with(&delete("E_priority")).events[0].priority.is_none());
    assert!(
        with(&delete("E_assignment")).events[0]
            .assignments
            .is_empty()
    );
    // the formula falls back to the parameter of the model
    let law = &with(&delete("J_local")).reactions[0].kinetic_law;
    let formula = law.as_ref().and_then(|law| law.math.as_ref()).map(text);
    assert_eq!(formula.as_deref(), Some("(a__k*a__S)"));
}

#[test]
fn references_to_species_and_their_stoichiometry_are_replaced() {
    let main = format!(
        r#"<listOfSpecies><species id="A" compartment="C" hasOnlySubstanceUnits="true" boundaryCondition="false" constant="false">{}</species></listOfSpecies>
<listOfReactions><reaction id="R" reversible="false"><listOfProducts><speciesReference id="R_A" species="A" stoichiometry="4" constant="true">
{}</speciesReference></listOfProducts></reaction></listOfReactions>{}"#,
        replaces(r#"<comp:replacedElement comp:submodelRef="a" comp:idRef="S"/>"#),
        replaces(r#"<comp:replacedElement comp:submodelRef="a" comp:idRef="J_S"/>"#),
        submodels(&submodel("a", "full"))
    );
    let definition = full().replace("<ci>J</ci>", "<ci>J_S</ci>");
    let model = sound(&file(&main, &definition));
    let product = |reaction: usize| {
        model.reactions[reaction]
            .products
            .first()
            .map(|r| &r.species)
    };
    assert_eq!(product(0).map(String::as_str), Some("A"));
    assert_eq!(product(1), None, "the replaced reference is gone");
    assert_eq!(
        model.events[0].assignments[0]
            .math
            .as_ref()
            .map(text)
            .as_deref(),
        Some("R_A")
    );
}

#[test]
fn functions_are_called_by_their_new_names() {
    let part = format!(
        r#"<comp:modelDefinition id="part"><listOfFunctionDefinitions><functionDefinition id="f">{}</functionDefinition>
<functionDefinition id="g">{}</functionDefinition></listOfFunctionDefinitions>{}{}</comp:modelDefinition>"#,
        math("<lambda><bvar><ci>x</ci></bvar><ci>x</ci></lambda>"),
        math("<lambda><bvar><ci>x</ci></bvar><apply><ci>f</ci><ci>x</ci></apply></lambda>"),
        parameters(&[("x", ""), ("y", "")]),
        rules(&rule(
            "assignmentRule",
            "y",
            "<apply><ci>g</ci><ci>x</ci></apply>"
        ))
    );
    let model = sound(&file(&submodels(&submodel("a", "part")), &part));
    assert_eq!(rule_texts(&model)["a__y ="], "a__g(a__x)");
    assert_eq!(
        model.functions[1].body.as_ref().map(text).as_deref(),
        Some("a__f(x)")
    );
}

#[test]
fn submodels_are_deleted_and_replaced_whole() {
    let main = submodels(
        r#"<comp:submodel comp:id="a" comp:modelRef="mid"><comp:listOfDeletions><comp:deletion comp:idRef="s"/></comp:listOfDeletions></comp:submodel>"#,
    );
    assert_eq!(
        parameter_ids(&sound(&file(&main, &(sub() + &mid(""))))),
        ["a__z"]
    );
    let main = submodels(
        &(submodel("a", "mid")
            + r#"<comp:submodel comp:id="b" comp:modelRef="sub"><comp:listOfReplacedElements>
<comp:replacedElement comp:submodelRef="a" comp:idRef="s"/></comp:listOfReplacedElements></comp:submodel>
<comp:submodel comp:id="c" comp:modelRef="sub"><comp:replacedBy comp:submodelRef="d" comp:idRef="s"/></comp:submodel>"#
            + &submodel("d", "mid")),
    );
    let model = sound(&file(&main, &(sub() + &mid(""))));
    assert_eq!(
        parameter_ids(&model),
        ["a__z", "b__x", "b__y", "d__z", "c__x", "c__y"]
    );
}

#[test]
fn the_main_model_can_be_a_submodel_of_a_definition_that_nobody_uses() {
    let other = format!(
        r#"<comp:modelDefinition id="scenario">{}</comp:modelDefinition>"#,
        submodels(&submodel("m", "main"))
    );
    let main = format!(
        "{}{}",
        parameters(&[("x", "")]),
        submodels(&submodel("a", "sub"))
    );
    assert_eq!(
        parameter_ids(&sound(&file(&main, &(sub() + &other)))),
        ["x", "a__x", "a__y"]
    );
}
