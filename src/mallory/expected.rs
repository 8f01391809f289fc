//! What `docs/threat-model.md` says that every attack does: its table, read.

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The exhibit.
    pub attack: String,
    /// Against the textbook exchange: "succeeded" or "stopped".
    pub textbook: String,
    /// Against CR/1.
    pub cr1: String,
    /// The check that stops it.
    pub check: String,
}

/// The rows of the table, in its order.
pub fn expected() -> Vec<Expected> {
    let page = include_str!("../../docs/threat-model.md");
    let behind = page.split_once(MARK).map_or("", |(_, behind)| behind);
    behind
        .lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .filter_map(row)
        .collect()
}

/// Stands in front of the table.
const MARK: &str = "<!-- attacks -->";

fn row(line: &str) -> Option<Expected> {
    let mut cells = line
        .trim_matches('|')
        .split('|')
        .map(|cell| cell.trim().trim_matches('`').to_owned());
    Some(Expected {
        attack: cells.next()?,
        textbook: cells.next()?,
        cr1: cells.next()?,
        check: cells.next()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mallory::EXHIBITS;

    #[test]
    fn the_table_lists_every_exhibit_with_its_check() {
        let rows = expected();
        let names: Vec<&str> = rows.iter().map(|row| row.attack.as_str()).collect();
        let all: Vec<&str> = EXHIBITS.iter().map(|exhibit| exhibit.name).collect();
        assert_eq!(names, all);
        for (row, exhibit) in rows.iter().zip(EXHIBITS) {
            assert_eq!(row.check, exhibit.check.name(), "{}", row.attack);
        }
    }
}
