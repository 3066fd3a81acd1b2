//! The picture of every model that ships: drawn from the model, the same every time, without scripts.
use holobiont::models;
use holobiont::report::{model_page, model_picture};

fn picture(name: &str) -> Option<String> {
    let model = models::get(name).expect("a model of this name");
    model_picture(&model.expect("a sound model")).expect("a sound network")
}

#[test]
fn every_model_has_a_picture_without_scripts_that_is_the_same_every_time() {
    for name in models::names() {
        let svg = picture(name).unwrap_or_else(|| panic!("{name} has no picture"));
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
        for word in ["<script", "NaN", "inf ", "href"] {
            assert!(!svg.contains(word), "{name}: {word}");
        }
        for tag in ["g", "svg", "title", "text"] {
            let opened =
                svg.matches(&format!("<{tag} ")).count() + svg.matches(&format!("<{tag}>")).count();
            let closed = svg.matches(&format!("</{tag}>")).count();
            assert_eq!(opened, closed, "{name}: {tag}");
        }
        assert_eq!(picture(name).as_deref(), Some(svg.as_str()), "{name}");
    }
}

#[test]
fn couplings_stand_in_the_tooltips_with_value_and_range() {
    let model = models::get("gut_ms").unwrap().unwrap();
    let svg = model_picture(&model).unwrap().unwrap();
    for module in &model.modules {
        let title = module.name.replace('_', " ");
        assert!(svg.contains(&format!(">{title}</text>")), "{title}");
        for influence in &module.influences {
            let text = format!("{} → {}: e = ", influence.source, influence.rate);
            assert!(svg.contains(&text), "{text}");
        }
    }
    assert!(
        svg.contains("antibiotic: broad antibiotic"),
        "inputs stand at their modules"
    );
}

#[test]
fn an_assigned_quantity_of_the_file_is_followed_to_what_it_reads() {
    let svg = picture("gut_ms").unwrap();
    assert!(
        svg.contains("fat → fat_Bac: e = "),
        "fat acts on guilds by factors that the file assigns"
    );
}

#[test]
fn the_page_of_a_model_begins_with_its_picture() {
    for (name, title) in [
        ("gut_ms_core", "Modules and couplings"),
        ("reynolds2006", "What acts on what"),
    ] {
        let model = models::get(name).unwrap().unwrap();
        let page = model_page(&model).unwrap();
        let picture = page.find("<svg").expect("a picture");
        assert!(page.contains(title), "{name}");
        assert!(picture < page.find("id=\"equations\"").unwrap(), "{name}");
    }
}
