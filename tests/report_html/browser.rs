//! The report in a real browser: its figures are there, nothing is asked for, no message is on the console.
use super::problem::{FIGURES, problem};
use std::{
    path::Path,
    process::{Command, Output},
};

/// Opens a page in a fresh profile of Chromium that finds no host.
fn open(page: &Path, extra: &[&str]) -> Output {
    let profile = tempfile::tempdir().unwrap();
    Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--enable-logging=stderr",
            "--v=0",
            "--window-size=1200,2000",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(extra)
        .arg(format!("file://{}", page.display()))
        .output()
        .expect("chromium starts (Debian: apt-get install chromium)")
}

/// What came of loading a page.
struct Loaded {
    document: String,
    /// messages on the console: scripts that fail, resources that are refused
    messages: Vec<String>,
    /// addresses that the page asked for on the network, reached or not
    requests: Vec<String>,
}

fn load(page: &Path) -> Loaded {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("net.json");
    let output = open(
        page,
        &["--dump-dom", &format!("--log-net-log={}", log.display())],
    );
    let messages = String::from_utf8_lossy(&output.stderr)
        .lines()
        .filter(|line| line.contains("CONSOLE"))
        .map(str::to_owned)
        .collect();
    let log: serde_json::Value =
        serde_json::from_slice(&std::fs::read(log).expect("a log of the network")).unwrap();
    let start = &log["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"];
    assert!(start.is_number(), "the log names its events");
    let requests = log["events"]
        .as_array()
        .expect("a list of events")
        .iter()
        .filter(|event| event["type"] == *start)
        .map(|event| &event["params"])
        // what the browser itself asks for has no origin
        .filter(|params| params["initiator"] != "not an origin")
        .filter_map(|params| params["url"].as_str())
        .filter(|url| url.starts_with("http"))
        .map(str::to_owned)
        .collect();
    Loaded {
        document: String::from_utf8_lossy(&output.stdout).into_owned(),
        messages,
        requests,
    }
}

#[test]
#[ignore = "needs Chromium"]
fn a_browser_shows_the_report_of_a_fit_and_finds_nothing_to_complain_about() {
    let folder = problem(3, 0.3);
    let fit = Command::new(env!("CARGO_BIN_EXE_holobiont"))
        .current_dir(folder.path())
        .args(["fit", "problem.yaml", "--output", "fit", "--starts", "2"])
        .output()
        .unwrap();
    assert!(
        fit.status.success(),
        "{}",
        String::from_utf8_lossy(&fit.stderr)
    );
    let page = folder.path().join("fit/report.html");
    let Loaded {
        document,
        messages,
        requests,
    } = load(&page);
    assert_eq!((messages, requests), (Vec::new(), Vec::new()));
    for id in FIGURES {
        assert_eq!(
            document.matches(&format!("<figure id=\"{id}\">")).count(),
            1,
            "{id}"
        );
        assert_eq!(
            document.matches(&format!("<svg id=\"{id}-svg\"")).count(),
            1,
            "{id}"
        );
    }
    assert_eq!(document.matches("<figure").count(), FIGURES.len());
    assert!(document.contains("<math") && !document.contains("<script"));
    let picture = folder.path().join("page.png");
    open(&page, &[&format!("--screenshot={}", picture.display())]);
    let bytes = std::fs::read(&picture).expect("a screenshot");
    // a blank page of this size takes about 10 kB
    assert!(
        bytes.starts_with(b"\x89PNG") && bytes.len() > 50_000,
        "{} bytes",
        bytes.len()
    );
}

#[test]
#[ignore = "needs Chromium"]
fn the_browser_would_tell_of_scripts_that_fail_and_of_resources_from_outside() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    let loaded = |head: &str| {
        std::fs::write(&page, format!("<!DOCTYPE html><title>x</title>{head}")).unwrap();
        load(&page)
    };
    let image = "<img src=\"https://example.invalid/a.png\">";
    assert_eq!(loaded(image).requests, ["https://example.invalid/a.png"]);
    assert_eq!(loaded("<script>nothing.here()</script>").messages.len(), 1);
    let policy = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\">";
    let refused = loaded(&format!("{policy}{image}"));
    assert!(refused.requests.is_empty() && !refused.messages.is_empty());
}
