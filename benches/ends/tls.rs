//! The rival: rustls with TLS 1.3, RSA-3072 certificates on both sides, and the same key exchange.
//!
//! X25519 with ML-KEM-768, TLS13_AES_256_GCM_SHA384, RSA-PSS, no tickets, no resumption. Each side
//! checks the other's certificate against one authority.

use std::io::{Cursor, ErrorKind, Read, Write};
use std::sync::Arc;
use std::time::Duration;

use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::{cipher_suite, default_provider, kx_group};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::sign::Signer;
use rustls::time_provider::TimeProvider;
use rustls::version::TLS13;
use rustls::{
    ClientConfig, ClientConnection, Connection, RootCertStore, ServerConfig, ServerConnection,
    SignatureScheme,
};

use super::End;
use super::cr1::Sides;
use crate::measure::on_cpu;

/// The configurations of both sides.
pub struct Configs {
    guest: Arc<ClientConfig>,
    host: Arc<ServerConfig>,
    provider: Arc<CryptoProvider>,
    signer: Box<dyn Signer>,
    public_key: Vec<u8>,
}

/// The day on which the certificates are checked: 1 January 2027.
#[derive(Debug)]
struct NewYear;

impl TimeProvider for NewYear {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(1_798_761_600)))
    }
}

impl Configs {
    /// Reads the ready-made certificates.
    pub fn new() -> Configs {
        let provider = Arc::new(CryptoProvider {
            cipher_suites: vec![cipher_suite::TLS13_AES_256_GCM_SHA384],
            kx_groups: vec![kx_group::X25519MLKEM768],
            ..default_provider()
        });
        let mut authority = RootCertStore::empty();
        let root = certificate(include_bytes!("../certificates/authority.pem"));
        authority.add(root).expect("a good certificate");
        let authority = Arc::new(authority);

        let guest = ClientConfig::builder_with_details(Arc::clone(&provider), Arc::new(NewYear))
            .with_protocol_versions(&[&TLS13])
            .expect("the suite is one of TLS 1.3")
            .with_root_certificates(Arc::clone(&authority))
            .with_client_auth_cert(
                vec![certificate(include_bytes!("../certificates/guest.pem"))],
                key(include_bytes!("../certificates/guest-key.pem")),
            );
        let mut guest = guest.expect("a good key");
        guest.resumption = Resumption::disabled();

        let verifier = WebPkiClientVerifier::builder_with_provider(authority, Arc::clone(&provider)).build();
        let host = ServerConfig::builder_with_details(Arc::clone(&provider), Arc::new(NewYear))
            .with_protocol_versions(&[&TLS13])
            .expect("the suite is one of TLS 1.3")
            .with_client_cert_verifier(verifier.expect("there is an authority"))
            .with_single_cert(
                vec![certificate(include_bytes!("../certificates/host.pem"))],
                key(include_bytes!("../certificates/host-key.pem")),
            );
        let mut host = host.expect("a good key");
        host.session_storage = Arc::new(NoServerSessionStorage {});
        host.send_tls13_tickets = 0;

        let key = key(include_bytes!("../certificates/host-key.pem"));
        let key = provider.key_provider.load_private_key(key);
        let key = key.expect("a good key");
        let signer = key.choose_scheme(&[SignatureScheme::RSA_PSS_SHA256]);
        let public_key = key.public_key().expect("the public half is known");
        Configs {
            guest: Arc::new(guest),
            host: Arc::new(host),
            provider,
            signer: signer.expect("it is an RSA key"),
            public_key: public_key[SPKI_HEADER_BYTES..].to_vec(),
        }
    }

