use super::super::find;
use super::super::tests::Patience;
use super::*;
use crate::analysis::attack::Blind;
use crate::analysis::language::Language;

const PROSE: &str = "The ferry was late again, so we sat on the wall above the harbour.";

fn attack(id: &str, text: &str, known: Key) -> Result<Finding, AttackError> {
    let problem = Problem {
        known,
        ..Problem::new(text, Language::english())
    };
    find(id).unwrap().run(&problem, &mut Blind)
}

#[test]
fn every_cipher_with_few_keys_falls_and_all_shifts_are_listed() {
    for (id, key) in [
        ("caesar", &[("shift", "7")][..]),
        ("rot13", &[]),
        ("atbash", &[]),
        ("affine", &[("a", "5"), ("b", "8")]),
        ("rail-fence", &[("rails", "5"), ("offset", "0")]),
        ("rail-fence", &[("rails", "5"), ("offset", "3")]),
    ] {
        let key: Key = key.iter().copied().collect();
        // In so short a text a twin, moved by a letter or two, is not ruled out: it is shown beside it.
        let has_twin = key.value("offset") == Some("3");
        let text = ciphers::find(id)
            .unwrap()
            .build(&key)
            .unwrap()
            .encrypt(PROSE)
            .unwrap();
        let found = attack(id, &text, Key::new()).unwrap();
        assert_eq!(letters_of(&found.text), letters_of(PROSE), "{id}");
        assert_eq!(found.key, key, "{id}");
        assert_eq!(found.confident, !has_twin, "{id}: {}", found.why);
        if id == "caesar" {
            assert_eq!((found.tried, found.others.len()), (26, 25));
        }
    }
}

#[test]
fn a_rail_fence_of_a_text_with_umlauts_falls() {
    let plain =
        "Am Donnerstag früh stand Frau Kühnemann vor dem Bäcker und wartete, bis endlich geöffnet wurde.";
    let key = Key::new().with("rails", "6").with("offset", "4");
    let text = ciphers::find("rail-fence").unwrap().build(&key).unwrap();
    let text = text.encrypt(plain).unwrap();
    let found = find("rail-fence")
        .unwrap()
        .run(&Problem::new(&text, Language::find("de").unwrap()), &mut Blind)
        .unwrap();
    assert_eq!(found.key, key);
    assert!(
        found.text.starts_with("AmDonnerstagfrühstandFrauKühnemann"),
        "{}",
        found.text
    );
}

#[test]
fn a_text_full_of_accents_is_sure() {
    let plain = "Hier après-midi, nous avons marché le long de la rivière jusqu'au vieux moulin, où le propriétaire nous a offert du \
                 cidre et des gâteaux.";
    for id in ["atbash", "caesar", "affine", "rail-fence"] {
        let cipher = ciphers::find(id).unwrap();
        let text = cipher
            .build(&cipher.sample_key())
            .unwrap()
            .encrypt(plain)
            .unwrap();
        let problem = Problem::new(&text, Language::find("fr").unwrap());
        let found = find(id).unwrap().run(&problem, &mut Blind).unwrap();
        assert_eq!(letters_of(&found.text), letters_of(plain), "{id}");
        assert!(found.confident, "{id}: {}", found.why);
    }
}

#[test]
fn of_twins_the_rail_fence_without_an_offset_is_taken_and_with_spaces_the_one_that_begins_as_a_text() {
    // "AND THE COUNCIL … THE PAPER" reads as well as "THE COUNCIL … THE PAPER AND".
    let plain = "THE COUNCIL HAS DECIDED TO CLOSE THE OLD SWIMMING POOL IN OCTOBER BECAUSE THE ROOF LEAKS AND NOBODY WANTS TO PAY FOR \
                 A NEW ONE. SEVERAL PARENTS WROTE LETTERS TO THE PAPER, AND";
    // Moved by two, this begins with the end of its last word.
    let typed = "We shall get him after awhile if we are spared, but in the meantime the violet and rose are languishing for a \
                 nibble at his _glutoeus maximus_. A distemper of youth, curable by small d";
    for (plain, key) in [
        (plain, &[("rails", "6"), ("offset", "0")][..]),
        (typed, &[("rails", "6"), ("offset", "8"), ("characters", "all")]),
    ] {
        let key: Key = key.iter().copied().collect();
        let cipher = ciphers::find("rail-fence").unwrap().build(&key).unwrap();
        let found = attack("rail-fence", &cipher.encrypt(plain).unwrap(), Key::new()).unwrap();
        assert_eq!(letters_of(&found.text), letters_of(plain), "{}", found.why);
    }
}

