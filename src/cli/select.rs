//! Which strategies are meant by the names that somebody typed.

use crate::cli::args::COMMANDS;
use crate::fault::UnknownName;

/// The strategies that are meant, as positions in `known`, ascending and each once: those of a flow, or one of them, for
/// each name; all of them when there is no name.
///
/// # Errors
/// When a name is neither FLOW nor FLOW/STRATEGY. The message says what was meant, be it a command with a slip of the
/// pen.
pub fn select(known: &[(&str, &str)], wanted: &[String]) -> Result<Vec<usize>, UnknownName> {
    let mut selected = if wanted.is_empty() { (0..known.len()).collect() } else { Vec::new() };
    for name in wanted {
        let (flow, strategy) = match name.split_once('/') {
            Some((flow, strategy)) => (flow, Some(strategy)),
            None => (name.as_str(), None),
        };
        let meant = |&(known_flow, known_strategy): &(&str, &str)| {
            known_flow == flow && strategy.is_none_or(|strategy| known_strategy == strategy)
        };
        let before = selected.len();
        selected.extend((0..known.len()).filter(|&at| meant(&known[at])));
        if selected.len() == before {
            return Err(unknown(known, name, flow, strategy));
        }
    }
    selected.sort_unstable();
    selected.dedup();
    Ok(selected)
}

fn unknown(known: &[(&str, &str)], name: &str, flow: &str, strategy: Option<&str>) -> UnknownName {
    let of_flow: Vec<_> = known.iter().filter(|known| known.0 == flow).map(|known| known.1).collect();
    if let Some(strategy) = strategy.filter(|_| !of_flow.is_empty()) {
        return UnknownName::new("strategy", strategy, of_flow);
    }
    let same_strategy: Vec<_> = known.iter().filter(|known| known.1 == name).collect();
    if !same_strategy.is_empty() {
        let full = same_strategy.iter().map(|(flow, strategy)| format!("{flow}/{strategy}"));
        return UnknownName::new("flow", name, full);
    }
    let mut flows: Vec<_> = known.iter().map(|known| known.0).collect();
    flows.dedup();
    // A command counts where the name is like one; it is no answer to "which flows are there?".
    let commands = if strategy.is_none() { COMMANDS.as_slice() } else { &[] };
    let meant = UnknownName::new("flow", flow, flows.iter().chain(commands).copied());
    if meant.suggestion().is_some() { meant } else { UnknownName::new("flow", flow, flows) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [(&str, &str); 4] = [
        ("chapter-import", "as-found"),
        ("chapter-import", "upsert"),
        ("scenario-create", "as-found"),
        ("scenario-create", "intent-log"),
    ];

    fn check(wanted: &[&str], expected: Result<&[usize], &str>) {
        let wanted: Vec<_> = wanted.iter().map(|&name| name.to_owned()).collect();
        let selected = select(&KNOWN, &wanted).map_err(|unknown| unknown.to_string());
        assert_eq!(selected.as_deref().map_err(String::as_str), expected, "{wanted:?}");
    }

    #[test]
    fn a_name_selects_a_flow_or_one_strategy_of_it() {
        check(&[], Ok(&[0, 1, 2, 3]));
        check(&["chapter-import"], Ok(&[0, 1]));
        check(&["scenario-create/intent-log"], Ok(&[3]));
        check(&["scenario-create/intent-log", "chapter-import/upsert"], Ok(&[1, 3]));
        check(&["chapter-import/upsert", "chapter-import"], Ok(&[0, 1]));
    }

    #[test]
    fn a_name_that_is_not_known_says_what_was_meant() {
        check(&["chapter-imports"], Err("unknown flow \"chapter-imports\"; did you mean \"chapter-import\"?"));
        check(&["exlpore"], Err("unknown flow \"exlpore\"; did you mean \"explore\"?"));
        check(&["chapter-import/upsrt"], Err("unknown strategy \"upsrt\"; did you mean \"upsert\"?"));
        check(&["chapter-import/"], Err("unknown strategy \"\"; known: as-found, upsert"));
        check(&["upsert"], Err("unknown flow \"upsert\"; known: chapter-import/upsert"));
        check(&["zzz"], Err("unknown flow \"zzz\"; known: chapter-import, scenario-create"));
        check(&["zzz/as-found"], Err("unknown flow \"zzz\"; known: chapter-import, scenario-create"));
        check(&["chapter-import", "zzz"], Err("unknown flow \"zzz\"; known: chapter-import, scenario-create"));
    }
}
