//! The tables: migrations up and down, and what the code believes of them.

use std::collections::BTreeMap;

use backend::db::migrations;

use crate::support::db::TestDb;
use crate::support::package;

/// Tables, columns, constraints, indexes and sequences of ours, as sorted lines.
async fn catalog(db: &TestDb) -> Vec<String> {
    let not_diesel = "'__diesel_schema_migrations'";
    let mut all = Vec::new();
    for sql in [
        format!(
            "SELECT concat_ws(' ', 'column', table_name, ordinal_position, column_name, udt_name, is_nullable, column_default) \
             FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> {not_diesel}"
        ),
        format!(
            "SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint \
             WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> {not_diesel}"
        ),
        format!("SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> {not_diesel}"),
        "SELECT 'sequence ' || sequence_name FROM information_schema.sequences WHERE sequence_schema = 'public'".into(),
        "SELECT 'routine ' || routine_name FROM information_schema.routines WHERE routine_schema = 'public'".into(),
        "SELECT 'type ' || typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')".into(),
    ] {
        all.extend(db.texts(&sql).await);
    }
    all.sort();
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn every_migration_goes_up_and_down_and_up() {
    crate::support::app::prepare();
    let mut folders: Vec<_> = std::fs::read_dir(package().join("../migrations"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    let db = TestDb::empty().await;
    let up = migrations::run(db.url()).await.unwrap();
    assert_eq!(up.len(), folders.len(), "every folder is a migration");
    let first = catalog(&db).await;
    assert!(first.iter().any(|l| l.starts_with("column node_live")), "{first:?}");
    let mut down = migrations::revert_all(db.url()).await.unwrap();
    assert_eq!(catalog(&db).await, Vec::<String>::new(), "something is left behind");
    down.reverse();
    assert_eq!(down, up);
    assert_eq!(migrations::run(db.url()).await.unwrap(), up);
    assert_eq!(catalog(&db).await, first);
    assert!(migrations::run(db.url()).await.unwrap().is_empty());
}

/// `table -> [(column, type, nullable)]` and the primary keys of `schema.rs`.
type Tables = BTreeMap<String, (String, Vec<(String, String, bool)>)>;

fn declared() -> Tables {
    let text = ["src/db/schema.rs", "src/db/schema/kept.rs", "src/db/schema/told.rs"]
        .map(|file| std::fs::read_to_string(package().join(file)).unwrap())
        .concat();
    let mut tables = Tables::new();
    for block in text.split("diesel::table! {").skip(1) {
        let (head, rest) = block.trim_start().split_once('{').unwrap();
        let (name, key) = head.trim().trim_end_matches(')').split_once(" (").unwrap();
        let columns = rest.split_once('}').unwrap().0.lines().filter_map(|line| {
            let (column, kind) = line.trim().trim_end_matches(',').split_once(" -> ")?;
            let inner = kind.strip_prefix("Nullable<").and_then(|k| k.strip_suffix('>'));
            Some((column.to_owned(), postgres_type(inner.unwrap_or(kind)), inner.is_some()))
        });
        tables.insert(name.to_owned(), (key.to_owned(), columns.collect()));
    }
    tables
}

/// What PostgreSQL calls a type of diesel's.
fn postgres_type(kind: &str) -> String {
    if let Some(inner) = kind.strip_prefix("Array<").and_then(|k| k.strip_suffix('>')) {
        // Elements of an array can always be NULL.
        let inner = inner
            .strip_prefix("Nullable<")
            .and_then(|k| k.strip_suffix('>'))
            .expect("elements that may be NULL");
        return format!("_{}", postgres_type(inner));
    }
    kind.to_lowercase()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_knows_the_tables_as_they_are() {
    crate::support::app::prepare();
    let db = TestDb::migrated().await;
    let sql = "SELECT concat_ws(' ', c.table_name, c.column_name, c.udt_name, c.is_nullable) FROM information_schema.columns c \
        JOIN pg_class t ON t.oid = format('%I.%I', c.table_schema, c.table_name)::regclass AND NOT t.relispartition \
        WHERE c.table_schema = 'public' AND c.table_name <> '__diesel_schema_migrations' \
        ORDER BY c.table_name COLLATE \"C\", c.ordinal_position";
    let actual = db.texts(sql).await;
    let tables = declared();
    let columns = tables.iter().flat_map(|(table, (_, columns))| {
        columns
            .iter()
            .map(move |(c, kind, null)| format!("{table} {c} {kind} {}", if *null { "YES" } else { "NO" }))
    });
    assert_eq!(columns.collect::<Vec<_>>(), actual);
    let sql = "SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'p' \
        AND connamespace = 'public'::regnamespace AND conrelid::regclass::text <> '__diesel_schema_migrations' \
        AND NOT (SELECT relispartition FROM pg_class WHERE oid = conrelid) \
        ORDER BY (conrelid::regclass || ' ' || pg_get_constraintdef(oid)) COLLATE \"C\"";
    let keys: Vec<_> =
        tables.iter().map(|(table, (key, _))| format!("{table} PRIMARY KEY ({key})")).collect();
    assert_eq!(keys, db.texts(sql).await);
    // Pieces are of tables above, and a new database has none but the default ones.
    let sql = "SELECT i.inhparent::regclass || ' ' || i.inhrelid::regclass FROM pg_inherits i \
        JOIN pg_class p ON p.oid = i.inhparent WHERE p.relkind = 'p' ORDER BY 1";
    for piece in db.texts(sql).await {
        let (table, piece) = piece.split_once(' ').unwrap();
        assert!(tables.contains_key(table) && piece == format!("{table}_default"), "{table} {piece}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn indexes_are_where_they_help_and_not_where_they_hurt() {
    crate::support::app::prepare();
    let db = TestDb::migrated().await;
    let bare = "SELECT conrelid::regclass || '.' || conname FROM pg_constraint c WHERE contype = 'f' \
        AND connamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.conrelid \
        AND i.indpred IS NULL AND (i.indkey::int2[])[0:cardinality(c.conkey) - 1] = c.conkey)";
    let foreign =
        "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace";
    assert!(db.text(foreign).await.parse::<u32>().unwrap() >= 5);
    assert_eq!(
        db.texts(bare).await,
        Vec::<String>::new(),
        "a foreign key without an index makes every delete a scan"
    );

    let live = db.texts("SELECT indexdef FROM pg_indexes WHERE tablename = 'node_live'").await;
    assert_eq!(live, ["CREATE UNIQUE INDEX node_live_pkey ON public.node_live USING btree (node_id)"]);
    let options = db.text("SELECT reloptions::text FROM pg_class WHERE relname = 'node_live'").await;
    let fill: u32 = options.trim_matches(['{', '}']).strip_prefix("fillfactor=").unwrap().parse().unwrap();
    assert!((50..=80).contains(&fill), "heap-only updates need room on each page");
}