/// A key with an offset is not doubted because another one without it gives nonsense.
#[test]
fn a_rail_fence_with_an_offset_through_which_spaces_moved_is_sure() {
    let plain = "ZAMBIAS DEPENDENCY ON COPPER MAKES IT VULNERABLE TO DEPRESSED COMMODITY";
    let key = Key::new()
        .with("rails", "2")
        .with("offset", "1")
        .with("characters", "all");
    let text = ciphers::find("rail-fence").unwrap().build(&key).unwrap();
    let found = attack("rail-fence", &text.encrypt(plain).unwrap(), Key::new()).unwrap();
    assert_eq!(found.text, plain, "{}", found.why);
    assert!(found.confident, "{}", found.why);
}

#[test]
fn a_short_text_among_26_keys_is_sure() {
    let text = ciphers::find("caesar").unwrap();
    let text = text.build(&text.sample_key()).unwrap();
    let found = attack("caesar", &text.encrypt("This is a test").unwrap(), Key::new()).unwrap();
    assert_eq!(found.text, "This is a test");
    assert!(found.confident, "{}", found.why);
}

#[test]
fn a_text_that_reads_as_it_is_is_no_rail_fence_with_nearly_as_many_rails_as_letters() {
    for plain in [
        "A COMPROMISE I IMAGINE THE DIF",
        "I HAVE NO NEED FOR SUCH AM",
        PROSE,
    ] {
        let found = attack("rail-fence", plain, Key::new()).unwrap();
        assert!(!found.confident, "{}", found.text);
        assert!(found.why.contains("before anything has moved"), "{}", found.why);
    }
}

#[test]
fn noise_is_not_sure_and_a_known_value_is_kept() {
    let noise = "XQZKJ VWPBF GYMUC LDHRS NIOAT EXQJZ";
    for id in ["caesar", "affine", "rail-fence", "rot13"] {
        assert!(!attack(id, noise, Key::new()).unwrap().confident, "{id}");
    }
    let found = attack("affine", noise, Key::new().with("a", "5")).unwrap();
    assert_eq!((found.key.value("a"), found.tried), (Some("5"), 26));
    assert!(matches!(
        attack("affine", noise, Key::new().with("a", "x")),
        Err(AttackError::Known { .. })
    ));
}

#[test]
fn known_numbers_are_read_as_the_cipher_reads_them() {
    for (id, key, same, tried) in [
        (
            "rail-fence",
            &[("rails", "5"), ("offset", "-1")][..],
            ("offset", "-1"),
            None,
        ),
        (
            "rail-fence",
            &[("rails", "5"), ("offset", "15")],
            ("offset", "15"),
            None,
        ),
        (
            "rail-fence",
            &[("rails", "5"), ("offset", "7")],
            ("offset", "\u{2212}9"),
            None,
        ),
        ("rail-fence", &[("rails", "150")], ("rails", "150"), None),
        (
            "caesar",
            &[("shift", "99999999999999999999")],
            ("shift", "99999999999999999999"),
            Some(1),
        ),
        (
            "caesar",
            &[("shift", "-9223372036854775808")],
            ("shift", "-9223372036854775808"),
            Some(1),
        ),
        ("caesar", &[("shift", "25")], ("shift", "\u{2212}1"), Some(1)),
        ("affine", &[("a", "31"), ("b", "8")], ("a", "31"), Some(26)),
    ] {
        let plain = [PROSE; 6].join(" ");
        let key: Key = key.iter().copied().collect();
        let cipher = ciphers::find(id).unwrap().build(&key).unwrap();
        let known = Key::new().with(same.0, same.1);
        let found = attack(id, &cipher.encrypt(&plain).unwrap(), known).unwrap();
        assert_eq!(
            letters_of(&found.text),
            letters_of(&plain),
            "{id} {same:?}: {}",
            found.why
        );
        if let Some(tried) = tried {
            assert_eq!(found.tried, tried, "{id} {same:?}");
        }
    }
}

