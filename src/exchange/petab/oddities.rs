//! What is sound but odd about the data of a problem: doses that no reading follows, observables with nothing but limits.
use super::{
    error::{PetabWarning, PetabWarningKind},
    findings::Findings,
    rows::PetabProblem,
};
use std::collections::{HashMap, HashSet};

/// Notes them.
pub(super) fn look(problem: &PetabProblem, findings: &mut Findings) {
    let mut last: HashMap<Option<&str>, f64> = HashMap::new();
    for row in &problem.measurements {
        let at = last
            .entry(row.experiment.as_deref())
            .or_insert(f64::NEG_INFINITY);
        *at = at.max(row.time);
    }
    for dose in &problem.doses {
        // a time that depends on parameters is not known here; an experiment without readings is left out anyway
        let (Ok(time), Some(&until)) = (
            dose.time.parse::<f64>(),
            last.get(&dose.experiment.as_deref()),
        ) else {
            continue;
        };
        if time > until {
            let kind = PetabWarningKind::DoseAfterReadings { time, until };
            let place = dose.origin.place("doses.tsv", "time");
            findings.warnings.push(PetabWarning { place, kind });
        }
    }
    let known: HashSet<&str> = (problem.measurements.iter())
        .filter(|row| !row.reading.is_censored())
        .map(|row| row.observable.as_str())
        .collect();
    let mut told = HashSet::new();
    for row in &problem.measurements {
        let id = row.observable.as_str();
        if !known.contains(id) && told.insert(id) {
            let place = row.origin.place("measurements.tsv", "censoring");
            let kind = PetabWarningKind::AllCensored {
                observable: id.to_owned(),
            };
            findings.warnings.push(PetabWarning { place, kind });
        }
    }
}
