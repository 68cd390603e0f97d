//! The binary `alys-node`.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    alys_node::cli::main()
}
