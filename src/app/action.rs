//! What a person can ask for, by a key or by name in the palette.

use serde::Deserialize;

/// One thing that a person can ask for. The names in `assets/keymap.toml` are these in kebab case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Action {
    /// Show the Buckets screen.
    ShowBuckets,
    /// Show the Browse screen.
    ShowBrowse,
    /// Show the State screen, of the bucket that one is at.
    ShowState,
    /// Show the state of the bucket under the cursor, or of the one that is browsed.
    OpenState,
    /// Show the Orphans screen.
    ShowOrphans,
    /// Look for orphans.
    FindOrphans,
    /// Mark the row under the cursor, or take its mark away.
    Mark,
    /// Mark all rows that are shown, or take their marks away.
    MarkAll,
    /// Show the object of the row under the cursor in Browse.
    BrowseRow,
    /// Write what is marked, or else what is shown, into a file.
    Export,
    /// Copy the same.
    CopyMarked,
    /// Plan to put what is marked aside.
    QuarantineOrphans,
    /// Plan to delete what is marked.
    DeleteOrphans,
    /// Plan to bring back what is in quarantine.
    RestoreOrphans,
    /// Plan to bring back what is in quarantine of one owner.
    RestoreOwner,
    /// Show the Purge screen.
    ShowPurge,
    /// Plan to delete everything of the owner under the cursor; on the Purge screen, ask the last question.
    Purge,
    /// Undo a soft purge.
    UndoPurge,
    /// Look for everything of the user whose id was typed.
    FindUser,
    /// Look for the same user anew.
    PlanAgain,
    /// Show the audit log.
    ShowAuditLog,
    /// Show the Presign screen.
    ShowPresign,
    /// Show the Tasks screen.
    ShowTasks,
    /// Show the next screen.
    NextScreen,
    /// Show the screen before this one.
    PreviousScreen,
    /// Show the keys of this screen.
    Help,
    /// Find an action by its name.
    Palette,
    /// Leave.
    Quit,
    /// Leave without a question, as an interrupt does.
    Interrupt,
    /// Go back one step.
    Back,
    /// Up one row.
    Up,
    /// Down one row.
    Down,
    /// Up one screenful.
    PageUp,
    /// Down one screenful.
    PageDown,
    /// To the first row.
    Top,
    /// To the last row.
    Bottom,
    /// Open the row under the cursor.
    Open,
    /// Show only the rows that match.
    Filter,
    /// Go to a row, an owner or a prefix by typing its beginning.
    Jump,
    /// Sort by the next column.
    SortNext,
    /// Sort by the column before.
    SortPrevious,
    /// Ask the service again.
    Refresh,
    /// List all pages of this place.
    LoadAll,
    /// Look for what is wrong with how the buckets are configured.
    AuditBuckets,
    /// The same, and look into the buckets as well.
    AuditContents,
    /// Scan this place, or stop the scan that runs here.
    Scan,
    /// All objects below this place as one list.
    AllObjects,
    /// Where the bytes are, by the next aspect.
    NextBars,
    /// Where the bytes are as a map, by something else when it is shown.
    NextMap,
    /// Owners or raw prefixes.
    ToggleView,
    /// The folders of this level are the owners.
    OwnersHere,
    /// Show or hide the pane beside the list.
    ToggleDetail,
    /// Scroll the pane down.
    DetailDown,
    /// Scroll the pane up.
    DetailUp,
    /// Copy the name under the cursor, exactly.
    Copy,
    /// Copy the `s3://` address under the cursor.
    CopyUri,
    /// Cancel the task under the cursor, or what loads here.
    Cancel,
    /// Explain the last error in full.
    Explain,
    /// Choose another profile.
    SwitchProfile,
    /// Sign a request for what is under the cursor.
    PresignRow,
    /// Show the form of the Presign screen.
    ShowForm,
    /// Show the page that explains URLs of others.
    ShowInspect,
    /// Sign the request.
    Sign,
    /// Take the next option of a line.
    NextChoice,
    /// Take the option before.
    PreviousChoice,
    /// Empty a line.
    Clear,
    /// Make other UUIDs up for a key.
    NewUuid,
    /// Show the next way to send the request.
    NextTab,
    /// Show the way before.
    PreviousTab,
    /// Try a URL with one harmless request.
    CheckUrl,
    /// Show histories of more days, then of the fewest again.
    NextWindow,
    /// Leave out findings that are less severe.
    NextSeverity,
    /// Show the smoke test.
    ShowSmoke,
    /// Remove what earlier smoke tests left.
    CleanUp,
}
