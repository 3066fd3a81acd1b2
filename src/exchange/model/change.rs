//! What a model changes in its base: `[[change]]`.
//!
//! ```toml
//! [[change]]                 # options of a mechanism replaced, influences added
//! module = "oxygen"
//! options = { signal = "1" }
//! influences = { }
//! reason = "..."
//!
//! [[change]]                 # keys of several scenarios replaced
//! scenarios = ["ms", "natalizumab"]
//! keys = { until = 365 }
//! reason = "..."
//! ```
use super::base::{Missing, text_of};
use super::without::{Fault, mechanisms, no_module};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// Changes the base as one entry of `[[change]]` says.
pub(super) fn change<'t>(base: &mut DeTable<'t>, entry: Spanned<DeValue<'t>>, fault: Fault) {
    let at = entry.span().start;
    let wrong = |message: &str| Missing::Table(message.to_string());
    let DeValue::Table(mut entry) = entry.into_inner() else {
        return fault(at, wrong("a change is a table with a `reason`"));
    };
    let mut take = |key: &str| entry.remove(key);
    let reason = take("reason").is_some_and(|reason| reason.get_ref().is_str());
    let (module, options, influences) = (take("module"), take("options"), take("influences"));
    let (scenarios, keys) = (take("scenarios"), take("keys"));
    if let Some((key, _)) = entry.iter().next() {
        let message = format!(
            "unknown field `{}`, expected one of `module`, `options`, `influences`, `scenarios`, `keys`, `reason`",
            key.get_ref()
        );
        return fault(key.span().start, Missing::Table(message));
    }
    let module = module.as_ref().and_then(|m| m.get_ref().as_str());
    match (module, scenarios, keys) {
        (Some(module), None, None) if reason => {
            change_module(base, at, module, [options, influences], fault);
        }
        (None, Some(ids), Some(keys)) if reason && options.is_none() && influences.is_none() => {
            change_scenarios(base, ids, &keys, fault);
        }
        _ => fault(
            at,
            wrong("a change needs a `reason`, and a `module`, or `scenarios` and `keys`"),
        ),
    }
}

/// Gives the scenarios of a list other keys.
fn change_scenarios<'t>(
    base: &mut DeTable<'t>,
    ids: Spanned<DeValue<'t>>,
    keys: &Spanned<DeValue<'t>>,
    fault: Fault,
) {
    let all = match base.get_mut("scenario").map(Spanned::get_mut) {
        Some(DeValue::Array(array)) => &mut **array,
        _ => &mut [],
    };
    let names = |all: &[Spanned<DeValue>]| {
        let ids = all.iter().map(|value| text_of(value.get_ref(), "id"));
        ids.flatten().map(str::to_string).collect()
    };
    let list = ids.span().start;
    let DeValue::Array(ids) = ids.into_inner() else {
        return fault(
            list,
            Missing::Table("a list of ids is needed here".to_string()),
        );
    };
    for id in ids {
        let name = id.get_ref().as_str().unwrap_or_default();
        let known = names(all);
        let found = all
            .iter_mut()
            .find(|value| text_of(value.get_ref(), "id") == Some(name));
        match (found.map(Spanned::get_mut), keys.get_ref()) {
            (Some(DeValue::Table(scenario)), DeValue::Table(keys)) => {
                for (key, value) in keys {
                    scenario.remove(key.get_ref().as_ref());
                    scenario.insert(key.clone(), value.clone());
                }
            }
            _ => fault(
                id.span().start,
                Missing::Id {
                    what: "scenario".to_string(),
                    id: name.to_string(),
                    known,
                },
            ),
        }
    }
}

/// Gives a mechanism other options and more influences.
fn change_module<'t>(
    base: &mut DeTable<'t>,
    at: usize,
    module: &str,
    [options, influences]: [Option<Spanned<DeValue<'t>>>; 2],
    fault: Fault,
) {
    let wrong = |message: &str| Missing::Table(message.to_string());
    let found = mechanisms(base)
        .iter_mut()
        .find(|value| text_of(value.get_ref(), "type") == Some(module));
    let Some(DeValue::Table(mechanism)) = found.map(Spanned::get_mut) else {
        return fault(at, no_module(base, module));
    };
    if let Some(DeValue::Table(options)) = options.map(Spanned::into_inner) {
        for (key, value) in options {
            mechanism.remove(key.get_ref().as_ref());
            mechanism.insert(key, value);
        }
    }
    let Some(DeValue::Table(added)) = influences.map(Spanned::into_inner) else {
        return;
    };
    let all = mechanism
        .entry(Spanned::new(at..at, "influences".into()))
        .or_insert_with(|| Spanned::new(at..at, DeValue::Table(DeTable::new())));
    let DeValue::Table(all) = all.get_mut() else {
        return;
    };
    for (rate, sources) in added {
        let span = sources.span();
        let below = match all.remove(rate.get_ref().as_ref()).map(Spanned::into_inner) {
            Some(DeValue::Array(below)) => below,
            _ => DeArray::new(),
        };
        let DeValue::Array(over) = sources.into_inner() else {
            return fault(span.start, wrong("a list of sources is needed here"));
        };
        let whole = below.into_iter().chain(over).collect();
        all.insert(rate, Spanned::new(span, DeValue::Array(whole)));
    }
}
