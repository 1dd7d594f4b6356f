//! The cases that both sides run: those of the harness with one fault each, as it says itself.

use std::collections::BTreeMap;

use halfway::fault::FaultClass;
use halfway::harness::{Settings, list, replay};
use halfway::schedule::{PlannedFault, Schedule};
use halfway::story::Event;
use halfway::{Silent, Subject};

/// What bare failpoints can do within one process.
pub(crate) const CLASSES: [FaultClass; 3] = [FaultClass::Error, FaultClass::LostAck, FaultClass::Panic];

/// Each step of the attempt without faults, with each fault that applies there.
pub(crate) fn of(subject: &Subject, settings: &Settings) -> Vec<PlannedFault> {
    let listed = list(std::slice::from_ref(subject), settings, &Silent).expect("the harness can tell");
    let faults: BTreeMap<&str, &[String]> =
        listed.iter().flat_map(|listed| &listed.steps).map(|step| (&*step.step, &*step.faults)).collect();
    let no_fault = Schedule { flow: subject.flow().into(), strategy: subject.strategy().into(), faults: Vec::new() };
    let story = replay(subject, &no_fault, settings).expect("the flow works when nothing breaks it");
    let steps = story.trunk.iter().filter_map(|event| match event {
        Event::Step(step) => Some(step),
        Event::Began(_) | Event::Operation(_) | Event::Ended(_) | Event::Observed { .. } => None,
    });
    let planned = steps.flat_map(|step| {
        let at =
            |fault: &String| format!("{}#{}:{fault}", step.step, step.occurrence).parse().expect("as it is printed");
        faults[&*step.step].iter().map(at).collect::<Vec<PlannedFault>>()
    });
    planned.filter(|planned| CLASSES.contains(&planned.fault.class())).collect()
}
