//! The command where file operations are broken: what it lists, tells and takes, and what it says to a mistake.

use crate::running::{Desk, Run};

/// Runs the command, which has to end as expected, and gives what it prints.
fn printed(desk: &Desk, arguments: &[&str]) -> String {
    let Run { code, out, err } = desk.run(arguments);
    assert_eq!(code, 0, "{arguments:?}: {err}{out}");
    assert_eq!(desk.left(), [""; 0].map(std::path::PathBuf::from), "{arguments:?}");
    out
}

const SYNC: &str = "sync-temporary#1/sync@evaluator_context/id-1/context.txt.new#1";

#[test]
fn a_schedule_with_a_file_operation_is_replayed_with_the_operations_around_it() {
    let desk = Desk::new();
    let line = format!("scenario-create/intent-log {SYNC}:before=disk-error:eio");
    let told = printed(&desk, &["replay", &line]);
    for said in [
        "  ✗ sync-temporary #1: Input/output error (os error 5)\n",
        "      ⚡ disk-error (eio) before sync evaluator_context/id-1/context.txt.new #1 in sync-temporary #1\n",
        "      · create evaluator_context/id-1/context.txt.new #1\n",
        "      · write evaluator_context/id-1/context.txt.new #1: 977 bytes at 0\n",
        "  no-orphan-files     held\n",
    ] {
        assert!(told.contains(said), "{said}{told}");
    }
    assert!(told.ends_with(&format!("again   halfway replay '{line}'\n")), "{told}");
}

#[test]
fn a_loss_of_power_is_replayed() {
    let desk = Desk::new();
    let told = printed(&desk, &["replay", &format!("scenario-create/intent-log {SYNC}:before=power-loss:names")]);
    assert!(told.contains("  power   lost: what was not synced may be gone\n"), "{told}");
    assert!(told.contains("  no-orphan-files     healed-by-recovery\n"), "{told}");
}

#[test]
fn operations_are_listed_inside_their_steps() {
    let desk = Desk::new();
    let steps = printed(&desk, &["list", "scenario-create/intent-log"]);
    assert!(!steps.contains("  sync@"), "{steps}");
    assert!(steps.contains("power-loss:SURVIVORS"), "{steps}");
    let listed = printed(&desk, &["list", "scenario-create/intent-log", "--operations"]);
    let step = listed.split("    sync-temporary ").nth(1).expect("the step is listed");
    let operation = step.lines().nth(1).expect("an operation");
    let words: Vec<&str> = operation.split_whitespace().collect();
    assert_eq!(words[..3], ["sync@evaluator_context/id-1/context.txt.new", "x1", "attempt,"], "{listed}");
    let json = printed(&desk, &["list", "scenario-create/intent-log", "--operations", "--format", "json"]);
    assert!(json.contains("\"operation\": \"write@world.sqlite-wal\""), "{json}");
}

#[test]
fn all_faults_are_tried_one_at_a_time() {
    let desk = Desk::new();
    let report = printed(&desk, &["scenario-create/intent-log", "--faults", "all"]);
    for said in ["sqlite, depth 1, ", "disk-error, torn", "power-loss", "as expected: 1 strategy holds"] {
        assert!(report.contains(said), "{said}: {report}");
    }
}

#[test]
fn a_process_is_killed_where_that_is_asked_for() {
    let desk = Desk::new();
    let line = "scenario-create/intent-log rename-context#1:after=crash";
    let told = printed(&desk, &["replay", "--process", line]);
    assert!(told.contains("killed with SIGKILL at this point, left the same world\n"), "{told}");
    let told = printed(&desk, &["replay", "--process", "scenario-create/intent-log rename-context#1:before=error"]);
    assert!(told.contains("process not tried: "), "{told}");
    printed(&desk, &["explore", "--process", "scenario-create/intent-log", "--faults", "crash", "--depth", "1"]);
}

#[test]
fn the_requests_of_the_user_reach_the_process_that_is_killed() {
    let desk = Desk::new();
    let csv = desk
        .file("two.csv", "title,prompt,description,evaluator_context,mode,category\na,b,,ctx,phone,\nc,d,,,chat,\n");
    let line = "scenario-import/as-found insert-scenario#2:after=crash";
    let told = printed(&desk, &["replay", "--process", line, "--csv", &csv]);
    assert!(told.contains("left the same world\n"), "{told}");
}

#[test]
fn a_wrong_operation_is_told_with_what_was_meant() {
    let desk = Desk::new();
    for (fault, said) in [
        ("a#1/snyc@x:before=crash", "unknown file operation \"snyc\"; did you mean \"sync\"?"),
        (
            "a#1:before=power-loss",
            "power-loss happens at a file operation, such as a#1/write@PATH#1, and not at a step",
        ),
        ("a#1/write@x#1:before=disk-error:enospace", "unknown disk error \"enospace\"; did you mean \"enospc\"?"),
        ("a#1/write@x#1:before=power-loss:nothin", "unknown kind of survivors \"nothin\"; did you mean \"nothing\"?"),
        ("insert-scenario#1/write@nowhere#1:before=crash", "did not happen"),
    ] {
        let Run { code, out, err } = desk.run(&["replay", &format!("scenario-create/intent-log {fault}")]);
        assert_eq!((code, out.as_str()), (2, ""), "{fault}: {err}");
        assert!(err.contains(said), "{fault}: {err}");
    }
}
