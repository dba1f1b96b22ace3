//! Registered nodes with real secrets, stored as the server stores them, in a database of its own.

use std::collections::HashMap;
use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use backend::auth::seal::{MasterKeys, Sealer};
use backend::auth::secret;
use backend::auth::{hex, random};
use backend::clock::{Clock as _, SystemClock};
use backend::db::embedded::{self, Embedded};
use backend::db::{Db, NewNode, migrations, pool};
use backend::domain::activity::{Entry, Target};
use backend::domain::registry::{NodeRecord, OwnIntent, RegionRecord, SecretRecord};
use common::endpoint::Endpoint;
use common::ids::{NodeId, RegionId};
use common::node::{NodeKind, SipTransport};
use common::status::IntentState;
use common::time::Timestamp;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{Done, say};

/// Nodes are spread over this many regions.
const REGIONS: usize = 20;
/// Nodes that are stored at the same time.
const AT_ONCE: usize = 8;

/// A registered node.
pub(crate) struct Member {
    pub(crate) id: NodeId,
    pub(crate) region: RegionId,
    pub(crate) kind: NodeKind,
    pub(crate) secret: String,
}

/// A data folder of the server with nodes in its database; gone when dropped.
pub(crate) struct Fleet {
    pub(crate) members: Vec<Member>,
    folder: TempDir,
}

impl Fleet {
    /// Makes a data folder and stores `count` nodes. The database is stopped afterwards: the server starts it itself.
    ///
    /// # Errors
    /// Where PostgreSQL does not start or refuses a row.
    pub(crate) async fn register(count: usize) -> Done<Self> {
        // PostgreSQL's socket must fit into 107 bytes, and as root it runs as another user, who has to pass here.
        let folder = tempfile::Builder::new()
            .prefix("iqra-bench-")
            .permissions(Permissions::from_mode(0o755))
            .tempdir_in("/tmp")?;
        let sealer = master_key(folder.path())?;
        let database = open(folder.path()).await?;
        let outcome = fill(&database, &sealer, count).await;
        database.stop().await?;
        Ok(Self { members: outcome?, folder })
    }

    /// The server's data folder.
    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// The last sequence number that the database holds of each node. The server must have ended.
    ///
    /// # Errors
    /// Where the database does not start or cannot be read.
    pub(crate) async fn written(&self) -> Done<HashMap<NodeId, u64>> {
        let database = open(self.folder.path()).await?;
        let rows = async { Ok::<_, crate::Failure>(connect(&database).await?.live_list().await?) }.await;
        database.stop().await?;
        Ok(rows?.into_iter().filter_map(|(id, row)| Some((id, row.boot_seq?))).collect())
    }

    /// Writes the list that `iqra-node simulate` reads; readable by its owner only.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub(crate) fn write_list(&self) -> Done<PathBuf> {
        let path = self.folder.path().join("fleet.txt");
        let mut file = private(&path)?;
        for m in &self.members {
            writeln!(file, "{} {} {}", m.secret, m.kind.as_str(), m.region)?;
        }
        Ok(path)
    }
}

fn private(path: &Path) -> Done<std::io::BufWriter<std::fs::File>> {
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    Ok(std::io::BufWriter::new(file))
}

/// The key the server will find in its data folder: secrets are sealed under it.
fn master_key(folder: &Path) -> Done<Sealer> {
    let text = hex(&random::<32>()?);
    writeln!(private(&folder.join("master.key"))?, "{text}")?;
    let (masters, sealer) = (MasterKeys::from_text(&text)?, Sealer::locked()?);
    sealer.learn(masters.keys(), masters.ids().next());
    Ok(sealer)
}

async fn open(folder: &Path) -> Done<Embedded> {
    let programs = std::env::var_os("IQRA_POSTGRES_BIN").map(PathBuf::from);
    Ok(embedded::start(folder, programs.as_deref()).await?)
}

async fn connect(database: &Embedded) -> Done<Db> {
    Ok(Db::new(pool::connect(database.url(), AT_ONCE).await?))
}

async fn fill(database: &Embedded, sealer: &Sealer, count: usize) -> Done<Vec<Member>> {
    say(&format!("registering {count} nodes in a new database"));
    migrations::run(database.url()).await?;
    let db = connect(database).await?;
    let at = SystemClock::new().wall();
    for n in 0..REGIONS {
        let r = region(n, at);
        let entry = Entry::system(at, "region.create", Target::region(&r.id));
        db.region_insert(&r, &entry).await?;
    }
    let db = &db;
    let stored = stream::iter(0..count).map(|n| async move {
        let (member, record, secret_id, sealed) = node(n, at, sealer)?;
        let target = Target::node(record.id, "", record.region_id.as_ref());
        let new = NewNode { record: &record, secret_id, sealed: &sealed, interval_ms: 5_000 };
        db.node_insert(&new, &Entry::system(at, "node.create", target)).await?;
        Ok::<_, crate::Failure>(member)
    });
    stored.buffered(AT_ONCE).try_collect().await
}

fn region_id(n: usize) -> RegionId {
    RegionId(format!("DE-BENCH-{}", n % REGIONS + 1))
}

fn region(n: usize, at: Timestamp) -> RegionRecord {
    RegionRecord {
        id: region_id(n),
        country_code: "DE".to_owned(),
        name: format!("bench-{}", n + 1),
        display_name: None,
        intent: OwnIntent::new(IntentState::Active, "bench", at),
        created_at: at,
        version: 1,
    }
}

/// The `n`-th node: four backends to a proxy, each with a secret as the console makes it.
fn node(n: usize, at: Timestamp, sealer: &Sealer) -> Done<(Member, NodeRecord, Uuid, Vec<u8>)> {
    let secret = secret::generate()?;
    let secret_id = Uuid::now_v7();
    let sealed = sealer.seal(&format!("node_secrets.sealed:{secret_id}"), secret.as_bytes())?;
    let kind = if n.is_multiple_of(5) { NodeKind::Proxy } else { NodeKind::Backend };
    let host = format!("10.{}.{}.{}", n / 65_536, n / 256 % 256, n % 256);
    let member = Member { id: NodeId(Uuid::now_v7()), region: region_id(n), kind, secret };
    let record = NodeRecord {
        id: member.id,
        external_id: None,
        region_id: Some(member.region.clone()),
        kind,
        endpoint: Endpoint::parse(&format!("{host}:5002")).map_err(|e| e.code())?,
        sip_host: Some(host),
        sip_port: kind.default_sip_port(),
        sip_transport: SipTransport::default(),
        display_name: None,
        notes: None,
        labels: [].into(),
        development: false,
        max_concurrent_calls: Some(25),
        intent: OwnIntent::new(IntentState::Active, "bench", at),
        created_at: at,
        version: 1,
        secrets: vec![SecretRecord { hash: secret::hash(&member.secret), created_at: at, valid_until: None }],
    };
    Ok((member, record, secret_id, sealed))
}
