//! The rights of a PostgreSQL role beyond reading: a list only needs SELECT.

/// Queries the rights of the connected role, one row of `(what, its name)` each. The catalog has been the same since
/// PostgreSQL 9.6; roles that a version does not have are not returned. BYPASSRLS is not included: reading all of a
/// table with row-level security requires it. The functions are those that change something in a READ ONLY transaction.
/// Everybody may execute `pg_cancel_backend` and `pg_terminate_backend`, which check the membership in
/// `pg_signal_backend` themselves.
pub(super) const QUESTION: &str = "\
SELECT 'attribute'::text AS what, a.name::text AS name \
FROM pg_catalog.pg_roles r \
CROSS JOIN LATERAL (VALUES ('SUPERUSER', r.rolsuper), ('CREATEROLE', r.rolcreaterole), ('CREATEDB', r.rolcreatedb), \
('REPLICATION', r.rolreplication)) AS a(name, has) \
WHERE r.rolname = current_user AND a.has \
UNION ALL \
SELECT 'member'::text, m.rolname::text FROM pg_catalog.pg_roles m \
WHERE m.rolname IN ('pg_write_all_data', 'pg_execute_server_program', 'pg_write_server_files', 'pg_read_server_files', \
'pg_signal_backend', 'pg_database_owner', 'pg_maintain') \
AND pg_catalog.pg_has_role(current_user, m.oid, 'MEMBER') \
UNION ALL \
(SELECT 'writes'::text, (n.nspname || '.' || c.relname)::text FROM pg_catalog.pg_class c \
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%' \
AND pg_catalog.has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') \
ORDER BY 2 LIMIT 1) \
UNION ALL \
SELECT 'executes'::text, pg_catalog.string_agg(DISTINCT p.proname::text, ', ' ORDER BY p.proname::text) \
FROM pg_catalog.pg_proc p \
WHERE p.proname IN ('dblink', 'dblink_exec', 'dblink_open', 'dblink_send_query', 'lo_export', 'pg_create_restore_point', \
'pg_file_write', 'pg_promote', 'pg_reload_conf', 'pg_rotate_logfile', 'pg_switch_wal') \
AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE') \
HAVING pg_catalog.count(*) > 0";

/// A right that reading does not need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Right {
    /// `attribute`, `member`, `writes` or `executes`.
    pub what: String,
    pub name: String,
}

/// A warning about these rights; `None` if the role may only read.
pub(super) fn warning(role: &str, rights: &[Right]) -> Option<String> {
    let mut can: Vec<String> = Vec::new();
    // A superuser has all other rights.
    let is_superuser = rights.iter().any(|right| right.name == "SUPERUSER");
    for right in rights {
        let words = match right.what.as_str() {
            "attribute" if right.name == "SUPERUSER" => "is a superuser".to_owned(),
            _ if is_superuser => continue,
            "attribute" => format!("has {}", right.name),
            "member" => format!("is a member of {}", right.name),
            "executes" => format!("may execute {}", right.name),
            _ => format!("may write to {}", right.name),
        };
        can.push(words);
    }
    if can.is_empty() {
        return None;
    }
    Some(format!(
        "the role {role} of PostgreSQL {}: read the list with a role that may SELECT and nothing else",
        can.join(", ")
    ))
}

/// The remark if the rights are unknown.
pub(super) fn unknown(role: &str) -> String {
    format!(
        "it could not be told what else the role {role} of PostgreSQL may do: read the list with a role that may SELECT and nothing else"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rights(all: &[(&str, &str)]) -> Vec<Right> {
        let right = |(what, name): &(&str, &str)| Right {
            what: (*what).to_owned(),
            name: (*name).to_owned(),
        };
        all.iter().map(right).collect()
    }

    #[test]
    fn a_role_that_may_do_more_than_read_is_named_with_what_it_may() {
        assert_eq!(warning("reader", &[]), None);
        assert_eq!(
            warning(
                "app",
                &rights(&[
                    ("member", "pg_write_all_data"),
                    ("writes", "public.users"),
                    ("attribute", "CREATEROLE"),
                    ("executes", "dblink_exec, pg_reload_conf"),
                ])
            )
            .unwrap(),
            "the role app of PostgreSQL is a member of pg_write_all_data, may write to public.users, has CREATEROLE, may execute dblink_exec, pg_reload_conf: read the list with a role that may SELECT and nothing else"
        );
        let superuser = warning(
            "postgres",
            &rights(&[("attribute", "SUPERUSER"), ("member", "pg_write_all_data")]),
        );
        assert!(
            superuser
                .unwrap()
                .contains("postgres of PostgreSQL is a superuser: read")
        );
    }
}
