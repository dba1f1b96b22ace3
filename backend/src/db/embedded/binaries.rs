//! Finds the PostgreSQL server programs, which most systems do not put on the search path.

use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::account::Account;
use super::error::{EmbeddedError, io};

/// The SQL of this server is written for this version and newer.
const OLDEST: u32 = 15;

/// A folder with `initdb` and `postgres`, both of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    /// The folder, without links: PostgreSQL finds its own files relative to it.
    pub(super) dir: PathBuf,
    /// The major version, for example 15.
    pub(super) major: u32,
}

impl Binaries {
    /// The path of one program.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}

/// Finds the binaries for a cluster of version `wanted`, or the newest usual ones for a new cluster.
///
/// `explicit` comes first. For a cluster of another version the other places are searched too: the data decides.
pub(super) async fn find(
    explicit: Option<&Path>,
    wanted: Option<u32>,
    account: &Account,
    data_dir: &Path,
) -> Result<Binaries, EmbeddedError> {
    let mut folders: Vec<PathBuf> = explicit.iter().map(|p| p.to_path_buf()).collect();
    if explicit.is_none() || wanted.is_some() {
        folders.extend(usual_places());
    }
    let mut found: Vec<Binaries> = Vec::new();
    // One folder that cannot be used is no reason to overlook the next.
    let mut obstacle = None;
    for folder in &folders {
        let Some(dir) = holds_server(folder) else { continue };
        if found.iter().any(|b| b.dir == dir) {
            continue;
        }
        let major = match version(&dir, account, data_dir).await {
            Ok(Some(major)) => major,
            Ok(None) => continue,
            Err(error) => {
                obstacle.get_or_insert(error);
                continue;
            }
        };
        let candidate = Binaries { dir, major };
        if wanted.is_none_or(|w| w == major) && major >= OLDEST {
            return Ok(candidate);
        }
        found.push(candidate);
    }
    if let (Some(error), true) = (obstacle, found.is_empty()) {
        return Err(error);
    }
    match (wanted, found.first()) {
        (Some(cluster), Some(_)) => Err(EmbeddedError::OtherVersion {
            folder: data_dir.to_path_buf(),
            cluster,
            installed: found.iter().map(|b| b.major.to_string()).collect::<Vec<_>>().join(", "),
        }),
        (None, Some(old)) => {
            Err(EmbeddedError::TooOld { found: old.major, required: OLDEST, folder: old.dir.clone() })
        }
        (_, None) => Err(EmbeddedError::NotInstalled {
            searched: match explicit {
                Some(dir) if wanted.is_none() => dir.display().to_string(),
                _ => "PATH, /usr/lib/postgresql, /usr/pgsql-*, /usr/local/pgsql and Homebrew".to_owned(),
            },
        }),
    }
}

/// Where packages put the server: what is on PATH, then newest first.
fn usual_places() -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> =
        env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default();
    places.extend(newest_first("/usr/lib/postgresql", "").into_iter().map(|p| p.join("bin")));
    places.extend(newest_first("/usr", "pgsql-").into_iter().map(|p| p.join("bin")));
    places.extend(
        ["/usr/local/pgsql/bin", "/usr/local/bin", "/usr/lib/postgresql/bin", "/usr/bin"].map(PathBuf::from),
    );
    for brew in ["/opt/homebrew/opt", "/usr/local/opt", "/home/linuxbrew/.linuxbrew/opt"] {
        places.push(Path::new(brew).join("postgresql/bin"));
        places.extend(newest_first(brew, "postgresql@").into_iter().map(|p| p.join("bin")));
    }
    places
}

/// The folders `<parent>/<prefix><number>`, highest number first.
fn newest_first(parent: &str, prefix: &str) -> Vec<PathBuf> {
    let mut numbered: Vec<(u32, PathBuf)> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            let number = name.to_str()?.strip_prefix(prefix)?.parse().ok()?;
            Some((number, entry.path()))
        })
        .collect();
    numbered.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    numbered.into_iter().map(|(_, path)| path).collect()
}

/// The folder of the real files, links followed, if both programs are there.
fn holds_server(folder: &Path) -> Option<PathBuf> {
    let real = fs::canonicalize(folder.join("postgres")).ok()?;
    let dir = real.parent()?;
    dir.join("initdb").is_file().then(|| dir.to_path_buf())
}

/// Asks `postgres` for its major version, as the user and from the folder it will run with; `None` if it does not run.
async fn version(dir: &Path, account: &Account, data_dir: &Path) -> Result<Option<u32>, EmbeddedError> {
    let program = dir.join("postgres");
    let mut command = account.command(&program);
    command.arg("--version").current_dir(data_dir).kill_on_drop(true);
    let output = match tokio::time::timeout(Duration::from_secs(10), command.output()).await {
        Ok(Ok(output)) => output,
        Ok(Err(error)) if error.kind() == ErrorKind::PermissionDenied => {
            return match account.blocked_at(dir) {
                Some(blocked) => {
                    Err(EmbeddedError::NotReachable { user: account.name().to_owned(), blocked })
                }
                None => Err(io("run", &program)(error)),
            };
        }
        Ok(Err(error)) => return Err(io("run", &program)(error)),
        Err(_) => return Ok(None),
    };
    Ok(parse_version(&String::from_utf8_lossy(&output.stdout)))
}

/// The major version in `postgres (PostgreSQL) 15.18 (Debian …)`, also of betas such as `18beta1`.
fn parse_version(text: &str) -> Option<u32> {
    let number = text.split_once("(PostgreSQL) ")?.1;
    let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    number.get(..end)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_the_program_prints() {
        for (text, major) in [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", Some(15)),
            ("postgres (PostgreSQL) 17.10\n", Some(17)),
            ("postgres (PostgreSQL) 18beta1\n", Some(18)),
            ("postgres (PostgreSQL) 9", Some(9)),
            ("error while loading shared libraries", None),
        ] {
            assert_eq!(parse_version(text), major, "{text}");
        }
    }

    #[test]
    fn newer_versions_come_first_by_number_and_not_by_letter() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["9", "17", "15", "common", "pgsql-16"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        let parent = dir.path().to_str().unwrap();
        let names = |prefix| -> Vec<String> {
            newest_first(parent, prefix)
                .iter()
                .map(|p| p.file_name().unwrap().to_string_lossy().into_owned())
                .collect()
        };
        assert_eq!(names(""), ["17", "15", "9"]);
        assert_eq!(names("pgsql-"), ["pgsql-16"]);
    }
}
