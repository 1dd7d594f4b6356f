//! The files with the requests. The flows decide which options there are.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, value_parser};

use crate::Subject;
use crate::request_format::RequestPart;

/// The files with the requests. A flow without one makes a request of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Requests {
    /// Each by its option, such as `--csv`.
    pub files: BTreeMap<String, PathBuf>,
    /// How many parts (rows, chapters) to send; without it halfway sends all of them.
    pub first: Option<NonZeroUsize>,
}

const HEADING: &str = "Requests (each flow has an example of its own)";
const FIRST: &str = "first";
/// The usual option. It is there even if no flow reads a file: then halfway says why it cannot take one.
const USUAL: &str = "--request";

impl Requests {
    /// The arguments with which a child process, wherever it runs, reads the same files.
    pub fn typed(&self) -> Vec<OsString> {
        let files = self.named().flat_map(|(option, file)| [option.into(), file.clone().into_os_string()]);
        let first = self.first.into_iter().flat_map(|first| ["--first".into(), first.to_string().into()]);
        files.chain(first).collect()
    }

    /// The files that were given, each with its option.
    pub fn named(&self) -> impl Iterator<Item = (&str, &PathBuf)> {
        self.files.iter().map(|(option, file)| (option.as_str(), file))
    }

    /// The file that was given with this option.
    pub fn file(&self, option: &str) -> Option<&Path> {
        self.files.get(option).map(PathBuf::as_path)
    }
}

/// The options of these flows, each once.
pub(super) fn options(known: &[Subject]) -> Vec<Arg> {
    let mut options: BTreeMap<&'static str, Arg> = BTreeMap::new();
    let mut order = Vec::new();
    for parts in known.iter().filter_map(Subject::request_parts) {
        let asked: Vec<(&'static str, &'static str)> = parts.iter().filter_map(RequestPart::asked_by).collect();
        for &(option, help) in &asked {
            let needs = asked.iter().filter(|(other, _)| *other != option).map(|(other, _)| *other);
            if !options.contains_key(option) {
                order.push(option);
                options.insert(option, file(option).help(help).requires_all(needs));
            }
        }
    }
    if !options.contains_key(USUAL) {
        order.push(USUAL);
        options.insert(USUAL, file(USUAL).hide(true));
    }
    let first = Arg::new(FIRST)
        .long(FIRST)
        .value_name("N")
        .value_parser(value_parser!(NonZeroUsize))
        .help("Send only the first N parts (rows, chapters) of a request, of the examples too")
        .help_heading(HEADING);
    order.into_iter().filter_map(|option| options.remove(option)).chain([first]).collect()
}

/// An option, under its own name.
fn file(option: &'static str) -> Arg {
    let long = option.trim_start_matches('-');
    Arg::new(option).long(long).value_name("FILE").value_parser(value_parser!(PathBuf)).help_heading(HEADING)
}

impl FromArgMatches for Requests {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut requests = Self::default();
        requests.update_from_arg_matches(matches)?;
        Ok(requests)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for id in matches.ids() {
            let option = id.as_str();
            let file = matches.try_get_one::<PathBuf>(option).ok().flatten().filter(|_| option.starts_with("--"));
            if let Some(file) = file {
                self.files.insert(option.to_owned(), file.clone());
            }
        }
        self.first = matches.try_get_one::<NonZeroUsize>(FIRST).ok().flatten().copied();
        Ok(())
    }
}

/// The options are known only with the flows: see [`options`].
impl Args for Requests {
    fn augment_args(command: Command) -> Command {
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        command
    }
}
