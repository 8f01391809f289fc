//! A host with 20 guests: its CPU time while each says 50 messages a second, and while nobody says anything.
//!
//! `cargo bench --bench room`
//!
//! The host runs in this process; the guests run in a second one, which this program starts from
//! itself, so that the host's CPU time is its own. Both are the real program without its window. The
//! time of delivery counts from the command to say something until it is heard, at every guest and at
//! the host; the guests put the time of saying it into the text.

mod measure;
#[path = "../tests/people/mod.rs"]
mod people;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command as Process, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use cipher_room::net::{Command, Event};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, select, tick};

use self::measure::{Rounds, heading, line, process_cpu};
use self::people::{Person, ROOM};

const GUESTS: usize = 20;
const A_SECOND: u32 = 50;
const TALK: Duration = Duration::from_secs(10);
const IDLE: Duration = Duration::from_secs(20);
const TEXT_BYTES: usize = 200;
/// How long guests wait for what is still on its way.
const AFTERWARDS: Duration = Duration::from_secs(5);
/// The argument that makes this program the guests.
const AS_GUESTS: &str = "guests";

fn main() {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (Some(AS_GUESTS), Some(invite)) => be_guests(&invite),
        _ => be_host(),
    }
}

fn be_host() {
    let host = Person::ada();
    let opened = host.host(false);
    let mut guests = Guests::start(&opened.invite.to_string());
    guests.wait_for("ready");
    while host.events.try_recv().is_ok() {}

    let idle = Span::measure(&host, IDLE);
    guests.order("talk");
    let talk = Span::measure(&host, TALK);
    let rest = Span::measure(&host, AFTERWARDS);
    let told = guests.wait_for("heard");
    guests.end();

    heading("Host with 20 guests", &["CPU, % of 1 core", "messages/s"]);
    for (name, span) in [
        ("nobody says anything, 20 s", &idle),
        ("1,000 messages/s, 10 s", &talk),
    ] {
        let cpu = span.cpu.as_secs_f64() / span.wall.as_secs_f64() * 100.0;
        let speed = span.heard.len() as f64 / span.wall.as_secs_f64();
        line(name, &[format!("{cpu:.2}"), format!("{speed:.0}")]);
        for (thread, share) in &span.threads {
            line(&format!("    {thread}"), &[format!("{share:.2}")]);
        }
    }
    heading(
        "Said until heard",
        &["p50 ms", "p99 ms", "max ms", "heard", "missing"],
    );
    let said = GUESTS * (TALK.as_secs() as usize) * A_SECOND as usize;
    let mut at_host = Rounds::default();
    talk.heard
        .iter()
        .chain(&rest.heard)
        .for_each(|ms| at_host.add(*ms));
    let heard = talk.heard.len() + rest.heard.len();
    let mut figures: Vec<String> = [0.5, 0.99, 1.0]
        .map(|share| format!("{:.1}", at_host.share(share)))
        .into();
    figures.extend([heard.to_string(), (said - heard).to_string()]);
    line("at the host", &figures);
    let mut figures: Vec<String> = told.split_whitespace().skip(1).map(str::to_owned).collect();
    let heard: usize = figures[3].parse().expect("a number");
    figures.push((said * GUESTS - heard).to_string());
    let cpu = figures.remove(4);
    line("at the guests", &figures);
    println!("\nThe guests' process used {cpu} % of one core meanwhile.");
}

/// The process of the guests.
struct Guests {
    process: Child,
    orders: ChildStdin,
    answers: BufReader<std::process::ChildStdout>,
}

impl Guests {
    fn start(invite: &str) -> Guests {
        let own = std::env::current_exe().expect("this program is somewhere");
        let mut process = Process::new(own)
            .args([AS_GUESTS, invite])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program starts once more");
        let orders = process.stdin.take().expect("it is piped");
        let answers = BufReader::new(process.stdout.take().expect("it is piped"));
        Guests {
            process,
            orders,
            answers,
        }
    }

    fn order(&mut self, order: &str) {
        writeln!(self.orders, "{order}").expect("the guests are there");
    }

    fn wait_for(&mut self, answer: &str) -> String {
        let mut told = String::new();
        self.answers.read_line(&mut told).expect("the guests answer");
        assert!(told.starts_with(answer), "the guests said: {told}");
        told
    }

    /// The guests leave when their input ends.
    fn end(self) {
        let Guests {
            mut process,
            orders,
            answers: _,
        } = self;
        drop(orders);
        process.wait().expect("the guests end");
    }
}

/// What the host used and heard meanwhile.
struct Span {
    wall: Duration,
    cpu: Duration,
    /// Milliseconds from being said until heard.
    heard: Vec<f64>,
    /// The threads that used most, in % of one core.
    threads: Vec<(String, f64)>,
}

