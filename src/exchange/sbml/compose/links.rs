//! What is deleted and what stands for what: references between the instances, resolved.
//!
//! A replaced part is gone, with all that it holds; what refers to it refers to its replacement. References meet the models as
//! they are written, so that the order of deletions and replacements does not matter.
use super::super::document::Reference;
use super::super::error::SbmlError;
use super::index::{Kind, Part};
use super::instances::Instance;
use super::library::{Library, Template};
use crate::expr::did_you_mean;
use std::collections::{HashMap, HashSet};

/// Errors after which no more are looked for.
pub(super) const MOST_ERRORS: usize = 100;
/// Replacements of replacements that a model may have.
const LONGEST: usize = 200;

/// A part of an instance, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct At {
    pub instance: usize,
    pub part: u32,
}

/// What stands for a part that is gone.
#[derive(Clone, Debug)]
pub(super) struct Redirect {
    pub by: At,
    /// a parameter of the instance of `by`: the replaced value times the factor is the replacing one
    pub factor: Option<String>,
    /// the element that says so, and its line
    line: u32,
    element: String,
}

/// A tree of instances with its references resolved.
pub(super) struct Composition<'a> {
    pub library: &'a Library,
    pub instances: &'a [Instance],
    pub removed: HashSet<At>,
    /// instances without their submodel
    pub gone: HashSet<usize>,
    pub redirects: HashMap<At, Redirect>,
    /// parts that take the name of the part which they replace
    pub renamed: HashMap<At, At>,
    /// instances that take the name of the submodel which they replace
    pub moved: HashMap<usize, usize>,
    pub errors: Vec<SbmlError>,
}

enum Target {
    Part(At),
    Instance(usize),
}

impl<'a> Composition<'a> {
    pub(super) fn new(library: &'a Library, instances: &'a [Instance]) -> Self {
        let mut composition = Composition {
            library,
            instances,
            removed: HashSet::new(),
            gone: HashSet::new(),
            redirects: HashMap::new(),
            renamed: HashMap::new(),
            moved: HashMap::new(),
            errors: Vec::new(),
        };
        for instance in 0..instances.len() {
            composition.delete(instance);
            composition.replace(instance);
            if composition.errors.len() > MOST_ERRORS {
                return composition;
            }
        }
        composition.check_circles();
        // children stand behind their parents
        for (number, instance) in instances.iter().enumerate() {
            let gone = instance
                .parent
                .is_some_and(|(p, _)| composition.gone.contains(&p));
            if gone && !composition.moved.contains_key(&number) {
                composition.gone.insert(number);
            }
        }
        composition
    }

