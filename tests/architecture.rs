//! Which way things may depend, and what no file may hold.
//!
//! The layers are written down here, once, as a table. A new module at the root of the crate has to be put into it. Not
//! seen: what a macro puts together, and what goes through a trait object.

#[path = "architecture/source.rs"]
mod source;

use source::{Source, read_all};

/// A module at the root of the crate, and those that it may name. Each names only modules that stand above it, so that they
/// form no circle.
const LAYERS: [(&str, &[&str]); 29] = [
    ("fault", &[]),
    ("observe", &[]),
    ("rules", &["observe"]),
    ("step", &[]),
    ("step_error", &["fault"]),
    ("schedule", &["fault", "step"]),
    ("roles", &["observe", "rules"]),
    ("judge", &["observe", "roles", "rules"]),
    ("infer", &["observe", "roles", "rules"]),
    ("story", &["judge", "observe", "schedule"]),
    ("report", &["fault", "infer", "judge", "observe", "schedule", "story"]),
    ("error", &["fault", "schedule"]),
    // Which worlds are legal is computed from what was seen, and knows nobody who saw it.
    ("durability", &["fault"]),
    ("disk", &["error", "fault"]),
    ("world", &["disk", "durability", "error", "observe"]),
    (
        "inject",
        &[
            "disk",
            "durability",
            "error",
            "fault",
            "observe",
            "roles",
            "schedule",
            "step",
            "step_error",
            "story",
            "world",
        ],
    ),
    // What an application calls around its effects: with the feature `harness` it asks whether a fault is due.
    ("effect", &["inject", "step", "step_error"]),
    ("flow", &["error", "rules", "world"]),
    // How requests are written down is said by flows, and known to nobody else.
    ("request_format", &["error"]),
    ("subject", &["error", "flow", "observe", "report", "request_format", "rules", "world"]),
    (
        "run",
        &[
            "disk",
            "durability",
            "error",
            "fault",
            "flow",
            "infer",
            "inject",
            "judge",
            "observe",
            "roles",
            "rules",
            "schedule",
            "step",
            "story",
            "subject",
            "world",
        ],
    ),
    (
        "explore",
        &[
            "durability",
            "error",
            "fault",
            "inject",
            "judge",
            "observe",
            "report",
            "roles",
            "rules",
            "run",
            "schedule",
            "step",
            "story",
            "world",
        ],
    ),
    (
        "harness",
        &["error", "explore", "fault", "inject", "judge", "report", "run", "schedule", "story", "subject", "world"],
    ),
    (
        "exploration",
        &["error", "explore", "fault", "flow", "harness", "judge", "report", "rules", "schedule", "story", "subject"],
    ),
    // A file of a person's, with the places of its mistakes.
    ("document", &["fault"]),
    (
        "program",
        &["disk", "document", "error", "flow", "observe", "report::Expect", "rules", "step", "subject", "world"],
    ),
    // What a user of the library can use: beside these, the names that lib.rs exports.
    ("imports", &["report::Expect", "rules"]),
    (
        "fault_scenario",
        &[
            "document",
            "error",
            "fault",
            "harness",
            "judge",
            "report",
            "request_format",
            "schedule",
            "step",
            "story",
            "subject",
        ],
    ),
    (
        "cli",
        &[
            "error",
            "explore",
            "fault",
            "fault_scenario",
            "harness",
            "imports",
            "judge",
            "program",
            "report",
            "request_format",
            "schedule",
            "subject",
        ],
    ),
];

/// The flows of this crate: any other module works for flows that it has never seen.
const FLOWS: [&str; 3] = ["chapter-import", "scenario-create", "scenario-import"];

/// The most lines of a file.
const LINES: usize = 450;

/// Which crates only some files may use.
const RESERVED: [(&str, &[&str]); 4] = [
    ("libc", &["src/disk/"]),
    ("fail", &["src/inject.rs", "src/inject/"]),
    // error.rs names the type of its error.
    ("rusqlite", &["src/disk/", "src/world/", "src/error.rs", "src/step_error/"]),
    // The harness looks at a database from outside; only the type of an injected error is sqlx's.
    ("sqlx", &["src/step_error.rs", "src/step_error/", "src/imports/", "src/imports.rs"]),
];

/// What the modules that only compute may not touch: no clock, no disk, no thread decides a judgement or a report.
const PURE: [&str; 11] =
    ["fault", "observe", "rules", "schedule", "story", "durability", "roles", "infer", "judge", "report", "step"];
const IMPURE: [&str; 6] = ["std::fs", "std::env", "std::time", "std::thread", "std::process", "tokio::"];

