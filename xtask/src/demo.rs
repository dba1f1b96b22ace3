//! `cargo xtask demo`: the server and a fleet of real node processes over HTTP.

use crate::api::Api;
use crate::cluster::free_port;
use crate::daemon::Daemon;
use crate::failure::{Context, Done, Failure};
use crate::fleet::{self, Supervised};
use crate::options::Options;
use crate::process;
use crate::serve;
use crate::sign_in::SignIn;
use crate::steps::{Steps, last_lines};
use crate::storage::{self, Storage};
use crate::workspace::{self, Workspace};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long the fleet may take until every node that runs is online.
const ONLINE: Duration = Duration::from_secs(90);
/// Steps after the build: storage, server, regions and nodes, processes, online.
const STEPS: usize = 5;

/// The demo while it runs. The nodes are stopped before the server: fields are dropped in order.
struct Running {
    nodes: Vec<Supervised>,
    server: Daemon,
    storage: Storage,
    base: String,
    sign_in: SignIn,
}

/// Until Ctrl-C; with `--smoke` until all nodes are online.
pub(crate) fn demo(workspace: &Workspace, options: &Options) -> Done {
    let mut steps = Steps::new(serve::build_steps(options) + STEPS + usize::from(options.smoke));
    let built = serve::build(workspace, options, &mut steps)?;
    if options.smoke {
        return smoke(&built, &mut steps);
    }
    let data = workspace::data_dir()?;
    let (listen, remark) = serve::listen()?;
    let running = start(&built, &data, &listen, &mut steps)?;
    if let Some(remark) = remark {
        println!("\n{remark}");
    }
    println!("{}", farewell(&running, &data));
    keep(running)
}

/// In a throw-away folder and on a free port; everything is stopped and removed at the end, also after a failure.
fn smoke(built: &serve::Built, steps: &mut Steps) -> Done {
    let data = workspace::temporary("iqra-smoke-")?;
    let listen = format!("127.0.0.1:{}", free_port()?);
    let running = start(built, data.path(), &listen, steps).map_err(|cause| with_log(&cause, data.path()))?;
    let step = steps.begin("Stopping everything");
    let count = running.nodes.len();
    end(running)?;
    data.close().doing("removing the throw-away folder")?;
    step.done();
    println!("demo: ok. {count} processes beat, one node is silent and one server unregistered as intended");
    Ok(())
}

/// The folder goes away with its logs, so the server's last words go into the message.
fn with_log(cause: &Failure, data: &Path) -> Failure {
    let text = std::fs::read_to_string(data.join("demo/logs/server.log")).unwrap_or_default();
    let cause = cause.to_string();
    let known = text.lines().next_back().is_none_or(|last| cause.contains(last));
    if known { cause.into() } else { format!("{}\n\n{cause}", last_lines(&text, 20)).into() }
}

/// Starts the server, registers what is missing, starts the nodes and waits until all of them are online.
fn start(built: &serve::Built, data: &Path, listen: &str, steps: &mut Steps) -> Done<Running> {
    let own = serve::prepare(data)?;
    let (settings, logs) = (private(own.join("nodes"))?, private(own.join("logs"))?);
    let sign_in = SignIn::load(&own)?;
    let base = serve::address(listen);

    let step = steps.begin("Starting an S3 server for the storage of OM-MCT");
    let storage = storage::start(&built.bin_dir, &private(own.join("s3"))?, &logs)?;
    step.done();

    let step = steps.begin("Starting the server");
    let mut server = Daemon::start(
        "The server",
        &mut serve::command(built, listen, data, &sign_in),
        &logs.join("server.log"),
    )?;
    serve::wait_until_ready(&mut server, &base)?;
    step.done();

    let step = steps.begin("Registering regions and nodes");
    let mut api = Api::new(&base);
    api.sign_in(&sign_in).map_err(|cause| {
        format!(
            "{cause}\nThe demo's sign-in is not the server's (any more): remove {} to begin anew.",
            data.display()
        )
    })?;
    let made = fleet::register(&api, &settings, &base)?;
    fleet::register_others(&api, &settings, &base)?;
    storage::configure(&api, &storage)?;
    match made {
        (0, 0) => step.already("all there from last time"),
        (regions, nodes) => step.already(&format!("{regions} regions and {nodes} nodes made")),
    }

    let step = steps.begin("Starting the nodes");
    let nodes = fleet::start(&built.bin_dir, &settings, &logs)?;
    step.already(&format!("{} processes of iqra-node", nodes.len()));
    let mut running = Running { nodes, server, storage, base, sign_in };

    let step = steps.begin("Waiting until they are online");
    wait_until_online(&mut running, &api)?;
    step.done();
    Ok(running)
}

fn wait_until_online(running: &mut Running, api: &Api) -> Done {
    let wanted = fleet::planned_online();
    let mut last = 0;
    let all = process::wait_for(ONLINE, || {
        check(running)?;
        last = fleet::online(api)?;
        Ok((last == wanted).then_some(()))
    })?;
    all.ok_or_else(|| format!("After {} s {last} of {wanted} nodes are online.", ONLINE.as_secs()).into())
}

/// Fails when a process has ended by itself.
fn check(running: &mut Running) -> Done {
    running.server.check()?;
    running.storage.daemon.check()?;
    running.nodes.iter_mut().try_for_each(|node| node.daemon().check())
}

/// Waits for Ctrl-C. A node that ends is started again, as by a service manager, unless it ended with 0.
fn keep(mut running: Running) -> Done {
    let outcome = process::wait_for(Duration::MAX, || {
        running.server.check()?;
        running.nodes.iter_mut().try_for_each(Supervised::tend)?;
        Ok(None::<()>)
    });
    if process::stopping() {
        println!("\nStopping the nodes and the server …");
        return end(running);
    }
    outcome.map(|_| ())
}

/// Nodes first, so that they say goodbye; then the server.
fn end(mut running: Running) -> Done {
    for node in &mut running.nodes {
        node.daemon().ask_to_end();
    }
    let mut killed = 0;
    for node in running.nodes {
        killed += usize::from(!node.end());
    }
    killed += usize::from(!running.server.end());
    killed += usize::from(!running.storage.daemon.end());
    if killed == 0 { Ok(()) } else { Err(format!("{killed} processes had to be killed.").into()) }
}

fn private(folder: PathBuf) -> Done<PathBuf> {
    use std::os::unix::fs::DirBuilderExt;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder);
    made.doing(format_args!("making {}", folder.display()))?;
    Ok(folder)
}

fn farewell(running: &Running, data: &Path) -> String {
    let Running { base, sign_in, nodes, .. } = running;
    format!(
        "
  Console    {base}
  E-mail     {}
  Password   {}

  {} processes beat in three regions; Virginia backend 2 was never started, so US-EAST-1 shows a problem, and one
  server beats that nobody registered. OM-MCT has storage on a real S3 server; the background node serves jobs.
  What to try next:
    · open a node and watch its figures move
    · halt Muscat backend 1 (`kill -STOP {}`): it turns Stale after 15 s and Offline after 30 s; `kill -CONT` wakes it
    · put a node into maintenance, watch its calls drain, shut it down: it comes back in maintenance until you release it
    · run the cleanup job of the background node
    · add a backend in the console and start it with the command shown there
    · the API, with examples to run: {base}/api/docs/

  Data and logs: {}   (remove it to begin anew)
  Stop with Ctrl-C.
",
        sign_in.email,
        sign_in.password,
        nodes.len(),
        nodes.iter().find(|node| node.name() == "Muscat backend 1").map_or(0, Supervised::id),
        data.display()
    )
}
