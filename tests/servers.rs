//! Servers under test: what stays up and is sent a request.
#![cfg(all(feature = "cli", target_os = "linux", target_arch = "x86_64"))]

#[path = "programs/matrix.rs"]
mod matrix;
#[path = "programs/trying.rs"]
mod trying;

use std::fs;

use matrix::{fares, line};
use trying::{Folder, can_run, said};

/// A server whose `PUT` does this, with the body as `body`; `answer` answers.
fn server(put: &str) -> String {
    let body = put.lines().fold(String::new(), |body, line| body + "        " + line + "\n");
    format!(
        "import os, threading\n\
         from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer\n\
         class Handler(BaseHTTPRequestHandler):\n    \
             def do_PUT(self):\n        \
                 body = self.rfile.read(int(self.headers['Content-Length']))\n{body}    \
             def answer(self, status=201, said=b'ok'):\n        \
                 self.send_response(status)\n        \
                 self.send_header('Content-Length', str(len(said)))\n        \
                 self.end_headers()\n        \
                 self.wfile.write(said)\n    \
             def log_message(self, *_):\n        \
                 pass\n\
         def write(name, content):\n    \
             with open(name, 'wb') as file:\n        \
                 file.write(content)\n\
         def whole(name, content):\n    \
             with open('.new', 'wb') as file:\n        \
                 file.write(content)\n        \
                 file.flush()\n        \
                 os.fsync(file.fileno())\n    \
             os.rename('.new', name)\n    \
             folder = os.open('.', os.O_RDONLY)\n    \
             os.fsync(folder)\n    \
             os.close(folder)\n\
         if os.path.exists('.new'):\n    \
             os.remove('.new')\n\
         ThreadingHTTPServer(('127.0.0.1', 8080), Handler).serve_forever()\n"
    )
}

const FILE: &str = "name = \"upload\"\nserve = [\"python3\", \"{here}/server.py\"]\n\
                    http = { method = \"PUT\", url = \"http://127.0.0.1:8080/it\", body = \"whole\" }\n";

fn serving(put: &str) -> Folder {
    Folder::new().with("server.py", &server(put)).with("upload.toml", FILE)
}

#[test]
fn a_server_in_node_is_caught_and_its_repair_holds() {
    if can_run(&["node", "sqlite3"]) {
        let as_found = ["held", "held", "✗K", "held", "·", "✗K", "✗K", "✗K"];
        let repaired = ["held", "held", "held", "boot", "·", "boot", "held", "held"];
        let expected = [("as-found", as_found, "caught"), ("repaired", repaired, "holds")];
        fares("photo-server", &["--faults", "crash"], &expected);
    }
}

#[test]
fn what_a_server_does_after_its_answer_is_broken_in_the_same_order_each_time() {
    if !can_run(&["python3"]) {
        return;
    }
    // Faulty: it says that it is done, and then does the second half. Whether the operation after the answer or the caller
    // is faster is no matter of luck: the caller is.
    let folder = serving("write('first', body)\nself.answer()\nwrite('second', body)\nwrite('third', body)");
    for jobs in ["1", "2", "3"] {
        let report = said(&folder.halfway(&["upload.toml", "--faults", "crash", "--jobs", jobs]));
        assert!(report.contains("VIOLATED failure-surfaced"), "{report}");
        assert!(report.contains("after   crash after the answer"), "{report}");
        let words: Vec<&str> = report.split_whitespace().collect();
        assert!(words.join(" ").contains("2 files gone: second (5 bytes) and third (5 bytes)"), "{report}");
    }
}

#[test]
fn threads_that_work_side_by_side_are_broken_in_the_same_order_each_time() {
    if !can_run(&["python3"]) {
        return;
    }
    // Faulty: four files, none of them whole before it has its name.
    let put = "threads = [threading.Thread(target=write, args=(name, body)) for name in 'dcab']\n\
               for thread in threads: thread.start()\n\
               for thread in threads: thread.join()\n\
               self.answer()";
    let folder = serving(put);
    let reports: Vec<String> = ["1", "2", "2", "3"]
        .into_iter()
        .map(|jobs| {
            let options = ["upload.toml", "--faults", "crash", "--jobs", jobs, "--format", "json", "--out", "it.json"];
            let output = folder.halfway(&options);
            assert_eq!(output.status.code(), Some(1), "{}", said(&output));
            let written = fs::read_to_string(folder.0.path().join("it.json")).expect("a report");
            let report: serde_json::Value = serde_json::from_str(&written).expect("a report");
            serde_json::json!([report["findings"], report["strategies"], report["totals"]["cases"]]).to_string()
        })
        .collect();
    assert!(reports[0].contains("create@a"), "{}", reports[0]);
    assert!(reports.iter().all(|report| *report == reports[0]), "{reports:#?}");
}

#[test]
fn a_server_that_ends_with_an_error_is_started_again() {
    if !can_run(&["python3"]) {
        return;
    }
    // Sound: a file that is whole before it has its name. Where the disk fails, the server gives up, as many do; whoever runs
    // it starts it again.
    let put = "try:\n    whole('it', body)\nexcept OSError:\n    os._exit(3)\nself.answer()";
    let folder = serving(put);
    let output = folder.halfway(&["upload.toml", "--faults", "crash,disk-error"]);
    let report = said(&output);
    assert_eq!(output.status.code(), Some(0), "{report}");
    assert!(line(&report, "upload").contains(&"holds"), "{report}");
    let told = said(&folder.halfway(&["upload.toml", "replay", "upload/upload create@.new#1:before=disk-error:eio"]));
    assert!(told.contains("python3: exit code 3"), "{told}");
}

