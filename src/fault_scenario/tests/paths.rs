//! Which files a fault scenario may name, and the requests in them and in the file itself.

use std::path::PathBuf;

use super::super::{FaultScenario, Mistakes, find};

/// A folder with the input of the reference flows, and a place for a file that names it.
struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let desk = Self { dir };
        for (path, text) in [
            ("scenarios/input/chapters.json", include_str!("../../../scenarios/input/chapters.json")),
            ("scenarios/input/transcript.json", include_str!("../../../scenarios/input/transcript.json")),
            ("scenarios/input/request.json", include_str!("../../../scenarios/input/request.json")),
            ("scenarios/input/small.csv", include_str!("../../../scenarios/input/scenarios-small.csv")),
            ("outside.json", include_str!("../../../scenarios/input/request.json")),
        ] {
            desk.file(path, text);
        }
        desk
    }

    fn file(&self, path: &str, text: &str) -> PathBuf {
        let path = self.dir.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a directory");
        std::fs::write(&path, text).expect("a file");
        path
    }

    fn open(&self, text: &str) -> Result<FaultScenario, Mistakes> {
        FaultScenario::open(&self.file("scenarios/some-flow/some.toml", text), &super::known())
    }

    /// A request of this flow, in a file that is good otherwise.
    fn request(&self, flow: &str, request: &str) -> Result<FaultScenario, Mistakes> {
        let rest = "title = \"t\"\nwhy = \"w\"\nstrategy = \"as-found\"\nschedule = \"\"\n";
        self.open(&format!("{rest}flow = \"{flow}\"\n{request}"))
    }

    /// The request is refused with these messages.
    #[track_caller]
    fn refused(&self, flow: &str, request: &str, messages: &[&str]) {
        let mistakes = self.request(flow, request).map(|read| read.title).expect_err(request);
        let told = mistakes.to_string();
        assert_eq!(mistakes.all().len(), messages.len(), "{told}");
        for message in messages {
            assert!(told.contains(message), "{request:?} does not say {message:?}: {told}");
        }
    }
}

#[test]
fn a_request_stands_in_files_or_in_the_file_itself() {
    let desk = Desk::new();
    let check = |flow: &str, request: &str, words: &str, again: Option<&str>| {
        let read = desk.request(flow, request).unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let dir = format!("{}/", desk.dir.path().display());
        assert_eq!(read.asked().replace(&dir, ""), words);
        assert_eq!(read.asked.options.map(|options| options.replace(&dir, "")).as_deref(), again);
    };
    check(
        "chapter-import",
        "request = { chapters = { file = \"../input/chapters.json\" }, transcript = { file = \"../input/transcript.json\" } }",
        "import 12 chapters of an episode whose transcript has 600 segments \
         (scenarios/input/chapters.json, scenarios/input/transcript.json)",
        Some("--chapters 'scenarios/input/chapters.json' --transcript 'scenarios/input/transcript.json'"),
    );
    check(
        "chapter-import",
        "[[request.chapters]]\nstartTime = 0\ntitle = \"Intro\"\n[[request.chapters]]\nstartTime = 4.5\ntitle = \"End\"\n\
         [[request.transcript]]\nstartTime = 0.5\nbody = \"hello\"",
        "import 2 chapters of an episode whose transcript has 1 segment",
        None,
    );
    check(
        "scenario-import",
        "[request]\ncsv.file = \"../input/small.csv\"",
        "import a CSV file of 4 scenarios, 3 with an evaluator context (scenarios/input/small.csv)",
        Some("--csv 'scenarios/input/small.csv'"),
    );
    check(
        "scenario-import",
        "[request]\ncsv.file = \"../input/small.csv\"\nexisting = [\"Menu\"]",
        "import a CSV file of 4 scenarios, 3 with an evaluator context; there before: \"Menu\" (scenarios/input/small.csv)",
        None,
    );
    check(
        "scenario-import",
        "[request]\ncsv = '''\ntitle,prompt,description,evaluator_context,mode,category\nMine,Ask.,,What,chat,\n'''",
        "import a CSV file of 1 scenario, 1 with an evaluator context",
        None,
    );
    check(
        "scenario-create",
        "[request]\nscenario = { file = \"../input/request.json\" }",
        "create the scenario \"Rebooking a flight in a storm\", with an evaluator context of 969 characters \
         (scenarios/input/request.json)",
        Some("--request 'scenarios/input/request.json'"),
    );
    check(
        "scenario-create",
        "[request.scenario]\nrequestId = \"r\"\ntitle = \"Mine\"\nprompt = \"p\"\nmode = \"chat\"",
        "create the scenario \"Mine\", without an evaluator context",
        None,
    );
}

