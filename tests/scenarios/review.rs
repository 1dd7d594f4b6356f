//! Snapshots of fault scenarios, for a reviewer: one for each file, at the same path below `snapshots/scenarios/`.

use std::path::{Path, PathBuf};

use halfway::fault_scenario::{FaultScenario, Played};
use halfway::report::sheet::{Sheet, render};
use libtest_mimic::Failed;

const FOLDER: &str = "snapshots/scenarios";

/// What a reviewer reads.
pub(crate) fn sheet(scenario: &FaultScenario, played: &[Played]) -> String {
    render(&Sheet {
        title: &scenario.title,
        why: &scenario.why,
        asked: scenario.asked(),
        clients: scenario.clients,
        strategies: played.iter().map(|played| (played.strategy.as_str(), &played.story)).collect(),
    })
}

/// What happened is what the snapshot says.
pub(crate) fn compare(name: &str, sheet: &str) {
    let (folder, name) = name.rsplit_once('/').expect("a fault scenario is in the folder of its flow");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new("../..").join(FOLDER).join(folder));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, sheet));
}

/// A snapshot whose fault scenario is gone would be kept for ever.
pub(crate) fn every_snapshot_belongs_to_a_fault_scenario(names: &[String]) -> Result<(), Failed> {
    let mut folders = vec![PathBuf::from(FOLDER)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(FOLDER)?.with_extension("").display().to_string();
            if path.extension().is_some_and(|extension| extension == "snap") && !names.contains(&name) {
                return Err(format!("{}: there is no scenarios/{name}.toml; remove it", path.display()).into());
            }
        }
    }
    Ok(())
}
