//! The report is one page that needs nothing from outside and says what was found, whatever the ids are.
#![cfg(feature = "cli")]
mod browser;
mod problem;

use holobiont::{
    exchange::petab::{self, PetabProblem},
    fit::{
        Control, Fit, FitOptions, FitProblem, MultiStartOptions, Natural, ObjectiveOptions, fit,
    },
    report::{FileDigest, Report, ReportOptions, Sources},
};
use problem::{FIGURES, problem};
use tempfile::TempDir;

struct Fitted {
    _folder: TempDir,
    on_disk: PetabProblem,
    built: FitProblem,
    found: Fit,
}

/// Three subjects; the growth rate of C runs into its bound.
fn fitted() -> Fitted {
    let folder = problem(3, 0.3);
    let on_disk = petab::read(&folder.path().join("problem.yaml")).unwrap();
    let built = on_disk.fit_problem().unwrap();
    let options = FitOptions {
        search: MultiStartOptions {
            starts: 2,
            ..MultiStartOptions::default()
        },
        ..FitOptions::default()
    };
    let found = fit(&built, &options, &[], Control::default(), None).unwrap();
    Fitted {
        _folder: folder,
        on_disk,
        built,
        found,
    }
}

fn read(folder: &TempDir) -> FitProblem {
    let on_disk = petab::read(&folder.path().join("problem.yaml")).unwrap();
    on_disk.fit_problem().unwrap()
}

fn evaluated(problem: &FitProblem, natural: Natural) -> Report<'_> {
    let options = ReportOptions::default();
    Report::of_evaluation(problem, natural, ObjectiveOptions::default(), options).unwrap()
}

