//! What a model takes away from its base: `[[without]]`.
//!
//! ```toml
//! [[without]]                # influences: of a rate, or, without `module` and `rate`, everywhere
//! module = "inflammation"
//! rate = "TNF"
//! sources = ["LPS"]
//! reason = "endotoxin does nothing"
//!
//! [[without]]                # a whole mechanism
//! module = "vagus"
//! reason = "..."
//!
//! [[without]]                # elements by section and id, scenarios among them
//! section = "scenario"
//! ids = ["vagotomy"]
//! reason = "..."
//! ```
use super::base::{Missing, text_of};
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, ValueDeserializer};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Without {
    /// why; for the reader of the file
    #[allow(dead_code)]
    reason: String,
    module: Option<String>,
    rate: Option<String>,
    #[serde(default)]
    sources: Vec<String>,
    section: Option<String>,
    #[serde(default)]
    ids: Vec<String>,
}

/// Faults: where, and what the base has not.
pub(super) type Fault<'f> = &'f mut dyn FnMut(usize, Missing);

/// Takes one entry of `[[without]]` away from the base.
pub(super) fn take_away(base: &mut DeTable, entry: Spanned<DeValue>, fault: Fault) {
    let at = entry.span().start;
    let without = match Without::deserialize(ValueDeserializer::from(entry)) {
        Ok(without) => without,
        Err(error) => {
            let at = error.span().map_or(at, |span| span.start);
            return fault(at, Missing::Table(error.message().to_string()));
        }
    };
    match &without {
        Without { section: Some(section), module: None, rate: None, sources, ids, .. }
            if sources.is_empty() && !ids.is_empty() =>
        {
            for id in ids {
                if let Err(missing) = remove_element(base, section, id) {
                    fault(at, missing);
                }
            }
        }
        Without { section: None, module: Some(module), rate: None, sources, ids, .. }
            if sources.is_empty() && ids.is_empty() =>
        {
            if let Err(missing) = remove_mechanism(base, module) {
                fault(at, missing);
            }
        }
        Without { section: None, module, rate, sources, ids, .. }
            if ids.is_empty() && (module.is_some() || rate.is_none()) =>
        {
            cut(base, module.as_deref(), rate.as_deref(), sources, &mut |missing| fault(at, missing));
        }
        _ => fault(at, Missing::Table(
            "`without` takes `section` and `ids`, or `module` alone, or `module`, `rate` and `sources`, or `sources` alone".to_string(),
        )),
    }
}

/// The mechanisms of a model.
pub(super) fn mechanisms<'b, 't>(base: &'b mut DeTable<'t>) -> &'b mut [Spanned<DeValue<'t>>] {
    match base.get_mut("mechanism").map(Spanned::get_mut) {
        Some(DeValue::Array(array)) => &mut *array,
        _ => &mut [],
    }
}

pub(super) fn no_module(base: &mut DeTable, module: &str) -> Missing {
    let types = mechanisms(base).iter();
    let types = types.filter_map(|value| text_of(value.get_ref(), "type").map(str::to_string));
    Missing::Id {
        what: "module".to_string(),
        id: module.to_string(),
        known: types.collect(),
    }
}

fn remove_mechanism(base: &mut DeTable, module: &str) -> Result<(), Missing> {
    let Some(DeValue::Array(array)) = base.get_mut("mechanism").map(Spanned::get_mut) else {
        return Err(no_module(base, module));
    };
    let before = array.len();
    let others = std::mem::replace(array, DeArray::new()).into_iter();
    *array = others
        .filter(|value| text_of(value.get_ref(), "type") != Some(module))
        .collect();
    match array.len() == before {
        true => Err(no_module(base, module)),
        false => Ok(()),
    }
}

fn remove_element(base: &mut DeTable, section: &str, id: &str) -> Result<(), Missing> {
    let missing = |known: Vec<String>| Missing::Id {
        what: format!("element of `{section}`"),
        id: id.to_string(),
        known,
    };
    match base.get_mut(section).map(Spanned::get_mut) {
        Some(DeValue::Table(table)) => match table.remove(id) {
            Some(_) => Ok(()),
            None => Err(missing(
                table.keys().map(|key| key.get_ref().to_string()).collect(),
            )),
        },
        Some(DeValue::Array(array)) if section == "scenario" => {
            let scenarios: Vec<_> = std::mem::replace(array, DeArray::new())
                .into_iter()
                .collect();
            let known: Vec<String> = (scenarios.iter())
                .filter_map(|value| text_of(value.get_ref(), "id").map(str::to_string))
                .collect();
            let others = scenarios.into_iter();
            *array = others
                .filter(|value| text_of(value.get_ref(), "id") != Some(id))
                .collect();
            match known.iter().any(|other| other == id) {
                true => Ok(()),
                false => Err(missing(known)),
            }
        }
        _ => Err(Missing::Id {
            what: "section".to_string(),
            id: section.to_string(),
            known: base.keys().map(|key| key.get_ref().to_string()).collect(),
        }),
    }
}

/// The id of a source: a word, or that of a dose.
fn source_id<'v>(value: &'v Spanned<DeValue<'_>>) -> &'v str {
    let value = value.get_ref();
    value
        .as_str()
        .or_else(|| text_of(value, "dose"))
        .unwrap_or_default()
}

/// Takes influences away: the sources of a rate (all of them where none is named), or of every rate.
fn cut(
    base: &mut DeTable,
    module: Option<&str>,
    rate: Option<&str>,
    sources: &[String],
    fault: &mut dyn FnMut(Missing),
) {
    if let Some(module) = module
        && !mechanisms(base)
            .iter()
            .any(|value| text_of(value.get_ref(), "type") == Some(module))
    {
        return fault(no_module(base, module));
    }
    let (mut rates, mut acting): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for mechanism in mechanisms(base) {
        let kind = text_of(mechanism.get_ref(), "type").map(str::to_string);
        if module.is_some() && kind.as_deref() != module {
            continue;
        }
        let DeValue::Table(table) = mechanism.get_mut() else {
            continue;
        };
        let Some(DeValue::Table(influences)) = table.get_mut("influences").map(Spanned::get_mut)
        else {
            continue;
        };
        for (key, list) in influences.iter_mut() {
            let key = key.get_ref().to_string();
            let DeValue::Array(list) = list.get_mut() else {
                continue;
            };
            if rate.is_none_or(|rate| rate == key) {
                acting.extend(list.iter().map(|value| source_id(value).to_string()));
                let gone = |value: &Spanned<DeValue>| {
                    sources.is_empty() || sources.iter().any(|source| source == source_id(value))
                };
                *list = std::mem::replace(list, DeArray::new())
                    .into_iter()
                    .filter(|value| !gone(value))
                    .collect();
            }
            rates.push(key);
        }
    }
    let of = module.map_or(String::new(), |module| format!(" of `{module}`"));
    if let Some(rate) = rate
        && !rates.iter().any(|known| known == rate)
    {
        let what = format!("influenced rate{of}");
        return fault(Missing::Id {
            what,
            id: rate.to_string(),
            known: rates,
        });
    }
    let on = rate.map_or(of.clone(), |rate| format!(" on `{rate}`{of}"));
    acting.sort();
    acting.dedup();
    for source in sources.iter().filter(|source| !acting.contains(source)) {
        let (what, id) = (format!("influence{on}"), source.clone());
        fault(Missing::Id {
            what,
            id,
            known: acting.clone(),
        });
    }
}
