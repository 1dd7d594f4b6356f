//! What is written in a fault scenario: its keys, and what each may say.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use toml::de::DeTable;

use super::{Expected, FaultScenario, request, schedule_line};
use crate::document::{self, Keys, Mistake, Text, Value, place_within, table, text, texts, wrong_type};
use crate::fault::UnknownName;
use crate::judge::{Criterion, Grade};
use crate::schedule::Schedule;
use crate::story::Clients;
use crate::subject::Subject;

const KEYS: [&str; 9] = ["title", "why", "flow", "strategy", "backend", "request", "schedule", "client", "expect"];
const GRADES: [Grade; 4] = [Grade::Held, Grade::HealedByRecovery, Grade::HealedByRetry, Grade::Violated];
/// The word for every strategy of the flow.
const ALL: &str = "all";
const BACKENDS: [&str; 1] = ["sqlite"];

/// The fault scenario that the text is, or all of its mistakes.
pub(super) fn read(path: &Path, source: &str, known: &[Subject]) -> Result<FaultScenario, Vec<Mistake>> {
    document::read(source, |document, mistakes| {
        let mut reader = Reader { path, source, flows: known, mistakes: Vec::new() };
        let scenario = reader.scenario(document);
        mistakes.append(&mut reader.mistakes);
        scenario
    })
}