/// Texts of all links and other addresses.
fn addresses(page: &str) -> Vec<&str> {
    page.split("href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect()
}

#[track_caller]
fn needs_nothing_from_outside(page: &str) {
    for word in [
        "<script",
        "<link",
        "<img",
        "<iframe",
        " src=",
        "url(",
        "@import",
        "<use",
        "javascript:",
    ] {
        assert!(!page.contains(word), "{word} in the page");
    }
    for address in addresses(page) {
        assert!(
            address.starts_with('#') || address.starts_with("https://doi.org/10."),
            "{address}"
        );
    }
}

#[test]
fn a_fit_is_told_in_order_and_the_page_needs_nothing_from_outside() {
    let fitted = fitted();
    let (built, found) = (&fitted.built, &fitted.found);
    let sources = Sources::of(&fitted.on_disk).unwrap();
    let options = ReportOptions {
        sources: Some(&sources),
        ..ReportOptions::default()
    };
    let page = Report::of_fit(built, found, options)
        .unwrap()
        .html()
        .unwrap();
    needs_nothing_from_outside(&page);
    let mut last = 0;
    for id in [
        "summary",
        "data",
        "composition",
        "residuals",
        "search",
        "parameters",
        "model",
        "provenance",
    ] {
        let at = page
            .find(&format!("<section id=\"{id}\">"))
            .unwrap_or_else(|| panic!("no {id}"));
        assert!(at > last, "{id} stands too early");
        last = at;
    }
    for id in FIGURES {
        assert!(
            page.contains(&format!(
                "<figure id=\"{id}\"><svg id=\"{id}-svg\" aria-label=\""
            )),
            "{id}"
        );
    }
    assert_eq!(
        page.matches("<figure").count(),
        page.matches("<figcaption>").count()
    );
    for text in [
        "Three taxa in a mouse",
        "1 parameter at a bound",
        "at upper bound",
        "delta method with the inverse Fisher matrix",
        "https://doi.org/10.1371/journal.pcbi.1003388",
        "of them censored",
        "start_…",
        "Not medical advice, not a medical device",
        "Content-Security-Policy",
    ] {
        assert!(page.contains(text), "{text} is missing");
    }
    assert_eq!(page.matches("<td class=\"hash\">").count(), 8);
}

#[test]
fn a_digest_is_the_sha256_of_its_file_and_follows_it() {
    let folder = problem(1, 1.0);
    let yaml = folder.path().join("problem.yaml");
    let digests = || Sources::of(&petab::read(&yaml).unwrap()).unwrap().files;
    let before = digests();
    let find =
        |files: &[FileDigest], name: &str| files.iter().find(|f| f.name == name).cloned().unwrap();
    // `printf 'experimentId\ttime\tconditionId\nmouse_1\t0\tgiven_1\n' | sha256sum`
    let experiments = find(&before, "experiments.tsv");
    assert_eq!(experiments.bytes, 48);
    assert_eq!(
        experiments.sha256,
        "eb56ae7b9d67ae6eec8475ef3e09287a13ef2e0c207f2ee4e1d9d421941aa650"
    );
    let model = folder.path().join("model/model.toml");
    let changed = std::fs::read_to_string(&model).unwrap() + "\n";
    std::fs::write(&model, changed).unwrap();
    let after = digests();
    let differing: Vec<&str> = before
        .iter()
        .zip(&after)
        .filter(|(a, b)| a.sha256 != b.sha256)
        .map(|(a, _)| a.name.as_str())
        .collect();
    assert_eq!(differing, ["model/model.toml"]);
}

#[test]
fn the_same_fit_gives_the_same_page_but_for_its_date() {
    let Fitted { built, found, .. } = fitted();
    let page = |date| {
        let options = ReportOptions {
            date: Some(date),
            ..ReportOptions::default()
        };
        Report::of_fit(&built, &found, options)
            .unwrap()
            .html()
            .unwrap()
    };
    let (first, again, later) = (page("2026-01-01"), page("2026-01-01"), page("2026-01-02"));
    assert_eq!(first, again);
    assert_eq!(first.replace("2026-01-01", "2026-01-02"), later);
    assert_ne!(first, later);
}

#[test]
fn hostile_ids_stay_text() {
    let fitted = fitted();
    let (mut built, found) = (fitted.built.clone(), &fitted.found);
    let bad = "<script>alert(1)</script>";
    built.cohort.subjects[0].id = bad.to_owned();
    built.cohort.endpoints[0].name = Some("\"><img src=x onerror='alert(2)'>&".to_owned());
    built.parameters.rows[0].name = Some("<b>bold</b>".to_owned());
    built.parameters.rows[0].unit = Some("<i>".to_owned());
    let mut sources = Sources::of(&fitted.on_disk).unwrap();
    sources.model_id = "</code><script>".to_owned();
    sources.compositions[0].name = "<svg onload=alert(3)>".to_owned();
    sources.files[0].name = "<script src=//evil>".to_owned();
    let model = sources.model.as_mut().unwrap();
    model.network.name = Some("</title><script>alert(4)</script>".to_owned());
    model.readme = Some("# <script>alert(5)</script>\n`<script>` **<img>**\n".to_owned());
    model.network.parameter_mut("mu_A").unwrap().source =
        Some("10.1/\" onclick=\"x <script>".to_owned());
    let options = ReportOptions {
        sources: Some(&sources),
        subject_table: true,
        date: Some("<script>"),
        truth: None,
    };
    let page = Report::of_fit(&built, found, options)
        .unwrap()
        .html()
        .unwrap();
    needs_nothing_from_outside(
        &page
            .replace("&lt;script src=//evil&gt;", "")
            .replace("&lt;img src=x", ""),
    );
    assert!(
        page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"),
        "the id is shown as it is"
    );
    for tag in ["<b>bold", "<i>", "<svg onload", "\" onclick"] {
        assert!(!page.contains(tag), "{tag}");
    }
}

#[test]
fn subjects_are_listed_only_when_asked() {
    let Fitted { built, found, .. } = fitted();
    let page = |subject_table| {
        let options = ReportOptions {
            subject_table,
            ..ReportOptions::default()
        };
        Report::of_fit(&built, &found, options)
            .unwrap()
            .html()
            .unwrap()
    };
    assert!(!page(false).contains("<section id=\"subjects\">"));
    let listed = page(true);
    assert!(listed.contains("<section id=\"subjects\">") && listed.contains("<td>mouse_2</td>"));
}

#[test]
fn an_evaluation_says_that_its_bands_hold_noise_alone() {
    let folder = problem(3, 1.0);
    let built = read(&folder);
    let natural = built.parameters.nominal();
    let report = evaluated(&built, natural);
    let page = report.html().unwrap();
    needs_nothing_from_outside(&page);
    assert!(
        page.contains("from the reading noise alone") && page.contains("Nothing was estimated")
    );
    assert!(!page.contains("90 % band of the prediction") && !page.contains("id=\"waterfall\""));
    let names: Vec<String> = report.files().unwrap().into_iter().map(|f| f.0).collect();
    assert_eq!(names, ["report.html"]);
}

#[test]
fn a_subject_that_cannot_be_solved_is_a_warning_and_has_no_curve() {
    let folder = problem(2, 1.0);
    let mut built = read(&folder);
    // a growth rate without bound: the solve fails
    let row = built.parameters.index_of("mu_A").unwrap();
    built.parameters.rows[row].upper = f64::MAX;
    let mut natural = built.parameters.nominal();
    natural.0[row] = 1e300;
    let report = evaluated(&built, natural);
    let page = report.html().unwrap();
    assert!(
        page.contains("2 subjects could not be solved"),
        "no warning"
    );
    assert!(!page.contains("No warnings") && !page.contains("log-likelihood</dt>"));
}

#[test]
fn thirty_subjects_stay_below_a_megabyte_for_each_observable() {
    let folder = problem(30, 1.0);
    let on_disk = petab::read(&folder.path().join("problem.yaml")).unwrap();
    let built = on_disk.fit_problem().unwrap();
    let sources = Sources::of(&on_disk).unwrap();
    let options = ReportOptions {
        sources: Some(&sources),
        subject_table: true,
        ..ReportOptions::default()
    };
    let natural = built.parameters.nominal();
    let report =
        Report::of_evaluation(&built, natural, ObjectiveOptions::default(), options).unwrap();
    let bytes = report.html().unwrap().len();
    // three observables; ten of them may take 10 MB
    assert!(bytes < 3_000_000, "{bytes} bytes");
}
