//! Tauri's build step; the config file is beside Cargo.toml, everything else of it here.

use tauri_build::{AppManifest, Attributes};

fn main() {
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    println!("cargo:rerun-if-changed=src-tauri/permissions");
    println!("cargo:rerun-if-changed=ui/dist");
    assert!(
        std::path::Path::new("ui/dist/index.html").is_file(),
        "the popup is not built yet: run `cargo xtask build`, or `npm ci && npm run build` in ui/"
    );
    let manifest = AppManifest::new().permissions_path_pattern("./src-tauri/permissions/**/*");
    let attributes = Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*")
        .app_manifest(manifest);
    let built = tauri_build::try_build(attributes);
    assert!(built.is_ok(), "{built:?}");
}
