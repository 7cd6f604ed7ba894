//! What the program says about itself, as snapshots: a change here is a change of the interface.

use clap::CommandFactory;
use s3warden::facade::cli::Cli;

use super::support::Program;

#[test]
fn long_help_of_every_command() {
    let mut program = Cli::command().term_width(100);
    program.build();
    insta::assert_snapshot!("help", program.render_long_help());
    for name in [
        "demo",
        "sandbox",
        "buckets",
        "ls",
        "scan",
        "metrics",
        "presign",
        "inspect",
        "blueprint",
    ] {
        let command = program.find_subcommand_mut(name).unwrap();
        // The global options are in the program's own help already.
        let own = command.render_long_help().to_string();
        let (own, global) = own.split_once("Global options:").unwrap();
        let examples = global
            .split_once("Examples:")
            .map_or("", |(_, examples)| examples);
        insta::assert_snapshot!(format!("help-{name}"), format!("{own}Examples:{examples}"));
    }
}

#[test]
fn short_help() {
    let mut program = Cli::command().term_width(100);
    insta::assert_snapshot!("help-short", program.render_help());
}

#[test]
fn the_manual_page() {
    let page = Program::new().run(&["man"]);
    assert_eq!((page.status, page.err.as_str()), (0, ""));
    insta::assert_snapshot!("man", page.out);
}

#[test]
fn a_completion_script_knows_every_command_and_option() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = Program::new().run(&["completions", shell]);
        assert_eq!((script.status, script.err.as_str()), (0, ""), "{shell}");
        for word in ["sandbox", "buckets", "blueprint", "endpoint-url", "owner"] {
            assert!(script.out.contains(word), "{shell} does not know {word}");
        }
    }
    assert_eq!(Program::new().run(&["completions", "sh"]).status, 2);
}

#[test]
fn version_and_help_are_answers_and_no_errors() {
    for (option, begins) in [
        ("--version", "s3warden "),
        ("--help", "A terminal"),
        ("-h", "A terminal"),
    ] {
        let ran = Program::new().run(&[option]);
        assert_eq!((ran.status, ran.err.as_str()), (0, ""));
        assert!(ran.out.starts_with(begins), "{}", ran.out);
    }
}
