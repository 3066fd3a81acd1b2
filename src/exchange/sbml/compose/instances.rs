//! The tree of instances: which submodel stands in which, and how large the whole may become.
use super::super::error::SbmlError;
use super::library::Library;

/// Submodels within submodels that a model may have.
const DEEPEST: usize = 100;
/// Elements and nodes of formulas that all submodels together may have; an element takes about a kilobyte.
const LARGEST: u64 = 500_000;

/// One use of a model.
#[derive(Debug)]
pub(super) struct Instance {
    pub template: usize,
    /// the instance it stands in, and which of its submodels it is
    pub parent: Option<(usize, usize)>,
    /// one for each submodel
    pub children: Vec<usize>,
    /// the line of the file being read that brought it in, for models of other files
    pub line: Option<u32>,
}

/// Instantiates the main model and all below it, parents before children.
pub(super) fn instantiate(library: &mut Library) -> Result<Vec<Instance>, SbmlError> {
    let mut tree = Tree {
        library,
        instances: Vec::new(),
        open: Vec::new(),
        weight: 0,
    };
    let main = tree.library.main();
    tree.add(main, None, None, 0)?;
    Ok(tree.instances)
}

struct Tree<'a> {
    library: &'a mut Library,
    instances: Vec<Instance>,
    /// templates from the main model to the present one
    open: Vec<usize>,
    weight: u64,
}

impl Tree<'_> {
    /// Adds an instance with its submodels; `prefix` is the length of what will stand before its ids.
    fn add(
        &mut self,
        template: usize,
        parent: Option<(usize, usize)>,
        line: Option<u32>,
        prefix: usize,
    ) -> Result<usize, SbmlError> {
        let number = self.instances.len();
        self.instances.push(Instance {
            template,
            parent,
            children: Vec::new(),
            line,
        });
        self.open.push(template);
        let document = self.library.templates[template].document;
        for position in 0..self.library.templates[template].model.submodels.len() {
            let submodel = &self.library.templates[template].model.submodels[position];
            let at = submodel.meta.line;
            let (id, model) = (submodel.meta.id.clone(), submodel.model.clone());
            let Some(id) = id else {
                let error = SbmlError::MissingAttribute {
                    line: at,
                    element: "submodel".to_string(),
                    attribute: "id".to_string(),
                };
                return Err(self.library.at(document, error));
            };
            let element = format!("submodel `{id}`");
            let inner = self.library.find(document, &model, at, &element)?;
            self.check(document, inner, at, &element)?;
            let length = prefix + id.len() + 2;
            // a part with its name, in units of a short part
            let weight = self.library.templates[inner].index.weight;
            self.weight = self
                .weight
                .saturating_add(weight.saturating_mul(1 + length as u64 / 100));
            if self.weight > LARGEST {
                let message = format!(
                    "the submodels have more than {LARGEST} elements and parts of formulas together"
                );
                return Err(self.wrong(document, at, element, message));
            }
            // what stands in other files is found by the line that names it here
            let foreign = self.library.templates[inner].document > 0;
            let line = line.or((foreign && document == 0).then_some(at));
            let child = self.add(inner, Some((number, position)), line, length)?;
            self.instances[number].children.push(child);
        }
        self.open.pop();
        Ok(number)
    }

    /// Refuses circles and what is too deep.
    fn check(
        &self,
        document: usize,
        inner: usize,
        line: u32,
        element: &str,
    ) -> Result<(), SbmlError> {
        if let Some(first) = self.open.iter().position(|open| *open == inner) {
            let circle = self.open[first..].iter().chain([&inner]);
            let names = circle.map(|template| {
                let meta = &self.library.templates[*template].model.meta;
                meta.id.as_deref().unwrap_or("the main model")
            });
            let chain = names.collect::<Vec<_>>().join(" -> ");
            let message = format!("models instantiate each other in a circle: {chain}");
            return Err(self.wrong(document, line, element.to_string(), message));
        }
        if self.open.len() > DEEPEST {
            let message = format!("submodels stand more than {DEEPEST} levels deep");
            return Err(self.wrong(document, line, element.to_string(), message));
        }
        Ok(())
    }

    fn wrong(&self, document: usize, line: u32, element: String, message: String) -> SbmlError {
        let error = SbmlError::Composition {
            line,
            element,
            message,
        };
        self.library.at(document, error)
    }
}
