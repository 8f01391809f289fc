//! The program: arguments, then a window or a terminal verb.

use std::path::PathBuf;
use std::process::ExitCode;

use cipher_room::app;
use cipher_room::ciphers::Direction;
use cipher_room::net::default_profile_folder;
use cipher_room::terminal::{self, Arguments, Exit, Verb};
use clap::Parser;

fn main() -> ExitCode {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("error")).init();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(answer) => return ExitCode::from(terminal::answer(&answer) as u8),
    };
    let exit = match arguments.verb {
        Some(Verb::Host(mut host)) => {
            host.profile = host.profile.or(arguments.profile);
            terminal::host(host)
        }
        Some(Verb::Join(mut join)) => {
            join.profile = join.profile.or(arguments.profile);
            terminal::join(join)
        }
        Some(Verb::Attack(arguments)) => terminal::attack(&arguments),
        Some(Verb::Ciphers(arguments)) => terminal::list_ciphers(&arguments),
        Some(Verb::Encrypt(arguments)) => terminal::transform(Direction::Encrypt, &arguments),
        Some(Verb::Decrypt(arguments)) => terminal::transform(Direction::Decrypt, &arguments),
        Some(Verb::Analyse(arguments)) => terminal::analyse(&arguments),
        Some(Verb::Break(arguments)) => terminal::break_text(&arguments),
        None => window(arguments.profile),
    };
    ExitCode::from(exit as u8)
}

fn window(profile: Option<PathBuf>) -> Exit {
    let folder = profile
        .map_or_else(default_profile_folder, Ok)
        .map_err(|error| error.to_string());
    let outcome = folder.and_then(|folder| app::run(folder).map_err(|error| error.to_string()));
    match outcome {
        Ok(()) => Exit::Done,
        Err(reason) => {
            terminal::complain(&reason);
            Exit::Failed
        }
    }
}