impl Span {
    fn measure(host: &Person, length: Duration) -> Span {
        let (start, cpu, before) = (Instant::now(), process_cpu(), threads());
        let mut heard = Vec::new();
        loop {
            match host.events.recv_deadline(start + length) {
                Ok(event) => heard.extend(milliseconds_on_its_way(event)),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => panic!("the host is gone"),
            }
        }
        let (wall, cpu) = (start.elapsed(), process_cpu() - cpu);
        let mut threads: Vec<(String, f64)> = threads()
            .into_iter()
            .map(|(id, name, ns)| {
                let earlier = before.iter().find(|(other, ..)| *other == id);
                let used = ns - earlier.map_or(0.0, |(_, _, ns)| *ns);
                (name, used / 1e9 / wall.as_secs_f64() * 100.0)
            })
            .collect();
        threads.retain(|(_, share)| *share >= 0.005);
        threads.sort_by(|a, b| b.1.total_cmp(&a.1));
        Span {
            wall,
            cpu,
            heard,
            threads,
        }
    }
}

/// Id, name and CPU nanoseconds of every thread of this process; none where the system does not say.
fn threads() -> Vec<(String, String, f64)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten()
    {
        let read = |file| std::fs::read_to_string(entry.path().join(file)).ok();
        let (Some(name), Some(times)) = (read("comm"), read("schedstat")) else {
            continue;
        };
        let ns = times
            .split_whitespace()
            .next()
            .and_then(|ns| ns.parse().ok())
            .unwrap_or(0.0);
        found.push((
            entry.file_name().to_string_lossy().into_owned(),
            name.trim().to_owned(),
            ns,
        ));
    }
    found
}

fn milliseconds_on_its_way(event: Event) -> Option<f64> {
    match event {
        Event::Logged { message, .. } => {
            let said: u128 = message.text.trim_end().parse().expect("texts hold the time");
            Some(now_ns().saturating_sub(said) as f64 / 1e6)
        }
        Event::Alarmed { alarm, .. } => panic!("{alarm}"),
        Event::Declined { reason, .. } => panic!("{reason}"),
        Event::Closed { reason, .. } => panic!("{reason}"),
        Event::MemberLeft { name, .. } => panic!("{name} left"),
        _ => None,
    }
}

fn now_ns() -> u128 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("the clock is set").as_nanos()
}

fn be_guests(invite: &str) {
    let (ready, arrived) = bounded::<()>(GUESTS);
    let (told, heard) = bounded::<Vec<f64>>(GUESTS);
    std::thread::scope(|threads| {
        let mut to_talk: Vec<Sender<()>> = Vec::new();
        for index in 0..GUESTS {
            let (order, orders) = bounded(1);
            to_talk.push(order);
            let (ready, told) = (ready.clone(), told.clone());
            threads.spawn(move || be_guest(index, invite, &ready, &orders, &told));
        }
        (0..GUESTS).for_each(|_| arrived.recv().expect("everybody arrives"));
        println!("ready");
        let mut order = String::new();
        std::io::stdin().read_line(&mut order).expect("the host orders");
        let (start, cpu) = (Instant::now(), process_cpu());
        for guest in &to_talk {
            guest.send(()).expect("the guest is there");
        }
        let mut all = Rounds::default();
        let mut count = 0;
        for _ in 0..GUESTS {
            for ms in heard.recv().expect("everybody tells") {
                all.add(ms);
                count += 1;
            }
        }
        let cpu = (process_cpu() - cpu).as_secs_f64() / start.elapsed().as_secs_f64() * 100.0;
        let [p50, p99, max] = [0.5, 0.99, 1.0].map(|share| all.share(share));
        println!("heard {p50:.1} {p99:.1} {max:.1} {count} {cpu:.0}");
        std::io::stdin()
            .read_line(&mut order)
            .expect("the input can be read");
        // Without anybody to order, the guests leave.
        drop(to_talk);
    });
}

fn be_guest(index: usize, invite: &str, ready: &Sender<()>, orders: &Receiver<()>, told: &Sender<Vec<f64>>) {
    let person = Person::new(&format!("Guest {index}"), None);
    person.join(invite);
    ready.send(()).expect("somebody counts");
    // Others may arrive later; nothing is said yet.
    loop {
        select! {
            recv(person.events) -> event => drop(event),
            recv(orders) -> order => match order {
                Ok(()) => break,
                Err(_) => return,
            },
        }
    }
    let mut heard = Vec::new();
    // People do not speak in chorus: everybody begins at another time within the first 100 ms.
    let begin = Instant::now() + Duration::from_millis(100) * index as u32 / GUESTS as u32;
    while let Ok(event) = person.events.recv_deadline(begin) {
        heard.extend(milliseconds_on_its_way(event));
    }
    let beats = tick(Duration::from_secs(1) / A_SECOND);
    let mut left = TALK.as_secs() as u32 * A_SECOND;
    let expected = GUESTS * left as usize;
    while left > 0 {
        select! {
            recv(person.events) -> event => heard.extend(event.ok().and_then(milliseconds_on_its_way)),
            recv(beats) -> _ => {
                let text = format!("{:<TEXT_BYTES$}", now_ns());
                person.node.send(Command::Say { room: ROOM, text }).expect("a thousand commands may wait");
                left -= 1;
            }
        }
    }
    let until = Instant::now() + AFTERWARDS;
    while heard.len() < expected
        && let Ok(event) = person.events.recv_deadline(until)
    {
        heard.extend(milliseconds_on_its_way(event));
    }
    told.send(heard).expect("somebody adds up");
    // The others may still talk.
    loop {
        select! {
            recv(person.events) -> event => drop(event),
            recv(orders) -> order => if order.is_err() { return },
        }
    }
}
