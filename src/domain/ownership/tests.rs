use proptest::prelude::*;

use super::*;
use crate::domain::blueprint::Blueprint;

mod judge;
mod layouts;
pub(crate) mod zoo;

fn blueprint(text: &str) -> Blueprint {
    Blueprint::parse("test", &format!("version = 1\nname = \"test\"\n{text}")).unwrap()
}

fn name(bucket: &str) -> BucketName {
    BucketName::new(bucket).unwrap()
}

fn owner(id: &str) -> OwnerId {
    OwnerId::new(id).unwrap()
}
