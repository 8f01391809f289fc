//! A process of our own that is asked by lines and answers by lines. It is never waited for without a limit, and ends
//! with this.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child as Process, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};

/// A process, and what it answers.
pub struct Child {
    /// What it is called in a sentence.
    name: &'static str,
    process: Process,
    orders: Option<ChildStdin>,
    /// Ends when the process does.
    answers: Receiver<String>,
    patience: Duration,
    /// It did not answer once: then a goodbye is not waited for.
    is_silent: bool,
}

impl Child {
    /// Starts it. It is waited for so long for an answer, and for its end.
    pub fn start(mut command: Command, name: &'static str, patience: Duration) -> Result<Child, String> {
        let failed = |error: std::io::Error| format!("{name} does not start: {error}");
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let (orders, output) = (process.stdin.take(), process.stdout.take());
        let (tell, answers) = bounded(WAITING_LINES);
        let child = Child {
            name,
            process,
            orders,
            answers,
            patience,
            is_silent: false,
        };
        let read = move || {
            let lines = output
                .into_iter()
                .flat_map(|output| BufReader::new(output).lines());
            for line in lines.map_while(Result::ok) {
                if tell.send(line).is_err() {
                    return;
                }
            }
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "whoever waits for an answer hears of its end: the channel closes"
        )]
        std::thread::Builder::new()
            .name("answers".to_owned())
            .spawn(read)
            .map_err(failed)?;
        Ok(child)
    }

    /// Its next line.
    pub fn next(&mut self) -> Result<String, String> {
        self.answers.recv_timeout(self.patience).map_err(|error| {
            self.is_silent = true;
            match error {
                RecvTimeoutError::Timeout => {
                    format!("{} has not answered for {:?}", self.name, self.patience)
                }
                RecvTimeoutError::Disconnected => format!("{} ended", self.name),
            }
        })
    }

    /// Says a line, and gives its next one.
    pub fn ask(&mut self, line: &str) -> Result<String, String> {
        if let Some(orders) = &mut self.orders {
            // Where nobody reads any more, no answer comes either.
            let _ = writeln!(orders, "{line}");
        }
        self.next()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // The end of its input asks it to leave; the end of its output says that it did.
        drop(self.orders.take());
        let until = Instant::now()
            + if self.is_silent {
                Duration::ZERO
            } else {
                self.patience
            };
        while self.answers.recv_deadline(until).is_ok() {}
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// More lines than are ever asked for at once.
const WAITING_LINES: usize = 64;

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// Long enough for a shell on a busy machine.
    const PATIENCE: Duration = Duration::from_secs(3);

    fn shell(script: &str) -> Child {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Child::start(command, "the host", PATIENCE).unwrap()
    }

    #[test]
    fn answers_come_line_by_line() {
        let mut child = shell("echo ready; while read order; do echo \"got $order\"; done");
        assert_eq!(child.next().unwrap(), "ready");
        assert_eq!(child.ask("stats").unwrap(), "got stats");
        assert_eq!(child.ask("more").unwrap(), "got more");
    }

    #[test]
    fn a_child_that_ends_is_told_so() {
        let mut child = shell("echo ready; read order; exit 1");
        assert_eq!(child.next().unwrap(), "ready");
        for _ in 0..2 {
            assert_eq!(child.ask("stats").unwrap_err(), "the host ended");
        }
    }

    #[test]
    fn a_child_that_does_not_answer_is_neither_waited_for_nor_left_behind() {
        for script in ["echo $$; exec sleep 1000", "echo $$; kill -STOP $$; echo never"] {
            for asks in [true, false] {
                let began = Instant::now();
                let mut child = shell(script);
                let id = child.next().unwrap();
                if asks {
                    assert_eq!(
                        child.ask("stats").unwrap_err(),
                        "the host has not answered for 3s"
                    );
                }
                drop(child);
                assert!(began.elapsed() < 5 * PATIENCE, "{:?}", began.elapsed());
                #[cfg(target_os = "linux")]
                assert!(!std::path::Path::new("/proc").join(id).exists());
                let _ = id;
            }
        }
    }
}
