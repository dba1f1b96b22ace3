//! The control plane of self-hosted Iqra AI deployments: a REST API, a live stream and the console, on PostgreSQL.
//!
//! Floors, each importing only floors below it (a test reads the sources and holds this):
//! `boot`, `cli` → `http`, `tasks` → `services`, `live` → `db`, `clients`, `auth` → `domain` → `clock`, `config`, `common`.

pub mod auth;
pub mod boot;
pub mod cli;
pub mod clients;
pub mod clock;
pub mod config;
pub mod db;
pub mod domain;
pub mod http;
pub mod live;
pub mod services;
pub mod tasks;
pub mod telemetry;
