//! Rows become records: one event with its numbers checked, whoever it belongs to.
use super::{
    Column,
    error::{NonmemError, NonmemErrorKind},
    model::Compartments,
    table::Sheet,
};
use crate::noise::Reading;

/// One row.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// position among the rows of the sheet
    pub row: usize,
    pub id: String,
    pub time: f64,
    pub occasion: Option<String>,
    /// EVID 3 and 4
    pub resets: bool,
    pub dose: Option<Administration>,
    /// observable, by its position, and reading
    pub reading: Option<(usize, Reading)>,
}

/// A dose.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Administration {
    pub compartment: usize,
    pub amount: f64,
    pub rate: Rate,
    pub interval: f64,
    pub additional: usize,
    pub steady: Steady,
}

/// How fast a dose is given.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Rate {
    AtOnce,
    Number(f64),
    /// the parameter that is the rate
    Parameter(String),
    /// the parameter that is the duration
    Duration(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Steady {
    No,
    Reset,
    Add,
}

/// Reads all rows; those that cannot be are left out and noted.
pub(super) fn read(
    sheet: &Sheet,
    compartments: &Compartments,
    errors: &mut Vec<NonmemError>,
) -> Vec<Record> {
    for column in &sheet.columns {
        let is_date = ["DATE", "DAT1", "DAT2", "DAT3"];
        if is_date.iter().any(|name| column.eq_ignore_ascii_case(name)) {
            let column = column.clone();
            let place = crate::exchange::tables::Place::file(&sheet.file).row(1);
            errors.push(NonmemError::new(place, NonmemErrorKind::Date { column }));
        }
    }
    if sheet.has(Column::Limit) && !sheet.has(Column::Cens) {
        let place = crate::exchange::tables::Place::file(&sheet.file)
            .row(1)
            .column("LIMIT");
        errors.push(NonmemError::new(place, NonmemErrorKind::LimitWithoutCens));
    }
    let rows = 0..sheet.rows.len();
    rows.filter_map(|row| {
        let mut reader = Reader {
            sheet,
            row,
            errors: &mut *errors,
        };
        reader.record(compartments)
    })
    .collect()
}

/// 1, 1.0 and 01 are one ID.
fn canonical(id: String) -> String {
    match id.parse::<f64>() {
        Ok(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number}"),
        _ => id,
    }
}

/// Reads the cells of one row.
struct Reader<'a> {
    sheet: &'a Sheet,
    row: usize,
    errors: &'a mut Vec<NonmemError>,
}