#[test]
fn a_request_that_would_be_refused_is_a_mistake() {
    let desk = Desk::new();
    let create = |request: &str, messages: &[&str]| desk.refused("scenario-create", request, messages);
    create("request = 7", &["this is a number, and has to be a table"]);
    create("request = {}", &["the key \"scenario\" is missing"]);
    create("[request]\nscenarjo = 7", &["did you mean \"scenario\"?"]);
    create("[request]\nscenario = 7", &["this is a number, and has to be a table"]);
    create("[request.scenario]\ntitel = \"t\"\nmode = 1979-05-27", &["did you mean \"title\"?", "JSON has no times"]);
    create("[request.scenario]\ntitle = \"t\"\nmode = \"chat\"", &["missing field"]);
    let import = |request: &str, messages: &[&str]| desk.refused("scenario-import", request, messages);
    import("[request]\ncsv = \"a,b\"", &["line 1: the header is \"a,b\""]);
    import("[request]\nexisting = [1]\ncsv = \"a\"", &["a number, and has to be a text", "the header is \"a\""]);
    let chapters = |request: &str, messages: &[&str]| desk.refused("chapter-import", request, messages);
    chapters("request.chapters = []", &["0 chapters; an import takes 1 to 500", "the key \"transcript\" is missing"]);
    chapters(
        "[request]\nchapters = [{ startTime = -1, title = \"a\" }]\ntranscript = \"t\"",
        &["chapters[0].startTime: -1 is negative", "this is a text, and has to be a list"],
    );
    desk.file("scenarios/input/bad.json", "{");
    create("request.scenario.file = \"../input/bad.json\"", &["bad.json: the request is no JSON object"]);
}

#[test]
fn no_path_leads_out_of_the_folder_of_fault_scenarios() {
    let desk = Desk::new();
    let file = |path: &str, message: &str| {
        desk.refused("scenario-create", &format!("[request]\nscenario.file = '{path}'"), &[message]);
    };
    let absolute = desk.dir.path().join("scenarios/input/request.json");
    file(absolute.to_str().expect("UTF-8"), "is an absolute path");
    file("../../outside.json", "leads out of the folder of fault scenarios");
    // Back in at the end is out all the same: what is above may be anything.
    file("../../scenarios/input/request.json", "leads out of the folder of fault scenarios");
    file("../input/../../../x/scenarios/input/request.json", "leads out of the folder of fault scenarios");
    file("../input", "is no file");
    file("", "is empty");
    file("../input/reqest.json", "did you mean \"../input/request.json\"?");
    file("../input/zzz", "No such file");
}

#[cfg(unix)]
#[test]
fn no_path_goes_by_a_symbolic_link() {
    let desk = Desk::new();
    let link = |from: &str, to: &str| std::os::unix::fs::symlink(to, desk.dir.path().join(from)).expect("a link");
    desk.file("scenarios/some-flow/some.toml", "");
    link("scenarios/input/link.json", "../../outside.json");
    link("scenarios/away", "..");
    let file = |path: &str| {
        let request = format!("[request]\nscenario.file = '{path}'");
        desk.refused("scenario-create", &request, &["is a symbolic link"]);
    };
    file("../input/link.json");
    file("../away/outside.json");
    file("../away/scenarios/input/request.json");
}

