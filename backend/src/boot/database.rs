//! The database of a command: ours or somebody else's, and with whose rights.

use super::BootError;
use crate::config::{Hidden, Settings};
use crate::db::embedded::{self, Embedded};
use crate::db::{Db, migrations, pool};

/// A database that can be connected to.
pub(super) struct Database {
    /// With the owner's rights, where it is ours.
    pub(super) url: Hidden,
    own: Option<Embedded>,
}

impl Database {
    /// For a server: our own PostgreSQL is started, and nobody else may have it.
    pub(super) async fn open(settings: &Settings) -> Result<Self, BootError> {
        match &settings.database_url {
            Some(url) => Ok(Self { url: url.clone(), own: None }),
            None => {
                let own = embedded::start(&settings.data_dir, settings.postgres_bin.as_deref()).await?;
                Ok(Self { url: Hidden::new(own.url()), own: Some(own) })
            }
        }
    }

    /// For a command: beside a server that runs, or by itself.
    pub(super) async fn beside(settings: &Settings) -> Result<Self, BootError> {
        if settings.database_url.is_none()
            && let Some(url) = embedded::join(&settings.data_dir).await?
        {
            return Ok(Self { url: Hidden::new(url), own: None });
        }
        Self::open(settings).await
    }

    /// The connection string for a server, once the tables are up to date. In our own PostgreSQL that is a role of less
    /// rights than the owner's.
    pub(super) async fn for_server(&self) -> Result<Hidden, BootError> {
        let Some(own) = &self.own else { return Ok(self.url.clone()) };
        let applied = migrations::run(own.url()).await?;
        if !applied.is_empty() {
            tracing::info!(migrations = applied.len(), "database brought up to date");
        }
        Ok(Hidden::new(own.restricted().await?))
    }

    /// A few connections for a command.
    pub(super) async fn connect(&self) -> Result<Db, BootError> {
        Ok(Db::new(pool::connect(self.url.reveal(), 2).await?))
    }

    pub(super) async fn close(self) {
        if let Some(own) = self.own
            && let Err(e) = own.stop().await
        {
            tracing::error!(error = %e, "the database did not stop cleanly");
        }
    }
}