impl Reader<'_> {
    fn fault<T>(&mut self, column: Column, kind: NonmemErrorKind) -> Option<T> {
        self.errors.push(NonmemError {
            place: self.sheet.place(self.row, column),
            individual: self.sheet.text(self.row, Column::Id).map(str::to_owned),
            kind,
        });
        None
    }

    /// A number; `Some(None)` where the cell is missing, None is an error.
    fn number(&mut self, column: Column) -> Option<Option<f64>> {
        let Some(text) = self.sheet.text(self.row, column) else {
            return Some(None);
        };
        match text.parse::<f64>().ok().filter(|n| n.is_finite()) {
            Some(number) => Some(Some(number)),
            None => {
                let text = text.to_owned();
                self.fault(column, NonmemErrorKind::NotANumber { text })
            }
        }
    }

    /// A number out of a few.
    fn code(
        &mut self,
        column: Column,
        known: &[i32],
        expected: &'static str,
    ) -> Option<Option<i32>> {
        let Some(number) = self.number(column)? else {
            return Some(None);
        };
        match known.iter().find(|k| f64::from(**k) == number) {
            Some(code) => Some(Some(*code)),
            None => {
                let text = self
                    .sheet
                    .text(self.row, column)
                    .unwrap_or_default()
                    .to_owned();
                self.fault(column, NonmemErrorKind::NotOneOf { text, expected })
            }
        }
    }

    fn record(&mut self, compartments: &Compartments) -> Option<Record> {
        let id = self.sheet.text(self.row, Column::Id).map(str::to_owned);
        if id.is_none() {
            let hint = "; every row belongs to an individual";
            self.fault::<()>(Column::Id, NonmemErrorKind::Missing { hint });
        }
        let time = self.number(Column::Time);
        if time == Some(None) {
            let hint = "; every event has a time";
            self.fault::<()>(Column::Time, NonmemErrorKind::Missing { hint });
        }
        let amount = self.number(Column::Amt);
        let known = "EVID is 0 (reading), 1 (dose), 2 (other), 3 (reset) or 4 (reset and dose)";
        let evid = self.code(Column::Evid, &[0, 1, 2, 3, 4], known);
        let mdv = self.code(Column::Mdv, &[0, 1], "MDV is 0, or 1 where DV is missing");
        let occasion = self.sheet.text(self.row, Column::Occ).map(str::to_owned);
        let mut record = Record {
            row: self.row,
            id: canonical(id?),
            time: time??,
            occasion,
            resets: false,
            dose: None,
            reading: None,
        };
        // a faulty row still says when it was
        let (Some(amount), Some(evid), Some(mdv)) = (amount, evid, mdv) else {
            return Some(record);
        };
        let given = amount.is_some_and(|amount| amount != 0.0);
        let evid = evid.unwrap_or(if given { 1 } else { 2 * mdv.unwrap_or(0) });
        record.resets = evid >= 3;
        if given && !matches!(evid, 1 | 4) {
            let kind = NonmemErrorKind::AmountWithoutDose { evid };
            self.fault::<()>(Column::Amt, kind);
        }
        record.dose = match evid {
            1 | 4 => self.dose(amount, compartments),
            _ => None,
        };
        record.reading = match (evid, mdv) {
            (0, None | Some(0)) => self.reading(compartments),
            _ => None,
        };
        Some(record)
    }

    fn dose(&mut self, amount: Option<f64>, compartments: &Compartments) -> Option<Administration> {
        let amount = match amount {
            Some(amount) if amount > 0.0 => Some(amount),
            Some(_) => {
                let text = self.sheet.text(self.row, Column::Amt).unwrap_or_default();
                let text = text.to_owned();
                let expected =
                    "the amount of a dose is positive (an infusion that never ends is not read)";
                self.fault(Column::Amt, NonmemErrorKind::NotOneOf { text, expected })
            }
            None => {
                let hint = "; EVID 1 and 4 are doses, whose amount stands in AMT";
                self.fault(Column::Amt, NonmemErrorKind::Missing { hint })
            }
        };
        let cmt = self.sheet.text(self.row, Column::Cmt);
        let compartment = match compartments.compartment(cmt) {
            Ok(compartment) => Some(compartment),
            Err(kind) => self.fault(Column::Cmt, kind),
        };
        let rate = self.rate(compartment, compartments);
        let interval = self.number(Column::Ii).map(|ii| ii.unwrap_or(0.0));
        let known = "SS is 0, 1 (steady state, history forgotten) or 2 (added to what is there)";
        let steady = self.code(Column::Ss, &[0, 1, 2], known);
        let additional = self.number(Column::Addl).map(|addl| addl.unwrap_or(0.0));
        let (interval, steady, additional) = (interval?, steady?, additional?);
        let steady = match steady {
            Some(1) => Steady::Reset,
            Some(2) => Steady::Add,
            _ => Steady::No,
        };
        if additional.fract() != 0.0 || !(0.0..=100_000.0).contains(&additional) {
            let text = self.sheet.text(self.row, Column::Addl).unwrap_or_default();
            let text = text.to_owned();
            let expected = "ADDL is a whole number of further doses, 0 or more";
            return self.fault(Column::Addl, NonmemErrorKind::NotOneOf { text, expected });
        }
        for (what, asked) in [("SS", steady != Steady::No), ("ADDL", additional > 0.0)] {
            if asked && interval <= 0.0 {
                return self.fault(Column::Ii, NonmemErrorKind::NoInterval { what });
            }
        }
        let (amount, compartment, rate) = (amount?, compartment?, rate?);
        if let Rate::Number(rate) = rate
            && steady != Steady::No
            && compartments.bioavailability(compartment).is_none()
            && amount / rate > interval
        {
            let duration = amount / rate;
            let kind = NonmemErrorKind::InfusionBeyondInterval { duration, interval };
            return self.fault(Column::Rate, kind);
        }
        Some(Administration {
            compartment,
            amount,
            rate,
            interval,
            additional: additional as usize,
            steady,
        })
    }

    fn rate(&mut self, compartment: Option<usize>, compartments: &Compartments) -> Option<Rate> {
        let rate = self.number(Column::Rate)?.unwrap_or(0.0);
        if rate == 0.0 {
            return Some(Rate::AtOnce);
        }
        if rate > 0.0 {
            return Some(Rate::Number(rate));
        }
        let (code, name, what) = match rate {
            -1.0 => (-1, "R", "rate"),
            -2.0 => (-2, "D", "duration"),
            _ => {
                let text = self.sheet.text(self.row, Column::Rate).unwrap_or_default();
                let text = text.to_owned();
                let expected = "RATE is 0 (at once), positive, -1 (rate R<cmt> of the model) or -2 (duration D<cmt>)";
                return self.fault(Column::Rate, NonmemErrorKind::NotOneOf { text, expected });
            }
        };
        let compartment = compartment?;
        match compartments.numbered(name, compartment) {
            Some(parameter) if code == -1 => Some(Rate::Parameter(parameter)),
            Some(parameter) => Some(Rate::Duration(parameter)),
            None => {
                let parameter = format!("{name}{}", compartment + 1);
                let kind = NonmemErrorKind::NoParameter {
                    rate: code,
                    what,
                    parameter,
                };
                self.fault(Column::Rate, kind)
            }
        }
    }

    fn reading(&mut self, compartments: &Compartments) -> Option<(usize, Reading)> {
        let dvid = self.sheet.text(self.row, Column::Dvid);
        let observable = match compartments.observable(dvid) {
            Ok(observable) => Some(observable),
            Err(kind) => self.fault(Column::Dvid, kind),
        };
        let known = "CENS is 0, 1 (below DV) or -1 (above DV)";
        let censored = self.code(Column::Cens, &[-1, 0, 1], known);
        let limit = self.number(Column::Limit);
        let value = match self.number(Column::Dv) {
            Some(None) => {
                let hint = "; a row without reading has MDV 1 or EVID 2";
                self.fault(Column::Dv, NonmemErrorKind::Missing { hint })
            }
            value => value.flatten(),
        };
        let (value, censored, limit) = (value?, censored?, limit?);
        let between = |reader: &mut Self, lower: f64, upper: f64| match lower < upper {
            true => Some(Reading::Between(lower, upper)),
            false => reader.fault(
                Column::Limit,
                NonmemErrorKind::EmptyInterval { lower, upper },
            ),
        };
        let reading = match (censored, limit) {
            (Some(1), None) => Reading::Below(value),
            (Some(1), Some(limit)) => between(self, limit, value)?,
            (Some(-1), None) => Reading::Above(value),
            (Some(-1), Some(limit)) => between(self, value, limit)?,
            _ => Reading::Value(value),
        };
        Some((observable?, reading))
    }
}
