//! `s3warden man`: the manual page, one page with a section a command.

use std::io::{self, Write};

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use super::{Cli, ExitStatus, Failure};

pub(super) fn run(output: &mut impl Write) -> Result<ExitStatus, Failure> {
    output.write_all(page()?.as_bytes())?;
    output.flush()?;
    Ok(ExitStatus::Done)
}

/// The whole page, as roff.
fn page() -> io::Result<String> {
    let mut program = Cli::command();
    program.build();
    let mut page = Vec::new();
    let man = Man::new(program.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    let mut page = text(page)?;
    for command in program.get_subcommands() {
        section("s3warden", command, &mut page)?;
    }
    let mut end = Vec::new();
    man.render_extra_section(&mut end)?;
    page.push_str(&text(end)?);
    Ok(page)
}

/// A command as a section of the page. The global options are left out: the page has them once.
fn section(above: &str, command: &Command, page: &mut String) -> io::Result<()> {
    let name = format!("{above} {}", command.get_name());
    let mut own = command.clone().bin_name(&name).display_name(&name);
    let global: Vec<String> = own
        .get_arguments()
        .filter(|argument| argument.is_global_set() || argument.get_id() == "help")
        .map(|argument| argument.get_id().to_string())
        .collect();
    for id in global {
        own = own.mut_arg(id, |argument| argument.hide(true));
    }
    let man = Man::new(own.clone());
    let mut roff = Vec::new();
    man.render_synopsis_section(&mut roff)?;
    man.render_description_section(&mut roff)?;
    man.render_options_section(&mut roff)?;
    man.render_extra_section(&mut roff)?;
    page.push_str(&format!(".SH {}\n", name.to_uppercase()));
    page.push_str(&text(roff)?.replace(".SH ", ".SS "));
    for command in own.get_subcommands() {
        section(&name, command, page)?;
    }
    Ok(())
}

fn text(roff: Vec<u8>) -> io::Result<String> {
    String::from_utf8(roff).map_err(io::Error::other)
}
