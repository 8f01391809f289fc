//! The verb `attack`: lists the exhibits of the attack lab, or runs them and checks them against the page.

use std::io::Write;
use std::sync::Arc;

use serde_json::json;

use super::args::AttackArguments;
use super::report::output_failed;
use super::{Exit, complain};
use crate::mallory::{AttackReport, Cast, EXHIBITS, Exhibit, Halt, Verdict, expected, find, run_both};

/// Lists or runs. Fails when an attack does not do what `docs/threat-model.md` says.
pub fn attack(arguments: &AttackArguments) -> Exit {
    let exhibits: Vec<&'static Exhibit> = match arguments.name.as_deref() {
        None => return list(arguments.json),
        Some("all") => EXHIBITS.iter().collect(),
        Some(name) => match find(name) {
            Some(exhibit) => vec![exhibit],
            None => {
                let names: Vec<&str> = EXHIBITS.iter().map(|exhibit| exhibit.name).collect();
                complain(&format!(
                    "there is no attack \"{}\"; there are: all, {}",
                    name.escape_debug(),
                    names.join(", ")
                ));
                return Exit::Usage;
            }
        },
    };
    match run_all(&exhibits, arguments.json) {
        Ok(exit) => exit,
        Err(reason) => {
            complain(&reason);
            Exit::Failed
        }
    }
}

fn list(as_json: bool) -> Exit {
    let mut out = std::io::stdout().lock();
    for exhibit in EXHIBITS {
        let line = if as_json {
            json!({
                "attack": exhibit.name,
                "title": exhibit.title,
                "goal": exhibit.goal,
                "check": exhibit.check.name(),
                "specified": exhibit.check.link(),
            })
            .to_string()
        } else {
            format!("{:<26} {}", exhibit.name, exhibit.goal)
        };
        if let Err(error) = writeln!(out, "{line}") {
            return output_failed(&error);
        }
    }
    Exit::Done
}

/// Done when every attack did what the page says.
fn run_all(exhibits: &[&'static Exhibit], as_json: bool) -> Result<Exit, String> {
    let cast = Arc::new(Cast::generate().map_err(words)?);
    let page = expected();
    let mut as_expected = true;
    for exhibit in exhibits {
        let report = match run_both(exhibit, &cast) {
            Ok(report) => report,
            Err(halt) => {
                // One that can't be run keeps no other from being run.
                complain(&format!("{} could not be run: {}", exhibit.name, words(halt)));
                as_expected = false;
                continue;
            }
        };
        let line = if as_json {
            as_object(&report)
        } else {
            as_line(&report)
        };
        if let Err(error) = writeln!(std::io::stdout().lock(), "{line}") {
            return Ok(output_failed(&error));
        }
        let row = page.iter().find(|row| row.attack == report.name);
        let agrees = row.is_some_and(|row| {
            row.textbook == report.textbook.word()
                && row.cr1 == report.cr1.word()
                && report.cr1.check().map(|check| check.name()) == Some(row.check.as_str())
        });
        if !agrees {
            complain(&format!(
                "{} does not do what docs/threat-model.md says",
                report.name
            ));
        }
        as_expected &= agrees;
    }
    Ok(if as_expected { Exit::Done } else { Exit::Failed })
}

fn as_object(report: &AttackReport) -> String {
    json!({
        "attack": report.name,
        "textbook": report.textbook.word(),
        "cr1": report.cr1.word(),
        "check": report.cr1.check().map(|check| check.name()),
        "detail": detail(report),
        "specified": report.cr1.check().map(|check| check.link()),
    })
    .to_string()
}

fn as_line(report: &AttackReport) -> String {
    let check = match &report.cr1 {
        Verdict::Stopped { check, .. } => format!("stopped by the {check} ({})", check.link()),
        verdict => verdict.word().to_owned(),
    };
    format!(
        "{}: textbook {}, CR/1 {check}. {}",
        report.name,
        report.textbook.word(),
        detail(report)
    )
}

fn detail(report: &AttackReport) -> String {
    format!(
        "textbook: {}; CR/1: {}",
        report.textbook.detail().trim_end_matches('.'),
        report.cr1.detail().trim_end_matches('.')
    )
}

fn words(halt: Halt) -> String {
    match halt {
        Halt::Stopped => "stopped".to_owned(),
        Halt::HungUp => "a victim hung up".to_owned(),
        Halt::Failed(reason) => reason,
    }
}
