//! Names of parameters with stars, as `e_*_butyrate`, written out.
use super::claim::Claims;
use std::collections::BTreeMap;

/// Whether a name fits a pattern, in which each star stands for any letters, or none.
fn fits(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else {
        return rest.is_empty();
    };
    for piece in middle {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Writes out all patterns of cuts and ablations; those that nothing fits stay, with their keys, in what is returned.
pub(super) fn write_out(claims: &mut Claims, parameters: &[String]) -> Vec<(String, String)> {
    let mut idle = Vec::new();
    let mut expand = |key: String, values: &mut BTreeMap<String, f64>| {
        let mut all = BTreeMap::new();
        // names win over patterns
        for (id, value) in values.iter().filter(|(id, _)| id.contains('*')) {
            let found = parameters.iter().filter(|name| fits(id, name));
            let before = all.len();
            all.extend(found.map(|name| (name.clone(), *value)));
            if all.len() == before && !parameters.iter().any(|name| fits(id, name)) {
                idle.push((key.clone(), id.clone()));
            }
        }
        all.extend(
            values
                .iter()
                .filter(|(id, _)| !id.contains('*'))
                .map(|(id, value)| (id.clone(), *value)),
        );
        *values = all;
    };
    for (name, values) in &mut claims.cuts {
        expand(format!("cuts.{name}"), values);
    }
    for claim in &mut claims.list {
        for part in &mut claim.parts {
            let key = format!("claim `{}`, part `{}`, ablation", claim.id, part.id);
            let cuts = part.ablations.iter_mut();
            cuts.for_each(|cut| expand(key.clone(), &mut cut.set));
        }
    }
    idle
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_letters() {
        assert!(fits("e_*_butyrate", "e_TNF_plasma_butyrate"));
        assert!(fits("e_*_plasma_*", "e_regulatory_plasma_acetate"));
        assert!(!fits("e_*_butyrate", "e_butyrate_x"));
        assert!(!fits("e_*_butyrate", "ref_butyrate"));
        assert!(fits("k", "k") && !fits("k", "k1"));
        assert!(fits("*", "anything"));
    }
}
