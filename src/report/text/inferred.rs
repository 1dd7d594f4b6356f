//! The rules that halfway inferred, as they can be pasted.

use std::fmt::Write as _;

use crate::report::{Report, StrategyReport, as_rust, as_toml};

/// The rules of each strategy that has any, with an empty line behind them.
pub(in crate::report) fn render(report: &Report) -> String {
    let told = report.strategies.iter().filter(|strategy| !strategy.inferred.is_empty());
    told.map(|strategy| {
        let head = format!("halfway infers these rules for {}/{}:\n", strategy.flow, strategy.strategy);
        head + &rust(strategy) + "\n"
    })
    .collect()
}

/// Rust to be pasted: a rule on each line, under the reason for it; those of tables that the request leaves as they are on
/// one line, behind the others.
pub(in crate::report) fn rust(strategy: &StrategyReport) -> String {
    let mut text = String::from("    Rules::new()\n");
    let mut because = "";
    let mut others = String::new();
    for (rule, call) in strategy.inferred.iter().zip(as_rust(&strategy.inferred)) {
        if rule.is_untouched {
            others.push_str(&call);
            continue;
        }
        if rule.because != because {
            let _ = writeln!(text, "        // {}", rule.because);
            because = &rule.because;
        }
        let _ = writeln!(text, "        {call}");
    }
    if !others.is_empty() {
        let _ = writeln!(text, "        // of tables that the request leaves as they are\n        {others}");
    }
    text
}

/// The same as TOML.
pub(in crate::report) fn toml(strategy: &StrategyReport) -> String {
    as_toml(&strategy.inferred)
}
