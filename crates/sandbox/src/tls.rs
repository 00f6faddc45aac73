//! HTTPS for clients that insist on it, with a certificate authority that is made at each start and that nobody else
//! trusts (HARDENING.md G.3, item 11).

use std::path::Path;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

/// The names that the server's certificate is for.
const NAMES: [&str; 3] = ["127.0.0.1", "::1", "localhost"];

/// Why there is no HTTPS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificates could not be made.
    #[error("cannot make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The certificates could not be used.
    #[error("cannot serve TLS: {0}")]
    Server(#[from] tokio_rustls::rustls::Error),
    /// The CA's certificate cannot be written.
    #[error("cannot write the CA's certificate: {0}")]
    File(#[from] std::io::Error),
}

/// Serves TLS with a certificate of a fresh CA, and writes the CA's own to `ca_file` as PEM. The CA's key is forgotten
/// on return, so that it signs nothing else.
pub(crate) fn acceptor(ca_file: &Path) -> Result<TlsAcceptor, TlsError> {
    let mut params = named("Daypass sandbox CA", &[])?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;

    let key = KeyPair::generate()?;
    let mut params = named("Daypass sandbox", &NAMES)?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let certificate = params.signed_by(&key, &ca)?;

    // Named, because a program that links another provider too has no default one.
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )?;
    std::fs::write(ca_file, ca.pem())?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// A certificate to be: issuer and subject need different names to be told apart.
fn named(subject: &str, names: &[&str]) -> Result<CertificateParams, rcgen::Error> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, subject);
    Ok(params)
}
