fn main() {
    let secret = daypass_core::secret::Secret::new(String::new());
    let _ = format!("{secret}");
}
