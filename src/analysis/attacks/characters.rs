//! Which characters a transposition has moved: letters and digits alone or everything (`characters=all`), and both in turn
//! where nobody says.

use crate::analysis::attack::{AttackError, Finding, Problem, Watch};

/// Which characters have changed places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moved {
    /// Letters and digits; everything else stayed where it stood.
    Letters,
    /// Everything but line breaks.
    All,
}

/// What one reading of a text has come to.
pub(super) struct Answer {
    pub finding: Finding,
    /// Whether no other reading has to be looked at: the text is found, though two keys may give nearly the same one.
    pub is_settled: bool,
}

impl From<Finding> for Answer {
    /// Settled where it is sure.
    fn from(finding: Finding) -> Self {
        Self {
            is_settled: finding.confident,
            finding,
        }
    }
}

/// Attacks a transposition of the characters that are known to have moved. Where that is not known and the text has others
/// than letters, both readings take turns, what looks likelier first, until one is settled: with every effort from the least
/// to the greatest, for the right one is often found with little and the wrong one gives up late.
pub(super) fn search<E: Copy>(
    problem: &Problem<'_>,
    watch: &mut dyn Watch,
    efforts: &[E],
    attack: impl Fn(&Problem<'_>, &mut dyn Watch, Moved, E) -> Result<Answer, AttackError>,
) -> Result<Finding, AttackError> {
    let readings = readings(problem)?;
    let efforts = match readings {
        [_] => &efforts[efforts.len() - 1..],
        _ => efforts,
    };
    // What each reading has come to.
    let mut found: Vec<Result<Finding, AttackError>> = Vec::new();
    let mut tried = 0;
    'turns: for &effort in efforts {
        for (place, &moved) in readings.iter().enumerate() {
            // Whoever refuses the text once refuses it again.
            if matches!(found.get(place), Some(Err(_))) {
                continue;
            }
            if !found.is_empty() && watch.go_on().is_break() {
                break 'turns;
            }
            let now = match attack(problem, watch, moved, effort) {
                Ok(Answer { finding, is_settled }) => {
                    tried += finding.tried;
                    if is_settled {
                        return Ok(Finding { tried, ..finding });
                    }
                    Ok(finding)
                }
                Err(error) => Err(error),
            };
            let now = match (found.get(place), now) {
                // It was stopped before it came as far as with less effort.
                (Some(Ok(before)), Ok(now)) if before.score > now.score => Ok(Finding {
                    why: now.why,
                    ..before.clone()
                }),
                (_, now) => now,
            };
            match found.get_mut(place) {
                Some(before) => *before = now,
                None => found.push(now),
            }
        }
    }
    let best = found.iter().position(Result::is_ok).unwrap_or(0);
    let other = readings
        .get(1)
        .filter(|_| best == 0 && !matches!(found.get(1), Some(Err(_))));
    let mut finding = found.swap_remove(best)?;
    finding.tried = tried;
    if let Some(other) = other
        && watch.go_on().is_break()
    {
        let end = if finding.why.ends_with('.') { " " } else { ". " };
        finding.why = format!("{}{end}{}", finding.why, other.not_tried());
    }
    Ok(finding)
}

/// As what a text is read, the likelier first.
fn readings(problem: &Problem<'_>) -> Result<&'static [Moved], AttackError> {
    let known = problem.known.value("characters").unwrap_or_default().trim();
    match known.to_ascii_lowercase().as_str() {
        "all" => Ok(&[Moved::All]),
        "letters" => Ok(&[Moved::Letters]),
        "" if !has_others(problem.text) => Ok(&[Moved::Letters]),
        "" if others_look_moved(problem.text) => Ok(&[Moved::All, Moved::Letters]),
        "" => Ok(&[Moved::Letters, Moved::All]),
        _ => Err(AttackError::Known {
            param: "characters".to_owned(),
            reason: "has to be letters or all".to_owned(),
        }),
    }
}

impl Moved {
    /// What a search leaves open that was stopped before it had read the text so.
    fn not_tried(self) -> &'static str {
        match self {
            Moved::Letters => {
                "It was not tried to the end as if spaces and punctuation had stayed where they stood (characters=letters)."
            }
            Moved::All => {
                "It was not tried to the end as if spaces and punctuation had moved too (characters=all)."
            }
        }
    }
}

/// Whether a text has spaces or punctuation, which move too where the key says so (characters=all). A line's end does not.
pub(super) fn has_others(text: &str) -> bool {
    text.trim_end()
        .contains(|c: char| !c.is_alphanumeric() && !is_break(c))
}

/// Whether a character is a line break, which no transposition moves.
pub(super) fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r')
}

/// Whether a character stands behind a word and before a space.
pub(super) fn is_closing(c: char) -> bool {
    ".,;:!?".contains(c)
}

/// Whether spaces and punctuation stand where nobody types them: a space after a space, a comma after one or before a letter.
/// Where all characters have moved, one space in six is followed by another.
fn others_look_moved(text: &str) -> bool {
    let (mut others, mut odd, mut before) = (0, 0, 'A');
    for c in text.chars().filter(|&c| !is_break(c)) {
        let is_odd = match before {
            ' ' => c == ' ' || is_closing(c),
            before => is_closing(before) && c.is_alphabetic(),
        };
        others += usize::from(!c.is_alphanumeric());
        odd += usize::from(is_odd);
        before = c;
    }
    odd * USUAL_OTHERS > others
}