#[test]
fn a_known_value_that_the_cipher_does_not_take_is_named_and_not_the_text_blamed() {
    for (id, param, value) in [
        ("affine", "a", "2"),
        ("affine", "b", "x"),
        ("rail-fence", "rails", "1"),
        ("rail-fence", "rails", "1001"),
        ("rail-fence", "offset", "1.5"),
        ("rail-fence", "characters", "some"),
        ("caesar", "shift", "--1"),
    ] {
        let refused = attack(id, PROSE, Key::new().with(param, value)).unwrap_err();
        assert!(
            matches!(&refused, AttackError::Known { param: named, .. } if named == param),
            "{id} {param}={value}: {refused}"
        );
        let said = refused.to_string();
        assert_eq!(said.matches(&format!("{param}: ")).count(), 1, "{said}");
    }
}

#[test]
fn a_text_whose_letters_begin_late_falls_by_its_letters() {
    for (id, key) in [
        ("caesar", &[("shift", "7")][..]),
        ("affine", &[("a", "5"), ("b", "8")]),
    ] {
        let key: Key = key.iter().copied().collect();
        let cipher = ciphers::find(id).unwrap().build(&key).unwrap();
        for repeats in [1, 70] {
            let plain = format!("{}{}", "-".repeat(3_000), [PROSE; 70][..repeats].join(" "));
            let found = attack(id, &cipher.encrypt(&plain).unwrap(), Key::new()).unwrap();
            assert!(found.confident && found.text == plain, "{id}: {}", found.why);
        }
    }
}

#[test]
fn a_row_of_equal_letters_is_no_text() {
    for id in ["caesar", "affine"] {
        for row in ["qqqqqqqqqqqqqqqq", "qxqxqxqxqxqxqxqxqxqx"] {
            let found = attack(id, row, Key::new()).unwrap();
            assert!(!found.confident, "{id}: {}", found.text);
        }
    }
}

#[test]
fn a_rail_fence_through_which_spaces_moved_falls_too() {
    let plain = [PROSE; 5].join(" ");
    let key = Key::new()
        .with("rails", "3")
        .with("offset", "0")
        .with("characters", "all");
    let cipher = ciphers::find("rail-fence").unwrap().build(&key).unwrap();
    let secret = cipher.encrypt(&plain).unwrap();
    for known in [Key::new(), Key::new().with("characters", "all")] {
        let found = attack("rail-fence", &secret, known).unwrap();
        assert!(found.confident, "{}", found.why);
        assert_eq!((found.text, found.key), (plain.clone(), key.clone()));
    }
    let problem = Problem {
        crib: Some("we sat on the wall"),
        ..Problem::new(&secret, Language::english())
    };
    let found = find("rail-fence").unwrap().run(&problem, &mut Blind).unwrap();
    assert!(found.confident && found.text == plain, "{}", found.why);
    // Who says that only letters have moved is believed.
    let letters = attack("rail-fence", &secret, Key::new().with("characters", "letters")).unwrap();
    assert!(!letters.confident, "{}", letters.text);
}

/// A text that is judged by its beginning, in which neither K nor Q nor the crib stands.
fn long_with_an_end() -> String {
    format!("{} Quicksand held the jeep.", [PROSE; 70].join(" "))
}

#[test]
fn a_crib_far_behind_the_beginning_is_found() {
    let plain = long_with_an_end();
    for (id, key) in [
        ("caesar", &[("shift", "7")][..]),
        ("affine", &[("a", "5"), ("b", "8")]),
    ] {
        let key: Key = key.iter().copied().collect();
        let cipher = ciphers::find(id).unwrap().build(&key).unwrap();
        let text = cipher.encrypt(&plain).unwrap();
        let run = |crib| {
            let problem = Problem {
                crib: Some(crib),
                ..Problem::new(&text, Language::english())
            };
            find(id).unwrap().run(&problem, &mut Blind)
        };
        let found = run("quicksand held").unwrap();
        assert!(found.confident && found.text == plain, "{id}: {}", found.why);
        let error = run("quicksilver held").unwrap_err();
        assert!(
            matches!(error, AttackError::CribDoesNotFit { .. }),
            "{id}: {error}"
        );
    }
}

