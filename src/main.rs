//! The command `halfway`.

use std::process::ExitCode;

fn main() -> ExitCode {
    halfway::cli::run(std::env::args_os())
}
