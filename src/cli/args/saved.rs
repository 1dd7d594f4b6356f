//! The arguments about reports: where a report goes, and what to do with a saved one.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::usage;

/// The format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people at a terminal
    Text,
    /// For programs: see schema/report.schema.json
    Json,
    /// For people at a browser: one file, which needs no network
    Html,
    /// For the comment of a pull request
    Markdown,
    /// For a CI that reads JUnit XML
    Junit,
}

impl Format {
    /// The name of the JSON report in a folder of reports.
    pub const JSON_FILE: &str = "report.json";

    /// Every format, with the name of its file in a folder of reports.
    pub const FILES: [(Self, &str); 5] = [
        (Self::Text, "report.txt"),
        (Self::Json, Self::JSON_FILE),
        (Self::Html, "report.html"),
        (Self::Markdown, "report.md"),
        (Self::Junit, "report.xml"),
    ];
}

/// Where a report goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// To the standard output, in one format.
    Stdout(Format),
    /// Into a file, in one format.
    File(Format, PathBuf),
    /// Into a folder, in every format.
    Folder(PathBuf),
}

/// Where a report goes, as typed.
#[derive(Args, Clone, Debug)]
pub(super) struct TypedDestination {
    /// The format of the report [default: text]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write to this file; without --format, all formats into this folder: report.txt, .json, .html, .md, .xml
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
}

impl TypedDestination {
    pub(super) fn validate(self) -> Result<Destination, clap::Error> {
        let Some(out) = self.out else { return Ok(Destination::Stdout(self.format.unwrap_or(Format::Text))) };
        if let Some(format) = self.format {
            return Ok(Destination::File(format, out));
        }
        // Somebody who types the name of a file wants a file, and has to say with which format.
        let ending = out.extension().and_then(|ending| ending.to_str());
        let meant = Format::FILES.iter().find(|(_, file)| ending.is_some() && file.strip_prefix("report.") == ending);
        match meant.and_then(|(format, _)| format.to_possible_value()) {
            None => Ok(Destination::Folder(out)),
            Some(format) => Err(usage(format!(
                "without --format, --out is a folder for all formats; for the file {} add --format {}",
                out.display(),
                format.get_name()
            ))),
        }
    }
}

/// Which saved report to write anew, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The file with the saved report.
    pub file: PathBuf,
    /// Where the new one goes.
    pub to: Destination,
    /// The file with the report to compare it with.
    pub baseline: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct TypedReport {
    /// A report that was saved with --format json
    #[arg(value_name = "FILE.json")]
    file: PathBuf,
    #[command(flatten)]
    to: TypedDestination,
    /// A saved report to compare with: text and Markdown say what changed
    #[arg(long, value_name = "FILE.json")]
    baseline: Option<PathBuf>,
}

impl TypedReport {
    pub(super) fn validate(self) -> Result<Report, clap::Error> {
        Ok(Report { file: self.file, to: self.to.validate()?, baseline: self.baseline })
    }
}

/// Which saved reports to put together, and how to write the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// The files with the parts.
    pub files: Vec<PathBuf>,
    /// Where the whole goes.
    pub to: Destination,
}

#[derive(Args)]
pub(super) struct TypedMerge {
    /// Reports that were saved with --format json: all shards of one run, or those of several tests
    #[arg(value_name = "FILE.json", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    to: TypedDestination,
}

impl TypedMerge {
    pub(super) fn validate(self) -> Result<Merge, clap::Error> {
        Ok(Merge { files: self.files, to: self.to.validate()? })
    }
}

/// Which two runs to compare.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    /// The report of the run before, saved with --format json
    #[arg(value_name = "BEFORE.json")]
    pub before: PathBuf,
    /// The report of the run after
    #[arg(value_name = "AFTER.json")]
    pub after: PathBuf,
}
