//! `s3warden man`: prints the manual page, with one section per command.

use std::io::{self, Write};

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use super::{Cli, ExitStatus, Failure};

pub(super) fn run(output: &mut impl Write) -> Result<ExitStatus, Failure> {
    output.write_all(page()?.as_bytes())?;
    output.flush()?;
    Ok(ExitStatus::Done)
}

/// The whole page in roff.
fn page() -> io::Result<String> {
    let mut program = Cli::command();
    program.build();
    let man = Man::new(program.clone());
    let mut page = text(|roff| man.render_title(roff))?;
    let body = text(|roff| {
        man.render_name_section(roff)?;
        man.render_synopsis_section(roff)?;
        man.render_description_section(roff)?;
        man.render_options_section(roff)
    })?;
    page.push_str(&without_preamble(&body));
    for command in program.get_subcommands() {
        section("s3warden", command, &mut page)?;
    }
    let end = text(|roff| man.render_extra_section(roff))?;
    page.push_str(&as_sections(".SH", &end));
    Ok(page)
}

/// A section for a command, without the global options, which the page lists once.
fn section(above: &str, command: &Command, page: &mut String) -> io::Result<()> {
    let name = format!("{above} {}", command.get_name());
    let mut own = command.clone().bin_name(&name).display_name(&name);
    let everywhere: Vec<String> = own
        .get_arguments()
        .filter(|argument| argument.is_global_set() || argument.get_id() == "help")
        .map(|argument| argument.get_id().to_string())
        .collect();
    for id in everywhere {
        own = own.mut_arg(id, |argument| argument.hide(true));
    }
    let man = Man::new(own.clone());
    let body = text(|roff| {
        man.render_synopsis_section(roff)?;
        man.render_description_section(roff)?;
        man.render_options_section(roff)
    })?;
    let end = text(|roff| man.render_extra_section(roff))?;
    page.push_str(".SH ");
    page.push_str(&name.to_uppercase());
    page.push('\n');
    page.push_str(&without_preamble(&body).replace(".SH ", ".SS "));
    page.push_str(&as_sections(".SS", &end));
    for command in own.get_subcommands() {
        section(&name, command, page)?;
    }
    Ok(())
}

/// Removes the definition of an apostrophe before each part; the page needs it only once.
fn without_preamble(roff: &str) -> String {
    roff.lines()
        .filter(|line| !line.starts_with(".ie ") && !line.starts_with(".el "))
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// The text after the options, with its headings (`Examples:`) as headings of the page.
fn as_sections(heading: &str, roff: &str) -> String {
    let mut sections = String::new();
    let roff = without_preamble(roff);
    for line in roff.lines().filter(|line| !line.starts_with(".SH ")) {
        let title = line.strip_suffix(':').filter(|_| !line.starts_with(' '));
        if let Some(title) = title {
            if !sections.is_empty() {
                sections.push_str(".fi\n");
            }
            sections.push_str(heading);
            sections.push(' ');
            sections.push_str(&title.to_uppercase());
            sections.push_str("\n.nf\n");
        } else {
            sections.push_str(line);
            sections.push('\n');
        }
    }
    if !sections.is_empty() {
        sections.push_str(".fi\n");
    }
    sections
}

fn text(render: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> io::Result<String> {
    let mut roff = Vec::new();
    render(&mut roff)?;
    String::from_utf8(roff).map_err(io::Error::other)
}
