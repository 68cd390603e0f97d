// Examples for the rules of rust.yaml, which `semgrep scan --test` compares; nothing compiles this file.
use std::process::Command;

fn shell(name: &str) {
    // ruleid: shell-command
    Command::new("sh").arg("-c").arg(format!("ls {name}"));
    // ruleid: shell-command
    std::process::Command::new("bash").arg("-c").arg(name);
    // ok: shell-command
    Command::new("ls").arg(name);
}

fn tls(builder: ClientBuilder, authority: Certificate) {
    // ruleid: unverified-tls
    builder.danger_accept_invalid_certs(true);
    // ok: unverified-tls
    builder.danger_accept_invalid_certs(false);
    // ok: unverified-tls
    builder.add_root_certificate(authority);
}

fn hash(bytes: &[u8]) {
    // ruleid: broken-hash
    let _ = Md5::digest(bytes);
    // ruleid: broken-hash
    let _ = Sha1::new();
    // ok: broken-hash
    let _ = Sha256::digest(bytes);
}

fn key() {
    // ruleid: predictable-key
    let _ = StdRng::seed_from_u64(7);
    // ok: predictable-key
    let _ = OsRng;
}

fn cast(number: u32) {
    // ruleid: transmute
    let _: f32 = unsafe { std::mem::transmute(number) };
    // ok: transmute
    let _ = f32::from_bits(number);
}

fn secret() {
    // ruleid: written-secret
    let _ = "AKIAABCDEFGHIJKLMNOP";
    // ok: written-secret
    let _ = "AKIA";
}
