//! All that the program, the tests and the benches use of this library. Everything else is its own.
#![allow(
    missing_docs,
    clippy::must_use_candidate,
    reason = "each item is documented where it is defined; whoever damages input asks for no answer"
)]

pub mod app {
    pub mod rows {
        pub use crate::app::screens::browse::rows::Entry;
    }
    pub mod table {
        pub use crate::app::table::Arranged;
        pub use crate::app::table::Table;
    }
}
pub mod aws {
    pub use crate::aws::Aws;
    pub use crate::aws::ConnectOptions;
    pub use crate::aws::Meter;
    pub use crate::aws::Problem;
    pub use crate::aws::ProblemKind;
    pub use crate::aws::Signer;
    pub use crate::aws::StaticCredentials;
    pub use crate::aws::WriteMode;
    pub use crate::aws::WritePermit;
    pub mod raw {
        pub use crate::aws::raw::RawAnswer;
        pub use crate::aws::raw::RawClient;
        pub use crate::aws::raw::RawRequest;
        pub use crate::aws::raw::RawTimeouts;
    }
    pub mod wire {
        pub use crate::aws::wire::cloudwatch;
    }
}
pub mod cli {
    pub use crate::cli::Cli;
}
pub mod domain {
    pub use crate::domain::BucketName;
    pub use crate::domain::ByteSize;
    pub use crate::domain::Needle;
    pub use crate::domain::ObjectKey;
    pub use crate::domain::ObjectSummary;
    pub use crate::domain::ObjectVersion;
    pub use crate::domain::OwnerId;
    pub use crate::domain::Region;
    pub use crate::domain::StorageClass;
    pub use crate::domain::Tally;
    pub use crate::domain::Upload;
    pub use crate::domain::VersionId;
    pub use crate::domain::text;
    pub mod blueprint {
        pub use crate::domain::blueprint::Blueprint;
        pub use crate::domain::blueprint::BucketBlueprint;
        pub use crate::domain::blueprint::Location;
        pub use crate::domain::blueprint::ReferenceList;
        pub mod registry {
            pub use crate::domain::blueprint::registry::ListFormat;
            pub use crate::domain::blueprint::registry::Source;
        }
    }
    pub mod change {
        pub use crate::domain::change::Act;
        pub use crate::domain::change::Existence;
        pub use crate::domain::change::Item;
        pub use crate::domain::change::Plan;
        pub use crate::domain::change::Subject;
        pub use crate::domain::change::What;
        pub mod plan {
            pub use crate::domain::change::plan::blueprint_hash;
            pub use crate::domain::hex::hex;
        }
    }
    pub mod columns {
        pub use crate::domain::columns::Arrangement;
        pub use crate::domain::columns::Assembly;
        pub use crate::domain::columns::Child;
        pub use crate::domain::columns::Columns;
        pub use crate::domain::columns::ColumnsBuilder;
        pub use crate::domain::columns::Etags;
        pub use crate::domain::columns::SortBy;
        pub use crate::domain::columns::file;
        pub mod group {
            pub use crate::domain::columns::group::By;
            pub use crate::domain::columns::group::Group;
            pub use crate::domain::columns::group::Grouping;
        }
    }
    pub mod configuration {
        pub use crate::domain::configuration::AccessPoint;
        pub use crate::domain::configuration::PublicAccess;
        pub use crate::domain::configuration::Reason;
        pub use crate::domain::configuration::State;
    }
    pub mod metrics {
        pub use crate::domain::metrics::Counts;
        pub use crate::domain::metrics::StorageType;
    }
    pub mod orphans {
        pub use crate::domain::orphans::Ground;
        pub use crate::domain::orphans::Join;
        pub use crate::domain::orphans::Kind;
        pub use crate::domain::orphans::Kinds;
        pub use crate::domain::orphans::Limits;
        pub use crate::domain::orphans::Living;
    }
    pub mod ownership {
        pub use crate::domain::ownership::ReplicationPath;
    }
    pub mod presign {
        pub use crate::domain::presign::Action;
        pub use crate::domain::presign::Download;
        pub use crate::domain::presign::Draft;
        pub use crate::domain::presign::Form;
        pub use crate::domain::presign::Method;
        pub use crate::domain::presign::ObjectSettings;
        pub use crate::domain::presign::Overrides;
        pub use crate::domain::presign::PresignRequest;
        pub use crate::domain::presign::Signed;
        pub use crate::domain::presign::SizeRange;
        pub use crate::domain::presign::Sse;
        pub use crate::domain::presign::Success;
        pub use crate::domain::presign::TypeRule;
        pub use crate::domain::presign::Upload;
        pub mod multipart {
            pub use crate::domain::presign::multipart::multipart;
        }
    }
    pub mod quarantine {
        pub use crate::domain::quarantine::Method;
        pub use crate::domain::quarantine::place;
    }
    pub mod receipt {
        pub use crate::domain::receipt::BucketCounts;
        pub use crate::domain::receipt::Outcome;
        pub use crate::domain::receipt::Receipt;
        pub use crate::domain::receipt::verify;
    }
    pub mod registry {
        pub use crate::domain::registry::Fault;
        pub use crate::domain::registry::Intake;
        pub use crate::domain::registry::Purpose;
        pub use crate::domain::registry::Registry;
        pub use crate::domain::registry::Requirements;
        pub use crate::domain::registry::Row;
        pub use crate::domain::registry::Subject;
        pub use crate::domain::registry::TrustedList;
        pub mod judge {
            pub use crate::domain::registry::judge::Circumstances;
            pub use crate::domain::registry::judge::judge;
        }
        pub mod likeness {
            pub use crate::domain::registry::likeness::core;
        }
    }
}
pub mod ops {
    pub use crate::ops::Coverage;
    pub use crate::ops::Fact;
    pub use crate::ops::Gate;
    pub use crate::ops::Meter;
    pub use crate::ops::account;
    pub use crate::ops::audit;
    pub use crate::ops::browse;
    pub use crate::ops::bucket_facts;
    pub use crate::ops::buckets;
    pub use crate::ops::change;
    pub use crate::ops::inspect;
    pub use crate::ops::listing;
    pub use crate::ops::metrics;
    pub use crate::ops::owners;
    pub use crate::ops::presign;
    pub use crate::ops::scan;
    pub use crate::ops::smoke;
    pub use crate::ops::state;
    pub mod coverage {
        pub use crate::ops::coverage::Gap;
    }
    pub mod find {
        pub use crate::ops::find::Lists;
        pub use crate::ops::find::TrustedLists;
    }
    pub mod orphans {
        pub use crate::ops::orphans::OrphansRequest;
        pub use crate::ops::orphans::OrphansUpdate;
        pub use crate::ops::orphans::Report;
        pub use crate::ops::orphans::run;
    }
    pub mod quarantine {
        pub use crate::ops::quarantine::ActRequest;
        pub use crate::ops::quarantine::Acted;
        pub use crate::ops::quarantine::HeldRequest;
        pub use crate::ops::quarantine::Orphans;
        pub use crate::ops::quarantine::PlanRequest;
        pub use crate::ops::quarantine::QuarantineContents;
        pub use crate::ops::quarantine::Wanted;
        pub use crate::ops::quarantine::act;
        pub use crate::ops::quarantine::plan_of;
        pub use crate::ops::quarantine::plan_restore;
    }
    pub mod registry {
        pub use crate::ops::registry::Consulted;
        pub use crate::ops::registry::NoRegistry;
        pub use crate::ops::registry::RowCount;
        pub use crate::ops::registry::Why;
        pub use crate::ops::registry::read;
        pub use crate::ops::registry::trusted;
    }
}
#[cfg(feature = "sandbox")]
pub mod sandbox {
    pub use crate::sandbox::Defect;
    pub use crate::sandbox::Fault;
    pub use crate::sandbox::FaultRule;
    pub use crate::sandbox::Latency;
    pub use crate::sandbox::Role;
    pub use crate::sandbox::Sandbox;
    pub use crate::sandbox::SandboxError;
    pub use crate::sandbox::SandboxOptions;
    pub mod faults {
        pub use crate::sandbox::faults::KEY_OF_BATCH;
    }
    pub mod identity {
        pub use crate::sandbox::identity::Denial;
    }
    pub mod store {
        pub use crate::sandbox::store::Bucket;
        pub use crate::sandbox::store::Content;
        pub use crate::sandbox::store::Moment;
        pub mod listing {
            pub use crate::sandbox::store::listing::Row;
            pub use crate::sandbox::store::listing::Start;
        }
    }
    pub mod world {
        pub use crate::sandbox::world::SeedKind;
        pub use crate::sandbox::world::SeedObject;
        pub use crate::sandbox::world::SeedUpload;
        pub use crate::sandbox::world::SeedVersion;
        pub use crate::sandbox::world::Sse;
        pub use crate::sandbox::world::Versioning;
        pub use crate::sandbox::world::World;
        pub use crate::sandbox::world::WorldBucket;
        pub mod metrics {
            pub use crate::sandbox::world::metrics::Course;
            pub use crate::sandbox::world::metrics::History;
            pub use crate::sandbox::world::metrics::WorldAlarm;
            pub use crate::sandbox::world::metrics::WorldMetric;
            pub use crate::sandbox::world::metrics::WorldMetrics;
            pub use crate::sandbox::world::metrics::WorldQuery;
        }
    }
}

