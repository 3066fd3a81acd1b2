//! Small hierarchies, one for each construct: the flat models that they mean. Formulas are compared as texts.
mod factors;
mod structure;
mod wrong;

use super::super::document::{Model, Rule, RuleKind};
use super::super::error::SbmlError;
use super::super::math::{Math, Operator};
use super::compose;
use std::collections::BTreeMap;

/// A file with a main model and definitions.
pub(super) fn file(main: &str, definitions: &str) -> String {
    format!(
        r#"<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2"
 xmlns:comp="http://www.sbml.org/sbml/level3/version1/comp/version1" comp:required="true">
 <model id="main">{main}</model>
 <comp:listOfModelDefinitions>{definitions}</comp:listOfModelDefinitions>
</sbml>"#
    )
}

pub(super) fn submodels(inner: &str) -> String {
    format!("<comp:listOfSubmodels>{inner}</comp:listOfSubmodels>")
}

pub(super) fn submodel(id: &str, model: &str) -> String {
    format!(r#"<comp:submodel comp:id="{id}" comp:modelRef="{model}"/>"#)
}

pub(super) fn replaces(inner: &str) -> String {
    format!("<comp:listOfReplacedElements>{inner}</comp:listOfReplacedElements>")
}

/// Parameters that vary, each with what it replaces.
pub(super) fn parameters(list: &[(&str, &str)]) -> String {
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

pub(super) fn math(inner: &str) -> String {
    format!(r#"<math xmlns="http://www.w3.org/1998/Math/MathML">{inner}</math>"#)
}

pub(super) fn rules(inner: &str) -> String {
    format!("<listOfRules>{inner}</listOfRules>")
}

/// A rule of a kind for a variable; its metaid is `r_VARIABLE`.
pub(super) fn rule(kind: &str, variable: &str, inner: &str) -> String {
    let math = math(inner);
    format!(r#"<{kind} metaid="r_{variable}" variable="{variable}">{math}</{kind}>"#)
}

pub(super) const TIME: &str =
    r#"<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">t</csymbol>"#;

pub(super) fn flat(text: &str) -> Result<Model, Vec<SbmlError>> {
    let document = super::super::read::read(text).map_err(|error| vec![error])?;
    compose(document, None)
}

pub(super) fn sound(text: &str) -> Model {
    flat(text).expect("a sound hierarchy")
}

pub(super) fn refused(text: &str) -> Vec<String> {
    let errors = flat(text).expect_err("a wrong hierarchy");
    errors.iter().map(ToString::to_string).collect()
}

pub(super) fn text(math: &Math) -> String {
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

pub(super) fn rule_texts(model: &Model) -> BTreeMap<String, String> {
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

pub(super) fn parameter_ids(model: &Model) -> Vec<&str> {
    let ids = model.parameters.iter().filter_map(|p| p.meta.id.as_deref());
    ids.collect()
}

/// A model `sub` with x, y, an assignment y = x + t, and ports `px`, `py`.
pub(super) fn sub() -> String {
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
pub(super) fn mid(inner: &str) -> String {
    format!(
        r#"<comp:modelDefinition id="mid">{}{}</comp:modelDefinition>"#,
        parameters(&[("z", inner)]),
        submodels(&submodel("s", "sub"))
    )
}

/// A reaction J: -> S with a local k, and an event E with all that events have.
pub(super) fn full() -> String {
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
