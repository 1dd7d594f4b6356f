//! The HTML report in a real browser: what a person does with it, in both themes and on a phone.
//!
//! It needs `chromedriver` and the Chromium that belongs to it. Where they are missing the test says so and passes; with
//! `HALFWAY_SCREENSHOTS=FOLDER` it leaves pictures there.

#[path = "browser/driver.rs"]
mod driver;

use driver::{Browser, Device, Theme};
use fantoccini::Locator;
use fantoccini::key::Key;
use halfway::report::html;

use crate::{fixture, worlds};

/// What is typed at a cell of the fixture that has findings with a story.
const CELL: &str = "[data-key='chapter-import/undo-on-error/crash']";

#[test]
fn a_person_finds_a_breach_in_a_browser() {
    let Some(browser) = Browser::start() else { return };
    let page = html::render(&fixture::report());
    browser.show(&page, async |browser| {
        nothing_was_run_and_nothing_was_complained_of(browser).await;
        a_filter_leaves_what_was_asked_for(browser).await;
        a_cell_opens_its_findings(browser).await;
        the_line_for_the_replay_is_copied(browser).await;
        the_keyboard_is_enough(browser).await;
        a_link_leads_to_a_cell(browser).await;
        nothing_is_wider_than_the_screen(browser).await;
        nothing_was_run_and_nothing_was_complained_of(browser).await;
    });
}

async fn nothing_was_run_and_nothing_was_complained_of(browser: &Browser) {
    assert_eq!(browser.complaints().await, [""; 0]);
    let title = browser.client().title().await.expect("a title");
    assert!(title.starts_with("halfway: as expected"), "a script of the flow's ran: {title}");
    let strangers = "return [...document.querySelectorAll('script, img, iframe, link[href^=http]')].length";
    assert_eq!(browser.ask(strangers).await, 1, "one script, the page's own, and nothing from elsewhere");
}

async fn a_filter_leaves_what_was_asked_for(browser: &Browser) {
    let shown = "return [...document.querySelectorAll('.flow')].filter((flow) => !flow.hidden).length";
    let columns =
        "return [...document.querySelectorAll('.flow:not([hidden]) thead th')].filter((th) => !th.hidden).length";
    let count = "return parseInt(document.getElementById('count').textContent)";
    assert_eq!(browser.ask(shown).await, 3);
    let all = browser.ask(count).await;
    browser.choose("flow", "chapter-import").await;
    assert_eq!(browser.ask(shown).await, 1);
    browser.choose("fault", "crash").await;
    assert_eq!(browser.ask(columns).await, 3, "the strategy, the fault, what is expected");
    let of_crash = browser.ask(count).await;
    browser.choose("criterion", "no-orphan-rows").await;
    let of_one = browser.ask(count).await;
    assert!(0 < of_one && of_one < of_crash && of_crash < all, "{of_one} {of_crash} {all}");
    let word = browser.client().find(Locator::Css(CELL)).await.expect("the cell").text().await.expect("a text");
    assert_eq!(word, "✗", "the cell says what became of the promise that was asked for");
    browser.click("button[type=reset]").await;
    // The fields are reset after the event.
    browser.wait_for("document.querySelectorAll('.flow[hidden]').length === 0").await;
    assert_eq!(browser.ask(count).await, all);
}

async fn a_cell_opens_its_findings(browser: &Browser) {
    browser.click(CELL).await;
    browser.wait_for("document.getElementById('panel').open").await;
    browser.click("#panel .finding:nth-of-type(1) > summary").await;
    browser.wait_for("document.querySelector('#panel .finding[open] .timeline')").await;
    let text = browser.client().find(Locator::Css("#panel .finding[open]")).await.expect("a finding");
    let text = text.text().await.expect("a text");
    for said in [
        "no row lacks the rows or the complete file that it needs",
        worlds::SCRIPT,
        "12 chapters without a segment",
        "halfway replay 'chapter-import/undo-on-error link-segments#1:before=crash'",
        "before the request",
        "after the retry",
        "insert-chapter #1..#12",
        "outage before link-segments #1",
        "write app.db-wal #1: 4096 bytes at 32",
        "fsync app.db-wal #1: EIO <script>",
        "unlink left.tmp #1",
        "segments-1",
        "not shown: 3 as before, 595 changed",
        "retry-succeeds: violated",
    ] {
        assert!(text.contains(said), "{said:?} is not shown: {text}");
    }
    let nested = "return document.querySelectorAll('#panel .timeline > .step > ol > li').length";
    assert_eq!(browser.ask(nested).await, 2, "file operations stand in the step that they belong to");
    let marked = "return document.querySelectorAll('#panel .finding[open] .worlds .wrong').length";
    assert!(browser.ask(marked).await >= 4, "what is wrong is marked");
    browser.ask("document.querySelector('#panel .timeline').scrollIntoView(); return 0").await;
    browser.picture("timeline").await;
    browser.click("#panel .seen:last-of-type summary").await;
    browser.wait_for("document.querySelector('#panel .seen details[open] table')").await;
}