/// The names at the root of the crate that a user of the library can use.
fn exported(files: &[Source]) -> Vec<String> {
    let lib = files.iter().find(|file| file.path == "src/lib.rs").expect("there is a lib.rs");
    let last = |path: &String| path.rsplit("::").next().unwrap_or(path).to_owned();
    ["crate", "effect", "step"].iter().flat_map(|from| lib.paths_from(from)).map(|path| last(&path)).collect()
}

/// Whether a file holds tests and nothing else.
fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs")
}

/// What the file names that its layer may not see.
fn breaches_of_layers(file: &Source, exported: &[String]) -> Vec<String> {
    let module = file.module();
    if ["lib", "main"].contains(&module) {
        return Vec::new();
    }
    let Some((_, seen)) = LAYERS.iter().find(|(name, _)| *name == module) else {
        return vec![format!("{}: the module {module} has no layer yet; give it one in LAYERS", file.path)];
    };
    let may_see = |path: &String| {
        let is_below = |seen: &str| path == seen || path.strip_prefix(seen).is_some_and(|rest| rest.starts_with("::"));
        let is_exported = exported.contains(path) && ["imports", "cli"].contains(&module);
        // A test may try the flows of this crate.
        let is_tried = is_test(&file.path) && is_below("imports");
        seen.iter().any(|seen| is_below(seen)) || is_below(module) || is_exported || is_tried
    };
    let mut breaches: Vec<String> = file
        .paths_from("crate")
        .into_iter()
        .filter(|path| !may_see(path))
        .map(|path| format!("{}: {module} may not see crate::{path}", file.path))
        .collect();
    // A module of tests at the end of a file is one deeper than the file.
    if file.highest_climb() > file.depth() {
        breaches.push(format!("{}: super:: leads out of {module}; say crate::", file.path));
    }
    breaches
}

/// Modules that name one which does not stand above them in the table.
fn named_too_early(layers: &[(&str, &[&str])]) -> Vec<String> {
    let mut above: Vec<&str> = Vec::new();
    let mut early = Vec::new();
    for (module, seen) in layers {
        let seen = seen.iter().map(|path| path.split("::").next().unwrap_or(path));
        let not_above = seen.filter(|seen| !above.contains(seen));
        early.extend(not_above.map(|seen| format!("{module} names {seen}, which does not stand above it")));
        above.push(module);
    }
    early
}

/// What the file holds that no file, or not this one, may hold.
fn breaches_of_tidiness(file: &Source) -> Vec<String> {
    let path = &file.path;
    let mut breaches = Vec::new();
    let mut tell = |is_breach: bool, what: &str| {
        if is_breach {
            breaches.push(format!("{path}: {what}"));
        }
    };
    let lines = file.text.lines().count();
    tell(lines > LINES, &format!("{lines} lines; {LINES} are enough for one question"));
    tell(path.ends_with("/mod.rs"), "a module is foo.rs beside foo/, not foo/mod.rs");
    tell(path.contains("util") || path.contains("helper"), "a name says which question a file answers");
    tell(file.has_word("unsafe") && !path.starts_with("src/disk/"), "unsafe code, outside of src/disk/");
    tell(file.unsafe_without_reason(), "an unsafe block without its SAFETY line");
    for line in file.code().lines() {
        tell(line.trim_start().starts_with("pub use") && line.contains("::*"), "a glob re-export hides what is public");
        tell(line.trim_start().starts_with("#[allow"), "an exception is #[expect(.., reason = ..)]");
    }
    for (name, users) in RESERVED {
        let is_user = users.iter().any(|user| path == user || (user.ends_with('/') && path.starts_with(user)));
        tell(!file.paths_from(name).is_empty() && !is_user, &format!("{name} is used here, and only {users:?} may"));
    }
    let code = file.code();
    let in_use = code.split("#[cfg(test)]\nmod").next().unwrap_or(&code);
    for flow in FLOWS {
        tell(
            !is_test(path) && file.module() != "imports" && in_use.contains(flow),
            &format!("{flow} is a flow of src/imports/, and of nobody else"),
        );
    }
    for impure in IMPURE {
        tell(
            PURE.contains(&file.module()) && code.contains(impure),
            &format!("{impure} in a module that only computes"),
        );
    }
    breaches
}

