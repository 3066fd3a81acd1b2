//! Texts in messages and tables: numbers that read back to the same bits, and long texts cut to what a line can show.

/// A number as messages and tables carry it: the shortest text that reads back to the same bits; `inf`, `-inf`, `nan`.
///
/// ```
/// use holobiont::units::number_text;
/// assert_eq!([5.0, 0.1, 1e300].map(number_text), ["5", "0.1", "1e300"]);
/// ```
pub fn number_text(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let text = format!("{value:?}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// Characters on either side of the place that a message is about.
const ROOM: usize = 30;

/// A text as a message quotes it: whole, or cut on both sides of the character `at` (from 1) where it is long.
///
/// ```
/// use holobiont::units::excerpt;
/// assert_eq!(excerpt("mu_max", 1), "mu_max");
/// assert_eq!(excerpt(&"x".repeat(1000), 1), "x".repeat(61) + "…");
/// ```
pub fn excerpt(text: &str, at: usize) -> String {
    let length = text.chars().count();
    let shown = 2 * ROOM + 1;
    if length <= shown {
        return text.to_owned();
    }
    let first = at.saturating_sub(ROOM + 1).min(length - shown);
    let mut cut: String = text.chars().skip(first).take(shown).collect();
    if first > 0 {
        cut.insert(0, '…');
    }
    if first + shown < length {
        cut.push('…');
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_around_its_fault() {
        let text = "a".repeat(100) + "!" + &"b".repeat(100);
        let cut = excerpt(&text, 101);
        assert_eq!(cut, format!("…{}!{}…", "a".repeat(30), "b".repeat(30)));
        assert_eq!(excerpt(&text, 1_000), format!("…{}", "b".repeat(61)));
    }
}
