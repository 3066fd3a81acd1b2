//! Small hierarchies, one for each construct: the flat models that they mean. Formulas are compared as texts.
use super::super::document::{Model, Rule, RuleKind};
use super::super::error::SbmlError;
use super::super::math::{Math, Operator};
use super::super::{SbmlModel, read as read_file, read_text};
use super::compose;
use std::collections::BTreeMap;

/// A file with a main model and definitions.
fn file(main: &str, definitions: &str) -> String {
    format!(
        r#"<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2"
 xmlns:comp="http://www.sbml.org/sbml/level3/version1/comp/version1" comp:required="true">
 <model id="main">{main}</model>
 <comp:listOfModelDefinitions>{definitions}</comp:listOfModelDefinitions>
</sbml>"#
    )
}

fn submodels(inner: &str) -> String {
    format!("<comp:listOfSubmodels>{inner}</comp:listOfSubmodels>")
}
fn submodel(id: &str, model: &str) -> String {
    format!(r#"<comp:submodel comp:id="{id}" comp:modelRef="{model}"/>"#)
}
fn replaces(inner: &str) -> String {
    format!("<comp:listOfReplacedElements>{inner}</comp:listOfReplacedElements>")
}
/// Parameters that vary, each with what it replaces.
fn parameters(list: &[(&str, &str)]) -> String {
    let items = list.iter().map(|(id, inner)| {
        format!(
            r#"<parameter id="{id}" metaid="m_{id}" value="1" constant="false">{inner}</parameter>"#
        )
    });
    format!(
        "<listOfParameters>{}</listOfParameters>",
        items.collect::<String>()
    )
}
fn math(inner: &str) -> String {
    format!(r#"<math xmlns="http://www.w3.org/1998/Math/MathML">{inner}</math>"#)
}
fn rules(inner: &str) -> String {
    format!("<listOfRules>{inner}</listOfRules>")
}
/// A rule of a kind for a variable; its metaid is `r_VARIABLE`.
fn rule(kind: &str, variable: &str, inner: &str) -> String {
    let math = math(inner);
    format!(r#"<{kind} metaid="r_{variable}" variable="{variable}">{math}</{kind}>"#)
}
const TIME: &str =
    r#"<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">t</csymbol>"#;

fn flat(text: &str) -> Result<Model, Vec<SbmlError>> {
    let document = super::super::read::read(text).map_err(|error| vec![error])?;
    compose(document, None)
}
fn sound(text: &str) -> Model {
    flat(text).expect("a sound hierarchy")
}
fn refused(text: &str) -> Vec<String> {
    let errors = flat(text).expect_err("a wrong hierarchy");
    errors.iter().map(ToString::to_string).collect()
}

fn text(math: &Math) -> String {
    let list = |list: &[Math], join: &str| list.iter().map(text).collect::<Vec<_>>().join(join);
    match math {
        Math::Number(value) => value.to_string(),
        Math::Name(name, _) => name.clone(),
        Math::Time => "t".to_string(),
        Math::RateOf(name, _) => format!("rateOf({name})"),
        Math::Call(name, _, arguments) => format!("{name}({})", list(arguments, ", ")),
        Math::Apply(Operator::Times, operands) => format!("({})", list(operands, "*")),
        Math::Apply(Operator::Divide, operands) => format!("({})", list(operands, "/")),
        Math::Apply(Operator::Plus, operands) => format!("({})", list(operands, "+")),
        Math::Apply(operator, operands) => format!("{operator:?}({})", list(operands, ", ")),
        Math::Piecewise(..) => "piecewise".to_string(),
    }
}
fn rule_texts(model: &Model) -> BTreeMap<String, String> {
    let one = |rule: &Rule| {
        let sign = if rule.kind == RuleKind::Rate {
            "' ="
        } else {
            " ="
        };
        let formula = rule.math.as_ref().map_or(String::new(), text);
        (format!("{}{sign}", rule.variable), formula)
    };
    model.rules.iter().map(one).collect()
}
fn parameter_ids(model: &Model) -> Vec<&str> {
    let ids = model.parameters.iter().filter_map(|p| p.meta.id.as_deref());
    ids.collect()
}

/// A model `sub` with x, y, an assignment y = x + t, and ports `px`, `py`.
fn sub() -> String {
    let rule = rule(
        "assignmentRule",
        "y",
        &format!("<apply><plus/><ci>x</ci>{TIME}</apply>"),
    );
    format!(
        r#"<comp:modelDefinition id="sub">{}{}<comp:listOfPorts>
<comp:port comp:id="px" comp:idRef="x"/><comp:port comp:id="py" comp:metaIdRef="m_y"/></comp:listOfPorts></comp:modelDefinition>"#,
        parameters(&[("x", ""), ("y", "")]),
        rules(&rule)
    )
}
/// A model `mid` with `sub` as `s` and a parameter z with what it replaces.
fn mid(inner: &str) -> String {
    format!(
        r#"<comp:modelDefinition id="mid">{}{}</comp:modelDefinition>"#,
        parameters(&[("z", inner)]),
        submodels(&submodel("s", "sub"))
    )
}

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
    assert_eq!(
        with(&(delete("J_law") + &delete("J_local"))).reactions[0]
            .kinetic_law
            .is_none(),
        true
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

/// A reaction J: -> S with a local k, and an event E with all that events have.
fn full() -> String {
    let law = math("<apply><times/><ci>k</ci><ci>S</ci></apply>");
    format!(
        r#"<comp:modelDefinition id="full" conversionFactor="c">
<listOfCompartments><compartment id="C" size="1" constant="true"/></listOfCompartments>
<listOfSpecies><species id="S" compartment="C" initialAmount="1" hasOnlySubstanceUnits="true" boundaryCondition="false" constant="false"/></listOfSpecies>
<listOfParameters><parameter id="k" value="3" constant="false"/><parameter id="c" value="1" constant="true"/></listOfParameters>
<listOfReactions><reaction id="J" reversible="false"><listOfProducts>
<speciesReference id="J_S" metaid="J_product" species="S" stoichiometry="1" constant="true"/></listOfProducts>
<kineticLaw metaid="J_law">{law}<listOfLocalParameters><localParameter metaid="J_local" id="k" value="2"/></listOfLocalParameters></kineticLaw></reaction></listOfReactions>
<listOfEvents><event id="E" useValuesFromTriggerTime="true"><trigger metaid="E_trigger" initialValue="true" persistent="true">{}</trigger>
<priority metaid="E_priority">{}</priority><delay metaid="E_delay">{}</delay>
<listOfEventAssignments><eventAssignment metaid="E_assignment" variable="k">{}</eventAssignment></listOfEventAssignments></event></listOfEvents>
</comp:modelDefinition>"#,
        math(&format!("<apply><gt/>{TIME}<cn>1</cn></apply>")),
        math("<ci>k</ci>"),
        math("<ci>k</ci>"),
        math("<ci>J</ci>"),
    )
}

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
fn time_and_extent_factors_reach_every_formula_that_depends_on_them() {
    let model = converted(
        r#"<parameter id="T" value="60" constant="true"/><parameter id="X" value="1e-3" constant="true"/>"#,
    );
    let law = model.reactions[0]
        .kinetic_law
        .as_ref()
        .and_then(|l| l.math.as_ref());
    assert_eq!(
        law.map(text).as_deref(),
        Some("((k*a__S)*X/T)").map(|_| "(((k*a__S)*X)/T)")
    );
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

#[test]
fn circles_and_floods_are_refused_with_their_chain() {
    let define = |id: &str, inner: &str| {
        format!(
            r#"<comp:modelDefinition id="{id}">{}</comp:modelDefinition>"#,
            submodels(inner)
        )
    };
    let circle = define("A", &submodel("b", "B")) + &define("B", &submodel("m", "main"));
    let errors = refused(&file(&submodels(&submodel("a", "A")), &circle));
    assert!(errors[0].contains("main -> A -> B -> main"), "{errors:?}");
    assert!(errors[0].contains("submodel `m`"), "{errors:?}");

    let doubled =
        |k: usize| submodel("l", &format!("m{}", k + 1)) + &submodel("r", &format!("m{}", k + 1));
    let levels: String = (0..60)
        .map(|k| define(&format!("m{k}"), &doubled(k)))
        .collect();
    let flood = levels + r#"<comp:modelDefinition id="m60"/>"#;
    let errors = refused(&file(&submodels(&submodel("a", "m0")), &flood));
    assert!(
        errors[0].contains("more than 500000 elements"),
        "{errors:?}"
    );

    let deep: String = (0..10_000)
        .map(|k| define(&format!("m{k}"), &submodel("s", &format!("m{}", k + 1))))
        .collect();
    let errors = refused(&file(&submodels(&submodel("a", "m0")), &deep));
    assert!(errors[0].contains("more than 100 levels"), "{errors:?}");
}

#[test]
fn factors_of_factors_that_double_at_every_level_are_refused() {
    // x and y of a level are both x by y of the level above
    let level = |k: usize| {
        let both = ["x", "y"].map(|id| {
            replaces(&format!(
                r#"<comp:replacedElement comp:submodelRef="s" comp:idRef="{id}" comp:conversionFactor="{}"/>"#,
                if id == "x" { "y" } else { "x" }
            ))
        });
        let inner = format!(
            "{}{}",
            parameters(&[("x", &both[0]), ("y", &both[1])]),
            submodels(&submodel("s", &format!("m{}", k + 1)))
        );
        format!(r#"<comp:modelDefinition id="m{k}">{inner}</comp:modelDefinition>"#)
    };
    let levels: String = (0..60).map(level).collect();
    let last = sub().replace(r#"id="sub""#, r#"id="m60""#);
    let errors = refused(&file(&submodels(&submodel("a", "m0")), &(levels + &last)));
    assert!(errors[0].contains("look-ups"), "{errors:?}");
}

#[test]
fn wrong_references_name_the_element_and_what_is_near() {
    let with = |reference: &str| {
        let main = format!(
            "{}{}",
            parameters(&[(
                "p",
                &replaces(&format!("<comp:replacedElement {reference}/>"))
            )]),
            submodels(&submodel("a", "sub"))
        );
        refused(&file(&main, &sub())).join("; ")
    };
    let case = |reference: &str, parts: &[&str]| {
        let error = with(reference);
        for part in parts {
            assert!(error.contains(part), "{reference}: {error}");
        }
    };
    case(
        r#"comp:idRef="x""#,
        &["submodelRef", "replacedElement of parameter `p`", "line "],
    );
    case(
        r#"comp:submodelRef="b" comp:idRef="x""#,
        &["no submodel `b`", "`a`"],
    );
    case(
        r#"comp:submodelRef="a" comp:idRef="xx""#,
        &["no element `xx`", "`sub`", "did you mean `x`"],
    );
    case(
        r#"comp:submodelRef="a" comp:portRef="pz""#,
        &["no port `pz`", "`px`"],
    );
    case(
        r#"comp:submodelRef="a" comp:metaIdRef="m_z""#,
        &["metaid `m_z`"],
    );
    case(
        r#"comp:submodelRef="a" comp:unitRef="u""#,
        &["unit definition `u`"],
    );
    case(r#"comp:submodelRef="a""#, &["exactly one of"]);
    case(
        r#"comp:submodelRef="a" comp:idRef="x" comp:portRef="px""#,
        &["exactly one of"],
    );
    case(
        r#"comp:submodelRef="a" comp:deletion="d""#,
        &["no deletion `d`"],
    );
    case(
        r#"comp:submodelRef="a" comp:idRef="x" comp:conversionFactor="f""#,
        &["no parameter `f`", "conversionFactor of"],
    );
    case(
        r#"comp:submodelRef="a" comp:idRef="x"><comp:sBaseRef comp:idRef="y"/></comp:replacedElement><comp:replacedElement comp:submodelRef="a" comp:idRef="y""#,
        &["`x` is no submodel"],
    );
    case(
        r#"comp:submodelRef="a" comp:idRef="x"/><comp:replacedElement comp:submodelRef="a" comp:portRef="px""#,
        &["parameter `x` of the submodel is replaced", "already"],
    );
    let main = submodels(&submodel("a", "subs"));
    assert!(refused(&file(&main, &sub()))[0].contains("no model `subs`; did you mean `sub`"));
}

#[test]
fn elements_that_replace_each_other_are_refused() {
    let inner = replaces(r#"<comp:replacedElement comp:submodelRef="a" comp:idRef="x"/>"#)
        + r#"<comp:replacedBy comp:submodelRef="a" comp:idRef="x"/>"#;
    let main = format!(
        "{}{}",
        parameters(&[("p", &inner)]),
        submodels(&submodel("a", "sub"))
    );
    assert!(refused(&file(&main, &sub()))[0].contains("in a circle"));
}

#[test]
fn external_models_are_read_from_files_beside_the_model_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let inside = folder.path().join("model");
    std::fs::create_dir_all(inside.join("parts")).expect("folders");
    let main = |source: &str, model: &str| {
        let model = if model.is_empty() {
            String::new()
        } else {
            format!(r#" comp:modelRef="{model}""#)
        };
        file(&submodels(&submodel("a", "E")), "").replace(
            "<comp:listOfModelDefinitions></comp:listOfModelDefinitions>",
            &format!(
                r#"<comp:listOfExternalModelDefinitions><comp:externalModelDefinition comp:id="E" comp:source="{source}"{model}/></comp:listOfExternalModelDefinitions>"#
            ),
        )
    };
    let level2 = r#"<sbml xmlns="http://www.sbml.org/sbml/level2/version4" level="2" version="4"><model id="old">
<listOfParameters><parameter id="w" value="7"/></listOfParameters></model></sbml>"#;
    std::fs::write(inside.join("parts/old.xml"), level2).expect("a file");
    std::fs::write(folder.path().join("outside.xml"), level2).expect("a file");
    std::fs::write(
        inside.join("parts/next.xml"),
        main("old.xml", "").replace(r#"id="main""#, r#"id="next""#),
    )
    .expect("a file");
    std::fs::write(inside.join("broken.xml"), "<sbml").expect("a file");
    std::fs::write(inside.join("circle.xml"), main("circle.xml", "E")).expect("a file");
    let read = |source: &str, model: &str| -> Result<SbmlModel, String> {
        let path = inside.join("main.xml");
        std::fs::write(&path, main(source, model)).expect("a file");
        read_file(&path).map_err(|errors| {
            errors
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("; ")
        })
    };
    assert!(read("parts/old.xml", "").is_ok_and(|m| m.id("a__w").is_some()));
    assert!(read("file:./parts/old.xml", "old").is_ok_and(|m| m.id("a__w").is_some()));
    // a definition of another file, which names a third, relative to itself
    assert!(read("parts/next.xml", "E").is_ok_and(|m| m.id("a__w").is_some()));
    assert!(read("parts/next.xml", "").is_ok_and(|m| m.id("a__a__w").is_some()));
    for (source, model, part) in [
        ("../outside.xml", "", "leads out of the folder"),
        ("missing.xml", "", "cannot be read"),
        ("parts", "", "is no file"),
        ("http://example.org/m.xml", "", "nothing is fetched"),
        ("broken.xml", "", "broken.xml: line 1"),
        ("parts/old.xml", "young", "no model `young`"),
        ("circle.xml", "E", "in a circle"),
    ] {
        let error = read(source, model).map(|_| ()).expect_err(source);
        assert!(error.contains(part), "{source}: {error}");
    }
    let errors = read_text(&main("parts/old.xml", ""))
        .map(|_| ())
        .expect_err("a text has no place");
    assert!(
        errors[0].to_string().contains("read the file itself"),
        "{errors:?}"
    );
    assert!(
        matches!(errors[0], SbmlError::Composition { line: 5, .. }),
        "{errors:?}"
    );
}