#[test]
fn every_file_sees_only_what_its_layer_may_see() {
    let files = read_all("src");
    let exported = exported(&files);
    let breaches: Vec<String> = files.iter().flat_map(|file| breaches_of_layers(file, &exported)).collect();
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn every_file_is_tidy() {
    let files = read_all("src");
    assert!(files.len() > 100, "only {} files were found", files.len());
    let breaches: Vec<String> = files.iter().flat_map(breaches_of_tidiness).collect();
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn modules_form_no_circle() {
    assert_eq!(named_too_early(&LAYERS), [""; 0]);
    let circle: [(&str, &[&str]); 3] = [("a", &[]), ("b", &["a", "c::Inner"]), ("c", &["b"])];
    assert_eq!(named_too_early(&circle), ["b names c, which does not stand above it"]);
}

#[test]
fn every_layer_is_there() {
    let files = read_all("src");
    for (module, _) in LAYERS {
        assert!(files.iter().any(|file| file.module() == module), "LAYERS has {module}, and the source has not");
    }
}

#[test]
fn the_flows_use_what_a_user_of_the_library_can_use() {
    let exported = exported(&read_all("src"));
    for name in ["Flow", "Step", "step", "Rules", "World", "BoxError", "Subject"] {
        assert!(exported.iter().any(|known| known == name), "{name} is not among {exported:?}");
    }
    let flow = |text: &str| breaches_of_layers(&Source::new("src/imports/avatar.rs", text), &exported);
    assert_eq!(flow("use crate::{BoxError, Flow, Rules, step, rules::{Column, Target}};"), [""; 0]);
    assert_eq!(
        flow("use crate::{Flow, inject::{probed, Probe}, report::text};"),
        [
            "src/imports/avatar.rs: imports may not see crate::inject::probed",
            "src/imports/avatar.rs: imports may not see crate::inject::Probe",
            "src/imports/avatar.rs: imports may not see crate::report::text",
        ]
    );
}

#[test]
fn a_breach_of_the_layers_is_seen() {
    let check = |path: &str, text: &str, expected: &[&str]| {
        let exported = ["World".to_owned()];
        assert_eq!(breaches_of_layers(&Source::new(path, text), &exported), expected, "{text}");
    };
    check("src/judge/rows.rs", "use crate::observe::Value;\n// crate::flow\n", &[]);
    check("src/judge/rows.rs", "use crate::World;", &["src/judge/rows.rs: judge may not see crate::World"]);
    check(
        "src/judge/rows.rs",
        "use crate::{\n    observe::Value,\n    flow::{BoxError, Flow},\n};",
        &[
            "src/judge/rows.rs: judge may not see crate::flow::BoxError",
            "src/judge/rows.rs: judge may not see crate::flow::Flow",
        ],
    );
    check(
        "src/roles.rs",
        "fn f() { let _ = crate::schedule::Phase::Boot; }",
        &["src/roles.rs: roles may not see crate::schedule::Phase::Boot"],
    );
    check("src/roles.rs", "use super::super::schedule;", &["src/roles.rs: super:: leads out of roles; say crate::"]);
    check("src/new.rs", "", &["src/new.rs: the module new has no layer yet; give it one in LAYERS"]);
}

#[test]
fn an_untidy_file_is_seen() {
    let check = |path: &str, text: &str, expected: &str| {
        let breaches = breaches_of_tidiness(&Source::new(path, text));
        assert!(breaches.iter().any(|breach| breach.contains(expected)), "{path}: {breaches:?}");
    };
    check("src/run/case.rs", "fail::eval(name);", "fail is used here");
    check("src/imports/a.rs", "use rusqlite::Connection;", "rusqlite is used here");
    check("src/run/case.rs", "use sqlx::Error;", "sqlx is used here");
    check("src/run/case.rs", "let x = unsafe { y };", "unsafe code");
    check("src/disk/real.rs", "fn f() {\n    unsafe { g() }\n}", "without its SAFETY line");
    check("src/run/case.rs", "libc::fsync(1);", "libc is used here");
    check("src/cli/list.rs", "if flow == \"chapter-import\" {}", "chapter-import is a flow of src/imports/");
    check("src/run/mod.rs", "", "not foo/mod.rs");
    check("src/run/utils.rs", "", "says which question");
    check("src/run/case.rs", &"\n".repeat(LINES + 1), "451 lines");
    check("src/lib.rs", "pub use fault::*;", "glob re-export");
    check("src/run.rs", "#[allow(dead_code)]", "#[expect(");
    check("src/judge/rows.rs", "let now = std::time::Instant::now();", "std::time in a module that only computes");
    assert_eq!(breaches_of_tidiness(&Source::new("src/inject/probe.rs", "    fail::eval(n);\n    // unsafe")), [""; 0]);
}
