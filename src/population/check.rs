//! Every fault of a statistical model at once.

use super::effects::Spread;
use super::error::PopulationFault;
use super::model::{Coefficient, Level, PopulationProblem};

/// All faults, in the order of the model.
pub(super) fn faults(model: &PopulationProblem) -> Vec<PopulationFault> {
    let mut faults = Vec::new();
    let rows = &model.problem.parameters.rows;
    let id = |row: usize| rows.get(row).map_or("?", |r| r.id.as_str()).to_owned();
    let index = |faults: &mut Vec<PopulationFault>, what: String, index: usize, count: usize| {
        if index >= count {
            faults.push(PopulationFault::Index { what, index, count });
        }
        index < count
    };
    let coefficient =
        |faults: &mut Vec<PopulationFault>, what: String, value: Coefficient| match value {
            Coefficient::Row(row) => index(faults, what, row, rows.len()),
            Coefficient::Constant(_) => true,
        };
    if model.individuals.is_empty() {
        faults.push(PopulationFault::Empty);
    }
    let subjects = &model.problem.cohort.subjects;
    let mut owners = vec![0; subjects.len()];
    for individual in &model.individuals {
        for &subject in &individual.subjects {
            let what = format!("experiment of individual `{}`", individual.id);
            if index(&mut faults, what, subject, subjects.len()) {
                owners[subject] += 1;
            }
        }
    }
    for (subject, count) in subjects.iter().zip(owners) {
        if count != 1 {
            let subject = subject.id.clone();
            faults.push(PopulationFault::Owner { subject, count });
        }
    }
    for parameter in &model.parameters {
        let what = "row of an individual parameter".to_owned();
        if !index(&mut faults, what.clone(), parameter.row, rows.len())
            || !index(&mut faults, what, parameter.typical, rows.len())
        {
            continue;
        }
        let row = &rows[parameter.typical];
        if !parameter.transform.contains(row.nominal) {
            faults.push(PopulationFault::Domain {
                parameter: row.id.clone(),
                value: row.nominal,
                transform: parameter.transform.name().to_owned(),
            });
        }
    }
    let is_individual = |row: usize| model.parameters.iter().any(|p| p.typical == row);
    let mut sound = true;
    for effect in &model.effects {
        let what = format!("random effect `{}`", effect.id);
        if !is_individual(effect.typical) {
            let parameter = id(effect.typical);
            faults.push(PopulationFault::NoParameter {
                what: what.clone(),
                parameter,
            });
        }
        if !coefficient(&mut faults, what, effect.standard_deviation) {
            sound = false;
            continue;
        }
        let nominal = match effect.standard_deviation {
            Coefficient::Constant(value) => value,
            Coefficient::Row(row) => rows[row].nominal,
        };
        if let Coefficient::Row(row) = effect.standard_deviation
            && rows[row].estimate
            && nominal == 0.0
        {
            let effect = effect.id.clone();
            faults.push(PopulationFault::StartsAtZero { effect });
        }
        if nominal.is_nan() || nominal < 0.0 {
            sound = false;
            faults.push(PopulationFault::StandardDeviation {
                effect: effect.id.clone(),
                value: nominal,
            });
        }
    }
    for (number, effect) in model.effects.iter().enumerate() {
        let same = |other: &&super::RandomEffect| {
            other.typical == effect.typical && other.level == effect.level
        };
        if let Some(first) = model.effects[..number].iter().find(same) {
            faults.push(PopulationFault::SameParameter {
                first: first.id.clone(),
                second: effect.id.clone(),
                parameter: id(effect.typical),
                level: match effect.level {
                    Level::Individual => "individuals",
                    Level::Occasion => "occasions",
                },
            });
        }
    }
    let name = |e: usize| {
        model
            .effects
            .get(e)
            .map_or("?", |e| e.id.as_str())
            .to_owned()
    };
    for (number, pair) in model.correlations.iter().enumerate() {
        let (Some(a), Some(b)) = (
            model.effects.get(pair.first),
            model.effects.get(pair.second),
        ) else {
            let what = "effect of a correlation".to_owned();
            index(
                &mut faults,
                what,
                pair.first.max(pair.second),
                model.effects.len(),
            );
            sound = false;
            continue;
        };
        let same = |other: &super::Correlation| {
            (other.first, other.second) == (pair.first, pair.second)
                || (other.first, other.second) == (pair.second, pair.first)
        };
        let why = if pair.first == pair.second {
            Some("an effect is no other's partner but its own")
        } else if a.level != b.level {
            Some("one varies between individuals, the other between occasions")
        } else if model.correlations[..number].iter().any(same) {
            Some("it is given twice")
        } else {
            None
        };
        if let Some(why) = why {
            let (first, second) = (name(pair.first), name(pair.second));
            faults.push(PopulationFault::Correlation { first, second, why });
        }
        let what = format!("correlation of `{}` and `{}`", a.id, b.id);
        sound &= coefficient(&mut faults, what, pair.value);
    }
    if sound {
        let nominal: Vec<f64> = rows.iter().map(|row| row.nominal).collect();
        if Spread::new(model, &nominal, false).is_none() {
            // of the level whose correlations, taken alone, are none
            let alone = |level| {
                let mut one = model.clone();
                one.correlations
                    .retain(|pair| model.effects[pair.first].level == level);
                Spread::new(&one, &nominal, false).is_none()
            };
            let (level, own) = match alone(Level::Individual) {
                true => ("individuals", Level::Individual),
                false => ("occasions", Level::Occasion),
            };
            let pairs = model.correlations.iter();
            let pairs: Vec<String> = pairs
                .filter(|pair| model.effects[pair.first].level == own)
                .map(|pair| {
                    let (first, second) = (name(pair.first), name(pair.second));
                    format!("`{first}` with `{second}` {}", pair.value.value(&nominal))
                })
                .collect();
            let pairs = pairs.join(", ");
            faults.push(PopulationFault::NotPositiveDefinite { level, pairs });
        }
    }
    for effect in &model.covariate_effects {
        let what = format!("covariate effect of `{}`", effect.covariate);
        if !is_individual(effect.typical) {
            let parameter = id(effect.typical);
            faults.push(PopulationFault::NoParameter {
                what: what.clone(),
                parameter,
            });
        }
        coefficient(&mut faults, what, effect.coefficient);
        for (number, individual) in model.individuals.iter().enumerate() {
            if effect.values.get(number).is_none_or(|c| !c.is_finite()) {
                faults.push(PopulationFault::Covariate {
                    covariate: effect.covariate.clone(),
                    parameter: id(effect.typical),
                    individual: individual.id.clone(),
                });
            }
        }
    }
    faults
}
