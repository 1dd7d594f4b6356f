//! Rules that cannot be meant are told before anything is judged by them, and sound ones are left alone.

use super::*;

fn problems(rules: &Rules) -> Vec<String> {
    problems_of_rules(rules, &before(), [&result(), &again()])
}

#[test]
fn the_rules_of_these_tests_name_what_is_there() {
    assert_eq!(problems(&rules()), Vec::<String>::new());
}

#[test]
fn a_table_that_is_not_there_is_told_with_those_that_are() {
    let misspelt = rules().log("job").row_needs_file("scenarios", "pfad").settles("tasks", "state", ["done"]);
    assert_eq!(
        problems(&misspelt),
        [
            "the rules name a table that is not there: job; did you mean \"jobs\"? there are chapters, jobs, scenarios and \
             segments",
            "the rules name a table that is not there: tasks; there are chapters, jobs, scenarios and segments",
            "the rules name a column that is not there: pfad of scenarios; scenarios has id, title, path, context and \
             created_at",
        ]
    );
    let column = rules().generated("scenarios", "createdAt");
    assert_eq!(
        problems(&column),
        [
            "the rules name a column that is not there: createdAt of scenarios; did you mean \"created_at\"? scenarios has id, \
          title, path, context and created_at"
        ]
    );
    let misspan = Span {
        child: "segments".into(),
        position: "begin".into(),
        link: "chapter".into(),
        parent: "chapters".into(),
        id: "nr".into(),
        from: "since".into(),
        to: "until".into(),
        scope: "season".into(),
    };
    let told = problems(&rules().linked_by_span(misspan));
    let named = ["begin of segments", "chapter of segments", "season of segments"];
    let named =
        named.into_iter().chain(["nr of chapters", "since of chapters", "until of chapters", "season of chapters"]);
    for column in named {
        assert!(told.iter().any(|told| told.contains(column)), "{column}: {told:#?}");
    }
    let promised = |leads_to| problems(&rules().answer_carries(Object::Answer, "id", leads_to)).len();
    assert_eq!(promised(Target::Row(Column::new("scenarios", "id"))), 0);
    assert_eq!(promised(Target::Row(Column::new("scenarios", "nr"))), 1);
    let served = |column: &str| Target::Resource {
        address: "/{id}".into(),
        id: Column::new("scenarios", "id"),
        column: column.into(),
        content: b"".as_slice().into(),
    };
    assert_eq!((promised(served("context")), promised(served("content"))), (0, 1));
    let empty = problems_of_rules(&Rules::new().log("jobs"), &Observation::default(), [&Observation::default(); 2]);
    assert_eq!(empty, ["the rules name a table that is not there: jobs; the database has no table"]);
    // It is enough to be there at one moment: a table that the request drops, or makes.
    let (mut dropped, mut made) = (result(), before());
    dropped.tables.remove("jobs");
    made.tables.remove("jobs");
    assert_eq!(problems_of_rules(&rules(), &before(), [&dropped, &dropped]), Vec::<String>::new());
    assert_eq!(problems_of_rules(&rules(), &made, [&result(), &again()]), Vec::<String>::new());
}

#[test]
fn a_table_is_either_ignored_or_spoken_of() {
    assert_eq!(problems(&Rules::new().file_stands_alone(PATH).ignore_table("segments")), Vec::<String>::new());
    assert_eq!(
        problems(&rules().ignore_table("segments")),
        ["the rules ignore the table segments, and say something about it; drop one of the two"]
    );
}

#[test]
fn a_malformed_pattern_is_told_with_its_rule() {
    let rules = rules()
        .row_needs_file_at("scenarios", "context/{id")
        .file_named_after_row("scenarios", "context/{}/a")
        .file_named_after_row("scenarios", "context/{jobs.id}")
        .text_names_row("jobs", "state", "scenario {nr}", "scenarios")
        .generated_in_files("{id}.json", "{}")
        .generated_in_files("*.json", "at {id}")
        .settles("jobs", "state", [""; 0]);
    assert_eq!(
        problems(&rules),
        [
            "the pattern \"context/{id\" of row_needs_file_at is malformed: a brace is opened and not closed; write {{ for a brace",
            "the pattern \"context/{}/a\" of file_named_after_row is malformed: {} names no column",
            "the pattern \"context/{jobs.id}\" of file_named_after_row is malformed: {jobs.id} is of another table; only \
             columns of scenarios may stand there",
            "the pattern \"{id}.json\" of generated_in_files is malformed: the paths of files have stars and no holes here",
            "the pattern \"at {id}\" of generated_in_files is malformed: {id} names no table; write {table.id}",
            "settles names no state in which state of jobs may stay",
            "the rules name a column that is not there: nr of scenarios; scenarios has id, title, path, context and created_at",
        ]
    );
}

