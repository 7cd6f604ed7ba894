//! Reading a list as the program does.

use s3warden::facade::aws::{Aws, ConnectOptions, Meter, StaticCredentials};
use s3warden::facade::domain::blueprint::ReferenceList;
use s3warden::facade::domain::registry::{Registry, Subject};
use s3warden::facade::ops::registry::{NoRegistry, RowCount, read};
use tokio_util::sync::CancellationToken;

/// A connection to an endpoint; nothing is asked of it until something is.
pub async fn aws(endpoint: &str) -> Aws {
    Aws::connect(ConnectOptions {
        region: Some("us-east-1".to_owned()),
        endpoint_url: Some(endpoint.to_owned()),
        credentials: Some(StaticCredentials {
            access_key: "test".to_owned(),
            secret_key: "test".to_owned(),
            session_token: None,
        }),
        ..ConnectOptions::default()
    })
    .await
    .unwrap()
}

/// Reads a list that is no table.
pub async fn owners(list: &ReferenceList) -> Result<Registry, NoRegistry> {
    from(&aws("http://127.0.0.1:9").await, list, Subject::Owners).await
}

pub async fn from(
    aws: &Aws,
    list: &ReferenceList,
    subject: Subject,
) -> Result<Registry, NoRegistry> {
    let rows = RowCount::new();
    let cancel = CancellationToken::new();
    let registry = read(list, subject, aws, &rows, &Meter::new(), &cancel).await?;
    assert_eq!(rows.rows(), registry.rows);
    Ok(registry)
}

/// The ids of a list, in its order.
pub fn ids(registry: &Registry) -> Vec<&str> {
    registry.records().map(|(id, _)| id).collect()
}