/// In texts as people type them, fewer than one of so many spaces and marks stands oddly: two spaces after each full stop
/// stay below it.
const USUAL_OTHERS: usize = 12;

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::super::tests::Patience;
    use super::*;
    use crate::analysis::attack::Blind;
    use crate::analysis::language::Language;
    use crate::ciphers::{self, Key};

    const PROSE: &str = "The ferry was late again, so we sat on the wall above the harbour.  Gulls, as always, quarrelled over \
                         scraps of bread; it was 6.30 by then, and nobody had told us anything.";

    fn moved(characters: &str) -> String {
        let key = Key::new()
            .with("keyword", "HARBOUR")
            .with("characters", characters);
        let cipher = ciphers::find("columnar").unwrap().build(&key).unwrap();
        cipher.encrypt(PROSE).unwrap()
    }

    fn finding(confident: bool) -> Finding {
        Finding {
            key: Key::new(),
            text: String::new(),
            score: 0.0,
            confident,
            why: "Not sure.".to_owned(),
            tried: 1,
            certainty: Vec::new(),
            others: Vec::new(),
        }
    }

    /// Which readings an attack that is sure of one alone, and of that with the second effort, is asked for.
    fn asked(text: &str, known: Key, sure: Option<Moved>) -> Vec<(Moved, u8)> {
        let asked = RefCell::new(Vec::new());
        let problem = Problem {
            known,
            ..Problem::new(text, Language::english())
        };
        let found = search(&problem, &mut Blind, &[1, 2], |_, _, moved, effort| {
            asked.borrow_mut().push((moved, effort));
            Ok(finding(sure == Some(moved) && effort == 2).into())
        });
        let (asked, found) = (asked.into_inner(), found.unwrap());
        assert_eq!(found.confident, sure.is_some());
        assert_eq!(found.tried, asked.len() as u64);
        asked
    }

    #[test]
    fn both_readings_take_turns_the_likelier_first_until_one_is_sure() {
        use Moved::{All, Letters};
        let (letters, all) = (moved("letters"), moved("all"));
        let (letters_first, all_first) = (
            [(Letters, 1), (All, 1), (Letters, 2), (All, 2)],
            [(All, 1), (Letters, 1), (All, 2), (Letters, 2)],
        );
        assert_eq!(asked(&letters, Key::new(), Some(Letters)), letters_first[..3]);
        assert_eq!(asked(&letters, Key::new(), Some(All)), letters_first);
        assert_eq!(asked(&all, Key::new(), Some(All)), all_first[..3]);
        assert_eq!(asked(&all, Key::new(), Some(Letters)), all_first);
        assert_eq!(asked(&all, Key::new(), None), all_first);
        // In groups of five spaces stand oddly, but not as if they had moved.
        let groups = asked("EVLNA CDTES EAROF", Key::new(), Some(Letters));
        assert_eq!(groups, letters_first[..3]);
    }

    #[test]
    fn what_is_known_or_has_nothing_but_letters_is_read_one_way() {
        use Moved::{All, Letters};
        let all = moved("all");
        assert_eq!(asked("EVLNACDTESEAROF\n", Key::new(), None), [(Letters, 2)]);
        for (characters, wanted) in [("all", All), (" Letters", Letters)] {
            let known = Key::new().with("characters", characters);
            assert_eq!(asked(&all, known, None), [(wanted, 2)]);
        }
        let problem = Problem {
            known: Key::new().with("characters", "some"),
            ..Problem::new(&all, Language::english())
        };
        let refused = search(
            &problem,
            &mut Blind,
            &[()],
            |_, _, _, ()| Ok(finding(true).into()),
        );
        assert!(matches!(refused, Err(AttackError::Known { param, .. }) if param == "characters"));
    }

    #[test]
    fn a_text_that_one_reading_refuses_is_read_the_other_way() {
        let all = moved("all");
        let problem = Problem::new(&all, Language::english());
        let refusal = || AttackError::NotThisCipher {
            reason: String::new(),
        };
        for refuses in [Moved::Letters, Moved::All] {
            let found = search(&problem, &mut Blind, &[1, 2], |_, _, moved, _| {
                match moved == refuses {
                    true => Err(refusal()),
                    false => Ok(finding(false).into()),
                }
            });
            assert_eq!(found.map(|found| found.tried), Ok(2));
        }
        let refused = search(&problem, &mut Blind, &[1, 2], |_, _, _, _| Err(refusal()));
        assert_eq!(refused, Err(refusal()));
    }

    #[test]
    fn a_text_that_is_found_but_for_a_twin_is_not_read_the_other_way() {
        let all = moved("all");
        let problem = Problem::new(&all, Language::english());
        let found = search(&problem, &mut Blind, &[1, 2], |_, _, _, _| {
            Ok(Answer {
                finding: finding(false),
                is_settled: true,
            })
        });
        assert_eq!(found.map(|found| (found.confident, found.tried)), Ok((false, 1)));
    }

    #[test]
    fn a_stopped_search_says_what_was_not_tried_to_the_end() {
        let all = moved("all");
        let problem = Problem::new(&all, Language::english());
        let stopped = |patience| {
            search(&problem, &mut Patience(patience), &[()], |_, _, _, ()| {
                Ok(finding(false).into())
            })
            .unwrap()
        };
        assert!(
            stopped(1).why.ends_with("(characters=letters)."),
            "{}",
            stopped(1).why
        );
        assert_eq!(stopped(1).tried, 1);
        assert_eq!((stopped(9).why, stopped(9).tried), ("Not sure.".to_owned(), 2));
    }

    #[test]
    fn what_little_effort_has_found_is_kept_where_more_is_stopped_early() {
        let all = moved("all");
        let problem = Problem::new(&all, Language::english());
        for worse in [1, 2] {
            let found = search(&problem, &mut Blind, &[1, 2], |_, _, _, effort| {
                let finding = finding(false);
                Ok(Answer::from(Finding {
                    score: if effort == worse { -4.0 } else { -3.0 },
                    ..finding
                }))
            });
            assert_eq!(found.map(|found| found.score), Ok(-3.0));
        }
    }
}
