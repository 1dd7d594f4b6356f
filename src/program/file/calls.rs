//! Requests to a server in the file of a program: what is sent, when the server is ready, and what counts as a success.

use std::fs;
use std::net::SocketAddr;

use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Method, Request, Uri};

use super::Reader;
use crate::document::{Keys, Mistake, Value, json, table, text, wrong_type};
use crate::program::http::Call;
use crate::program::{Ready, Server, Success};

/// What `http` has to be.
const CALL: &str = "a request such as { method = \"POST\", url = \"http://127.0.0.1:8080/photos\", body = \"...\" }, or a \
                    list of such requests";
const KEYS: [&str; 7] = ["method", "url", "headers", "body", "body-file", "json", "form"];
/// What a request carries: one of these.
const BODIES: [&str; 4] = ["body", "body-file", "json", "form"];
const URL: &str = "a URL of the server that halfway starts, such as http://127.0.0.1:8080/photos";
const READY: &str = "a URL that the server answers once it takes requests, such as http://127.0.0.1:8080/health";
/// Between the parts of a form. It differs in no two runs.
const BOUNDARY: &str = "halfway-7f3c1e0a9b52d864";

/// What a request carries, and what that is.
type Body = (Bytes, Option<HeaderValue>);

impl Reader<'_> {
    /// The server, and when it is ready.
    pub(super) fn server(&mut self, keys: &Keys<'_>, calls: &[Call]) -> Option<Server> {
        let Some(value) = keys.get("serve") else {
            for key in ["http", "ready"] {
                if let Some((key, _)) = keys.entry(key) {
                    let remedy = "add the command that starts it: serve = [\"node\", \"{here}/server.js\"]";
                    self.mistakes.push(Mistake::new(key.span(), "there is no server for that", remedy));
                }
            }
            return None;
        };
        let words = self.command(value);
        let ready = match keys.get("ready") {
            Some(value) => self.ready(value),
            None => calls.first().map(|call| Ready::Listening(call.to)),
        };
        if ready.is_none() && keys.get("http").is_none() && keys.get("ready").is_none() {
            let problem = "halfway cannot tell when the server takes requests";
            self.mistakes.push(Mistake::new(value.span(), problem, format!("add ready = {READY}")));
        }
        Some(Server { words: words?, ready: ready? })
    }

    fn ready(&mut self, value: &Value<'_>) -> Option<Ready> {
        let (uri, to) = self.url(value, READY)?;
        let after_the_address = value.get_ref().as_str().unwrap_or_default().splitn(4, '/').nth(3);
        if after_the_address.is_none() {
            // No path: that it takes a connection is enough.
            return Some(Ready::Listening(to));
        }
        let request = Request::get(uri).body(Bytes::new()).ok()?;
        Some(Ready::Answering(Box::new(Call { to, request })))
    }

    /// A request, or several one after the other.
    pub(super) fn calls(&mut self, value: &Value<'_>) -> Vec<Call> {
        match value.get_ref().as_array() {
            Some(values) if values.is_empty() => {
                self.mistakes.push(Mistake::new(value.span(), "the list is empty", CALL));
                Vec::new()
            }
            Some(values) => values.iter().filter_map(|value| self.call(value)).collect(),
            None => self.call(value).into_iter().collect(),
        }
    }

    fn call(&mut self, value: &Value<'_>) -> Option<Call> {
        let keys = Keys::new(table(value, CALL, self.mistakes)?, value.span(), &KEYS, self.mistakes);
        let url = keys.required("url", URL, self.mistakes)?;
        let (uri, to) = self.url(url, URL)?;
        let (body, kind) = self.body(&keys)?;
        let default = if BODIES.iter().any(|body| keys.get(body).is_some()) { Method::POST } else { Method::GET };
        let method = keys.get("method").map_or(Some(default), |value| self.method(value))?;
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        if let Some(kind) = kind {
            request.headers_mut().insert(CONTENT_TYPE, kind);
        }
        if let Some(value) = keys.get("headers") {
            let what = "names and their values, such as { Authorization = \"Bearer abc\" }";
            for (name, value) in table(value, what, self.mistakes)? {
                let said = text(value, what, self.mistakes)?;
                let known = HeaderName::from_bytes(name.get_ref().as_bytes()).ok();
                let (Some(name), Ok(content)) = (known, HeaderValue::from_str(&said.text)) else {
                    self.mistakes.push(Mistake::new(name.span(), "this is no header of HTTP", what));
                    return None;
                };
                request.headers_mut().insert(name, content);
            }
        }
        Some(Call { to, request })
    }

    fn method(&mut self, value: &Value<'_>) -> Option<Method> {
        let what = "GET, POST, PUT, PATCH or DELETE";
        let method = text(value, what, self.mistakes)?;
        let known =
            Method::from_bytes(method.text.as_bytes()).ok().filter(|_| method.text == method.text.to_uppercase());
        if known.is_none() {
            self.mistakes.push(Mistake::new(method.place, "this is no method of HTTP", what));
        }
        known
    }

    /// A URL of a server in its own network, and its address there.
    fn url(&mut self, value: &Value<'_>, what: &str) -> Option<(Uri, SocketAddr)> {
        let url = text(value, what, self.mistakes)?;
        let uri: Option<Uri> = url.text.parse().ok();
        let address = uri.as_ref().and_then(address);
        if address.is_none() {
            let problem =
                "this does not lead to a server that halfway could start: http, 127.0.0.1, localhost or [::1]";
            self.mistakes.push(Mistake::new(url.place, problem, what));
        }
        Some((uri?, address?))
    }

    fn body(&mut self, keys: &Keys<'_>) -> Option<Body> {
        let mut given = BODIES.iter().filter_map(|key| keys.entry(key));
        let Some((_, value)) = given.next() else { return Some((Bytes::new(), None)) };
        if let Some((key, _)) = given.next() {
            let remedy = "keep one of body, body-file, json and form";
            self.mistakes.push(Mistake::new(key.span(), "there are two bodies", remedy));
            return None;
        }
        if keys.get("json").is_some() {
            let json = json(value, self.mistakes)?;
            return Some((json.to_string().into(), Some(HeaderValue::from_static("application/json"))));
        }
        if keys.get("form").is_some() {
            let kind = HeaderValue::from_str(&format!("multipart/form-data; boundary={BOUNDARY}")).ok();
            return Some((self.form(value)?.into(), kind));
        }
        let body = text(value, "a text", self.mistakes)?;
        if keys.get("body").is_some() {
            return Some((body.text.into(), None));
        }
        Some((self.file(&body.text, value)?.into(), Some(HeaderValue::from_static("application/octet-stream"))))
    }

    /// A file beside the one that is read.
    fn file(&mut self, name: &str, value: &Value<'_>) -> Option<Vec<u8>> {
        let path = self.here.join(name);
        fs::read(&path)
            .map_err(|error| {
                let problem = format!("{} cannot be read: {error}", path.display());
                self.mistakes.push(Mistake::new(value.span(), problem, "a file beside this one"));
            })
            .ok()
    }

    /// The fields of a form; those that begin with `@` are files.
    fn form(&mut self, value: &Value<'_>) -> Option<Vec<u8>> {
        let what =
            "fields and their values, such as { title = \"Sunset\", photo = \"@a.jpg\" }; @ stands before a file";
        let mut form = Vec::new();
        for (field, value) in table(value, what, self.mistakes)? {
            let said = text(value, what, self.mistakes)?;
            let quoted = |name: &str| name.replace('"', "%22").replace(['\r', '\n'], " ");
            form.extend(
                format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{}\"", quoted(field.get_ref())).bytes(),
            );
            if let Some(path) = said.text.strip_prefix('@') {
                let name = path.rsplit('/').next().unwrap_or(path);
                let head = format!("; filename=\"{}\"\r\nContent-Type: application/octet-stream\r\n\r\n", quoted(name));
                form.extend(head.bytes());
                form.extend(self.file(path, value)?);
            } else {
                form.extend(b"\r\n\r\n");
                form.extend(said.text.bytes());
            }
            form.extend(b"\r\n");
        }
        form.extend(format!("--{BOUNDARY}--\r\n").bytes());
        Some(form)
    }

    /// What the caller takes for a success.
    pub(super) fn success(&mut self, value: &Value<'_>) -> Option<Success> {
        let what = "{ exit = 0 } for a command, { status = 201 } for a server; { contains = \"...\" } for both";
        let known = ["exit", "status", "contains"];
        let keys = Keys::new(table(value, what, self.mistakes)?, value.span(), &known, self.mistakes);
        let exit = match keys.get("exit") {
            Some(exit) => i32::from(self.number::<u8>(exit, "this is no exit code", "a number from 0 to 255")?),
            None => 0,
        };
        let statuses = keys.get("status").map_or(Some(Vec::new()), |value| self.statuses(value))?;
        let contains = match keys.get("contains") {
            Some(value) => Some(text(value, "a text that the answer has to contain", self.mistakes)?.text),
            None => None,
        };
        Some(Success { exit, statuses, contains })
    }

    fn statuses(&mut self, value: &Value<'_>) -> Option<Vec<u16>> {
        let what = "a status of HTTP, such as 201, or several: [200, 201]";
        let mut status = |value| {
            let number = self.number::<u16>(value, "this is no status of HTTP", what)?;
            if !(100..600).contains(&number) {
                self.mistakes.push(Mistake::new(value.span(), "this is no status of HTTP", what));
                return None;
            }
            Some(number)
        };
        match value.get_ref().as_array() {
            Some(values) => values.iter().map(status).collect(),
            None => status(value).map(|status| vec![status]),
        }
    }

    pub(super) fn number<N: std::str::FromStr>(&mut self, value: &Value<'_>, problem: &str, what: &str) -> Option<N> {
        let Some(number) = value.get_ref().as_integer() else {
            self.mistakes.push(wrong_type(value, "a number", what));
            return None;
        };
        let number = number.as_str().parse().ok();
        if number.is_none() {
            self.mistakes.push(Mistake::new(value.span(), problem, what));
        }
        number
    }
}

/// Where a URL leads, if that is in the network of the server that is started.
fn address(uri: &Uri) -> Option<SocketAddr> {
    let is_plain = uri.scheme_str() == Some("http");
    let host = match uri.host()? {
        "127.0.0.1" | "localhost" => "127.0.0.1",
        "[::1]" => "[::1]",
        _ => return None,
    };
    let port = uri.port_u16().unwrap_or(80);
    is_plain.then(|| format!("{host}:{port}").parse().ok()).flatten()
}
