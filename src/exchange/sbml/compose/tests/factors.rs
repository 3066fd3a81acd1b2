//! Conversion factors: of time, of extent, of replaced elements.
use super::*;

/// `full` as `a` with both factors, of minutes and millimoles in a model of seconds and moles.
fn converted(parameters: &str) -> Model {
    let main = format!(
        "<listOfParameters>{parameters}</listOfParameters>{}",
        submodels(
            r#"<comp:submodel comp:id="a" comp:modelRef="full" comp:timeConversionFactor="T" comp:extentConversionFactor="X"/>"#
        )
    );
    sound(&file(&main, &full()))
}

#[test]
fn replacements_form_chains_and_their_factors_multiply() {
    let inner = replaces(
        r#"<comp:replacedElement comp:submodelRef="s" comp:idRef="x" comp:conversionFactor="g"/>
<comp:replacedElement comp:submodelRef="s" comp:idRef="y" comp:conversionFactor="g"/>"#,
    );
    let outer = replaces(
        r#"<comp:replacedElement comp:submodelRef="a" comp:idRef="z" comp:conversionFactor="f"/>"#,
    );
    let main = format!(
        "{}{}",
        parameters(&[("p", &outer), ("f", "")]),
        submodels(&submodel("a", "mid"))
    );
    let middle = mid(&inner).replace(
        "</listOfParameters>",
        r#"<parameter id="g" constant="true"/></listOfParameters>"#,
    );
    let model = sound(&file(&main, &(sub() + &middle)));
    assert_eq!(parameter_ids(&model), ["p", "f", "a__g"]);
    // z g = x and p f = z: what is read is divided, what is assigned is multiplied
    assert_eq!(rule_texts(&model)["p ="], "((((p/f)/a__g)+t)*a__g*f)");
}

#[test]
fn time_and_extent_factors_reach_every_formula_that_depends_on_them() {
    let model = converted(
        r#"<parameter id="T" value="60" constant="true"/><parameter id="X" value="1e-3" constant="true"/>"#,
    );
    let law = model.reactions[0]
        .kinetic_law
        .as_ref()
        .and_then(|l| l.math.as_ref());
    assert_eq!(law.map(text).as_deref(), Some("(((k*a__S)*X)/T)"));
    let event = &model.events[0];
    let part = |math: &Option<Math>| math.as_ref().map_or(String::new(), text);
    let trigger = event.trigger.as_ref().map(|t| part(&t.math));
    assert_eq!(trigger.as_deref(), Some("Greater((t/T), 1)"));
    assert_eq!(
        event.delay.as_ref().map(|d| part(&d.math)).as_deref(),
        Some("(a__k*T)")
    );
    assert_eq!(
        event.priority.as_ref().map(|p| part(&p.math)).as_deref(),
        Some("a__k")
    );
    // a rate of reaction is read in the submodel's own scale
    assert_eq!(event.assignments[0].variable, "a__k");
    assert_eq!(part(&event.assignments[0].math), "((a__J*T)/X)");
    // what species take from their model stays with them
    assert_eq!(model.species[0].conversion_factor.as_deref(), Some("a__c"));
    assert_eq!(model.conversion_factor, None);
}

