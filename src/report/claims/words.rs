//! Numbers of claims in words: effects, shares, doses, controls, cuts.
use crate::report::axes::short_number;
use crate::scorecard::claims::{Contrast, Cut, Direction, Part, PartFound, Share};

/// An effect: a ratio as ×1.2, others with their sign.
pub(super) fn effect(contrast: Contrast, effect: &Result<f64, String>) -> String {
    match effect {
        Err(_) => "failed".to_string(),
        Ok(effect) => match contrast {
            Contrast::Ratio => format!("×{}", short_number(contrast.shown(*effect))),
            Contrast::Difference if *effect > 0.0 => format!("+{}", short_number(*effect)),
            Contrast::Difference | Contrast::Value => short_number(*effect),
        },
    }
}

/// "up by 5 % and more".
pub(super) fn wanted(part: &Part) -> String {
    let direction = part.direction.word();
    match part.contrast {
        Contrast::Ratio => format!("{direction} by {} %", short_number(100.0 * part.least)),
        Contrast::Difference => format!("{direction} by {}", short_number(part.least)),
        Contrast::Value => match part.direction {
            Direction::Up => format!("at least {}", short_number(part.least)),
            Direction::Down => format!("at most {}", short_number(-part.least)),
            Direction::Either => format!("at least ±{}", short_number(part.least)),
        },
    }
}

/// "63 % of 981"; nothing where no draw could be solved.
pub(super) fn share(share: &Share) -> String {
    if share.finished == 0 {
        return "none could be solved".to_string();
    }
    percent(share.shown, share.finished)
}

/// The same of a part, with the share among the draws that have an effect at all.
pub(super) fn part_share(share: &Share) -> String {
    let with_effect = share.shown + share.opposite;
    let mut text = self::share(share);
    if with_effect > 0 {
        let along = percent(share.shown, with_effect);
        text += &format!("; {along} with an effect");
    }
    if share.failed > 0 {
        text += &format!("; {} failed", share.failed);
    }
    text
}

/// A share of a count in percent.
pub(super) fn percent(part: usize, all: usize) -> String {
    format!("{:.0} % of {all}", 100.0 * part as f64 / all as f64)
}

/// The sign that the model's own numbers give; one that the ranges give already is built in.
pub(super) fn sign(found: &PartFound, share: &Share) -> &'static str {
    match found.sign {
        Some(sign) if sign > 0.0 && share.built_in() => "built in",
        Some(sign) if sign > 0.0 => "as required",
        Some(sign) if sign < 0.0 => "the other direction",
        Some(_) => "no effect that counts",
        None => "failed",
    }
}

/// The effects at the levels, in one line.
pub(super) fn doses(part: &Part, found: &PartFound) -> String {
    let texts: Vec<String> = (found.doses.iter())
        .map(|dosed| {
            let level = short_number(dosed.level);
            format!("{level}: {}", effect(part.contrast, &dosed.effect))
        })
        .collect();
    texts.join("; ")
}

/// Whether the effect rises with the level, in a word or two.
pub(super) fn rises(found: &PartFound) -> &'static str {
    match found.rises {
        _ if found.doses.is_empty() => "",
        Some(true) => "rises",
        Some(false) => "no steady rise",
        None => "failed",
    }
}

/// A control in words.
pub(super) fn control(part: &Part, control: &Cut) -> String {
    let verdict = match control.gone {
        Some(true) => "null",
        Some(false) => "**not null**",
        None => "failed",
    };
    let effect = effect(part.contrast, &control.effect);
    format!("{}: {effect}, {verdict}", control.says)
}

/// A path that is cut, in words.
pub(super) fn cut(part: &Part, found: &PartFound, cut: &Cut) -> String {
    let left = effect(part.contrast, &cut.effect);
    let lost = match (&found.effect, &cut.effect) {
        (Ok(whole), Ok(left)) if found.sign == Some(1.0) => {
            format!(", {} of the effect goes", lost(1.0 - left / whole))
        }
        _ => String::new(),
    };
    let turned =
        matches!(&cut.effect, Ok(left) if part.direction.along(*left) <= -part.least_effect());
    let verdict = match (cut.must, cut.gone) {
        (true, Some(true)) if turned => ": turned round",
        (true, Some(true)) => ": abolished",
        (true, Some(false)) => ": **not abolished**",
        (true, None) => ": no effect that could go",
        (false, _) => "",
    };
    format!("{}: {left}{lost}{verdict}", cut.says)
}

/// A share that goes, in whole percent.
pub(super) fn lost(share: f64) -> String {
    // no minus before a zero
    let percent = (100.0 * share).round() + 0.0;
    format!("{percent:.0} %")
}

/// Of many tests, how many came out as they must: "2 of 3".
pub(super) fn passed<'c>(tests: impl Iterator<Item = &'c Cut> + Clone) -> String {
    let must = || tests.clone().filter(|test| test.must);
    let told = must().filter(|test| test.gone.is_some()).count();
    let good = must().filter(|test| test.gone == Some(true)).count();
    match (must().count(), told) {
        (0, _) => "none".to_string(),
        (_, 0) => "nothing to test".to_string(),
        (_, told) if good == told => format!("{good} of {told}"),
        (_, told) => format!("**{good} of {told}**"),
    }
}
