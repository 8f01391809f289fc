//! The program: arguments, then a window or a terminal verb.

use std::process::ExitCode;

use cipher_room::ciphers::Direction;
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
        Some(Verb::Ciphers(arguments)) => terminal::list_ciphers(&arguments),
        Some(Verb::Encrypt(arguments)) => terminal::transform(Direction::Encrypt, &arguments),
        Some(Verb::Decrypt(arguments)) => terminal::transform(Direction::Decrypt, &arguments),
        None => Exit::Failed,
    };
    ExitCode::from(exit as u8)
}
