//! Files and folders of the user: XDG paths.
