//! What a pattern fits and what its holes take, and how a malformed one is told.

use super::*;

/// What the holes take of a path, each with its column.
fn taken(pattern: &str, path: &str) -> Option<Vec<String>> {
    let pattern = Pattern::of_paths(pattern);
    let taken = pattern.fit(path)?;
    Some(taken.iter().map(|taken| format!("{}={}", taken.hole, &path[taken.start..taken.end])).collect())
}

fn found(pattern: &str, text: &str) -> Vec<String> {
    let pattern = Pattern::of_texts(pattern);
    pattern.find_in(text).iter().map(|taken| text[taken.start..taken.end].to_owned()).collect()
}

#[test]
fn a_hole_takes_the_shortest_text_within_a_segment() {
    let some = |taken: &[&str]| Some(taken.iter().map(|&taken| taken.to_owned()).collect());
    assert_eq!(taken("docs/{id}.txt", "docs/12.txt"), some(&["id=12"]));
    assert_eq!(taken("{a}-{b}.txt", "x-y-z.txt"), some(&["a=x", "b=y-z"]));
    assert_eq!(taken("blobs/{hash:2}/{hash}.bin", "blobs/ab/abcd.bin"), some(&["hash:2=ab", "hash=abcd"]));
    assert_eq!(taken("{hash:2}{hash}", "ababcd"), some(&["hash:2=ab", "hash=abcd"]));
    assert_eq!(taken("{hash:2}/{hash}", "a/a"), some(&["hash:2=a", "hash=a"]), "the whole value is shorter");
    assert_eq!(taken("docs/{id}.txt", "docs/.txt"), None, "nothing is no value");
    assert_eq!(taken("docs/{id}.txt", "docs/a/b.txt"), None, "a hole stays within its segment");
    assert_eq!(taken("docs/{id}.txt", "docs/12.txt~"), None);
    assert_eq!(taken("/docs/{id}/", "docs/ä"), some(&["id=ä"]));
}

#[test]
fn stars_are_anything_within_a_segment_or_any_depth() {
    let fits = |pattern: &str, path: &str| Pattern::of_paths(pattern).fit(path).is_some();
    assert!(fits("exports/*.json", "exports/a.json") && fits("exports/*.json", "exports/.json"));
    assert!(!fits("exports/*.json", "exports/a/b.json"));
    assert!(fits("exports/**/*.json", "exports/b.json") && fits("exports/**/*.json", "exports/a/a/b.json"));
    assert!(fits("exports/**/b.json", "exports/a/b.json") && !fits("exports/**/b.json", "exports/ab.json"));
    assert!(fits("albums/{id}/**", "albums/7/a/b") && !fits("albums/{id}/**", "albums/7/"));
    assert!(!fits("a**", "b") && fits("**", "a/b"));
    assert_eq!(found("5 * {n};", "5 * 3; 5 x 3;"), ["3"], "in a text a star is a star");
}

#[test]
fn a_pattern_is_found_wherever_it_fits_in_a_text_line_by_line() {
    assert_eq!(found("document {id}", "document 12"), ["12"]);
    assert_eq!(found("document {id},", "document 12, document 5, document 7\n, document 8,"), ["12", "5", "8"]);
    assert_eq!(found("\"at\":\"{}\"", r#"{"at":"now","b":{"at":""},"at":"x"}"#), ["now", "", "x"]);
    assert_eq!(found("{{\"id\":{id}}}", r#"{"id":12}"#), ["12"]);
    assert_eq!(found("{at} import", "1 import\n22 import\nimport"), ["1", "22"]);
    assert_eq!(found("#{id:3}", "#äöü4 #12"), ["äöü"]);
}

/// A log ends with a line break, and may be empty; a letter may be longer than a byte.
#[test]
fn a_pattern_that_begins_with_a_hole_is_looked_for_in_every_line_to_the_end() {
    assert_eq!(found("{at} import", ""), [""; 0]);
    assert_eq!(found("{at} import", "1 import\n"), ["1"]);
    assert_eq!(found("{at} import", "\n\n22 import\n\n"), ["22"]);
    assert_eq!(found("{at} café", "1 café\n22 café\n"), ["1", "22"]);
    assert_eq!(found("{at} import", "é\n22 import"), ["22"]);
    assert_eq!(found("{line}", "\na\n"), ["", "a", ""]);
    assert_eq!(found("é{id};", "é\né5;"), ["5"]);
}

#[test]
fn a_pattern_with_its_holes_filled_names_one_path_or_a_folder() {
    let filled = |pattern: &str| {
        let value = |hole: &Hole| (hole.column.as_deref() == Some("id")).then(|| "abc".to_owned());
        Pattern::of_paths(pattern).filled(value)
    };
    assert_eq!(filled("b/{id:2}/{id}.bin").as_ref().and_then(Pattern::only), Some("b/ab/abc.bin"));
    assert_eq!(filled("b/{other}.bin"), None);
    let album = filled("b/{id}/**").expect("a value");
    assert_eq!(album.only(), None);
    assert!(album.fit("b/abc/1").is_some() && album.fit("b/abd/1").is_none());
    assert_eq!(album.folder(), "b/abc");
    let is_folder = |path: &str| album.folders().iter().any(|folder| folder.fit(path).is_some());
    assert!(is_folder("b") && is_folder("b/abc") && is_folder("b/abc/d/e") && !is_folder("b/abd") && !is_folder("c"));
    assert_eq!(Pattern::of_paths("{id}.txt").folder(), "");
}

#[test]
fn a_malformed_pattern_says_what_is_wrong_and_fits_nothing() {
    for (pattern, problem) in [
        ("docs/{id", "a brace is opened and not closed; write {{ for a brace"),
        ("docs/id}.txt", "a brace is closed and not opened; write }} for a brace"),
        ("{a}{b}", "nothing tells where {a} ends and {b} begins"),
        ("{a:x}", "{a:x} says after its colon how many characters, and \"x\" is no such number"),
        ("{a:0}", "{a:0} says after its colon how many characters, and \"0\" is no such number"),
        ("{:2}", "{:2} names no column"),
        ("", "it is empty"),
    ] {
        let read = Pattern::of_paths(pattern);
        assert_eq!(read.problem(), Some(problem), "{pattern}");
        assert!(read.fit("docs/id").is_none() && Pattern::of_texts(pattern).find_in("docs/id").is_empty());
    }
}
