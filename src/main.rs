//! The program: arguments, then a window or a terminal verb.

use std::process::ExitCode;

use cipher_room::terminal::{self, Arguments, Exit, Verb};
use clap::Parser;

fn main() -> ExitCode {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("error")).init();
    let arguments = Arguments::parse();
    let exit = match arguments.verb {
        Some(Verb::Host(mut host)) => {
            host.profile = host.profile.or(arguments.profile);
            terminal::host(host)
        }
        Some(Verb::Join(mut join)) => {
            join.profile = join.profile.or(arguments.profile);
            terminal::join(join)
        }
        None => Exit::Failed,
    };
    ExitCode::from(exit as u8)
}
