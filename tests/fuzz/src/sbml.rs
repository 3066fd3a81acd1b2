//! Any text is read as SBML: an error or a model, never a panic, a hang or a lot of memory; a model compiles or says why not.
#![no_main]
use holobiont::exchange::sbml::{self, SbmlError};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    match sbml::read_text(text) {
        Ok(model) => {
            assert!(model.network.check().is_ok(), "what was read is sound");
            let _ = model.compile();
        }
        Err(errors) => {
            assert!(!errors.is_empty(), "a refusal says why");
            let lines = text.lines().count() as u32 + 1;
            for error in &errors {
                assert!(error.line() <= lines, "{error}");
                assert!(!error.to_string().is_empty());
            }
            let _ = errors.iter().all(SbmlError::is_unsupported);
        }
    }
});
