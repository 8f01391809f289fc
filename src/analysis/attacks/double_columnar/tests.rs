use super::super::super::attack::Blind;
use super::super::tests::Patience;
use super::*;
use crate::analysis::language::Language;
use crate::ciphers;

const PLAIN: &str = "THEFERRYWASLATEAGAINSOWESATONTHEWALLABOVETHEHARBOURANDWATCHEDTHEBOATSCOMEINONEAFTERANOTHERWHILETHE\
                     GULLSQUARRELLEDOVERSCRAPSOFBREADTHATSOMECHILDRENHADLEFTBEHINDONTHESTEPSOFTHEOLDCUSTOMSHOUSE";

fn falls(first: &str, second: &str, known: &[(&str, &str)]) {
    let key = Key::new().with("keyword1", first).with("keyword2", second);
    let cipher = ciphers::find("double-columnar").unwrap().build(&key).unwrap();
    let secret = cipher.encrypt(PLAIN).unwrap();
    let mut problem = Problem::new(&secret, Language::english());
    problem.known = known.iter().copied().collect();
    let finding = run(&problem, &mut Blind).unwrap();
    assert_eq!(finding.text, PLAIN);
    assert!(finding.confident, "{}", finding.why);
    let again = ciphers::find("double-columnar")
        .unwrap()
        .build(&finding.key)
        .unwrap();
    assert_eq!(again.decrypt(&secret).unwrap(), PLAIN);
}

#[test]
fn a_stop_in_a_long_text_is_heeded_at_the_next_question() {
    let text = "ETAOINSHRDLU".repeat(3_400);
    let finding = run(&Problem::new(&text, Language::english()), &mut Patience(1)).unwrap();
    // So many keys lie between two questions about 40,800 letters.
    assert_eq!(finding.tried, 12);
}

#[test]
fn pieces_of_a_row_in_a_wrong_order_are_not_sure() {
    // American Adventures, Julian Street, 1917, in a grid that both keys fill: the first start parted it into rows.
    let plain = "ITISPERHAPSINTHEQUALITYOFSOLIDITYARCHITECTURALCOMMERCIALSOCIALEVENSPIRITUALTHATRICHMONDANDBOSTONAREM";
    let key = Key::new()
        .with("keyword1", "2 4 3 10 5 6 9 8 7 1")
        .with("keyword2", "9 10 3 5 8 4 7 6 2 1");
    let cipher = ciphers::find("double-columnar").unwrap().build(&key).unwrap();
    for (text, plain) in [(cipher.encrypt(plain).unwrap(), plain), (plain.to_owned(), "")] {
        for seed in 1..=4 {
            let mut problem = Problem::new(&text, Language::english());
            problem.known = Key::new().with("columns1", "10").with("columns2", "10");
            problem.seed = seed;
            let finding = run(&problem, &mut Patience(3_000)).unwrap();
            assert!(!finding.confident || finding.text == plain, "{}", finding.text);
        }
    }
}

#[test]
fn two_keys_of_known_lengths_fall() {
    falls("GULLS", "FERRY", &[("columns1", "5"), ("columns2", "5")]);
    falls("HARBOR", "GULLS", &[("columns1", "6"), ("keyword2", "?????")]);
}

#[test]
fn one_key_used_twice_falls_with_its_length_unknown() {
    falls("FERRYS", "FERRYS", &[]);
}

#[test]
fn a_known_second_key_leaves_a_single_transposition() {
    falls(
        "HARBOURS",
        "GULLSCRY",
        &[("keyword2", "GULLSCRY"), ("columns1", "8")],
    );
}

/// What the attack finds of a text under two keys of known lengths, from some seed.
fn found(plain: &str, first: &str, second: &str, seed: u64) -> Finding {
    let key = Key::new().with("keyword1", first).with("keyword2", second);
    let cipher = ciphers::find("double-columnar").unwrap().build(&key).unwrap();
    let secret = cipher.encrypt(plain).unwrap();
    let mut problem = Problem::new(&secret, Language::english());
    let columns = [first, second].map(|order| order.split(' ').count().to_string());
    problem.known = Key::new()
        .with("columns1", &columns[0])
        .with("columns2", &columns[1]);
    problem.seed = seed;
    run(&problem, &mut Blind).unwrap()
}

/// The texts are out of the CIA World Factbook (`tests/texts`).
#[test]
fn full_grids_fall_in_which_the_potential_does_not_tell_all_second_keys_apart() {
    let tuvalu = "MONEYISALSOREMITTEDTOFAMILIESFROMRELATIVESINNEWZEALANDINETHNICDIFFERENCESWITHINTHEBRITISHCOLONYOFTHE\
                  GILBERTANDELLICEISLANDSCAUSEDTHEPOLYNESIANSOFTHEELLICEISLANDSTOVOTEFORSEPARATIONFROMTHEMICRONESIANSO";
    let south_africa = "SOUTHAFRICASINCETHENHASSTRUGGLEDTOADDRESSAPARTHEIDERAIMBALANCESINDECENTHOUSINGEDUCATIONANDHEALTHCAREANC\
                        INFIGHTINGCAMETOAHEADINWHENPRESIDENTTHABOMBEKIWASRECALLEDBYPARLIAMENTANDDEPUTYPRESIDENTKGALEMAMOTLANTHE\
                        SUCCEEDEDHIMASINTERIMPRESIDENTJACOBZUMABECAMEPRESIDENTAFTE";
    for (plain, first, second) in [
        (tuvalu, "1 2 3 4", "5 1 7 8 3 6 2 4"),
        (south_africa, "7 1 2 4 3 6 5 8", "6 2 5 3 1 4"),
    ] {
        let finding = found(plain, first, second, 1);
        assert_eq!(finding.text, plain, "{first}, {second}: {}", finding.why);
        assert!(finding.confident, "{first}, {second}: {}", finding.why);
    }
}

/// Under seven columns a text that is moved by six letters is a twin too.
#[test]
fn a_text_that_is_moved_by_nearly_a_row_is_a_twin() {
    let plain = "FORMERPRESIDENTBLAISECOMPAORERESIGNEDINLATEOCTOBERFOLLOWINGPOPULARPROTESTSAGAINSTHISEFFORTSTOAMENDTHE\
                 CONSTITUTIONSTWOTERMPRESIDENTIALLIMITBYMIDNOVEMBERAFRAMEWORKFORANINTERIMGOVERNMENTWASADOPTEDUNDERTHETERMS\
                 OFTHENATIONALTRANSITIONCHARTERANINTERIMADMINISTRATIONLEDBYPRESIDENTMICHELKAFAND";
    let finding = found(plain, "1 5 4 3 6 7 2", "4 2 3 1", 1);
    assert_eq!(finding.text, plain, "{}", finding.why);
}

/// Both grids are full and in step: two blocks of seven rows each, and turned by two rows they are likelier by quadgrams.
#[test]
fn rows_in_a_wrong_order_are_told_by_their_words() {
    let plain = "THECOUNTRYDROPPEDTHEWESTERNFROMITSNAMEINTOURISMPETROLEUMBUNKERINGHOSPITALITYANDFINAN";
    let finding = found(plain, "3 2 6 5 4 1", "2 5 7 6 3 1 4", 1);
    assert_eq!(finding.text, plain, "{}", finding.why);
}