    /// One handshake in memory.
    pub fn shake_hands(&self, sides: &mut Sides) -> (Connection, Connection) {
        let name = ServerName::try_from("host.test").expect("a good name");
        let mut guest: Connection = on_cpu(&mut sides.guest, || {
            let connection = ClientConnection::new(Arc::clone(&self.guest), name);
            connection.expect("a good configuration").into()
        });
        let mut host: Connection = on_cpu(&mut sides.host, || {
            let connection = ServerConnection::new(Arc::clone(&self.host));
            connection.expect("a good configuration").into()
        });
        while guest.is_handshaking() || host.is_handshaking() {
            let flight = on_cpu(&mut sides.guest, || take(&mut guest));
            on_cpu(&mut sides.host, || give(&mut host, &flight));
            let flight = on_cpu(&mut sides.host, || take(&mut host));
            on_cpu(&mut sides.guest, || give(&mut guest, &flight));
        }
        (guest, host)
    }

    /// The two ends of a fresh connection, the guest's first.
    pub fn connect(&self) -> (TlsEnd, TlsEnd) {
        let (guest, host) = self.shake_hands(&mut Sides::default());
        (TlsEnd::new(guest), TlsEnd::new(host))
    }

    /// The CPU time of one RSA operation each: sign, verify.
    pub fn rsa_operations(&self) -> [Duration; 2] {
        let [mut sign, mut verify] = [Duration::ZERO; 2];
        let signature = on_cpu(&mut sign, || self.signer.sign(b"benchmark").expect("a good key"));
        let algorithms = self.provider.signature_verification_algorithms.mapping;
        let (_, algorithms) = algorithms
            .iter()
            .find(|(scheme, _)| *scheme == SignatureScheme::RSA_PSS_SHA256)
            .expect("RSA-PSS is known");
        on_cpu(&mut verify, || {
            let verified = algorithms[0].verify_signature(&self.public_key, b"benchmark", &signature);
            verified.expect("the signature is genuine");
        });
        [sign, verify]
    }
}

/// What stands before the RSAPublicKey in the SubjectPublicKeyInfo of an RSA-3072 key.
const SPKI_HEADER_BYTES: usize = 24;

fn certificate(pem: &[u8]) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem).expect("a good certificate")
}

fn key(pem: &[u8]) -> PrivateKeyDer<'static> {
    PrivateKeyDer::from_pem_slice(pem).expect("a good key")
}

fn take(connection: &mut Connection) -> Vec<u8> {
    let mut flight = Vec::new();
    while connection.wants_write() {
        connection.write_tls(&mut flight).expect("memory takes all");
    }
    flight
}

fn give(connection: &mut Connection, flight: &[u8]) {
    let mut flight = Cursor::new(flight);
    while (flight.position() as usize) < flight.get_ref().len() {
        connection.read_tls(&mut flight).expect("memory gives all");
        connection.process_new_packets().expect("the peer is genuine");
    }
}

/// An end of a TLS connection.
pub struct TlsEnd {
    connection: Connection,
    text: Vec<u8>,
}

impl TlsEnd {
    fn new(mut connection: Connection) -> TlsEnd {
        connection.set_buffer_limit(None);
        TlsEnd {
            connection,
            text: vec![0; 64 * 1024],
        }
    }
}

impl End for TlsEnd {
    fn seal(&mut self, text: &[u8]) {
        self.connection
            .writer()
            .write_all(text)
            .expect("the line is open");
    }

    fn transmit(&mut self, mut socket: &mut dyn Write) {
        while self.connection.wants_write() {
            self.connection
                .write_tls(&mut socket)
                .expect("the other end reads");
        }
    }

    fn send(&mut self, text: &[u8], _wire: &mut Vec<u8>, socket: &mut dyn Write) {
        self.seal(text);
        self.transmit(socket);
    }

    fn open(&mut self, mut wire: &mut dyn Read) -> usize {
        self.connection.read_tls(&mut wire).expect("the other end writes");
        self.connection
            .process_new_packets()
            .expect("nobody is in between");
        let mut opened = 0;
        loop {
            match self.connection.reader().read(&mut self.text) {
                Ok(0) => return opened,
                Ok(count) => opened += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return opened,
                Err(error) => panic!("the line broke: {error}"),
            }
        }
    }
}
