//! `iqra-infra`: the control plane.

fn main() -> std::process::ExitCode {
    backend::cli::main()
}
