//! What the button "Break it" sets in motion, without a window.

use super::super::bench::Bench;
use super::super::samples;
use super::super::state::Lab;
use super::*;
use crate::ciphers::find;

const LONG: Duration = Duration::from_secs(120);

/// A lab whose page holds this text, of which nothing is known.
fn page(text: &str) -> Lab {
    let mut lab = Lab::new(Bench::empty(), || ());
    lab.breaking.set(text, Choice::FindOut);
    lab.refresh();
    lab
}

/// Presses "Break it".
fn start(lab: &mut Lab) -> Vec<AttackId> {
    let Lab {
        breaking, attacks, ..
    } = lab;
    breaking.start(attacks)
}

/// Draws on, as the window does, until nothing is at work.
fn end(lab: &mut Lab) {
    loop {
        lab.refresh();
        let at_work = lab.attacks.all().iter().find(|attack| attack.ending.is_none());
        let Some(id) = at_work.map(|attack| attack.id) else {
            break;
        };
        assert!(lab.attacks.settle(id, LONG), "the attacks end");
    }
    assert_eq!(lab.breaking.to_come(), None);
}

/// The ciphers whose attacks were set on the text, in that order.
fn set_on(lab: &Lab) -> Vec<&'static str> {
    let attacks = lab.breaking.set_on().iter();
    attacks
        .filter_map(|id| lab.attacks.attack(*id))
        .map(|attack| attack.task.spec.cipher)
        .collect()
}

/// 250 letters of English under the alphabet of a keyboard.
fn keyboard() -> String {
    let key = Key::new().with("alphabet", "QWERTYUIOPASDFGHJKLZXCVBNM");
    let mut letters = 0;
    let plaintext = samples::ALL[1].text.chars().take_while(|c| {
        letters += u32::from(c.is_alphabetic());
        letters <= 250
    });
    let plaintext: String = plaintext.collect();
    find("substitution")
        .unwrap()
        .build(&key)
        .unwrap()
        .encrypt(&plaintext)
        .unwrap()
}

#[test]
fn the_page_finds_out_what_the_terminal_finds_out() {
    let spaced = keyboard();
    let solid: String = spaced.chars().filter(|c| c.is_alphabetic()).collect();
    for text in [spaced, solid] {
        let mut lab = page(&text);
        start(&mut lab);
        end(&mut lab);
        let shown = lab.attacks.attack(lab.breaking.shown.unwrap()).unwrap();
        assert_eq!(shown.task.spec.cipher, "substitution");
        assert!(shown.finding().unwrap().confident);
        assert!(lab.breaking.take_found() && !lab.breaking.take_found());
        let plan = auto::plan(&Problem::new(&text, lab.breaking.expected()));
        let planned: Vec<&str> = plan.iter().map(|spec| spec.cipher).collect();
        let tried = set_on(&lab);
        assert!(planned.starts_with(&tried), "{tried:?} of {planned:?}");
        assert!(tried.len() < planned.len(), "a sure answer ends the search");
    }
}

#[test]
fn a_caesar_is_called_one_though_an_affine_key_is_found_too() {
    let caesar = find("caesar").unwrap();
    let text = caesar.build(&caesar.sample_key()).unwrap();
    let text = text.encrypt(samples::ALL[1].text).unwrap();
    let mut lab = page(&text);
    assert_eq!(start(&mut lab).len(), 2);
    end(&mut lab);
    let shown = lab.attacks.attack(lab.breaking.shown.unwrap()).unwrap();
    assert_eq!(shown.task.spec.cipher, "caesar");
}

#[test]
fn results_belong_to_the_text_that_is_shown() {
    let text = keyboard();
    let mut lab = page(&text);
    start(&mut lab);
    end(&mut lab);
    let (tried, shown) = (set_on(&lab), lab.breaking.shown);
    // Typed into the field, as the window does it.
    lab.breaking.text = "Another text altogether".to_owned();
    lab.refresh();
    assert_eq!((set_on(&lab), lab.breaking.shown), (Vec::new(), None));
    // Put there from elsewhere.
    lab.breaking.set(&text, Choice::FindOut);
    lab.refresh();
    assert_eq!(set_on(&lab), tried);
    assert!(lab.breaking.shown.is_some() && shown.is_some());
    lab.breaking.set("A third one", Choice::FindOut);
    lab.refresh();
    assert_eq!((set_on(&lab), lab.breaking.shown), (Vec::new(), None));
}

#[test]
fn another_text_ends_the_search_on_the_one_before() {
    // Noise: nothing is sure of it, so the search goes on.
    let mut lab = page(&"QXJZKVWPBYFGMCUDLHRTNSOEIA".repeat(8));
    lab.breaking.longest_secs = 3_600;
    start(&mut lab);
    assert!(lab.breaking.to_come().is_some());
    lab.breaking.text.push('X');
    end(&mut lab);
    assert!(set_on(&lab).is_empty());
}

#[test]
fn what_is_broken_again_takes_the_place_of_the_result_before() {
    let mut lab = page(&keyboard());
    lab.breaking.choice = Choice::Cipher("substitution");
    for _ in 0..3 {
        let begun = start(&mut lab);
        end(&mut lab);
        assert_eq!(lab.breaking.set_on(), begun);
        assert_eq!(lab.breaking.shown, begun.first().copied());
    }
    // The same search again, to be compared, stands beside the first.
    let task = lab.attacks.all()[0].task.clone();
    let Lab {
        breaking, attacks, ..
    } = &mut lab;
    breaking.again(attacks, task);
    assert_eq!(set_on(&lab), ["substitution"; 2]);
}
