//! COMBINE archives: what is written reads back, and what is wrong with one from elsewhere is told.
use holobiont::exchange::{omex, petab};
use std::{
    fs,
    io::{Cursor, Write},
    path::Path,
};
use tempfile::TempDir;
use zip::{ZipWriter, write::SimpleFileOptions};

/// An archive with these files, on disk.
fn archive(files: &[(&str, &str)]) -> TempDir {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        let options = SimpleFileOptions::default();
        match text.strip_prefix("link to ") {
            Some(target) => zip.add_symlink(*name, target, options).unwrap(),
            None => {
                zip.start_file(*name, options).unwrap();
                zip.write_all(text.as_bytes()).unwrap();
            }
        }
    }
    on_disk(&zip.finish().unwrap().into_inner())
}

fn on_disk(bytes: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.omex"), bytes).unwrap();
    folder
}

fn manifest(contents: &[(&str, &str, &str)]) -> String {
    let rows: String = contents
        .iter()
        .map(|(name, format, more)| {
            format!("<content location=\"{name}\" format=\"http://identifiers.org/combine.specifications/{format}\" {more}/>")
        })
        .collect();
    format!(
        "<omexManifest xmlns=\"http://identifiers.org/combine.specifications/omex-manifest\">{rows}</omexManifest>"
    )
}

/// The message without the folder.
fn error(folder: &TempDir) -> String {
    let error = omex::read(&folder.path().join("a.omex")).expect_err("an archive with an error");
    error
        .to_string()
        .replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn a_problem_comes_out_of_its_archive_as_it_went_in() {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/fit_cohort/problem/problem.yaml");
    let problem = petab::read(&file).unwrap();
    let files = petab::files(&problem).unwrap();
    let bytes = omex::write(&files);
    assert_eq!(bytes, omex::write(&files));
    let folder = on_disk(&bytes);
    let archive = omex::read(&folder.path().join("a.omex")).unwrap();
    assert_eq!(archive.files, files);
    let unpacked = tempfile::tempdir().unwrap();
    let file = archive.unpack(unpacked.path()).unwrap();
    assert!(petab::read(&file).unwrap() == problem);
}

#[test]
fn the_problem_is_the_master_file_or_that_of_the_format_or_the_yaml_file() {
    let named = |contents: &[(&str, &str, &str)], files: &[&str]| {
        let manifest = manifest(contents);
        let mut all = vec![("./manifest.xml", manifest.as_str())];
        all.extend(files.iter().map(|name| (*name, "")));
        let folder = archive(&all);
        omex::read(&folder.path().join("a.omex")).map(|archive| archive.problem)
    };
    let (a, b) = ("a.yaml", "b/b.yml");
    let master = [
        ("./a.yaml", "yaml", ""),
        ("./b/b.yml", "yaml", "master=\"true\""),
    ];
    assert_eq!(named(&master, &[a, b]).unwrap(), b);
    let format = [("a.yaml", "petab.version-1", ""), ("b/b.yml", "other", "")];
    assert_eq!(named(&format, &[a, b]).unwrap(), a);
    // a master file of another kind
    let sbml = [
        ("m.xml", "sbml", "master=\"true\""),
        ("b/b.yml", "petab", ""),
    ];
    assert_eq!(named(&sbml, &["m.xml", a, b]).unwrap(), b);
    assert_eq!(named(&[], &[b, "m.xml"]).unwrap(), b);
    let told = named(&[], &[a, b]).unwrap_err().to_string();
    assert!(
        told.ends_with(
            "a.omex: there are several PEtab problems and none is the master file: a.yaml, b/b.yml"
        ),
        "{told}"
    );
    let told = named(&[], &["m.xml"]).unwrap_err().to_string();
    assert!(
        told.ends_with("there is no PEtab problem: no file of this format, and no YAML file"),
        "{told}"
    );
    let told = named(&[("c.yaml", "petab", "")], &[a])
        .unwrap_err()
        .to_string();
    assert!(
        told.ends_with("manifest.xml names `c.yaml`, which is not in the archive"),
        "{told}"
    );
}

#[test]
fn archives_that_are_none_or_lead_elsewhere_are_refused() {
    let manifest = manifest(&[("p.yaml", "petab", "master=\"true\"")]);
    let with = |name: &str, text: &str| {
        error(&archive(&[
            ("manifest.xml", &manifest),
            ("p.yaml", ""),
            (name, text),
        ]))
    };
    assert_eq!(
        with("../../x.tsv", ""),
        "a.omex: the name `../../x.tsv` of a file leads out of the archive"
    );
    assert_eq!(
        with("/etc/x.tsv", ""),
        "a.omex: the name `/etc/x.tsv` of a file leads out of the archive"
    );
    assert_eq!(
        with("x.tsv", "link to /etc/passwd"),
        "a.omex: the file `x.tsv` is a link; an archive must hold the file itself"
    );
    assert_eq!(with("P.yaml", ""), "a.omex: there are two files `P.yaml`");
    assert_eq!(
        error(&archive(&[("p.yaml", "")])),
        "a.omex: there is no manifest.xml, so this is no COMBINE archive"
    );
    assert!(error(&archive(&[("manifest.xml", "<a>")])).starts_with("a.omex: manifest.xml: "));
    assert_eq!(
        error(&archive(&[("manifest.xml", "<a/>")])),
        "a.omex: manifest.xml: `omexManifest` is expected, not `a`"
    );
    assert!(error(&on_disk(b"no zip file")).starts_with("a.omex: this is not a sound zip file: "));
    let cut = omex::write(&[("p.yaml".to_owned(), vec![b'x'; 1000])]);
    assert!(
        error(&on_disk(&cut[..cut.len() / 2]))
            .starts_with("a.omex: this is not a sound zip file: ")
    );
    let outside = r#"<omexManifest><content location="../p.yaml" format="combine.specifications/petab" master="true"/></omexManifest>"#;
    let folder = archive(&[("manifest.xml", outside), ("p.yaml", "")]);
    assert_eq!(
        error(&folder),
        "a.omex: the name `../p.yaml` of a file leads out of the archive"
    );
    let missing = omex::read(Path::new("absent.omex"))
        .unwrap_err()
        .to_string();
    assert!(
        missing.starts_with("absent.omex: the archive cannot be read: "),
        "{missing}"
    );
}
