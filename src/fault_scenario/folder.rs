//! Which files a fault scenario may name: those in the folder `scenarios` that it is in, and none elsewhere.
//!
//! A path is relative to the file that names it. Nothing on its way may be a symbolic link: a link leads anywhere. Where
//! no folder above the file is called `scenarios`, the folder is the one that the file is in.

use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

use crate::fault::UnknownName;

/// The name of the folder.
pub(super) const ROOT: &str = "scenarios";

/// Why a path cannot be used: the problem, and the remedy.
pub(super) type Refusal = (String, String);

/// A file that a fault scenario names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// The path that is opened.
    pub(super) file: PathBuf,
    /// The path as a person would type it.
    pub(super) shown: PathBuf,
}

/// The file that a fault scenario names.
pub(super) fn resolve(scenario: &Path, typed: &str) -> Result<Named, Refusal> {
    let example = "a path is relative to this file, such as ../input/chapters.json";
    let refuse = |problem: String| (problem, example.to_owned());
    if typed.is_empty() {
        return Err(refuse("the path is empty".to_owned()));
    }
    if Path::new(typed).is_absolute() {
        return Err(refuse(format!("\"{typed}\" is an absolute path")));
    }
    let folder = scenario.parent().unwrap_or(Path::new(""));
    let real = std::fs::canonicalize(Path::new(".").join(folder))
        .map_err(|error| (format!("the folder of this file cannot be told: {error}"), String::new()))?;
    let (root, mut within) = split_at_root(&real);
    // Not only where the path ends: on its way, too, it stays in the folder.
    for component in Path::new(typed).components() {
        match component {
            Component::CurDir => {}
            Component::Normal(name) => within.push(name.to_owned()),
            Component::ParentDir if within.is_empty() => {
                let remedy = format!("a fault scenario names files in {} only", root.display());
                return Err((format!("\"{typed}\" leads out of the folder of fault scenarios"), remedy));
            }
            Component::ParentDir => _ = within.pop(),
            Component::Prefix(_) | Component::RootDir => {
                return Err(refuse(format!("\"{typed}\" is an absolute path")));
            }
        }
    }
    refuse_links(&root, &within, typed)?;
    let file = within.iter().fold(root, |path, name| path.join(name));
    match std::fs::metadata(&file) {
        Ok(metadata) if metadata.is_file() => Ok(Named { shown: as_typed(folder, typed), file }),
        Ok(_) => Err(refuse(format!("\"{typed}\" is no file"))),
        Err(error) => Err((format!("\"{typed}\" cannot be read: {error}"), near(&file, typed).unwrap_or_default())),
    }
}

/// The nearest folder of that name above, and what leads from there to the folder.
fn split_at_root(folder: &Path) -> (PathBuf, Vec<OsString>) {
    let root = folder.ancestors().find(|folder| folder.file_name() == Some(OsStr::new(ROOT))).unwrap_or(folder);
    let within = folder.strip_prefix(root).expect("a folder begins with the one that it is in");
    (root.to_owned(), within.iter().map(OsStr::to_owned).collect())
}

fn refuse_links(root: &Path, within: &[OsString], typed: &str) -> Result<(), Refusal> {
    let mut path = root.to_owned();
    for name in within {
        path.push(name);
        if std::fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_symlink()) {
            let problem = format!("\"{typed}\": {} is a symbolic link", path.display());
            return Err((problem, "a link leads anywhere; put the file itself here".to_owned()));
        }
    }
    Ok(())
}

/// The path as a person types it from where halfway runs: without `..` where there is something to take back.
fn as_typed(folder: &Path, typed: &str) -> PathBuf {
    let mut path = folder.to_owned();
    for component in Path::new(typed).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if path.file_name().is_some() => _ = path.pop(),
            other => path.push(other),
        }
    }
    path
}

/// The file beside it that was meant, if one is near enough.
fn near(file: &Path, typed: &str) -> Option<String> {
    let name = file.file_name()?.to_str()?;
    let entries = std::fs::read_dir(file.parent()?).ok()?;
    let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort_unstable();
    let unknown = UnknownName::new("file", name, names);
    let meant = unknown.suggestion()?;
    Some(format!("did you mean \"{}\"?", typed.strip_suffix(name)?.to_owned() + meant))
}