#[test]
fn a_folder_is_misnamed_where_files_lie_that_no_rule_speaks_of() {
    let folder = |folder: &str| Rules::new().file_needs_row(folder, "scenarios", "path");
    assert_eq!(
        problems(&folder("contxt")),
        [format!(
            "the rules name a folder that is not there: contxt; did you mean \"context\"? a run without faults leaves files in \
             context, context/{ID} and context/{AGAIN} that no rule speaks of"
        )]
        .map(|told| {
            let (first, second) = if ID < AGAIN { (ID, AGAIN) } else { (AGAIN, ID) };
            told.replace(&format!("context/{ID} and context/{AGAIN}"), &format!("context/{first} and context/{second}"))
        })
    );
    assert_eq!(problems(&folder("elsewhere")).len(), 1);
    let pattern = Rules::new().file_named_after_row("scenarios", "contexts/{id}/*");
    assert!(problems(&pattern)[0].contains("did you mean \"context\"?"), "{:?}", problems(&pattern));
    let spoken_of = Rules::new().file_named_after_row("scenarios", "context/{scenarios.id}/context.txt");
    assert_eq!(problems(&spoken_of.file_needs_row("quarantine", "scenarios", "path")), Vec::<String>::new());
    // What only failures make may be named, as long as the rest is spoken of.
    let sound = folder("context").file_needs_row("quarantine", "scenarios", "path").file_stands_alone("import.log");
    assert_eq!(problems(&sound), Vec::<String>::new());
    let mut logged = result();
    put(&mut logged, "import.log", "1");
    let misnamed = folder("context").file_stands_alone("imports.log");
    assert_eq!(
        problems_of_rules(&misnamed, &before(), [&logged, &logged]),
        ["the rules name a file that is not there: imports.log; did you mean \"import.log\"?"]
    );
}

#[test]
fn a_folder_below_which_a_column_has_its_paths_is_there_as_soon_as_there_are_paths() {
    let below = rules().paths_below("scenarios", "path", "contexts");
    let told = problems(&below);
    assert!(told[0].starts_with(
        "the rules name a folder that is not there: contexts, below which path of scenarios has its paths; did you mean \
         \"context\"? there are context, "
    ), "{told:?}");
    assert_eq!(problems_of_rules(&below, &before(), [&before(), &before()]), Vec::<String>::new());
}

#[test]
fn a_field_is_misnamed_where_the_answer_has_one_like_it() {
    let array = |array: &str| {
        let element = Object::Element { array: array.into(), key: "title".into(), value: "Late".into() };
        let leads_to = Target::Row(Column::new("scenarios", "id"));
        Rules::new().file_needs_row("context", "scenarios", "path").answer_carries(element, "address", leads_to)
    };
    let told = |rules: Rules| problems(&rules);
    assert_eq!(
        told(array("/craeted")),
        ["the rules name a field that no answer without faults has: craeted in \"/craeted/*/address\"; did you mean \
          \"created\"? it has created, id and path"]
    );
    assert_eq!(
        told(array("/created").answer_may_differ("/created/*/titel").answer_may_differ("path")),
        [
            "the rules name a field that no answer without faults has: titel in \"/created/*/titel\"; did you mean \"title\"? \
             it has address and title",
            "\"path\" is no JSON pointer; write \"/path\"",
        ]
    );
    // An index is one element, and a star each field.
    let differing = |pointer: &str| told(rules().answer_may_differ(pointer));
    for pointer in ["/created/0/titel", "/*/0/titel", "/*/*/titel"] {
        let is_told = differing(pointer).iter().any(|told| told.contains(&format!("titel in \"{pointer}\"")));
        assert!(is_told, "{pointer}");
    }
    assert_eq!(differing("/created/1/titel"), [""; 0], "there is no such element");
    // What this answer has not, and nothing like it, may be in others; that it is missing is a finding.
    assert_eq!(told(array("/scenarios").answer_may_differ("/tookMs")), Vec::<String>::new());
}
