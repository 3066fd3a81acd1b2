//! Near names for error messages: "did you mean ...?".

/// At most three known names that resemble `name`, nearest first.
pub fn near_names<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let limit = (name.chars().count() / 3).max(1);
    let lower = name.to_lowercase();
    let mut found: Vec<(usize, &str)> = known
        .into_iter()
        .filter(|k| *k != name)
        .filter_map(|k| {
            let k_lower = k.to_lowercase();
            let distance = if k_lower == lower { 0 } else { edit_distance(&lower, &k_lower) };
            (distance <= limit).then_some((distance, k))
        })
        .collect();
    found.sort();
    found.dedup();
    found.into_iter().take(3).map(|(_, k)| k.to_string()).collect()
}

/// "; did you mean `a` or `b`?", or nothing.
pub fn suggestion(near: &[String]) -> String {
    match near {
        [] => String::new(),
        names => format!("; did you mean `{}`?", names.join("` or `")),
    }
}

/// Least number of insertions, deletions, substitutions and swaps of neighbours (restricted Damerau-Levenshtein).
fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let cost = usize::from(a[i - 1] != b[j - 1]);
                let mut best = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + cost);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    best = best.min(rows[i - 2][j - 2] + 1);
                }
                best
            };
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_sorted_by_distance_and_far_ones_left_out() {
        let known = ["mu_Blautia", "mu_Other", "m_Blautia_Other", "clindamycin"];
        assert_eq!(near_names("mu_Blautai", known), ["mu_Blautia"]);
        assert_eq!(near_names("Clindamycin", known), ["clindamycin"]);
        assert!(near_names("xyz", known).is_empty());
    }
}
