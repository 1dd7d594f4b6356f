//! A browser that a test drives: Chromium, by way of `chromedriver`, with a profile of its own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::key::Key;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

/// What it takes to have a browser on Debian.
const INSTALL: &str = "apt-get install chromium chromium-driver";

/// How long the page may take over anything.
const PATIENCE: Duration = Duration::from_secs(20);

/// How large the screen is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Device {
    Desk,
    Phone,
}

impl Device {
    /// How wide the screen is, in CSS pixels.
    pub(crate) const fn width(self) -> i64 {
        match self {
            Self::Desk => 1280,
            Self::Phone => 375,
        }
    }
}

/// Which colours the person prefers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Theme {
    Light,
    Dark,
}

/// The browser.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    dir: tempfile::TempDir,
    client: Option<Client>,
}

impl Browser {
    /// Starts the driver; nothing where none is installed.
    pub(crate) fn start() -> Option<Self> {
        let mut command = Command::new("chromedriver");
        // A group of its own: with the driver goes every browser that it started.
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
        let Ok(mut driver) = command.spawn() else {
            // Past the harness, which keeps the words of a test that passes to itself.
            let _ = writeln!(std::io::stderr(), "skipped: there is no chromedriver; to have one: {INSTALL}");
            return None;
        };
        let lines = BufReader::new(driver.stdout.take().expect("a pipe")).lines();
        let mut lines = lines.map_while(Result::ok);
        let port =
            lines.find_map(|line| line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok());
        let port = port.expect("chromedriver says on which port it listens");
        let dir = tempfile::tempdir().expect("a directory");
        Some(Self { driver, port, dir, client: None })
    }

    /// Opens the page, and does something with it.
    pub(crate) fn show(mut self, page: &str, deeds: impl AsyncFnOnce(&Self)) {
        std::fs::write(self.page(), page).expect("a file");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let profile = format!("--user-data-dir={}", self.dir.path().join("profile").display());
            let mut arguments = vec!["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"];
            arguments.extend([
                "--disable-background-networking",
                "--disable-component-update",
                "--window-size=1280,900",
            ]);
            arguments.push(&profile);
            let wanted = json!({
                "goog:chromeOptions": { "args": arguments },
                "goog:loggingPrefs": { "browser": "ALL" },
            });
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(wanted.as_object().expect("an object").clone());
            let client = builder.connect(&format!("http://127.0.0.1:{}", self.port)).await;
            self.client = Some(client.unwrap_or_else(|error| panic!("start Chromium: {error}; {INSTALL}")));
            self.follow("").await;
            deeds(&self).await;
            self.client.take().expect("it is open").close().await.expect("the browser closes");
        });
    }

    fn page(&self) -> PathBuf {
        self.dir.path().join("report.html")
    }

    pub(crate) fn client(&self) -> &Client {
        self.client.as_ref().expect("the page is open")
    }

    /// Loads the page, at this place in it.
    pub(crate) async fn follow(&self, place: &str) {
        let address = format!("file://{}", self.page().display());
        // Only another address is loaded anew.
        self.client().goto("about:blank").await.expect("an empty page");
        self.client().goto(&format!("{address}{place}")).await.expect("the page");
    }

    /// The number that a script answers.
    pub(crate) async fn ask(&self, script: &str) -> i64 {
        let answer =
            self.client().execute(script, Vec::new()).await.unwrap_or_else(|error| panic!("{script}: {error}"));
        answer.as_i64().unwrap_or_else(|| panic!("{script}: {answer}"))
    }

    /// Waits until it is so.
    pub(crate) async fn wait_for(&self, condition: &str) {
        let script = format!("return ({condition}) ? 1 : 0");
        let begin = std::time::Instant::now();
        while self.ask(&script).await == 0 {
            assert!(begin.elapsed() < PATIENCE, "never: {condition}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Clicks what the selector finds.
    pub(crate) async fn click(&self, selector: &str) {
        let element = self.client().find(Locator::Css(selector)).await;
        let element = element.unwrap_or_else(|error| panic!("{selector}: {error}"));
        element.click().await.unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    /// Chooses from a list.
    pub(crate) async fn choose(&self, list: &str, value: &str) {
        let list = self.client().find(Locator::Id(list)).await.expect("a list");
        list.select_by_value(value).await.unwrap_or_else(|error| panic!("{value}: {error}"));
    }

    /// Presses a key, wherever the focus is.
    pub(crate) async fn press(&self, key: Key) {
        let focus = self.client().active_element().await.expect("something has the focus");
        focus.send_keys(&char::from(key).to_string()).await.expect("a key");
    }

    /// Changes the screen and the theme.
    pub(crate) async fn look_at(&self, device: Device, theme: Theme) {
        let (height, is_phone) = match device {
            Device::Desk => (900, false),
            Device::Phone => (760, true),
        };
        let size = json!({"width": device.width(), "height": height, "deviceScaleFactor": 1, "mobile": is_phone});
        self.devtools("Emulation.setDeviceMetricsOverride", &size).await;
        let scheme = match theme {
            Theme::Light => "light",
            Theme::Dark => "dark",
        };
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.devtools("Emulation.setEmulatedMedia", &features).await;
    }

    /// What the console has that is worse than a remark, since it was last asked.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let log = self.client().issue_cmd(Post("se/log", json!({"type": "browser"}))).await.expect("the console");
        let entries = log.as_array().expect("a list").iter();
        let bad = entries.filter(|entry| entry["level"] == "SEVERE" || entry["level"] == "WARNING");
        bad.map(|entry| entry["message"].to_string()).collect()
    }

    /// Leaves a picture where somebody wants one.
    pub(crate) async fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("HALFWAY_SCREENSHOTS") else { return };
        let picture = self.client().screenshot().await.expect("a picture");
        std::fs::write(PathBuf::from(folder).join(format!("{name}.png")), picture).expect("a file");
    }

    async fn devtools(&self, command: &str, parameters: &Value) {
        let body = json!({"cmd": command, "params": parameters});
        self.client().issue_cmd(Post("goog/cdp/execute", body)).await.expect(command);
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let group = format!("-{}", self.driver.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.driver.wait();
    }
}

/// A command of chromedriver's own: where it is posted, and what.
#[derive(Debug)]
struct Post(&'static str, Value);

impl WebDriverCompatibleCommand for Post {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.0))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.1.to_string()))
    }
}
