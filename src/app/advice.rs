//! How the console says an advice: in words, with the key that does it looked up in the key map.
//!
//! The console has no command line, so that no option and no command stands here; what is to be pasted into a terminal is
//! copied, and not shown.

use super::action::Action as Asked;
use super::keymap::{Keymap, Place};
use super::state::State;
use crate::domain::advice::{Action, Advice};

impl State {
    /// An advice in the words of the screen that is shown.
    #[must_use]
    pub(crate) fn says(&self, advice: &Advice) -> String {
        on_screen(advice, &self.keymap, self.keys())
    }

    /// The key for an action on the screen that is shown, for words about it.
    #[must_use]
    pub(crate) fn key_for(&self, action: Asked) -> Option<String> {
        self.keymap.key_of(self.keys(), action)
    }
}

/// An advice in the words of a screen.
#[must_use]
pub(crate) fn on_screen(advice: &Advice, keymap: &Keymap, screen: Place) -> String {
    advice.said(|action| {
        let key = asks_for(action).and_then(|asked| keymap.key_of(screen, asked));
        match key {
            Some(key) => format!("{} ({key})", action.words()),
            None => action.words(),
        }
    })
}

/// What in the console does it, or begins it.
fn asks_for(action: &Action) -> Option<Asked> {
    match action {
        Action::ReadMetrics { .. }
        | Action::ShowPolicy { .. }
        | Action::ShowNotifications { .. } => Some(Asked::ShowState),
        Action::AllowChanges => Some(Asked::Quit),
        Action::SignIn(_) | Action::GetCredentials(_) => Some(Asked::SwitchProfile),
        Action::CleanUpTest => Some(Asked::CleanUp),
        Action::MakePlanAgain(_) => Some(Asked::PlanAgain),
        Action::FindUser => Some(Asked::FindUser),
        Action::PurgeExistingUser
        | Action::RaiseLimit(_)
        | Action::Overrule { .. }
        | Action::ChangeSetup { .. } => Some(Asked::ShowForm),
        // What the blueprint, the configuration file or the start of the program says.
        Action::UseRegion { .. }
        | Action::SendFewerRequests
        | Action::ListInOrder
        | Action::AllowEvents
        | Action::UseBlueprint
        | Action::BeginPlan
        | Action::ResumePlan
        | Action::ReadListAgain { .. }
        | Action::DeleteForGood
        | Action::StateOperator
        | Action::StateSameOperator
        | Action::UseEndpointOfPlan
        | Action::QuarantineByCopy
        // The console changes no configuration.
        | Action::SetEncryption { .. }
        | Action::EncryptObjects { .. }
        | Action::UpdateObjectKeys { .. }
        | Action::BlockPublicAccess { .. }
        | Action::RemoveStatements { .. }
        | Action::AddStatements { .. }
        | Action::ExceptService { .. }
        | Action::SetOwnership { .. }
        | Action::ResetAcl { .. }
        | Action::ResetObjectAcls { .. }
        | Action::SetLogging { .. }
        | Action::SetVersioning { .. }
        | Action::SetLifecycle { .. }
        | Action::ChooseLifecycle { .. }
        | Action::DeleteLifecycle { .. }
        | Action::SetCors { .. }
        | Action::SelectKmsObjects { .. }
        | Action::SetTags { .. }
        | Action::ChangeBlueprint { .. }
        | Action::KeepAsWanted { .. }
        | Action::Grant { .. }
        | Action::CreateAlarm { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::BucketName;
    use crate::domain::advice::advice;

    #[test]
    fn a_key_is_the_one_of_the_key_map() {
        let bucket = BucketName::new("media").unwrap();
        let advice = Advice::from(Action::ReadMetrics { bucket }).then(advice!("look again"));
        let map = |key: &str| {
            let text = format!(
                "[[binding]]\nin = \"everywhere\"\nkeys = [\"{key}\"]\naction = \"show-state\"\ndoes = \"state\"\n"
            );
            Keymap::parse(&text).unwrap()
        };
        for key in ["3", "C-x"] {
            assert_eq!(
                on_screen(&advice, &map(key), Place::Buckets),
                format!("look at the cost of media's storage in its metrics ({key}); look again")
            );
        }
        assert_eq!(
            on_screen(&advice, &Keymap::default(), Place::Buckets),
            "look at the cost of media's storage in its metrics; look again"
        );
    }

    #[test]
    fn no_screen_says_an_option_or_a_command_and_no_command_line_a_key() {
        let keymap = Keymap::builtin().unwrap();
        let mut with_key = 0;
        for action in crate::domain::advice::tests::every() {
            let screens = [
                Place::Buckets,
                Place::Orphans,
                Place::Purge,
                Place::Presign,
                Place::State,
            ];
            for screen in screens {
                let said = on_screen(&Advice::from(action.clone()), &keymap, screen);
                assert!(
                    !said.contains("--") && !said.contains("s3warden "),
                    "{said}"
                );
                let Some(key) = asks_for(&action).and_then(|asked| keymap.key_of(screen, asked))
                else {
                    continue;
                };
                with_key += 1;
                assert!(said.ends_with(&format!("({key})")), "{said}");
                assert!(!action.command().ends_with(&format!("({key})")), "{said}");
            }
        }
        assert!(with_key >= 10, "{with_key} were said with a key");
    }
}
