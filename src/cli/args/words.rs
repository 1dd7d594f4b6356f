//! What the help says beside the arguments.

pub(super) const ABOUT: &str = "Finds out what an import leaves behind when it dies halfway";

pub(super) const LONG_ABOUT: &str = "\
Finds out what an import leaves behind when it dies halfway.

Runs each strategy of an import again and again, breaks it once at every step in every way that can happen in \
production, starts the application again, sends the request again, and judges what is left. Prints the smallest \
schedule that breaks each promise, the command that repeats it, and a matrix of all strategies.

Without a command, halfway explores.";

pub(super) const EXAMPLES: &str = "\
Examples:
  halfway                                             all flows, all strategies, all faults
  halfway chapter-import --depth 1                    one flow, one fault in each case
  halfway chapter-import/upsert --faults error,crash  one strategy, two classes of faults
  halfway --faults all                                file operations and power loss too, one fault in each case
  halfway --random 500 --seed 7 --depth 3             500 cases for each strategy, drawn at random
  halfway chapter-import --chapters chapters.json --transcript transcript.json
  halfway --out reports                               every format into one folder
  halfway --format json --out report.json             for programs; the schema is in schema/
  halfway --baseline report.json                      fail on what is worse than in a saved run
  halfway --format json --out report.json --resume report.json
                                                      go on with a run that Ctrl-C stopped
  halfway --shard 2/4 --format json --out part-2.json
                                                      one of four machines that share a run
  halfway merge part-*.json --out reports             the report of all four
  halfway report report.json --format html --out report.html
  halfway diff before.json after.json                 what changed between two saved runs
  halfway replay 'chapter-import/undo-on-error link-segments#1:before=crash'
  halfway check scenarios/chapter-import              the fault scenarios in a folder
  halfway replay 'chapter-import/upsert start-job#1:before=crash' --save job-stays-pending
  halfway list                                        flows, strategies, steps

Exit code: 0 when everything is as expected, 1 when not, 2 when halfway could not tell, 130 when it was stopped.";