#[test]
fn a_stop_among_keys_without_the_crib_is_said() {
    struct Stop;
    impl Watch for Stop {
        fn seen(&mut self, _: Progress<'_>) -> std::ops::ControlFlow<()> {
            self.go_on()
        }

        fn go_on(&mut self) -> std::ops::ControlFlow<()> {
            std::ops::ControlFlow::Break(())
        }
    }
    let problem = Problem {
        crib: Some("quicksand"),
        ..Problem::new(PROSE, Language::english())
    };
    let error = find("affine").unwrap().run(&problem, &mut Stop).unwrap_err();
    assert!(
        error.to_string().contains("before the search was stopped"),
        "{error}"
    );
}

#[test]
fn a_lock_of_a_letter_that_stands_far_behind_the_beginning_is_kept() {
    let plain = long_with_an_end();
    let cipher = ciphers::find("caesar").unwrap();
    let cipher = cipher.build(&Key::new().with("shift", "7")).unwrap();
    let text = cipher.encrypt(&plain).unwrap();
    // Q is written X.
    for (read, shift) in [('Q', "7"), ('E', "19")] {
        let locks = [Lock {
            cipher: 'X',
            plain: read,
        }];
        let problem = Problem {
            locks: &locks,
            ..Problem::new(&text, Language::english())
        };
        let found = find("caesar").unwrap().run(&problem, &mut Blind).unwrap();
        assert_eq!(found.key.value("shift"), Some(shift));
        assert_eq!((found.tried, found.others.len()), (26, 0));
        assert_eq!(found.confident, read == 'Q', "{}", found.why);
    }
}

#[test]
fn a_search_that_was_stopped_says_so_and_is_sure_of_nothing() {
    let stopped = |id: &str, text: &str, keys: u32| {
        let problem = Problem::new(text, Language::english());
        find(id).unwrap().run(&problem, &mut Patience(keys)).unwrap()
    };
    // The first shift is none, under which prose reads best.
    let first = stopped("caesar", PROSE, 1);
    assert_eq!((first.text.as_str(), first.tried), (PROSE, 1));
    assert!(!first.confident, "{}", first.why);
    assert!(
        first.why.starts_with("stopped after the first key"),
        "{}",
        first.why
    );
    let few = stopped("rail-fence", PROSE, 5);
    assert!(!few.confident && few.tried == 5);
    assert!(few.why.starts_with("stopped after 5 keys"), "{}", few.why);
    for found in [&first, &few] {
        assert!(!found.why.contains("another cipher"), "{}", found.why);
    }
    // All keys were looked at before anybody stopped it.
    let all = stopped("caesar", PROSE, 26);
    assert!(all.confident, "{}", all.why);
    assert!(all.why.starts_with("the best of all 26 keys"), "{}", all.why);
}

#[test]
fn a_long_text_is_judged_by_its_ends_and_falls() {
    let codes: Vec<u8> = (0..3 * END).map(|place| (place % 26) as u8).collect();
    let judged = ends(codes.clone());
    assert_eq!(judged.len(), 2 * END);
    assert_eq!(
        (&judged[..END], &judged[END..]),
        (&codes[..END], &codes[2 * END..])
    );
    assert_eq!(ends(codes[..2 * END].to_vec()), codes[..2 * END]);
    let plain = PROSE.repeat(2 * END / 40);
    for (id, key) in [
        ("rail-fence", Key::new().with("rails", "3").with("offset", "0")),
        ("caesar", Key::new().with("shift", "7")),
    ] {
        let cipher = ciphers::find(id).unwrap().build(&key).unwrap();
        // All but a few of the keys are known to be others.
        let known = match id {
            "rail-fence" => Key::new().with("rails", "3"),
            _ => Key::new(),
        };
        let found = attack(id, &cipher.encrypt(&plain).unwrap(), known).unwrap();
        assert!(found.confident, "{id}: {}", found.why);
        assert_eq!((letters_of(&found.text), found.key), (letters_of(&plain), key));
    }
}

#[test]
fn too_few_letters_are_refused() {
    assert!(matches!(
        attack("caesar", "ab!", Key::new()),
        Err(AttackError::TooShort { .. })
    ));
}
