//! What is refused, and the words for it; files of other models.
use super::super::super::{SbmlModel, read as read_file, read_text};
use super::*;

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
        refused(&file(&main, &sub()).replace("\"a\"", "\"part\"")).join("; ")
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
        r#"comp:submodelRef="prt" comp:idRef="x""#,
        &["no submodel `prt`", "`part`"],
    );
    case(
        r#"comp:submodelRef="a" comp:idRef="xx""#,
        &["no element `xx`", "`sub`"],
    );
    case(
        r#"comp:submodelRef="a" comp:portRef="pxx""#,
        &["no port `pxx`", "`px`"],
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
        matches!(errors[0], SbmlError::Composition { line: 4, .. }),
        "{errors:?}"
    );
}