    pub(super) fn template(&self, instance: usize) -> &'a Template {
        &self.library.templates[self.instances[instance].template]
    }
    pub(super) fn part(&self, at: At) -> &'a Part {
        &self.template(at.instance).index.parts[at.part as usize]
    }
    /// An error in the words of an instance's document.
    fn note(&mut self, instance: usize, error: SbmlError) {
        let document = self.template(instance).document;
        self.errors.push(self.library.at(document, error));
    }

    fn delete(&mut self, instance: usize) {
        for (position, submodel) in self.template(instance).model.submodels.iter().enumerate() {
            let child = self.instances[instance].children[position];
            for (meta, reference) in &submodel.deletions {
                let element = match &meta.id {
                    Some(id) => format!("deletion `{id}`"),
                    None => "deletion".to_string(),
                };
                match self.resolve(child, reference, &element) {
                    Ok(target) => self.remove(target),
                    Err(error) => self.note(instance, error),
                }
            }
        }
    }

    fn remove(&mut self, target: Target) {
        match target {
            Target::Part(at) => drop(self.removed.insert(at)),
            Target::Instance(instance) => drop(self.gone.insert(instance)),
        }
    }

    fn replace(&mut self, instance: usize) {
        for (number, part) in self.template(instance).index.parts.iter().enumerate() {
            let at = At {
                instance,
                part: number as u32,
            };
            for reference in &part.replaces {
                let element = format!("replacedElement of {}", part.described());
                if let Err(error) = self.replace_by(at, reference, element) {
                    self.note(instance, error);
                }
            }
            if part.replaced_by.is_some() {
                let replaced = self.be_replaced(at, part);
                if let Err(error) = replaced {
                    self.note(instance, error);
                }
            }
        }
    }

    /// A part replaces an element of a submodel.
    fn replace_by(
        &mut self,
        at: At,
        reference: &Reference,
        element: String,
    ) -> Result<(), SbmlError> {
        let start = self.submodel(at.instance, reference, &element)?;
        if let Some(deletion) = &reference.deletion {
            return self.check_deletion(at.instance, reference, deletion, element);
        }
        let target = self.resolve(start, reference, &element)?;
        match target {
            Target::Instance(instance) => {
                self.gone.insert(instance);
                Ok(())
            }
            Target::Part(replaced) => {
                self.removed.insert(replaced);
                let redirect = Redirect {
                    by: at,
                    factor: reference.conversion_factor.clone(),
                    line: reference.line,
                    element,
                };
                self.redirect(replaced, redirect)
            }
        }
    }

    fn check_deletion(
        &self,
        instance: usize,
        reference: &Reference,
        deletion: &str,
        element: String,
    ) -> Result<(), SbmlError> {
        let submodels = &self.template(instance).model.submodels;
        let named = submodels
            .iter()
            .filter(|s| s.meta.id == reference.submodel)
            .flat_map(|s| &s.deletions);
        let known: Vec<&str> = named.filter_map(|(meta, _)| meta.id.as_deref()).collect();
        match known.contains(&deletion) {
            true => Ok(()),
            false => Err(SbmlError::UnknownName {
                line: reference.line,
                element,
                kind: "deletion",
                name: deletion.to_string(),
                near: did_you_mean(deletion, known),
            }),
        }
    }

    /// A part is replaced by an element of a submodel.
    fn be_replaced(&mut self, at: At, part: &Part) -> Result<(), SbmlError> {
        let Some(reference) = &part.replaced_by else {
            return Ok(());
        };
        let element = format!("replacedBy of {}", part.described());
        let start = self.submodel(at.instance, reference, &element)?;
        let target = self.resolve(start, reference, &element)?;
        match (target, part.kind) {
            (Target::Part(by), _) => {
                self.removed.insert(at);
                if part.has_global_id() || part.kind == Kind::Unit {
                    // the outermost name stays
                    let other = *self.renamed.entry(by).or_insert(at);
                    if other != at && other.instance == at.instance {
                        return Err(self.double(reference.line, element, by, &{
                            let first = self.part(other);
                            format!("replaces {} already", first.described())
                        }));
                    }
                }
                let redirect = Redirect {
                    by,
                    factor: None,
                    line: reference.line,
                    element,
                };
                self.redirect(at, redirect)
            }
            (Target::Instance(by), Kind::Submodel(position)) => {
                let replaced = self.instances[at.instance].children[position];
                self.gone.insert(replaced);
                self.moved.entry(by).or_insert(replaced);
                Ok(())
            }
            (Target::Instance(_), _) => Err(SbmlError::Composition {
                line: reference.line,
                element,
                message: "only a submodel can be replaced by a submodel".to_string(),
            }),
        }
    }

    fn double(&self, line: u32, element: String, at: At, what: &str) -> SbmlError {
        let part = self.part(at).described();
        SbmlError::Composition {
            line,
            element,
            message: format!("the {part} of the submodel {what}; refer to one element once"),
        }
    }

    fn redirect(&mut self, replaced: At, redirect: Redirect) -> Result<(), SbmlError> {
        match self.redirects.get(&replaced) {
            // the outer model replaced what an inner one says of its own parts
            Some(first) => {
                let what = format!(
                    "is replaced at line {} by the {} already",
                    first.line, first.element
                );
                Err(self.double(redirect.line, redirect.element, replaced, &what))
            }
            None => {
                self.redirects.insert(replaced, redirect);
                Ok(())
            }
        }
    }

    /// The instance that `submodelRef` names.
    fn submodel(
        &self,
        instance: usize,
        reference: &Reference,
        element: &str,
    ) -> Result<usize, SbmlError> {
        let Some(name) = &reference.submodel else {
            return Err(SbmlError::MissingAttribute {
                line: reference.line,
                element: element.to_string(),
                attribute: "submodelRef".to_string(),
            });
        };
        let index = &self.template(instance).index;
        let part = index
            .ids
            .get(name)
            .map(|number| (*number, index.parts[*number as usize].kind));
        match part {
            Some((part, Kind::Submodel(_))) => {
                match self.followed(At { instance, part }, element)? {
                    Target::Instance(child) => Ok(child),
                    Target::Part(_) => Err(self.no_submodel(reference, element, name)),
                }
            }
            _ => {
                let submodels = &self.template(instance).model.submodels;
                let known = submodels.iter().filter_map(|s| s.meta.id.as_deref());
                Err(SbmlError::UnknownName {
                    line: reference.line,
                    element: element.to_string(),
                    kind: "submodel",
                    name: name.clone(),
                    near: did_you_mean(name, known),
                })
            }
        }
    }

    fn no_submodel(&self, reference: &Reference, element: &str, name: &str) -> SbmlError {
        SbmlError::Composition {
            line: reference.line,
            element: element.to_string(),
            message: format!("`{name}` is no submodel, and only submodels have parts to refer to"),
        }
    }

    /// What a reference means in an instance.
    fn resolve(
        &self,
        instance: usize,
        reference: &Reference,
        element: &str,
    ) -> Result<Target, SbmlError> {
        let index = &self.template(instance).index;
        let ways = [
            &reference.port,
            &reference.id,
            &reference.unit,
            &reference.meta_id,
        ];
        let given: Vec<&String> = ways.into_iter().flatten().collect();
        let [name] = given[..] else {
            return Err(SbmlError::Composition {
                line: reference.line,
                element: element.to_string(),
                message: format!(
                    "exactly one of portRef, idRef, unitRef and metaIdRef says what is meant; {} do",
                    given.len()
                ),
            });
        };
        let (kind, names): (_, &HashMap<String, u32>) = match reference {
            Reference { port: Some(_), .. } => {
                return self.through_port(instance, reference, name, element);
            }
            Reference { id: Some(_), .. } => ("element", &index.ids),
            Reference { unit: Some(_), .. } => ("unit definition", &index.units),
            _ => ("element with the metaid", &index.meta_ids),
        };
        let Some(part) = names.get(name) else {
            return Err(self.unknown(instance, reference, element, kind, names.keys(), name));
        };
        let target = self.followed(
            At {
                instance,
                part: *part,
            },
            element,
        )?;
        self.inward(target, reference, element, name)
    }

    fn through_port(
        &self,
        instance: usize,
        reference: &Reference,
        name: &str,
        element: &str,
    ) -> Result<Target, SbmlError> {
        let Template { model, index, .. } = self.template(instance);
        let Some(position) = index.ports.get(name) else {
            return Err(self.unknown(
                instance,
                reference,
                element,
                "port",
                index.ports.keys(),
                name,
            ));
        };
        let port = &model.ports[*position].reference;
        let within = format!("port `{name}`");
        let target = match &port.port {
            // ports to ports could go in circles
            Some(other) => Err(SbmlError::Composition {
                line: port.line,
                element: within,
                message: format!("a port refers to an element, not to another port (`{other}`)"),
            }),
            None => self.resolve(instance, port, &within),
        };
        let document = self.template(instance).document;
        let target = target.map_err(|error| self.library.at(document, error))?;
        self.inward(target, reference, element, name)
    }

    /// The parts of a submodel that the inner reference names, if there is one.
    fn inward(
        &self,
        target: Target,
        reference: &Reference,
        element: &str,
        name: &str,
    ) -> Result<Target, SbmlError> {
        match (&reference.inner, target) {
            (None, target) => Ok(target),
            (Some(inner), Target::Instance(child)) => self.resolve(child, inner, element),
            (Some(_), Target::Part(_)) => Err(self.no_submodel(reference, element, name)),
        }
    }

    /// A part, or what stands for it by its own model's word; the instance of a submodel.
    fn followed(&self, at: At, element: &str) -> Result<Target, SbmlError> {
        let part = self.part(at);
        if let Some(reference) = &part.replaced_by {
            let start = self.submodel(at.instance, reference, element)?;
            return self.resolve(start, reference, element);
        }
        Ok(match part.kind {
            Kind::Submodel(position) => {
                Target::Instance(self.instances[at.instance].children[position])
            }
            Kind::Model => Target::Instance(at.instance),
            _ => Target::Part(at),
        })
    }

    fn unknown<'n>(
        &self,
        instance: usize,
        reference: &Reference,
        element: &str,
        kind: &'static str,
        known: impl Iterator<Item = &'n String>,
        name: &str,
    ) -> SbmlError {
        let model = self.template(instance).model.meta.id.as_deref();
        SbmlError::UnknownName {
            line: reference.line,
            element: match model {
                Some(model) => format!("{element}, which refers to the model `{model}`"),
                None => element.to_string(),
            },
            kind,
            name: name.to_string(),
            near: did_you_mean(name, known.map(String::as_str)),
        }
    }

    /// Refuses parts that replace each other, and chains that no model needs.
    fn check_circles(&mut self) {
        let mut sound: HashSet<At> = HashSet::new();
        let mut wrong = Vec::new();
        for start in self.redirects.keys() {
            let mut way: HashSet<At> = HashSet::new();
            let mut at = *start;
            while let Some(next) = self.redirects.get(&at) {
                if sound.contains(&at) {
                    break;
                }
                if !way.insert(at) || way.len() > LONGEST {
                    let error = SbmlError::Composition {
                        line: next.line,
                        element: next.element.clone(),
                        message: match way.len() > LONGEST {
                            true => {
                                format!("more than {LONGEST} elements replace one after another")
                            }
                            false => "elements replace each other in a circle".to_string(),
                        },
                    };
                    wrong.push((at.instance, error));
                    break;
                }
                at = next.by;
            }
            sound.extend(way);
        }
        wrong.sort_by_key(|(_, error)| error.line());
        for (instance, error) in wrong {
            self.note(instance, error);
        }
    }
}
