//! `metrics`, and the size and number of objects in `buckets`, as programs and people get them.

use s3warden::facade::sandbox::SandboxOptions;
use s3warden::facade::sandbox::world::World;
use serde_json::{Value, json};

use super::{daily, of};
use crate::cli::support::{Endpoint, bucket, column};

fn serving(world: &str, denied: &[&str]) -> Endpoint {
    Endpoint::with(SandboxOptions {
        worlds: vec![World::builtin(world).unwrap()],
        denied: denied.iter().map(|&action| action.to_owned()).collect(),
        ..SandboxOptions::default()
    })
}

fn note<'d>(document: &'d Value, what: &str) -> Option<&'d str> {
    let notes = document["summary"]["incomplete"].as_array().unwrap();
    let found = notes
        .iter()
        .find(|note| note["what"].as_str().unwrap().starts_with(what));
    found.map(|note| note["why"].as_str().unwrap())
}

#[test]
fn a_bucket_has_an_item_a_storage_type_with_every_day_and_null_for_a_gap() {
    let endpoint = serving("pilotforce", &[]);
    let ran = endpoint
        .program()
        .run(&["metrics", "pilotforce-user-uploads", "--format", "json"]);
    let document = ran.json(0);
    assert_eq!(document["schema"], "s3warden/metrics/1");
    assert_eq!(document["complete"], true, "{}", ran.err);
    let types = column(&document, "storage_type");
    assert_eq!(types[0], "AllStorageTypes");
    assert!(types.contains(&"StandardStorage") && types.contains(&"GlacierObjectOverhead"));
    let standard = document["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["storage_type"] == "StandardStorage")
        .unwrap();
    let points = standard["points"].as_array().unwrap();
    assert_eq!(points.len(), 91);
    let gaps = points.iter().filter(|point| point[1].is_null()).count();
    assert_eq!(gaps, 3, "{standard}");
    assert!(points[0][0].as_str().unwrap().ends_with("T00:00:00Z"));
    assert_eq!(standard["last"], points[90][1]);
    assert!(standard["growth"].as_f64().unwrap() > 0.0);
    assert!(standard["monthly_cost"].is_number());
    let cost = &document["summary"]["monthly_cost"];
    assert_eq!(cost["estimate"], true);
    assert!(
        cost["prices"]
            .as_str()
            .unwrap()
            .contains("us-east-1 prices of 20")
    );
    assert_eq!(
        document["summary"]["findings"][0]["id"],
        "alarm-counts-one-class"
    );
}

#[test]
fn a_table_says_what_is_overhead_what_it_costs_about_and_which_alarms_are_no_good() {
    let endpoint = serving("quikapp", &[]);
    let ran = endpoint.program().run(&["metrics", "quikapp-media-prod"]);
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert!(
        ran.out.contains("GlacierObjectOverhead (overhead)"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("ABOUT A MONTH"), "{}", ran.out);
    for said in [
        "estimate: ",
        "for storage alone",
        "high alarm-never-has-data (quikapp-media-prod): The alarm QuikApp-S3-Requests-High",
        "(no bucket): The alarm QuikApp-S3-4xx-Errors",
    ] {
        assert!(ran.err.contains(said), "{said}: {}", ran.err);
    }
}

#[test]
fn a_type_without_a_price_makes_the_estimate_at_least_and_is_named() {
    let endpoint = serving("game", &[]);
    let ran = endpoint
        .program()
        .run(&["metrics", "elimination-profile-pictures"]);
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert!(
        ran.out.contains("StandardVectorStorage (not known)"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("no price"), "{}", ran.out);
    assert!(
        ran.out.contains("AllRequests of EntireBucket"),
        "{}",
        ran.out
    );
    assert!(ran.err.contains("estimate: at least"), "{}", ran.err);
    assert!(
        ran.err
            .contains("incomplete: the cost of StandardVectorStorage"),
        "{}",
        ran.err
    );
}

#[test]
fn a_permission_that_is_missing_makes_metrics_null_with_its_name() {
    let endpoint = serving("pilotforce", &["cloudwatch:GetMetricData"]);
    let document = endpoint
        .program()
        .run(&["metrics", "--format", "json"])
        .json(0);
    assert_eq!(document["complete"], false);
    assert_eq!(document["items"][0]["points"], Value::Null);
    let why = note(&document, "metrics of pilotforce-access-logs, ").unwrap();
    assert!(why.contains("cloudwatch:GetMetricData"), "{why}");
    assert_eq!(document["summary"]["size"], Value::Null);
}

#[test]
fn a_bucket_that_does_not_exist_is_a_failure() {
    let endpoint = serving("pilotforce", &[]);
    let ran = endpoint
        .program()
        .run(&["metrics", "pilotforce-nothing", "--format", "json"]);
    assert_eq!(ran.json(1)["complete"], false);
    assert!(ran.err.contains("no such bucket"), "{}", ran.err);
    let wrong = endpoint.program().run(&["metrics", "no/bucket"]);
    assert_eq!(wrong.status, 2);
    assert_eq!(
        endpoint.program().run(&["metrics", "--days", "456"]).status,
        2
    );
}

#[test]
fn prices_of_ones_own_are_used_and_wrong_ones_refused() {
    let endpoint = serving("pilotforce", &[]);
    let program = endpoint.program();
    program.write(
        "prices.toml",
        "version = 1\nregion = 'here'\ncurrency = 'EUR'\ndate = '2026-01-01'\n\
         [[rate]]\ntypes = ['StandardStorage']\ntiers = [{ per_gib = 1.0 }]\n",
    );
    program.write(".config/s3warden/config.toml", "prices = 'prices.toml'\n");
    let document = program
        .run(&["metrics", "pilotforce-assets", "--format", "json"])
        .json(0);
    assert_eq!(document["summary"]["monthly_cost"]["currency"], "EUR");
    program.write("prices.toml", "version = 1\n");
    let ran = program.run(&["metrics", "pilotforce-assets"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("prices.toml"), "{}", ran.err);
}

#[test]
fn every_format_has_the_metrics() {
    let endpoint = serving("pilotforce", &[]);
    let csv = endpoint
        .program()
        .run(&["metrics", "pilotforce-assets", "--format", "csv"]);
    assert!(
        csv.out.starts_with("bucket,region,metric,storage_type,"),
        "{}",
        csv.out
    );
    assert!(
        csv.out.contains(",BucketSizeBytes,StandardStorage,"),
        "{}",
        csv.out
    );
    let ndjson = endpoint
        .program()
        .run(&["metrics", "pilotforce-assets", "--format", "ndjson"]);
    let last: Value = serde_json::from_str(ndjson.out.lines().last().unwrap()).unwrap();
    assert_eq!(last["complete"], true);
    assert_eq!(ndjson.out.lines().count(), 3);
}

#[test]
fn the_fleet_has_sizes_and_the_day_of_them() {
    let endpoint = serving("pilotforce", &[]);
    let document = endpoint
        .program()
        .run(&["buckets", "--format", "json"])
        .json(0);
    for item in document["items"].as_array().unwrap() {
        assert!(item["objects"].as_u64().unwrap() > 0, "{item}");
        assert!(item["size"].as_u64().unwrap() > 0, "{item}");
        assert_eq!(item["measured_at"].as_str().unwrap().len(), 10);
    }
    assert_eq!(note(&document, "objects and size"), None);

    let endpoint = serving("pilotforce", &["cloudwatch:ListMetrics"]);
    let document = endpoint
        .program()
        .run(&["buckets", "--format", "json"])
        .json(0);
    assert_eq!(document["items"][0]["size"], Value::Null);
    let why = note(&document, "objects and size of ").unwrap();
    assert!(why.contains("cloudwatch:ListMetrics"), "{why}");
}

#[test]
fn growth_says_the_days_that_there_are_where_they_are_fewer_than_were_asked_for() {
    let media = bucket("media", ["a"]);
    // One more each day, from a hundred on.
    let histories = ["AllStorageTypes", "StandardStorage"]
        .map(|storage_type| daily(&media, storage_type, [60, 1], 100.0));
    let endpoint = Endpoint::with(SandboxOptions {
        worlds: vec![World {
            name: "test".to_owned(),
            buckets: vec![media],
            metrics: of(histories.into()),
            ..World::default()
        }],
        ..SandboxOptions::default()
    });
    let metrics = |more: &[&str]| {
        let arguments = [&["metrics", "media", "--days", "90"][..], more].concat();
        endpoint.program().run(&arguments)
    };
    let document = metrics(&["--format", "json"]).json(0);
    for item in document["items"].as_array().unwrap() {
        assert_eq!(item["growth_days"], 59, "{item:#}");
    }
    assert_eq!(document["summary"]["growth_days"], 59);
    let table = metrics(&[]);
    assert!(table.out.contains("+59 % in 59 days"), "{table:#?}");
    assert!(!(table.out + &table.err).contains("90 days"));
}

#[test]
fn a_size_without_a_number_of_objects_or_the_reverse_is_null_told_and_not_complete() {
    let named = |name| bucket(name, ["a"]);
    let buckets = vec![named("both"), named("counted"), named("measured")];
    let histories = vec![
        daily(&buckets[0], "AllStorageTypes", [6, 1], 5.0),
        daily(&buckets[0], "StandardStorage", [6, 1], 500.0),
        daily(&buckets[1], "AllStorageTypes", [6, 1], 5.0),
        daily(&buckets[2], "StandardStorage", [6, 1], 500.0),
    ];
    let endpoint = Endpoint::with(SandboxOptions {
        worlds: vec![World {
            name: "test".to_owned(),
            buckets,
            metrics: of(histories),
            ..World::default()
        }],
        ..SandboxOptions::default()
    });
    for command in ["buckets", "metrics"] {
        let ran = endpoint.program().run(&[command, "--format", "json"]);
        let document = ran.json(0);
        assert_eq!(document["complete"], false, "{command}: {document:#}");
        assert_eq!(
            document["summary"]["incomplete"],
            json!([
                {
                    "what": "the size of counted",
                    "why": "CloudWatch has no BucketSizeBytes of it",
                },
                {
                    "what": "the number of objects of measured",
                    "why": "CloudWatch has no NumberOfObjects of it",
                },
            ]),
            "{command}"
        );
        assert!(
            ran.err
                .contains("the number of objects of measured: CloudWatch has no"),
            "{command}: {}",
            ran.err
        );
    }
    let document = endpoint
        .program()
        .run(&["buckets", "--format", "json"])
        .json(0);
    let items = document["items"].as_array().unwrap();
    let numbers: Vec<[&Value; 2]> = items
        .iter()
        .map(|item| [&item["objects"], &item["size"]])
        .collect();
    assert_eq!(json!(numbers), json!([[10, 505], [10, null], [null, 505]]));
}