#[test]
fn rates_are_per_time_of_the_main_model_at_every_level() {
    let rate_of = r#"<apply><csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/rateOf">r</csymbol><ci>x</ci></apply>"#;
    let part = format!(
        r#"<comp:modelDefinition id="part">{}{}</comp:modelDefinition>"#,
        parameters(&[("x", ""), ("y", "")]),
        rules(&(rule("rateRule", "x", "<cn>2</cn>") + &rule("assignmentRule", "y", rate_of)))
    );
    let middle = format!(
        r#"<comp:modelDefinition id="middle">{}{}</comp:modelDefinition>"#,
        parameters(&[("m", "")]),
        submodels(
            r#"<comp:submodel comp:id="s" comp:modelRef="part" comp:timeConversionFactor="m"/>"#
        )
    );
    let inner = replaces(
        r#"<comp:replacedElement comp:submodelRef="a" comp:idRef="s" comp:conversionFactor="f"><comp:sBaseRef comp:idRef="x"/></comp:replacedElement>"#,
    );
    let main = format!(
        "{}{}",
        parameters(&[("h", ""), ("f", ""), ("p", &inner)]),
        submodels(
            r#"<comp:submodel comp:id="a" comp:modelRef="middle" comp:timeConversionFactor="h"/>"#
        )
    );
    let rules = rule_texts(&sound(&file(&main, &(part + &middle))));
    assert_eq!(rules["p' ="], "((2*f)/(h*a__m))");
    assert_eq!(rules["a__s__y ="], "((rateOf(p)/f)*h*a__m)");
}

#[test]
fn a_replaced_reaction_is_read_in_the_scale_of_the_submodel_or_by_its_own_factor() {
    let with = |factor: &str| {
        let main = format!(
            r#"{}<listOfReactions><reaction id="R" reversible="false"><comp:listOfReplacedElements>
<comp:replacedElement comp:submodelRef="a" comp:idRef="J" {factor}/></comp:listOfReplacedElements></reaction></listOfReactions>{}"#,
            parameters(&[("T", ""), ("X", ""), ("f", "")]),
            submodels(
                r#"<comp:submodel comp:id="a" comp:modelRef="full" comp:timeConversionFactor="T" comp:extentConversionFactor="X"/>"#
            )
        );
        let model = sound(&file(&main, &full()));
        assert_eq!(model.reactions.len(), 1);
        model.events[0].assignments[0].math.as_ref().map(text)
    };
    assert_eq!(with("").as_deref(), Some("((R*T)/X)"));
    assert_eq!(
        with(r#"comp:conversionFactor="f""#).as_deref(),
        Some("(R/f)")
    );
}

#[test]
fn a_converted_conversion_factor_of_species_is_a_parameter_of_its_own() {
    let inner = replaces(
        r#"<comp:replacedElement comp:submodelRef="a" comp:idRef="c" comp:conversionFactor="f"/>"#,
    );
    let main = format!(
        "{}{}",
        parameters(&[("d", &inner), ("f", "")]),
        submodels(&submodel("a", "full"))
    );
    let model = sound(&file(&main, &full()));
    assert_eq!(model.species[0].conversion_factor.as_deref(), Some("a__c"));
    let assignment = &model.initial_assignments[0];
    assert_eq!(assignment.symbol, "a__c");
    assert_eq!(assignment.math.as_ref().map(text).as_deref(), Some("(d/f)"));
}

#[test]
fn a_local_parameter_can_be_replaced_and_hides_no_other_name() {
    let inner =
        replaces(r#"<comp:replacedElement comp:submodelRef="a" comp:metaIdRef="J_local"/>"#);
    let main = format!(
        "{}{}",
        parameters(&[("p", &inner)]),
        submodels(&submodel("a", "full"))
    );
    let law = |model: &Model| {
        let law = model.reactions[0].kinetic_law.clone();
        law.and_then(|law| law.math)
            .as_ref()
            .map_or(String::new(), text)
    };
    assert_eq!(law(&sound(&file(&main, &full()))), "(p*a__S)");
    // the factor of time is called k, as the local parameter is
    let main = format!(
        "{}{}",
        parameters(&[("k", "")]),
        submodels(
            r#"<comp:submodel comp:id="a" comp:modelRef="full" comp:timeConversionFactor="k"/>"#
        )
    );
    let model = sound(&file(&main, &full()));
    assert_eq!(law(&model), "((k_*a__S)/k)");
    let local = model.reactions[0]
        .kinetic_law
        .as_ref()
        .map(|law| &law.local_parameters[0]);
    assert_eq!(local.and_then(|p| p.meta.id.as_deref()), Some("k_"));
}
