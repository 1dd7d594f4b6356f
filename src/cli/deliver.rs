//! Brings a report to where it is wanted, in the format that is wanted.

use super::args::{Destination, Format};
use super::{Failure, output};
use crate::report::diff::Diff;
use crate::report::text::{self, diff};
use crate::report::{Report, html, json, junit, markdown};

/// What is shown beside a report that goes elsewhere.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Aside {
    /// The matrix, for the person who waits.
    Summary,
    /// Nothing.
    Nothing,
}

/// Makes the folder, where there is to be one: before anybody waits for a run.
pub(super) fn make_way(to: &Destination) -> Result<(), Failure> {
    match to {
        Destination::Stdout(_) | Destination::File(..) => Ok(()),
        Destination::Folder(folder) => std::fs::create_dir_all(folder).map_err(|error| {
            let place = folder.display();
            Failure::Input(format!("make the folder {place}: {error}; for a file of that name say --format, too"))
        }),
    }
}

/// Writes the report.
pub(super) fn deliver(report: &Report, change: Option<&Diff>, to: &Destination, aside: Aside) -> Result<(), Failure> {
    match to {
        Destination::Stdout(Format::Text) => {
            let width = output::width();
            output::print(&text::render(report, width))?;
            print_change(change, width)
        }
        Destination::Stdout(format) => output::print_raw(&render(report, change, *format)),
        Destination::File(format, path) => {
            output::write(path, &render(report, change, *format))?;
            summary(report, change, aside)
        }
        Destination::Folder(folder) => {
            make_way(to)?;
            for (format, file) in Format::FILES {
                output::write(&folder.join(file), &render(report, change, format))?;
            }
            summary(report, change, aside)
        }
    }
}

/// The report in a format, as it stands in a file: the same bytes on every terminal.
fn render(report: &Report, changed: Option<&Diff>, format: Format) -> String {
    match format {
        Format::Text => {
            let changed = changed.map(|changed| told(changed, output::WIDTH));
            text::render(report, output::WIDTH) + &changed.unwrap_or_default()
        }
        Format::Json => json::render(report),
        Format::Html => html::render(report),
        Format::Markdown => markdown::render(report, changed),
        Format::Junit => junit::render(report),
    }
}

fn summary(report: &Report, changed: Option<&Diff>, aside: Aside) -> Result<(), Failure> {
    match aside {
        Aside::Nothing => Ok(()),
        Aside::Summary => {
            let width = output::width();
            output::print(&text::summary(report, width))?;
            print_change(changed, width)
        }
    }
}

fn print_change(changed: Option<&Diff>, width: usize) -> Result<(), Failure> {
    changed.map_or(Ok(()), |changed| output::print(&told(changed, width)))
}

fn told(changed: &Diff, width: usize) -> String {
    format!("\n{}", diff::render(changed, width))
}
