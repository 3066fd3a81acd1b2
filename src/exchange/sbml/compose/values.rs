//! What names of an instance mean in the flat model: prefixes, replacements, conversion factors.
//!
//! A value that a submodel reads is that of its replacement divided by the conversion factor; time is divided by the time
//! factors of all levels, rates of reactions by extent factors over time factors (section 3.9 of the specification of the package comp,
//! doi:10.1515/jib-2015-268).
use super::super::error::SbmlError;
use super::super::math::{Math, Operator};
use super::index::{Index, Kind};
use super::links::{At, Composition};
use crate::expr::did_you_mean;
use std::cell::Cell;
use std::collections::{HashMap, HashSet};

/// Replacements that may be looked up for one model; hostile factors of factors double at every level.
const MOST_LOOKUPS: u64 = 1_000_000;

/// Names that mean something of their own in one formula.
#[derive(Default)]
pub(super) struct Locals<'n> {
    /// arguments and local parameters
    pub own: HashSet<&'n str>,
    /// local parameters that something replaces
    pub replaced: HashMap<&'n str, At>,
}

/// What is asked of a quantity.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ask {
    Value,
    Rate,
}

/// Names in the flat model.
pub(super) struct Values<'a> {
    pub composition: &'a Composition<'a>,
    /// what stands before the ids of an instance
    prefixes: Vec<String>,
    /// ids of the flat model
    taken: HashSet<String>,
    lookups: Cell<u64>,
}

impl<'a> Values<'a> {
    pub(super) fn new(composition: &'a Composition<'a>) -> Self {
        let mut values = Values {
            composition,
            prefixes: Vec::new(),
            taken: HashSet::new(),
            lookups: Cell::new(0),
        };
        values.choose_prefixes();
        values
    }

    fn choose_prefixes(&mut self) {
        let composition = self.composition;
        let mut taken_units: HashSet<String> = HashSet::new();
        for (number, instance) in composition.instances.iter().enumerate() {
            // a submodel that replaces another has its place
            let place = composition.moved.get(&number).copied().unwrap_or(number);
            let parent = composition.instances[place].parent.or(instance.parent);
            let mut prefix = String::new();
            if let Some((parent, position)) = parent {
                let submodel = &composition.template(parent).model.submodels[position];
                let id = submodel.meta.id.as_deref().unwrap_or_default();
                prefix = format!("{}{id}__", self.prefixes[parent]);
            }
            let index = &composition.template(number).index;
            let stays = |part: u32| {
                let at = At {
                    instance: number,
                    part,
                };
                !composition.removed.contains(&at) && !composition.renamed.contains_key(&at)
            };
            if composition.gone.contains(&number) {
                self.prefixes.push(prefix);
                continue;
            }
            let ids = || index.ids.iter().filter(|(_, part)| stays(**part));
            let units = || index.units.iter().filter(|(_, part)| stays(**part));
            while ids().any(|(id, _)| self.taken.contains(&format!("{prefix}{id}")))
                || units().any(|(id, _)| taken_units.contains(&format!("{prefix}{id}")))
            {
                prefix.push('_');
            }
            self.taken
                .extend(ids().map(|(id, _)| format!("{prefix}{id}")));
            taken_units.extend(units().map(|(id, _)| format!("{prefix}{id}")));
            self.prefixes.push(prefix);
        }
    }

    /// An id that nobody has.
    pub(super) fn free(&mut self, wanted: String) -> String {
        let mut id = wanted;
        while !self.taken.insert(id.clone()) {
            id.push('_');
        }
        id
    }

    /// Whether the flat model has an id.
    pub(super) fn is_taken(&self, id: &str) -> bool {
        self.taken.contains(id)
    }
    /// Whether an instance's own model has an id.
    pub(super) fn is_known(&self, instance: usize, id: &str) -> bool {
        self.index(instance).ids.contains_key(id)
    }

