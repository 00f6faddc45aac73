fn show(credentials: &daypass_core::secret::SessionCredentials) -> String {
    format!("{credentials:?}")
}
fn main() {
    let _ = show;
}
