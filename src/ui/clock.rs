//! The time as the screens see it: given from outside, so that pictures and tests are repeatable.

/// What time it is, and how this place writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// Seconds since 1970, UTC.
    pub now_unix: u64,
    /// How far local time is ahead of UTC now.
    pub utc_offset_secs: i32,
}

impl Clock {
    /// The local time of day: "09:41".
    pub fn time_of_day(&self, time_ms: u64) -> String {
        if time_ms > LAST_MS {
            return "--:--".to_owned();
        }
        let of_day = self.local_secs(time_ms).rem_euclid(DAY_SECS);
        format!("{:02}:{:02}", of_day / 3600, of_day % 3600 / 60)
    }

    /// The local time of day to the thousandth: "09:41:07.250".
    pub fn time_to_the_thousandth(&self, time_ms: u64) -> String {
        let secs = self.local_secs(time_ms).rem_euclid(60);
        format!("{}:{secs:02}.{:03}", self.time_of_day(time_ms), time_ms % 1000)
    }

    /// The number of the local day; only for comparing.
    pub fn day(&self, time_ms: u64) -> i64 {
        self.local_secs(time_ms).div_euclid(DAY_SECS)
    }

    /// The local day in words: "Today", "Yesterday", "Monday, 23 November 2026".
    pub fn day_name(&self, day: i64) -> String {
        if day > LAST_DAY {
            return "Unknown time".to_owned();
        }
        let today = self.day(self.now_unix.saturating_mul(1000));
        match today - day {
            0 => "Today".to_owned(),
            1 => "Yesterday".to_owned(),
            _ => {
                let (year, month, of_month) = civil(day);
                let weekday = WEEKDAYS[(day + 3).rem_euclid(7) as usize];
                format!("{weekday}, {of_month} {} {year}", MONTHS[month])
            }
        }
    }

    /// A moment in words, to follow "until": "09:41", "tomorrow, 09:41", "Monday, 23 November 2026, 09:41".
    pub fn moment(&self, unix: u64) -> String {
        let time_ms = unix.saturating_mul(1000);
        let time = self.time_of_day(time_ms);
        let (day, today) = (self.day(time_ms), self.day(self.now_unix.saturating_mul(1000)));
        match day - today {
            0 => time,
            1 => format!("tomorrow, {time}"),
            _ => format!("{}, {time}", self.day_name(day)),
        }
    }

    fn local_secs(&self, time_ms: u64) -> i64 {
        // A thousandth of any u64 fits; peers may send any number.
        (time_ms / 1000) as i64 + i64::from(self.utc_offset_secs)
    }
}

/// Year, month from 0 and day of the month of a day since 1970-01-01, in the Gregorian calendar.
///
/// Years are counted from March, so that the leap day comes last and month lengths follow a formula
/// (Hinnant, "chrono-compatible low-level date algorithms").
fn civil(day: i64) -> (i64, usize, i64) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12;
    let year = year_of_era + era * 400 + i64::from(month < 2);
    (year, month as usize, of_month)
}

/// The last day of the year 9999; whoever sends a later time has no clock.
const LAST_DAY: i64 = 2_932_896;
/// The end of that day, UTC.
const LAST_MS: u64 = (LAST_DAY as u64 + 1) * DAY_SECS as u64 * 1000 - 1;
const DAY_SECS: i64 = 24 * 60 * 60;
const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_days_are_local() {
        // `date -u -d @1795447500` is Mon Nov 23 15:25:00 UTC 2026.
        let clock = Clock {
            now_unix: 1_795_447_500,
            utc_offset_secs: 9 * 3600,
        };
        let now_ms = clock.now_unix * 1000;
        assert_eq!(clock.time_of_day(now_ms), "00:25");
        assert_eq!(clock.time_to_the_thousandth(now_ms + 7_042), "00:25:07.042");
        assert_eq!(clock.day_name(clock.day(now_ms)), "Today");
        assert_eq!(clock.day_name(clock.day(now_ms - 3_600_000)), "Yesterday");
        assert_eq!(clock.day_name(clock.day(now_ms) - 2), "Sunday, 22 November 2026");
        assert_eq!(clock.moment(clock.now_unix + 86_400), "tomorrow, 00:25");
    }

    #[test]
    fn leap_days_and_centuries_are_right() {
        for (day, expected) in [
            (0, (1970, 0, 1)),
            (11_016, (2000, 1, 29)),
            (11_017, (2000, 2, 1)),
            (47_540, (2100, 1, 28)),
            (47_541, (2100, 2, 1)),
            (-1, (1969, 11, 31)),
        ] {
            assert_eq!(civil(day), expected, "{day}");
        }
    }

    #[test]
    fn a_peer_may_send_any_time() {
        let clock = Clock {
            now_unix: 0,
            utc_offset_secs: -3600,
        };
        for time_ms in [0, 1, u64::MAX] {
            clock.time_of_day(time_ms);
            clock.day_name(clock.day(time_ms));
        }
        assert_eq!(clock.time_of_day(u64::MAX), "--:--");
        assert_eq!(clock.day_name(clock.day(u64::MAX)), "Unknown time");
        assert_eq!(clock.day_name(LAST_DAY), "Friday, 31 December 9999");
    }
}
