//! Checks of the parts of claims: readings, treatments, doses, controls, cuts.
use super::arm::{SELF, Treatment};
use super::check::Check;
use super::part::{Contrast, Part, Reading, Statistic};

impl Check<'_> {
    pub(super) fn part(&mut self, key: &str, part: &Part) {
        self.subject(&format!("{key}, subject"), &part.subject);
        let last = part.read.last_day();
        self.reading(&format!("{key}, read"), &part.read, part.contrast);
        self.treatment(&format!("{key}, arm"), &part.arm, last);
        self.treatment(&format!("{key}, against"), &part.against, last);
        self.treatment(&format!("{key}, with"), &part.with, last);
        if part.least.is_nan() || part.least <= 0.0 || part.least.is_infinite() {
            let message = format!("{} is no size of an effect", part.least);
            self.wrong(&format!("{key}, least"), message);
        }
        if let Some(dose) = &part.dose {
            let key = format!("{key}, dose");
            if dose.levels.is_empty() || dose.levels.windows(2).any(|pair| pair[1] <= pair[0]) {
                self.wrong(&key, "levels must ascend");
            }
            let subject = dose.subject.iter();
            subject.for_each(|s| self.subject(&key, s));
            let read = dose.read.iter();
            read.for_each(|r| self.reading(&key, r, part.contrast));
            let last = dose.read.as_ref().map_or(last, Reading::last_day);
            let arm = dose.arm.as_ref().unwrap_or(&part.arm);
            self.treatment(&key, arm, last);
            let scenario = arm.scenario.as_ref().and_then(|id| self.model.scenario(id));
            if scenario.is_some_and(|s| s.doses.iter().any(|dose| !dose.put.is_empty())) {
                self.wrong(&key, "a dose that puts states has no levels");
            }
        }
        for (number, control) in part.controls.iter().enumerate() {
            let key = format!("{key}, control {}", number + 1);
            let subject = control.subject.iter();
            subject.for_each(|s| self.subject(&key, s));
            let read = control.read.iter();
            read.for_each(|r| self.reading(&key, r, part.contrast));
            let last = control.read.as_ref().map_or(last, Reading::last_day);
            let arms = [&control.arm, &control.against, &control.with].into_iter();
            arms.flatten().for_each(|t| self.treatment(&key, t, last));
        }
        for (number, cut) in part.ablations.iter().enumerate() {
            let key = format!("{key}, ablation {}", number + 1);
            for name in &cut.cut {
                let claims = self.claims;
                self.known(&key, "cut", name, claims.cuts.keys().map(String::as_str));
            }
            for (id, value) in &cut.set {
                self.parameter(&key, id);
                self.finite(&key, *value);
            }
            let held = cut.hold.iter();
            held.for_each(|id| self.state_or_group(&key, id));
            if cut.cut.is_empty() && cut.set.is_empty() && cut.hold.is_empty() {
                self.wrong(&key, "it cuts nothing");
            }
        }
    }

    fn reading(&mut self, key: &str, reading: &Reading, contrast: Contrast) {
        self.quantity(&format!("{key}.quantity"), &reading.quantity);
        if let Some(beside) = &reading.beside {
            self.quantity(&format!("{key}.beside"), beside);
        }
        let window = reading.until > reading.from && reading.from >= 0.0 && reading.every > 0.0;
        match reading.day {
            Some(day) if day.is_nan() || day < 0.0 => {
                self.wrong(&format!("{key}.day"), format!("{day} is no day"))
            }
            None if !window => {
                self.wrong(key, "it needs `day`, or `from`, `until` and `every`");
            }
            _ => {}
        }
        let correlates = reading.of == Statistic::Correlation;
        if correlates && (reading.beside.is_none() || reading.day.is_some()) {
            self.wrong(key, "a correlation needs `beside` and a window");
        }
        if correlates != (contrast == Contrast::Value) {
            let message = "a correlation is read alone (contrast = \"value\"), and it alone";
            self.wrong(key, message);
        }
    }

    fn treatment(&mut self, key: &str, treatment: &Treatment, last: f64) {
        if let Some(subject) = &treatment.subject {
            self.subject(key, subject);
        }
        if let Some(id) = &treatment.scenario {
            let model = self.model;
            let ids = model.scenarios.iter().map(|s| s.id.as_str());
            self.known(&format!("{key}.scenario"), "scenario", id, ids);
        }
        let (model, inputs) = (self.model, treatment.inputs.iter());
        for (id, knots) in inputs {
            let key = format!("{key}.inputs");
            let ids = model.network.all_inputs().iter().map(|(id, _)| id.as_str());
            self.known(&key, "input", id, ids);
            if knots.is_empty() || knots.windows(2).any(|pair| pair[1].0 <= pair[0].0) {
                self.wrong(&key, format!("the knots of `{id}` must ascend in time"));
            }
        }
        let changed = [&treatment.set, &treatment.add, &treatment.multiply];
        for (id, value) in changed.into_iter().flatten() {
            self.parameter(key, id);
            self.finite(key, *value);
        }
        for (id, factor) in &treatment.hold {
            self.state_or_group(&format!("{key}.hold"), id);
            self.finite(&format!("{key}.hold"), *factor);
        }
        if let Some(transplant) = &treatment.transplant {
            let key = format!("{key}.transplant");
            if transplant.donor != SELF {
                self.subject(&key, &transplant.donor);
            }
            for (id, share) in &transplant.replaces {
                self.state_or_group(&key, id);
                if !(0.0..=1.0).contains(share) {
                    self.wrong(&key, format!("{share} of `{id}` is no share"));
                }
            }
            if transplant
                .days
                .iter()
                .any(|day| !(0.0..=last).contains(day))
            {
                self.wrong(&key, format!("a day lies outside of 0 to {last}"));
            }
        }
    }
}