#[test]
fn a_server_that_does_not_come_up_is_told() {
    if !can_run(&["sh"]) {
        return;
    }
    let http = "http = { url = \"http://127.0.0.1:8080/it\" }\n";
    let ended = Folder::new()
        .with("it.toml", &format!("name = \"it\"\nserve = [\"sh\", \"-c\", \"echo no licence >&2; exit 4\"]\n{http}"));
    let output = ended.halfway(&["it.toml"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("sh: exit code 4: no licence"), "{}", said(&output));
    let deaf = Folder::new().with("it.toml", &format!("name = \"it\"\nserve = [\"sleep\", \"60\"]\n{http}"));
    let output = deaf.halfway(&["it.toml", "--deadline", "0.3"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("not up after 300 ms"), "{}", said(&output));
}

#[test]
fn a_server_is_sent_what_the_file_says() {
    if !can_run(&["python3"]) {
        return;
    }
    // Sound where it gets what it wants, and refuses everything else.
    let put = "form = self.headers['Content-Type'].startswith('multipart/form-data; boundary=')\n\
               good = form and self.headers['X-Key'] == 'abc' and self.headers['Host'] == '127.0.0.1:8080'\n\
               good = good and b'name=\"title\"\\r\\n\\r\\nSunset\\r\\n--' in body\n\
               good = good and b'name=\"photo\"; filename=\"a.jpg\"' in body and b'\\r\\n\\r\\nthe photo\\r\\n--' in body\n\
               if good:\n    whole('it', body)\n    self.answer(200, b'{\"state\": \"stored\"}')\n\
               else:\n    self.answer(200, b'{\"state\": \"refused\"}')";
    let file = "name = \"upload\"\nserve = [\"python3\", \"{here}/server.py\"]\n\
                ready = \"http://127.0.0.1:8080\"\n\
                success = { status = 200, contains = \"stored\" }\n\
                [http]\nmethod = \"PUT\"\nurl = \"http://127.0.0.1:8080/it\"\n\
                headers = { X-Key = \"abc\" }\nform = { title = \"Sunset\", photo = \"@a.jpg\" }\n";
    let folder = Folder::new().with("server.py", &server(put)).with("upload.toml", file).with("a.jpg", "the photo");
    let output = folder.halfway(&["upload.toml", "--faults", "crash"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    // The same with another photo: what is not a success is told.
    let folder = folder.with("a.jpg", "another one");
    let output = folder.halfway(&["upload.toml", "--faults", "crash"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    let words = said(&output).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("PUT /it: the answer does not contain \"stored\""), "{words}");
}

#[test]
fn a_command_reaches_the_server_that_it_is_a_client_of() {
    if !can_run(&["python3"]) {
        return;
    }
    // Sound: the server keeps what it is sent, whole before it has its name.
    let client = "import urllib.request as u\n\
                  u.urlopen(u.Request('http://127.0.0.1:8080/it', b'whole', method='PUT')).read()\n";
    let file = "name = \"upload\"\nserve = [\"python3\", \"{here}/server.py\"]\n\
                ready = \"http://127.0.0.1:8080\"\nrequest = [\"python3\", \"{here}/client.py\"]\n";
    let folder = Folder::new()
        .with("server.py", &server("whole('it', body)\nself.answer()"))
        .with("client.py", client)
        .with("upload.toml", file);
    let output = folder.halfway(&["upload.toml", "--faults", "crash"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&folder.halfway(&["upload.toml", "list", "--operations"])).contains("create@.new"));
}

#[test]
fn all_mistakes_about_a_server_are_told_at_their_places() {
    let file = "name = \"it\"\nready = \"http://127.0.0.1:8080\"\n\
                success = { status = 99 }\n\
                http = { url = \"https://example.org/\", method = \"put\", body = \"a\", json = { b = 1 } }\n";
    let told = said(&Folder::new().with("it.toml", file).halfway(&["it.toml"]));
    for expected in [
        "there is no server for that",
        "this is no status of HTTP",
        "this does not lead to a server that halfway could start",
    ] {
        assert!(told.contains(expected), "{expected} in {told}");
    }
    let file = "name = \"it\"\nserve = [\"true\"]\nrequest = [\"true\"]\n\
                http = { url = \"http://localhost/\", method = \"put\", body = \"a\", json = { b = 1 } }\n";
    let told = said(&Folder::new().with("it.toml", file).halfway(&["it.toml"]));
    for expected in ["there are two bodies", "there are two requests"] {
        assert!(told.contains(expected), "{expected} in {told}");
    }
    let file = "name = \"it\"\nserve = [\"true\"]\nrequest = [\"true\"]\n";
    let told = said(&Folder::new().with("it.toml", file).halfway(&["it.toml"]));
    assert!(told.contains("halfway cannot tell when the server takes requests"), "{told}");
}