    fn index(&self, instance: usize) -> &'a Index {
        &self.composition.template(instance).index
    }

    /// The id of a part with an id in the flat model.
    pub(super) fn id(&self, at: At) -> Option<String> {
        let named = self.composition.renamed.get(&at).copied().unwrap_or(at);
        let id = self.composition.part(named).id.as_ref()?;
        Some(format!("{}{id}", self.prefixes[named.instance]))
    }

    pub(super) fn prefixed(&self, instance: usize, name: &str) -> String {
        format!("{}{name}", self.prefixes[instance])
    }

    /// What stands for a part in the end.
    fn end(&self, mut at: At) -> At {
        while let Some(redirect) = self.composition.redirects.get(&at) {
            at = redirect.by;
        }
        at
    }

    /// The id that an attribute's id means; an unknown one stays unknown.
    pub(super) fn reference(&self, instance: usize, name: &str) -> Result<String, SbmlError> {
        match self.index(instance).ids.get(name) {
            None => Ok(self.prefixed(instance, name)),
            Some(part) => self.named(At {
                instance,
                part: *part,
            }),
        }
    }

    fn named(&self, at: At) -> Result<String, SbmlError> {
        let end = self.end(at);
        let local = self.composition.part(end).kind == Kind::LocalParameter;
        let Some(id) = self.id(end).filter(|_| !local) else {
            let (part, by) = (self.composition.part(at), self.composition.part(end));
            return Err(SbmlError::Composition {
                line: by.line,
                element: by.described(),
                message: format!(
                    "this element replaces the {} of a submodel, to which others refer, and has no id that they can use",
                    part.described()
                ),
            });
        };
        if at.instance > 0 {
            self.count(at, id.len() as u64 / 100)?;
        }
        Ok(id)
    }

    /// Refuses what grows without end.
    fn count(&self, at: At, lookups: u64) -> Result<(), SbmlError> {
        self.lookups.set(self.lookups.get() + lookups);
        if self.lookups.get() <= MOST_LOOKUPS {
            return Ok(());
        }
        let part = self.composition.part(at);
        Err(SbmlError::Composition {
            line: part.line,
            element: part.described(),
            message: format!(
                "the names and conversion factors of the submodels take more than {MOST_LOOKUPS} look-ups"
            ),
        })
    }

    /// The id of a unit; base units and predefined ones are everywhere the same.
    pub(super) fn unit(&self, instance: usize, name: &str) -> Result<String, SbmlError> {
        match self.index(instance).units.get(name) {
            None => Ok(name.to_string()),
            Some(part) => self.named(At {
                instance,
                part: *part,
            }),
        }
    }

    /// Rewrites a formula of an instance in the names and scales of the flat model. Locals mean themselves.
    pub(super) fn rewrite(
        &self,
        instance: usize,
        math: &mut Math,
        locals: &Locals,
    ) -> Result<(), SbmlError> {
        let line_of = |line: &u32| self.composition.instances[instance].line.unwrap_or(*line);
        match math {
            Math::Name(name, _) | Math::RateOf(name, _) if locals.own.contains(name.as_str()) => {}
            Math::Name(name, line) => {
                *math = self.symbol(instance, name, locals, line_of(line), Ask::Value)?;
            }
            Math::RateOf(name, line) => {
                let rate = self.symbol(instance, name, locals, line_of(line), Ask::Rate)?;
                *math = scaled(rate, self.time_factors(instance)?, Vec::new());
            }
            Math::Time => {
                let factors = self.time_factors(instance)?;
                *math = scaled(Math::Time, Vec::new(), factors);
            }
            Math::Call(name, line, arguments) => {
                *line = line_of(line);
                *name = self.reference(instance, name)?;
                for argument in arguments {
                    self.rewrite(instance, argument, locals)?;
                }
            }
            Math::Number(_) | Math::Apply(..) | Math::Piecewise(..) => {
                for operand in math.operands_mut() {
                    self.rewrite(instance, operand, locals)?;
                }
            }
        }
        Ok(())
    }

    fn symbol(
        &self,
        instance: usize,
        name: &str,
        locals: &Locals,
        line: u32,
        ask: Ask,
    ) -> Result<Math, SbmlError> {
        let part = self.index(instance).ids.get(name);
        let global = part.map(|part| At {
            instance,
            part: *part,
        });
        match locals.replaced.get(name).copied().or(global) {
            Some(at) => self.value(at, instance, line, ask),
            None => Ok(leaf(self.prefixed(instance, name), line, ask)),
        }
    }

    /// A part's value; that of a reaction in the scale of the instance `scale`.
    fn value(&self, at: At, scale: usize, line: u32, ask: Ask) -> Result<Math, SbmlError> {
        let is_reaction = |at: At| self.composition.part(at).kind == Kind::Reaction;
        let Some(redirect) = self.composition.redirects.get(&at) else {
            let value = leaf(self.named(at)?, line, ask);
            return match is_reaction(at) {
                true => self.rescaled(value, 0, scale),
                false => Ok(value),
            };
        };
        self.count(at, 1)?;
        let by = redirect.by;
        if let Some(factor) = &redirect.factor {
            let factor = self.factor(by.instance, factor, "conversionFactor", at)?;
            let value = self.value(by, by.instance, line, ask)?;
            let value = scaled(value, Vec::new(), vec![factor]);
            return match is_reaction(at) {
                true => self.rescaled(value, at.instance, scale),
                false => Ok(value),
            };
        }
        // the element of the submodel says whether the scale of extents matters
        let upward = by.instance < at.instance;
        if is_reaction(by) && (is_reaction(at) || !upward) {
            return self.value(by, scale, line, ask);
        }
        let value = self.value(by, by.instance, line, ask)?;
        match is_reaction(at) && upward {
            true => self.rescaled(value, by.instance, scale),
            false => Ok(value),
        }
    }

    /// A rate of extent in the scale of another instance.
    fn rescaled(&self, value: Math, from: usize, to: usize) -> Result<Math, SbmlError> {
        let (mut up, mut down) = (self.levels(from), self.levels(to));
        while let (Some(a), Some(b)) = (up.first(), down.first())
            && a == b
        {
            up.remove(0);
            down.remove(0);
        }
        let (mut above, mut below) = (Vec::new(), Vec::new());
        for (instances, extent, time) in [(up, true, false), (down, false, true)] {
            for instance in instances {
                let (extents, times) = (self.extent_factor(instance)?, self.time_factor(instance)?);
                match extent {
                    true => above.extend(extents),
                    false => below.extend(extents),
                }
                match time {
                    true => above.extend(times),
                    false => below.extend(times),
                }
            }
        }
        Ok(scaled(value, above, below))
    }

    /// The instances from below the main model to an instance.
    fn levels(&self, mut instance: usize) -> Vec<usize> {
        let mut levels = Vec::new();
        while let Some((parent, _)) = self.composition.instances[instance].parent {
            levels.push(instance);
            instance = parent;
        }
        levels.reverse();
        levels
    }

    fn time_factor(&self, instance: usize) -> Result<Option<Math>, SbmlError> {
        self.submodel_factor(instance, "timeConversionFactor")
    }
    fn extent_factor(&self, instance: usize) -> Result<Option<Math>, SbmlError> {
        self.submodel_factor(instance, "extentConversionFactor")
    }

    fn submodel_factor(
        &self,
        instance: usize,
        attribute: &'static str,
    ) -> Result<Option<Math>, SbmlError> {
        let Some((parent, position)) = self.composition.instances[instance].parent else {
            return Ok(None);
        };
        let submodel = &self.composition.template(parent).model.submodels[position];
        let factor = match attribute {
            "timeConversionFactor" => &submodel.time_conversion_factor,
            _ => &submodel.extent_conversion_factor,
        };
        let at = At {
            instance: parent,
            part: submodel.meta.number,
        };
        match factor {
            Some(factor) => self.factor(parent, factor, attribute, at).map(Some),
            None => Ok(None),
        }
    }

    /// A conversion factor: a parameter of an instance.
    fn factor(
        &self,
        instance: usize,
        name: &str,
        attribute: &str,
        of: At,
    ) -> Result<Math, SbmlError> {
        let index = self.index(instance);
        let of = self.composition.part(of);
        match index.ids.get(name) {
            Some(part) if index.parts[*part as usize].kind == Kind::Parameter => {
                let at = At {
                    instance,
                    part: *part,
                };
                self.value(at, instance, of.line, Ask::Value)
            }
            _ => {
                let parameters = index.parts.iter().filter(|p| p.kind == Kind::Parameter);
                let known = parameters.filter_map(|p| p.id.as_deref());
                Err(SbmlError::UnknownName {
                    line: of.line,
                    element: format!("{attribute} of {}", of.described()),
                    kind: "parameter",
                    name: name.to_string(),
                    near: did_you_mean(name, known),
                })
            }
        }
    }

    /// The time factors of all levels: time in the flat model is that of the instance times them.
    pub(super) fn time_factors(&self, instance: usize) -> Result<Vec<Math>, SbmlError> {
        let levels = self.levels(instance);
        let factors = levels.into_iter().map(|level| self.time_factor(level));
        factors.filter_map(Result::transpose).collect()
    }

    /// The rate of a reaction of an instance, in the scale of the flat model.
    pub(super) fn rate(&self, instance: usize, law: Math) -> Result<Math, SbmlError> {
        self.rescaled(law, instance, 0)
    }

    /// The quantity that an assignment of an instance is about, and the formula in its scale.
    pub(super) fn assigned(
        &self,
        instance: usize,
        variable: &str,
        math: Option<Math>,
    ) -> Result<(String, Option<Math>), SbmlError> {
        let Some(part) = self.index(instance).ids.get(variable) else {
            return Ok((self.prefixed(instance, variable), math));
        };
        let start = At {
            instance,
            part: *part,
        };
        let (mut at, mut factors) = (start, Vec::new());
        while let Some(redirect) = self.composition.redirects.get(&at) {
            let by = redirect.by;
            if let Some(factor) = &redirect.factor {
                factors.push(self.factor(by.instance, factor, "conversionFactor", at)?);
            }
            at = by;
        }
        let math = math.map(|math| scaled(math, factors, Vec::new()));
        Ok((self.named(start)?, math))
    }

    /// The value of a conversion factor of species, which an attribute names.
    pub(super) fn species_factor(&self, instance: usize, name: &str) -> Result<Math, SbmlError> {
        let line = self.composition.instances[instance].line.unwrap_or(0);
        self.symbol(instance, name, &Locals::default(), line, Ask::Value)
    }
}

fn leaf(name: String, line: u32, ask: Ask) -> Math {
    match ask {
        Ask::Value => Math::Name(name, line),
        Ask::Rate => Math::RateOf(name, line),
    }
}

/// `math` times all of `above`, divided by all of `below`.
pub(super) fn scaled(math: Math, above: Vec<Math>, below: Vec<Math>) -> Math {
    let product = |first: Math, others: Vec<Math>| match others.is_empty() {
        true => first,
        false => {
            let mut factors = vec![first];
            factors.extend(others);
            Math::Apply(Operator::Times, factors)
        }
    };
    let above = product(math, above);
    let mut below = below.into_iter();
    match below.next() {
        None => above,
        Some(first) => {
            let below = product(first, below.collect());
            Math::Apply(Operator::Divide, vec![above, below])
        }
    }
}
