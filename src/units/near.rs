//! Near names: what somebody who misspelt an id may have meant.

/// The candidates closest to `name`, best first, at most three.
///
/// Distance counts insertions, deletions, substitutions and swaps of neighbours (restricted Damerau-Levenshtein distance),
/// with case differences at a tenth; a candidate is near when less than a third of the longer name (at least one letter)
/// differs, or when it differs in case alone.
///
/// ```
/// use holobiont::units::suggest;
/// assert_eq!(suggest("butyrat", ["acetate", "butyrate", "propionate"]), ["butyrate"]);
/// ```
pub fn suggest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let wanted: Vec<char> = name.chars().collect();
    let mut near: Vec<(u32, &str)> = Vec::new();
    for candidate in candidates {
        let letters: Vec<char> = candidate.chars().collect();
        let longer = wanted.len().max(letters.len());
        if longer > 200 || wanted.len().abs_diff(letters.len()) > longer / 3 + 1 {
            continue;
        }
        let allowed = u32::try_from(longer).unwrap_or(u32::MAX) * 10 / 3;
        let distance = distance(&wanted, &letters);
        if candidate != name
            && distance <= allowed.max(10)
            && distance < 10 * u32::try_from(longer).unwrap_or(u32::MAX)
        {
            near.push((distance, candidate));
        }
    }
    near.sort_unstable();
    near.dedup();
    near.truncate(3);
    near.into_iter()
        .map(|(_, candidate)| candidate.to_owned())
        .collect()
}

/// "; did you mean `a` or `b`?", or nothing when no candidate is near.
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let near = suggest(name, candidates);
    if near.is_empty() {
        return String::new();
    }
    let quoted: Vec<String> = near
        .iter()
        .map(|candidate| format!("`{candidate}`"))
        .collect();
    format!("; did you mean {}?", quoted.join(" or "))
}

/// Ten times the number of edits, a change of case counting one.
fn distance(a: &[char], b: &[char]) -> u32 {
    let columns = b.len() + 1;
    let mut before: Vec<u32> = vec![0; columns];
    let mut last: Vec<u32> = (0..columns).map(|j| 10 * j as u32).collect();
    for i in 1..=a.len() {
        let mut row = vec![10 * i as u32; columns];
        for j in 1..columns {
            let (p, q) = (a[i - 1], b[j - 1]);
            let change = if p == q {
                0
            } else if p.eq_ignore_ascii_case(&q) {
                1
            } else {
                10
            };
            row[j] = (last[j] + 10)
                .min(row[j - 1] + 10)
                .min(last[j - 1] + change);
            if i > 1 && j > 1 && p == b[j - 2] && a[i - 2] == q {
                row[j] = row[j].min(before[j - 2] + 10);
            }
        }
        before = last;
        last = row;
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swap_of_letters_is_one_edit() {
        assert_eq!(suggest("acetaet", ["acetate", "lactate"]), ["acetate"]);
    }

    #[test]
    fn case_alone_is_the_nearest() {
        assert_eq!(suggest("k_MAX", ["k_min", "k_max"])[0], "k_max");
    }

    #[test]
    fn nothing_is_near_a_foreign_word() {
        assert!(suggest("zebra", ["butyrate", "x"]).is_empty());
        assert!(suggest("", ["a"]).is_empty());
        assert!(suggest("q", ["a", "b"]).is_empty());
    }

    #[test]
    fn the_message_names_the_candidates() {
        assert_eq!(
            did_you_mean("sgimoid", ["sigmoid", "sin"]),
            "; did you mean `sigmoid`?"
        );
        assert_eq!(did_you_mean("zebra", ["sin"]), "");
    }
}
