//! Events.
use super::SbmlWriteError;
use super::annotations::Story;
use super::document::Document;
use super::mathml::Want;
use super::xml::Attributes;
use crate::network::{ElementKind, Place};

impl Document<'_> {
    pub fn events(&mut self) -> Result<(), SbmlWriteError> {
        let (network, formulas) = (self.network, self.formulas);
        if !self.list("listOfEvents", network.all_events().len()) {
            return Ok(());
        }
        for ((id, event), found) in network.all_events().iter().zip(&formulas.events) {
            let place = |part: &str| Place::part(ElementKind::Event, id, part);
            let attributes = Attributes::new()
                .with("id", id)
                .maybe("name", event.name.as_ref())
                .with("useValuesFromTriggerTime", event.values_from_trigger_time);
            self.element("event", id, attributes, &Story::default(), true);
            let attributes = Attributes::new()
                .with("initialValue", event.initial_value)
                .with("persistent", event.persistent);
            self.xml.open("trigger", &attributes);
            self.math(found.trigger, Want::Condition, &|| place("trigger"))?;
            self.xml.close("trigger");
            for (name, formula) in [("priority", found.priority), ("delay", found.delay)] {
                if let Some(formula) = formula {
                    self.xml.open(name, &Attributes::new());
                    self.math(formula, Want::Number, &|| place(name))?;
                    self.xml.close(name);
                }
            }
            if self.list("listOfEventAssignments", event.assignments.len()) {
                for ((target, _), formula) in event.assignments.iter().zip(&found.assignments) {
                    let attributes = Attributes::new().with("variable", target);
                    self.xml.open("eventAssignment", &attributes);
                    let place = || place(&format!("assignment of `{target}`"));
                    self.math(*formula, Want::Number, &place)?;
                    self.xml.close("eventAssignment");
                }
                self.xml.close("listOfEventAssignments");
            }
            self.xml.close("event");
        }
        self.xml.close("listOfEvents");
        Ok(())
    }
}
