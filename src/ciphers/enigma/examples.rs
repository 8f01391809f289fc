//! Messages that were really sent, with their settings: the Enigma's known answers.

use super::super::spec::Example;

/// Authentic messages on all three models. Spaces and punctuation of the published texts are left out.
pub(super) const EXAMPLES: &[Example] = &[
    Example {
        key: &[
            ("model", "I"),
            ("reflector", "A"),
            ("rotors", "II I III"),
            ("rings", "24 13 22"),
            ("start", "ABL"),
            ("plugboard", "AM FI NV PS TU WZ"),
        ],
        plaintext: "FEINDLIQEINFANTERIEKOLONNEBEOBAQTETXANFANGSUEDAUSGANGBAERWALDEXENDEDREIKMOSTWAERTSNEUSTADT",
        ciphertext: "GCDSEAHUGWTQGRKVLFGXUCALXVYMIGMMNMFDXTGNVHVRMMEVOUYFZSLRHDRRXFJWCFHUHMUNZEFRDISIKBGPMYVXUZ",
        source: "Instruction manual of the Enigma I, 1930 (Schlüsselanleitung zur Chiffriermaschine Enigma I)",
    },
    Example {
        key: BARBAROSSA_1,
        plaintext: "AUFKLXABTEILUNGXVONXKURTINOWAXKURTINOWAXNORDWESTLXSEBEZXSEBEZXUAFFLIEGERSTRASZERIQTUNGXDUBROW\
                    KIXDUBROWKIXOPOTSCHKAXOPOTSCHKAXUMXEINSAQTDREINULLXUHRANGETRETENXANGRIFFXINFXRGTX",
        ciphertext: "EDPUDNRGYSZRCXNUYTPOMRMBOFKTBZREZKMLXLVEFGUEYSIOZVEQMIKUBPMMYLKLTTDEISMDICAGYKUACTCDOMOHWXMUU\
                     IAUBSTSLRNBZSZWNRFXWFYSSXJZVIJHIDISHPRKLKAYUPADTXQSPINQMATLPIFSVKDASCTACDPBOPVHJK",
        source: "Operation Barbarossa, 7 July 1941, part 1 (Sullivan and Weierud, Breaking German Army Ciphers, 2005)",
    },
    Example {
        key: BARBAROSSA_2,
        plaintext: "DREIGEHTLANGSAMABERSIQERVORWAERTSXEINSSIEBENNULLSEQSXUHRXROEMXEINSXINFRGTXDREIXAUFFLIEGERSTRA\
                    SZEMITANFANGXEINSSEQSXKMXKMXOSTWXKAMENECXK",
        ciphertext: "SFBWDNJUSEGQOBHKRTAREEZMWKPPRBXOHDROEQGBBGTQVPGVKBVVGBIMHUSZYDAJQIROAXSSSNREHYGGRPISEZBOVMQIE\
                     MMZCYSGQDGRERVBILEKXYQIRGIRQNRDNVRXCYYTNJR",
        source: "Operation Barbarossa, 7 July 1941, part 2 (Sullivan and Weierud, Breaking German Army Ciphers, 2005)",
    },
    Example {
        key: &[
            ("model", "M3"),
            ("reflector", "B"),
            ("rotors", "III VI VIII"),
            ("rings", "1 8 13"),
            ("start", "UZV"),
            ("plugboard", "AN EZ HK IJ LR MQ OT PV SW UX"),
        ],
        plaintext: "STEUEREJTANAFJORDJANSTANDORTQUAAACCCVIERNEUNNEUNZWOFAHRTZWONULSMXXSCHARNHORSTHCO",
        ciphertext: "YKAENZAPMSCHZBFOCUVMRMDPYCOFHADZIZMEFXTHFLOLPZLFGGBOTGOXGRETDWTJIQHLMXVJWKZUASTR",
        source: "Message of the battleship Scharnhorst, 26 December 1943 (Franklin Heath, Enigma sample messages)",
    },
    Example {
        key: &[
            ("model", "M4"),
            ("reflector", "B-thin"),
            ("rotors", "Beta II IV I"),
            ("rings", "AAAV"),
            ("start", "VJNA"),
            ("plugboard", "AT BL DF GJ HM NW OP QY RZ VX"),
        ],
        plaintext: "VONVONJLOOKSJHFFTTTEINSEINSDREIZWOYYQNNSNEUNINHALTXXBEIANGRIFFUNTERWASSERGEDRUECKTYWABOSXLETZ\
                    TERGEGNERSTANDNULACHTDREINULUHRMARQUANTONJOTANEUNACHTSEYHSDREIYZWOZWONULGRADYACHTSMYSTOSSENAC\
                    HXEKNSVIERMBFAELLTYNNNNNNOOOVIERYSICHTEINSNULL",
        ciphertext: "NCZWVUSXPNYMINHZXMQXSFWXWLKJAHSHNMCOCCAKUQPMKCSMHKSEINJUSBLKIOSXCKUBHMLLXCSJUSRRDVKOHULXWCCBG\
                     VLIYXEOAHXRHKKFVDREWEZLXOBAFGYUJQUKGRTVUKAMEURBVEKSUHHVOYHABCJWMAKLFKLMYFVNRIZRVVRTKOFDANJMOL\
                     BGFFLEOPRGTFLVRHOWOPBEKVWMUQFMPWPARMFHAGKXIIBG",
        source: "Message of U-264 (Looks), 19 November 1942 (M4 Message Breaking Project, 2006)",
    },
];

const BARBAROSSA_1: &[(&str, &str)] = &[
    ("model", "I"),
    ("reflector", "B"),
    ("rotors", "II IV V"),
    ("rings", "2 21 12"),
    ("start", "BLA"),
    ("plugboard", "AV BS CG DL FU HZ IN KM OW RX"),
];

const BARBAROSSA_2: &[(&str, &str)] = &[
    ("model", "I"),
    ("reflector", "B"),
    ("rotors", "II IV V"),
    ("rings", "2 21 12"),
    ("start", "LSD"),
    ("plugboard", "AV BS CG DL FU HZ IN KM OW RX"),
];
