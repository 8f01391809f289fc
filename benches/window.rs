//! What a frame of the window costs while 20 guests say 50 messages a second each.
//!
//! `cargo bench --bench window`
//!
//! The events go into the session, and the whole window is laid out and cut into triangles, 60 times
//! for each second of talk; only the graphics card is missing. CPU time of one thread. A frame has
//! 16.7 ms.

mod measure;
#[path = "../tests/support/mod.rs"]
mod support;

use std::time::Duration;

use cipher_room::net::{Event, RoomKey};
use cipher_room::store::HostTrust;
use cipher_room::ui::theme::Theme;
use egui::{Pos2, RawInput, Rect};

use self::measure::{Rounds, heading, line, on_cpu};
use self::support::scene::{CLOCK, Window};

const GUESTS: usize = 20;
const FRAMES_A_SECOND: usize = 60;
const MESSAGES_A_SECOND: usize = 1_000;
const SECONDS: usize = 20;
const SIZE: egui::Vec2 = egui::vec2(1100.0, 720.0);
/// About 200 bytes.
const TEXT: &str = "The index of coincidence is a little below that of English, so the key is not one \
                    letter; the distances between repeated groups of three letters all divide by five. Shall we try that? No";

/// CPU milliseconds of the parts of every frame.
#[derive(Default)]
struct Frames {
    session: Rounds,
    layout: Rounds,
    triangles: Rounds,
    whole: Rounds,
    total: Duration,
}

/// A room in which so many messages were said before.
struct Scene {
    context: egui::Context,
    window: Window,
    room: RoomKey,
    said: usize,
}

impl Scene {
    fn new(said_before: usize) -> Scene {
        let context = egui::Context::default();
        Theme::install(&context);
        let mut window = Window::of_ada(egui::Theme::Dark);
        let room = window.join("Den", HostTrust::Pinned);
        for guest in 0..GUESTS {
            window.member(room, &format!("Guest {guest}"), true);
        }
        let mut scene = Scene {
            context,
            window,
            room,
            said: 0,
        };
        for _ in 0..said_before {
            let event = scene.next_message();
            scene.window.session.apply(event);
        }
        scene
    }

    fn next_message(&mut self) -> Event {
        let name = format!("Guest {}", self.said * 7 % GUESTS);
        let text = format!("{TEXT} {}.", self.said);
        self.said += 1;
        let n = self.said as u64;
        let message = self.window.message(self.room, &name, 1, &text);
        Event::Logged { message, n }
    }

    fn play(&mut self) -> Frames {
        let mut frames = Frames::default();
        for frame in 0..SECONDS * FRAMES_A_SECOND {
            let due = MESSAGES_A_SECOND * (frame + 1) / FRAMES_A_SECOND
                - MESSAGES_A_SECOND * frame / FRAMES_A_SECOND;
            let events: Vec<Event> = (0..due).map(|_| self.next_message()).collect();
            self.frame(frame, events, &mut frames);
        }
        let room = self.window.session.room(self.room).expect("the room is open");
        assert_eq!(room.transcript.unread_messages(), 0, "all were in sight once");
        frames
    }

    fn frame(&mut self, number: usize, events: Vec<Event>, frames: &mut Frames) {
        let [mut session, mut layout, mut triangles] = [Duration::ZERO; 3];
        let Scene { context, window, .. } = self;
        on_cpu(&mut session, || {
            events.into_iter().for_each(|event| window.session.apply(event));
        });
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, SIZE)),
            time: Some(number as f64 / FRAMES_A_SECOND as f64),
            focused: true,
            ..RawInput::default()
        };
        let output = on_cpu(&mut layout, || {
            context.run_ui(input, |ui| {
                drop(window.view.ui(ui, &mut window.session, &CLOCK));
            })
        });
        let cut = on_cpu(&mut triangles, || {
            context.tessellate(output.shapes, output.pixels_per_point)
        });
        std::hint::black_box(cut);
        let whole = session + layout + triangles;
        // The first second warms up the caches of fonts and text.
        if number < FRAMES_A_SECOND {
            return;
        }
        frames.total += whole;
        for (rounds, cpu) in [
            (&mut frames.session, session),
            (&mut frames.layout, layout),
            (&mut frames.triangles, triangles),
            (&mut frames.whole, whole),
        ] {
            rounds.add(cpu.as_secs_f64() * 1e3);
        }
    }
}

fn main() {
    for said_before in [0, 20_000] {
        let frames = Scene::new(said_before).play();
        heading(
            &format!("CPU ms of a frame, {said_before} messages before"),
            &["p50", "p99", "max"],
        );
        for (name, rounds) in [
            ("events into the session", &frames.session),
            ("layout", &frames.layout),
            ("triangles", &frames.triangles),
            ("whole frame", &frames.whole),
        ] {
            line(
                name,
                &[0.5, 0.99, 1.0].map(|share| format!("{:.2}", rounds.share(share))),
            );
        }
        let seconds = (SECONDS - 1) as f64;
        let share = frames.total.as_secs_f64() / seconds * 100.0;
        println!("60 frames a second use {share:.0} % of one core.");
    }
}
