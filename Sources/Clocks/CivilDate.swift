/// A date of the Gregorian calendar.
package struct CivilDate: Sendable {
    package let year: UInt64
    /// 1 to 12.
    package let month: UInt64
    /// 1 to 31.
    package let day: UInt64

    /// The date of a day counted from 1970-01-01. The calendar repeats every 400 years, 146,097
    /// days; years are counted from March, so that a leap day is the last of its year.
    package init(daysSince1970 days: UInt64) {
        let shifted = days + 719_468  // days from 0000-03-01 to 1970-01-01
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let leapDays = dayOfEra / 1460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        self.day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    }
}
