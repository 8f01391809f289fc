//! RSA with numbers small enough to follow: every step with its arithmetic, and wrong primes explained.
//!
//! For teaching only: no padding, no secrets, numbers of a few digits (RFC 8017, sections 3 and 5.1, without what makes
//! it safe).

use std::fmt;

/// What was asked for: two primes, a public exponent and a number to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The first prime.
    pub p: u64,
    /// The second prime.
    pub q: u64,
    /// The public exponent.
    pub e: u64,
    /// The number to encrypt and to sign.
    pub m: u64,
}

impl Default for Choice {
    /// The primes of the paper's own small example: Rivest, Shamir, Adleman, A Method for Obtaining Digital Signatures
    /// and Public-Key Cryptosystems (1978), section VIII, with p = 47, q = 59 and the message block 920.
    fn default() -> Self {
        Self {
            p: 47,
            q: 59,
            e: 17,
            m: 920,
        }
    }
}

/// What is wrong with a choice, and which of the four numbers it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `p` (or `q`) is out of the range that can be followed by hand.
    Range(Field),
    /// A number that is no prime: its smallest factor and what is left.
    NotPrime(Field, u64, u64),
    /// Both primes are the same.
    Equal,
    /// The exponent has this factor in common with lambda.
    Exponent(u64, u64),
    /// The exponent is too small or too large; the second number is the limit.
    ExponentRange(u64, u64),
    /// The number to send is not below the modulus.
    Message(u64, u64),
}

/// One of the four numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The first prime.
    P,
    /// The second prime.
    Q,
    /// The public exponent.
    E,
    /// The message.
    M,
}

impl Fault {
    /// The number at fault.
    pub fn field(&self) -> Field {
        match self {
            Fault::Range(field) | Fault::NotPrime(field, ..) => *field,
            Fault::Equal => Field::Q,
            Fault::Exponent(..) | Fault::ExponentRange(..) => Field::E,
            Fault::Message(..) => Field::M,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Range(_) => write!(
                f,
                "Take a prime from {LEAST_PRIME} to {MOST_PRIME}, so that the steps stay readable."
            ),
            Fault::NotPrime(_, factor, rest) => write!(
                f,
                "{} = {factor} · {rest} is not prime. With it, (p − 1)(q − 1) would count the wrong numbers, and \
                 decrypting would not undo encrypting. Near it: {}.",
                factor * rest,
                near_primes(factor * rest)
            ),
            Fault::Equal => write!(
                f,
                "p and q are the same. Then n = p² and anybody finds p with a square root; and numbers that p divides \
                 would not come back."
            ),
            Fault::Exponent(e, common) => write!(
                f,
                "{e} and λ(n) share the factor {common}, so no d undoes it. Take one without a common factor, such as 17 \
                 or 65537."
            ),
            Fault::ExponentRange(e, most) => write!(
                f,
                "{e} is no good exponent: take an odd number from 3 to {most}, below λ(n)."
            ),
            Fault::Message(m, n) => write!(
                f,
                "{m} is not below n = {n}: only the remainder modulo n comes back. Take a smaller number or larger primes."
            ),
        }
    }
}

/// One line of the arithmetic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The formula with numbers in it.
    pub formula: String,
    /// Why, in a few words; may be empty.
    pub why: String,
}

/// A part of the page: a heading, its lines, and the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What is done here.
    pub title: &'static str,
    /// A sentence about it.
    pub about: &'static str,
    /// The arithmetic.
    pub lines: Vec<Line>,
    /// How many lines at the end are results, the others being the way there.
    pub results: usize,
}

/// Everything that follows from a valid choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worked {
    /// The modulus.
    pub n: u64,
    /// Euler's φ(n).
    pub phi: u64,
    /// Carmichael's λ(n), the least exponent that works.
    pub lambda: u64,
    /// The private exponent.
    pub d: u64,
    /// The encrypted number.
    pub c: u64,
    /// The signature.
    pub s: u64,
    /// The steps.
    pub parts: Vec<Part>,
}