struct Reader<'a> {
    path: &'a Path,
    source: &'a str,
    flows: &'a [Subject],
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    fn scenario(&mut self, document: &DeTable<'_>) -> Option<FaultScenario> {
        let keys = Keys::new(document, 0..0, &KEYS, &mut self.mistakes);
        let title = keys.text("title", "what happens, in a line", &mut self.mistakes);
        let title = title.and_then(|title| self.one_line(title));
        let why = keys.text("why", "why it matters to those who use the application", &mut self.mistakes);
        if let Some(backend) = keys.get("backend") {
            self.backend(backend);
        }
        let known = strategies(self.flows);
        let flow = keys.text("flow", &flows(&known).join(", "), &mut self.mistakes);
        let flow = flow.and_then(|flow| self.flow(&flow, &known));
        let known: Vec<String> =
            known.into_iter().filter(|(known, _)| Some(known) == flow.as_ref()).map(|(_, strategy)| strategy).collect();
        let what = "a strategy, a list of strategies, or \"all\"";
        let strategies = match (keys.get("strategy"), &flow) {
            (Some(strategy), Some(_)) => self.strategies(strategy, &known, what),
            (Some(_), None) => None,
            (None, _) => keys.required("strategy", what, &mut self.mistakes).and(None),
        };
        let schedule = self.schedule(&keys, flow.as_deref());
        let has_faults = schedule.as_ref().is_none_or(|schedule| !schedule.text.trim().is_empty());
        let clients = match keys.entry("client") {
            Some((_, value)) => self.clients(value, has_faults),
            None => Some(Clients::Both),
        };
        let expected = match keys.get("expect") {
            Some(value) => self.expected(value, strategies.as_deref(), &known, has_faults),
            None => strategies.iter().flatten().map(|strategy| (strategy.clone(), Expected::new())).collect(),
        };
        let asked = match (keys.entry("request"), &flow) {
            (Some((key, value)), Some(flow)) => {
                request::read(self.path, flow, self.flows, value, key.span(), &mut self.mistakes)
            }
            (None, Some(flow)) => Some(request::usual(flow, self.flows)),
            (_, None) => None,
        };
        let (title, why, flow, schedule) = (title?.text, why?.text, flow?, schedule?);
        let clients_place = keys.get("client").map_or(schedule.place.clone(), Value::span);
        Some(FaultScenario {
            path: self.path.to_owned(),
            title,
            why: why.split_whitespace().collect::<Vec<_>>().join(" "),
            flow,
            strategies: strategies.map(|_| expected)?,
            clients: clients?,
            asked: asked?,
            source: self.source.to_owned(),
            schedule,
            clients_place,
        })
    }

    fn one_line(&mut self, title: Text) -> Option<Text> {
        if title.text.chars().any(char::is_control) {
            self.mistakes.push(Mistake::new(title.place, "the title is more than a line", "put the rest into \"why\""));
            return None;
        }
        Some(title)
    }

    fn backend(&mut self, value: &Value<'_>) {
        let Some(backend) = text(value, "sqlite", &mut self.mistakes) else { return };
        if !BACKENDS.contains(&backend.text.as_str()) {
            let unknown = UnknownName::new("backend", &backend.text, BACKENDS);
            self.mistakes.push(Mistake::unknown(backend.place, &unknown));
        }
    }

    fn flow(&mut self, flow: &Text, known: &[(String, String)]) -> Option<String> {
        if known.iter().any(|(known, _)| *known == flow.text) {
            return Some(flow.text.clone());
        }
        let unknown = UnknownName::new("flow", &flow.text, flows(known));
        self.mistakes.push(Mistake::unknown(flow.place.clone(), &unknown));
        None
    }

    fn strategies(&mut self, value: &Value<'_>, known: &[String], what: &str) -> Option<Vec<String>> {
        let named = if value.get_ref().is_array() {
            texts(value, what, &mut self.mistakes)?
        } else {
            vec![text(value, what, &mut self.mistakes)?]
        };
        if named.iter().any(|strategy| strategy.text == ALL) {
            if named.len() > 1 {
                self.mistakes.push(Mistake::new(
                    value.span(),
                    "\"all\" stands alone",
                    "all strategies are meant already",
                ));
            }
            return Some(known.to_vec());
        }
        let before = self.mistakes.len();
        if named.is_empty() {
            self.mistakes.push(Mistake::new(value.span(), "there is no strategy in the list", what));
        }
        let mut strategies: Vec<String> = Vec::new();
        for Text { text: strategy, place } in named {
            if strategies.contains(&strategy) {
                self.mistakes.push(Mistake::new(place, format!("\"{strategy}\" is there twice"), "once is enough"));
            } else if known.contains(&strategy) {
                strategies.push(strategy);
            } else {
                let unknown = UnknownName::new("strategy", &strategy, known.iter().map(String::as_str).chain([ALL]));
                self.mistakes.push(Mistake::unknown(place, &unknown));
            }
        }
        // What is expected of a strategy whose name is wrong can only be judged once it is right.
        (self.mistakes.len() == before).then_some(strategies)
    }

    /// Each fault is read alone, so that each can be wrong at its own place.
    fn schedule(&mut self, keys: &Keys<'_>, flow: Option<&str>) -> Option<Text> {
        let what = "[PHASE/]STEP#OCCURRENCE:EDGE=FAULT ..., or nothing at all: \"\"";
        let value = keys.required("schedule", what, &mut self.mistakes)?;
        let schedule = text(value, what, &mut self.mistakes)?;
        for word in schedule.text.split_whitespace() {
            let begin = word.as_ptr().addr() - schedule.text.as_ptr().addr();
            let place = |part: Range<usize>| place_within(self.source, &schedule, begin + part.start..begin + part.end);
            if flow.is_some_and(|flow| word.split_once('/').is_some_and(|(first, _)| first == flow)) {
                let remedy = "flow and strategy have keys of their own; leave this word out";
                self.mistakes.push(Mistake::new(place(0..word.len()), "a schedule here has faults only", remedy));
            } else if let Err(error) = schedule_line("flow", "strategy", word).parse::<Schedule>() {
                let at = word.find(error.place()).map_or(0..word.len(), |at| at..at + error.place().len());
                self.mistakes.push(Mistake::new(place(at), "this is no fault at its point", error.problem()));
            }
        }
        Some(schedule)
    }

    fn clients(&mut self, value: &Value<'_>, has_faults: bool) -> Option<Clients> {
        let client = text(value, "restarted, impatient, or both", &mut self.mistakes)?;
        let Some(clients) = Clients::ALL.into_iter().find(|clients| clients.name() == client.text) else {
            let unknown = UnknownName::new("client", &client.text, Clients::ALL.map(Clients::name));
            self.mistakes.push(Mistake::unknown(client.place, &unknown));
            return None;
        };
        if !has_faults {
            let remedy = "leave this key out";
            self.mistakes.push(Mistake::new(client.place, "without faults there is no retry", remedy));
        }
        Some(clients)
    }

    /// What is expected of each strategy: its own table, or the common one. Where the strategies are not understood, only
    /// the criteria and grades are looked at.
    fn expected(
        &mut self,
        value: &Value<'_>,
        strategies: Option<&[String]>,
        known: &[String],
        has_faults: bool,
    ) -> Vec<(String, Expected)> {
        let what = "CRITERION = \"GRADE\", or a table for a strategy";
        let Some(expect) = table(value, what, &mut self.mistakes) else { return Vec::new() };
        let mut common: Vec<(Range<usize>, Criterion, Grade)> = Vec::new();
        let mut own: BTreeMap<String, Expected> = BTreeMap::new();
        for (key, value) in expect {
            let name = key.get_ref().as_ref();
            if let Some(of_strategy) = value.get_ref().as_table() {
                if strategies.unwrap_or(known).iter().any(|strategy| strategy == name) {
                    let grades = of_strategy.iter();
                    let grades =
                        grades.filter_map(|(key, value)| self.grade(&key.span(), key.get_ref(), value, has_faults));
                    own.insert(name.to_owned(), grades.collect());
                } else if !known.is_empty() {
                    self.mistakes.push(stranger(key.span(), name, strategies.unwrap_or(known), known));
                }
            } else if let Some((criterion, grade)) = self.grade(&key.span(), name, value, has_faults) {
                common.push((key.span(), criterion, grade));
            }
        }
        let Some(strategies) = strategies else { return Vec::new() };
        if let Some((place, ..)) = common.first().filter(|_| strategies.iter().all(|name| own.contains_key(name))) {
            let remedy = "every strategy has a table of its own, which is all that is expected of it";
            self.mistakes.push(Mistake::new(place.clone(), "this is expected of no strategy", remedy));
        }
        let common: Expected = common.into_iter().map(|(_, criterion, grade)| (criterion, grade)).collect();
        let of = |strategy: &String| own.get(strategy).unwrap_or(&common).clone();
        strategies.iter().map(|strategy| (strategy.clone(), of(strategy))).collect()
    }

    fn grade(
        &mut self,
        place: &Range<usize>,
        name: &str,
        value: &Value<'_>,
        has_faults: bool,
    ) -> Option<(Criterion, Grade)> {
        let criterion = Criterion::ALL.into_iter().find(|criterion| criterion.name() == name);
        match criterion {
            None => {
                let unknown = UnknownName::new("criterion", name, Criterion::ALL.map(Criterion::name));
                self.mistakes.push(Mistake::unknown(place.clone(), &unknown));
            }
            Some(criterion) if criterion.is_about_retries() && !has_faults => {
                let problem = format!("{criterion} does not apply: without faults there is no retry");
                self.mistakes.push(Mistake::new(place.clone(), problem, "leave this key out"));
            }
            Some(_) => {}
        }
        let grades = GRADES.map(Grade::name);
        let Some(grade) = value.get_ref().as_str() else {
            self.mistakes.push(wrong_type(value, "a text", &grades.join(", ")));
            return None;
        };
        let Some(known) = GRADES.into_iter().find(|known| known.name() == grade) else {
            self.mistakes.push(Mistake::unknown(value.span(), &UnknownName::new("grade", grade, grades)));
            return None;
        };
        criterion.map(|criterion| (criterion, known))
    }
}

/// What is said of a table for a strategy that is not played.
fn stranger(place: Range<usize>, name: &str, strategies: &[String], known: &[String]) -> Mistake {
    if known.iter().any(|strategy| strategy == name) {
        let problem = format!("the strategy \"{name}\" is not among those of this file");
        return Mistake::new(place, problem, "name it in the key \"strategy\", or leave this table out");
    }
    Mistake::unknown(place, &UnknownName::new("strategy", name, strategies))
}

/// Flows and strategies, in the order of the reports.
fn strategies(known: &[Subject]) -> Vec<(String, String)> {
    known.iter().map(|subject| (subject.flow().to_owned(), subject.strategy().to_owned())).collect()
}

fn flows(known: &[(String, String)]) -> Vec<&str> {
    let mut flows: Vec<&str> = known.iter().map(|(flow, _)| flow.as_str()).collect();
    flows.dedup();
    flows
}
