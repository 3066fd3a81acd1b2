//! The key `extensions` of the YAML file: ours, and those that a problem can do without.
use super::{
    error::{PetabError, PetabErrorKind, PetabWarning, PetabWarningKind},
    yaml::{ProblemFiles, YamlReader},
};
use serde_yaml_ng::{Mapping, Value};

impl YamlReader<'_> {
    /// Reads what stands under `extensions`.
    pub(super) fn extensions(&mut self, map: &Mapping, files: &mut ProblemFiles) {
        let extensions = match map.get("extensions") {
            None | Some(Value::Null) => return,
            Some(Value::Mapping(extensions)) => extensions,
            Some(_) => {
                self.error(
                    "extensions",
                    "`extensions` must be a mapping from id to version and required".to_owned(),
                );
                return;
            }
        };
        for (id, body) in extensions {
            let id = self.scalar("extensions", id);
            let Value::Mapping(body) = body else {
                let message = format!("the extension `{id}` must be a mapping (version, required)");
                self.error(&id, message);
                continue;
            };
            let required = body.get("required").unwrap_or(&Value::Bool(true));
            for key in ["version", "required"] {
                if body.get(key).is_none() {
                    let what = format!("by the standard the extension `{id}` has a key `{key}`");
                    let place = self.place(&id);
                    let kind = PetabWarningKind::NotStandard { what };
                    self.warnings.push(PetabWarning { place, kind });
                }
            }
            if body.get("version").is_some_and(Value::is_number) {
                let what = format!(
                    "by the standard the `version` of the extension `{id}` is a text, in quotes"
                );
                let place = self.place("version");
                let kind = PetabWarningKind::NotStandard { what };
                self.warnings.push(PetabWarning { place, kind });
            }
            if !required.is_bool() {
                self.error("required", "`required` is true or false".to_owned());
            }
            if id != "holobiont" {
                if required.as_bool().unwrap_or(true) {
                    let place = self.place(&id);
                    self.errors
                        .push(PetabError::new(place, PetabErrorKind::Extension { id }));
                }
                continue;
            }
            files.extension = true;
            match body.get("version").map(|v| self.scalar("version", v)) {
                None => self.error(
                    &id,
                    "the extension `holobiont` has no `version` (1)".to_owned(),
                ),
                Some(version) if version == "1" || version.starts_with("1.") => {}
                Some(version) => self.error(
                    "version",
                    format!("version `{version}` of the extension `holobiont` is not known; 1 is"),
                ),
            }
            let known = [
                "version",
                "required",
                "input_files",
                "dose_files",
                "individual_files",
            ];
            self.keys(body, &known, " under the extension `holobiont`");
            files.inputs = self.files(body, "input_files", false);
            files.doses = self.files(body, "dose_files", false);
        }
    }
}
