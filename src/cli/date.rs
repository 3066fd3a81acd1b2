//! Today's date, for reports.
use std::time::{SystemTime, UNIX_EPOCH};

/// The day in UTC as YYYY-MM-DD.
pub(super) fn today() -> String {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    date(seconds / 86_400)
}

/// The day that many days after 1970-01-01 in the Gregorian calendar: whole periods of 400, 100, 4 and 1 years of a year that
/// begins in March are taken off, so that the leap day comes last.
fn date(days: u64) -> String {
    // 719468 days lie between 0000-03-01 and 1970-01-01
    let mut left = days + 719_468;
    let mut year = left / 146_097 * 400;
    left %= 146_097;
    let centuries = (left / 36_524).min(3);
    left -= centuries * 36_524;
    let fours = left / 1_461;
    left -= fours * 1_461;
    let ones = (left / 365).min(3);
    left -= ones * 365;
    year += 100 * centuries + 4 * fours + ones;
    let lengths = [31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 29];
    let mut month = 3;
    for length in lengths {
        if left < length {
            break;
        }
        left -= length;
        month += 1;
    }
    if month > 12 {
        month -= 12;
        year += 1;
    }
    format!("{year:04}-{month:02}-{:02}", left + 1)
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn days_become_dates_of_the_gregorian_calendar() {
        // from `date -u -d @N`
        for (days, text) in [
            (0, "1970-01-01"),
            (58, "1970-02-28"),
            (59, "1970-03-01"),
            (789, "1972-02-29"),
            (11_016, "2000-02-29"),
            (11_017, "2000-03-01"),
            (20_819, "2027-01-01"),
            (47_541, "2100-03-01"),
        ] {
            assert_eq!(date(days), text);
        }
    }
}