/// Checks a choice and works it out. Fails with the first number at fault.
pub fn work(choice: Choice) -> Result<Worked, Fault> {
    let Choice { p, q, e, m } = choice;
    check_prime(Field::P, p)?;
    check_prime(Field::Q, q)?;
    if p == q {
        return Err(Fault::Equal);
    }
    let n = p * q;
    let phi = (p - 1) * (q - 1);
    let common = gcd(p - 1, q - 1);
    let lambda = phi / common;
    if e < 3 || e >= lambda {
        return Err(Fault::ExponentRange(e, lambda - 1));
    }
    if gcd(e, lambda) != 1 {
        return Err(Fault::Exponent(e, gcd(e, lambda)));
    }
    if m >= n {
        return Err(Fault::Message(m, n));
    }
    let (d, euclid) = inverse(e, lambda);
    let (c, encrypting) = power("m", m, e, n);
    let (back, decrypting) = power("c", c, d, n);
    let (s, signing) = power("m", m, d, n);
    let (opened, verifying) = power("s", s, e, n);
    let line = |formula: String, why: &str| Line {
        formula,
        why: why.to_owned(),
    };
    let concluded = |mut lines: Vec<Line>, formula: String, why: &str| {
        lines.push(line(formula, why));
        lines
    };
    let parts = vec![
        Part {
            title: "Make the keys",
            about: "Multiplying two primes is easy; finding them again from the product is what nobody can do for large \
                    ones. Here they are small enough to see through.",
            results: 1,
            lines: vec![
                line(
                    format!("n = p · q = {p} · {q} = {n}"),
                    "the modulus, known to all",
                ),
                line(
                    format!("φ(n) = (p − 1)(q − 1) = {} · {} = {phi}", p - 1, q - 1),
                    "how many numbers below n share no factor with it",
                ),
                line(
                    format!(
                        "λ(n) = φ(n) / gcd({}, {}) = {phi} / {common} = {lambda}",
                        p - 1,
                        q - 1
                    ),
                    "powers repeat after this many steps",
                ),
                line(
                    format!("gcd(e, λ) = gcd({e}, {lambda}) = 1"),
                    "so e can be undone",
                ),
            ],
        },
        Part {
            title: "Find d by the extended Euclid",
            about: "Divide, keep the remainder, and carry along how often e is in it. The last line says which multiple \
                    of e leaves 1.",
            results: 1,
            lines: concluded(
                euclid,
                format!(
                    "d = {d}, because {e} · {d} = {} · {lambda} + 1",
                    (u128::from(e) * u128::from(d) - 1) / u128::from(lambda)
                ),
                "the private exponent",
            ),
        },
        Part {
            title: "Encrypt with the public key",
            about: "Anybody can do this: n and e are public. Squaring and multiplying keeps the numbers small.",
            results: 1,
            lines: concluded(
                encrypting,
                format!("c = m^e mod n = {m}^{e} mod {n} = {c}"),
                "what travels",
            ),
        },
        Part {
            title: "Decrypt with the private key",
            about: "Only who knows d gets the number back.",
            results: 1,
            lines: concluded(
                decrypting,
                format!("m = c^d mod n = {c}^{d} mod {n} = {back}"),
                "the number that was sent",
            ),
        },
        Part {
            title: "Sign with the private key",
            about: "The same arithmetic the other way round: only the owner of d can make this number.",
            results: 1,
            lines: concluded(
                signing,
                format!("s = m^d mod n = {m}^{d} mod {n} = {s}"),
                "the signature",
            ),
        },
        Part {
            title: "Verify with the public key",
            about: "Anybody can check it. A changed message or signature does not fit.",
            results: 2,
            lines: {
                let lines = concluded(
                    verifying,
                    format!("s^e mod n = {s}^{e} mod {n} = {opened}"),
                    "equal to m: the signature is good",
                );
                let (forged, _) = power("s", (s + 1) % n, e, n);
                concluded(
                    lines,
                    format!("(s + 1)^e mod n = {}^{e} mod {n} = {forged}", (s + 1) % n),
                    "one off, and it does not fit m",
                )
            },
        },
    ];
    Ok(Worked {
        n,
        phi,
        lambda,
        d,
        c,
        s,
        parts,
    })
}

fn check_prime(field: Field, number: u64) -> Result<(), Fault> {
    if !(LEAST_PRIME..=MOST_PRIME).contains(&number) {
        return Err(Fault::Range(field));
    }
    match smallest_factor(number) {
        factor if factor == number => Ok(()),
        factor => Err(Fault::NotPrime(field, factor, number / factor)),
    }
}

/// The smallest factor above 1: the number itself if it is prime.
pub fn smallest_factor(number: u64) -> u64 {
    let mut factor = 2;
    while factor * factor <= number {
        if number.is_multiple_of(factor) {
            return factor;
        }
        factor += 1;
    }
    number
}