/// The readers of what people, files and servers hand over, for those who try them with damaged input. Each says whether it
/// could be read.
pub mod readers {
    use chrono::{DateTime, Utc};

    use crate::app::keymap::Keymap;
    use crate::domain::blueprint::Blueprint;
    use crate::domain::blueprint::registry::ListFormat;
    use crate::domain::change::Plan;
    use crate::domain::policy::Policy;
    use crate::domain::presign::inspect::inspect;
    use crate::domain::registry::read::{self, Columns};
    use crate::domain::registry::{Intake, Subject};

    pub fn signed_url(text: &str, now: DateTime<Utc>) -> bool {
        inspect(text, now).is_ok()
    }

    pub fn policy(text: &str) -> bool {
        Policy::parse(text).is_ok()
    }

    pub fn identity_policy(text: &str) -> bool {
        Policy::parse_of_identity(text).is_ok()
    }

    pub fn blueprint(text: &str) -> bool {
        Blueprint::parse("a file", text).is_ok()
    }

    pub fn keymap(text: &str) -> bool {
        Keymap::parse(text).is_ok()
    }

    pub fn plan(text: &str) -> bool {
        Plan::read(text).is_ok()
    }

    /// A list of owners whose ids are in the column `id`, where the format has columns.
    pub fn list_of_owners(
        content: &[u8],
        format: ListFormat,
        delimiter: Option<u8>,
        now: DateTime<Utc>,
    ) -> bool {
        let ids = match format {
            ListFormat::Lines => Vec::new(),
            ListFormat::Csv | ListFormat::Json | ListFormat::Ndjson => vec!["id".to_owned()],
        };
        let columns = Columns {
            ids,
            delimiter,
            ..Columns::default()
        };
        let mut intake = Intake::new(Subject::Owners, "a list", now);
        read::text(content, format, &columns, &mut intake, &mut |_| true).is_ok()
    }
}