async fn the_line_for_the_replay_is_copied(browser: &Browser) {
    browser.click("#panel .finding[open] .copy").await;
    browser.wait_for("document.getElementById('said').textContent === 'Copied'").await;
    browser.press(Key::Escape).await;
    browser.wait_for("!document.getElementById('panel').open").await;
    // The page may not read the clipboard, and a person may: into a field.
    let field = "const field = document.createElement('input'); field.id = 'field'; document.body.prepend(field); field.focus(); return 0";
    browser.ask(field).await;
    let paste = format!("{}v", char::from(Key::Control));
    browser.client().find(Locator::Id("field")).await.expect("a field").send_keys(&paste).await.expect("keys");
    let pasted = browser.client().find(Locator::Id("field")).await.expect("a field").prop("value").await;
    let line = "halfway replay 'chapter-import/undo-on-error link-segments#1:before=crash'";
    assert_eq!(pasted.expect("a value").as_deref(), Some(line));
    browser.ask("document.getElementById('field').remove(); return 0").await;
}

async fn the_keyboard_is_enough(browser: &Browser) {
    browser.ask(&format!("document.querySelector(\"{CELL}\").focus(); return 0")).await;
    let at_the_cell = format!("document.activeElement === document.querySelector(\"{CELL}\")");
    browser.press(Key::Left).await;
    // Cells with nothing to open are passed over.
    browser.wait_for("document.activeElement.dataset.key === 'chapter-import/undo-on-error/lost-ack'").await;
    browser.press(Key::Right).await;
    browser.wait_for(&at_the_cell).await;
    browser.press(Key::Enter).await;
    browser.wait_for("document.getElementById('panel').open").await;
    browser.press(Key::Escape).await;
    browser.wait_for("!document.getElementById('panel').open").await;
    // Whoever closes a finding is back where it was opened.
    browser.wait_for(&at_the_cell).await;
}

async fn a_link_leads_to_a_cell(browser: &Browser) {
    browser.follow("#chapter-import/undo-on-error/crash").await;
    browser.wait_for("document.getElementById('panel').open").await;
    browser.click("#close").await;
    browser.follow("").await;
}

async fn nothing_is_wider_than_the_screen(browser: &Browser) {
    // Not the width of the window: a phone zooms out until everything fits.
    let wide = "return document.documentElement.scrollWidth";
    for device in [Device::Desk, Device::Phone] {
        for theme in [Theme::Light, Theme::Dark] {
            browser.look_at(device, theme).await;
            assert!(browser.ask(wide).await <= device.width(), "{device:?}: the page scrolls sideways");
            browser.picture(&format!("matrix-{device:?}-{theme:?}").to_lowercase()).await;
            browser.click(CELL).await;
            browser.click("#panel .finding:nth-of-type(1) > summary").await;
            browser.wait_for("document.querySelector('#panel .finding[open] .timeline')").await;
            let panel = "return Math.round(document.getElementById('panel').getBoundingClientRect().width)";
            assert!(browser.ask(panel).await <= device.width(), "{device:?}: a finding is wider than the screen");
            let sideways =
                "const body = document.getElementById('panel-body'); return body.scrollWidth - body.clientWidth";
            assert!(browser.ask(sideways).await <= 0, "{device:?}: a finding scrolls sideways");
            browser.picture(&format!("finding-{device:?}-{theme:?}").to_lowercase()).await;
            browser.press(Key::Escape).await;
        }
    }
}