#[cfg(unix)]
#[test]
fn where_a_file_is_decides_and_not_how_one_comes_there() {
    let desk = Desk::new();
    let text = "title = \"t\"\nwhy = \"w\"\nflow = \"scenario-create\"\nstrategy = \"as-found\"\nschedule = \"\"\n\
                request.scenario.file = \"../outside.json\"";
    desk.file("elsewhere/some.toml", text);
    std::os::unix::fs::symlink("../elsewhere", desk.dir.path().join("scenarios/away")).expect("a link");
    for folder in ["elsewhere", "scenarios/away"] {
        let mistakes = FaultScenario::open(&desk.dir.path().join(folder).join("some.toml"), &super::known())
            .map(|read| read.title);
        let told = mistakes.expect_err(folder).to_string();
        assert!(told.contains("leads out of the folder"), "{told}");
    }
}

#[test]
fn five_mistakes_get_five_messages_in_one_go_each_with_its_place() {
    let desk = Desk::new();
    let text = r#"titel = "The links fail"
why = "The retry is refused."
flow = "chapter-import"
strategy = ["as-found", "upsrt"]
schedule = "link-segments#1:before=error boot/close-jobs#1:after=error"
request.transcript.file = "../input/transcript.json"
request.chapters.file = "../input/chapter.json"

[expect]
no-orphan-rows = violated
"#;
    let mistakes = desk.open(text).map(|read| read.title).expect_err("five mistakes");
    let told = mistakes.to_string().replace(&format!("{}/", desk.dir.path().display()), "");
    assert_eq!(
        told,
        r#"error: unknown key "titel"
 --> scenarios/some-flow/some.toml:1:1
  |
1 | titel = "The links fail"
  | ^^^^^ did you mean "title"?

error: unknown strategy "upsrt"
 --> scenarios/some-flow/some.toml:4:25
  |
4 | strategy = ["as-found", "upsrt"]
  |                         ^^^^^^^ did you mean "upsert"?

error: this is no fault at its point
 --> scenarios/some-flow/some.toml:5:42
  |
5 | schedule = "link-segments#1:before=error boot/close-jobs#1:after=error"
  |                                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error cannot happen after an effect, only before it

error: "../input/chapter.json" cannot be read: No such file or directory (os error 2)
 --> scenarios/some-flow/some.toml:7:25
  |
7 | request.chapters.file = "../input/chapter.json"
  |                         ^^^^^^^^^^^^^^^^^^^^^^^ did you mean "../input/chapters.json"?

error: string values must be quoted
  --> scenarios/some-flow/some.toml:10:18
   |
10 | no-orphan-rows = violated
   |                  ^^^^^^^^ expected literal string
"#
    );
}

#[test]
fn a_folder_is_every_fault_scenario_below_it() {
    let desk = Desk::new();
    let dir = desk.dir.path();
    for path in
        ["scenarios/b/2.toml", "scenarios/b/1.toml", "scenarios/a.toml", "scenarios/b/c/3.toml", "scenarios/b/n.md"]
    {
        desk.file(path, "");
    }
    let found = |paths: &[&str]| -> Vec<String> {
        let paths: Vec<PathBuf> = paths.iter().map(|path| dir.join(path)).collect();
        let found = find(&paths).expect("files").into_iter();
        found.map(|path| path.strip_prefix(dir).expect("below").display().to_string()).collect()
    };
    let all = ["scenarios/a.toml", "scenarios/b/1.toml", "scenarios/b/2.toml", "scenarios/b/c/3.toml"];
    assert_eq!(found(&["scenarios"]), all);
    assert_eq!(found(&["scenarios/b/2.toml", "scenarios/b"]), [all[2], all[1], all[3]], "each file once");
    let nothing = |path: &str, said: &str| {
        let error = find(&[dir.join(path)]).expect_err(path);
        assert!(crate::error::in_full(&error).contains(said), "{error:?}");
    };
    nothing("scenarios/input", "no fault scenario (*.toml) is in it");
    nothing("no-such", "No such file");
}