fn near_primes(number: u64) -> String {
    let prime = |candidate: &u64| *candidate >= LEAST_PRIME && smallest_factor(*candidate) == *candidate;
    let below = (LEAST_PRIME..number).rev().find(prime);
    let above = (number + 1..=MOST_PRIME).find(prime);
    let named: Vec<String> = below
        .into_iter()
        .chain(above)
        .map(|prime| prime.to_string())
        .collect();
    named.join(" or ")
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The inverse of `e` modulo `lambda` (which share no factor), with one line for each division.
fn inverse(e: u64, lambda: u64) -> (u64, Vec<Line>) {
    let (mut old_rest, mut rest) = (i128::from(lambda), i128::from(e));
    let (mut old_times, mut times) = (0i128, 1i128);
    let mut lines = Vec::new();
    while rest > 1 {
        let quotient = old_rest / rest;
        let next = old_rest - quotient * rest;
        let next_times = old_times - quotient * times;
        lines.push(Line {
            formula: format!("{old_rest} = {quotient} · {rest} + {next}"),
            why: format!("{next} = {next_times} · e, modulo λ"),
        });
        (old_rest, rest) = (rest, next);
        (old_times, times) = (times, next_times);
    }
    (times.rem_euclid(i128::from(lambda)) as u64, lines)
}

/// `base^exponent mod n` by squaring and multiplying, with one line for each bit of the exponent.
fn power(name: &str, base: u64, exponent: u64, n: u64) -> (u64, Vec<Line>) {
    let times = |a: u64, b: u64| (u128::from(a) * u128::from(b) % u128::from(n)) as u64;
    let mut result = 1;
    let mut square = base % n;
    let mut lines = Vec::new();
    let mut rest = exponent;
    let mut step = 1u64;
    while rest > 0 {
        let taken = rest & 1 == 1;
        if taken {
            result = times(result, square);
        }
        lines.push(Line {
            formula: format!("{name}^{step} = {square}"),
            why: match taken {
                true => format!("{step} is part of {exponent}: multiplied in, {result}"),
                false => format!("{step} is not part of {exponent}"),
            },
        });
        square = times(square, square);
        rest >>= 1;
        step <<= 1;
    }
    (result, lines)
}

/// The least prime that is offered: with less, no exponent is left.
pub const LEAST_PRIME: u64 = 5;
/// The greatest prime that is offered.
pub const MOST_PRIME: u64 = 65_521;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_paper_comes_out() {
        // RSA paper, section VIII: p = 47, q = 59, n = 2773, d = 157, e = 17, M = 920, C = 948.
        let worked = work(Choice::default()).unwrap();
        assert_eq!((worked.n, worked.phi, worked.c), (2773, 2668, 948));
        // The paper's d is the inverse modulo φ; ours modulo λ = 1334. Both decrypt, and here they are the same.
        assert_eq!(worked.d, 157);
    }

    #[test]
    fn the_example_of_wikipedia_comes_out() {
        // Wikipedia, RSA cryptosystem, "Example": p = 61, q = 53, e = 17, λ = 780, d = 413, 65 becomes 2790.
        let worked = work(Choice {
            p: 61,
            q: 53,
            e: 17,
            m: 65,
        })
        .unwrap();
        assert_eq!(
            (worked.n, worked.lambda, worked.d, worked.c),
            (3233, 780, 413, 2790)
        );
        let last = |title: &str| {
            let part = worked.parts.iter().find(|part| part.title == title).unwrap();
            part.lines.last().unwrap().formula.clone()
        };
        assert!(last("Decrypt with the private key").ends_with("= 65"));
        assert!(last("Find d by the extended Euclid").contains("17 · 413 = 9 · 780 + 1"));
    }

    #[test]
    fn every_message_and_signature_comes_back() {
        for (p, q) in [(5, 7), (11, 13), (47, 59), (251, 241), (65_521, 65_519)] {
            for m in [0, 1, 2, p, q, p * q - 1] {
                for e in [3, 5, 7, 17, 65_537] {
                    let Ok(worked) = work(Choice { p, q, e, m }) else {
                        continue;
                    };
                    assert_eq!(power("c", worked.c, worked.d, worked.n).0, m);
                    assert_eq!(power("s", worked.s, e, worked.n).0, m);
                }
            }
        }
    }

    #[test]
    fn wrong_numbers_are_explained() {
        let base = Choice::default();
        let fault = |choice: Choice| work(choice).unwrap_err();
        let not_prime = fault(Choice { p: 51, ..base });
        assert_eq!(not_prime, Fault::NotPrime(Field::P, 3, 17));
        assert!(not_prime.to_string().contains("51 = 3 · 17 is not prime"));
        assert!(not_prime.to_string().contains("47 or 53"));
        assert_eq!(fault(Choice { q: 47, ..base }), Fault::Equal);
        assert_eq!(fault(Choice { q: 3, ..base }), Fault::Range(Field::Q));
        assert_eq!(fault(Choice { e: 23, ..base }), Fault::Exponent(23, 23));
        assert_eq!(fault(Choice { e: 1, ..base }).field(), Field::E);
        assert_eq!(fault(Choice { m: 2773, ..base }), Fault::Message(2773, 2773));
    }
}
