//! The relay's own certificate authority and the leaf it signs, kept in a folder: made once, renewed when due.

use std::{
    fs, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints, SanType,
};
use ring::digest;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::addresses::LOCAL_NETWORKS;
use crate::{error::Error, secrets};

const AUTHORITY_DAYS: i64 = 3650;
/// What phones accept at most is 398 days for a leaf; from a day in the past, for clocks that are slow.
const LEAF_DAYS: i64 = 395;
/// Certificates are renewed when they end within so many days.
const RENEW_DAYS: i64 = 30;
/// An authority is renewed while it still outlives a new leaf.
const RENEW_AUTHORITY_DAYS: i64 = LEAF_DAYS + RENEW_DAYS;

/// A certificate authority and its leaf.
#[derive(Debug)]
pub(crate) struct Authority {
    name: String,
    certificate: CertificateDer<'static>,
    leaf: CertificateDer<'static>,
    leaf_key: Vec<u8>,
}

/// What the certificates say, beside the certificates: so that they need not be parsed.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    authority_name: String,
    authority_ends_secs: i64,
    /// DER in base64, as are the others.
    authority: String,
    leaf: String,
    leaf_ends_secs: i64,
    leaf_addresses: Vec<IpAddr>,
}

impl Authority {
    /// Loads the authority of `folder`, or makes one; renews the leaf when it does not name exactly `addresses`
    /// (and this machine itself) or ends soon.
    ///
    /// # Errors
    /// [`Error::Authority`] when files cannot be read or written, or hold something else.
    pub(crate) fn open(
        folder: &Path,
        addresses: &[IpAddr],
        now: OffsetDateTime,
    ) -> Result<Self, Error> {
        make_folder(folder)?;
        let record_path = folder.join("certificates.json");
        let mut leaf_addresses = vec![
            IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(Ipv6Addr::LOCALHOST),
        ];
        leaf_addresses.extend(addresses.iter().filter(|a| super::addresses::is_local(**a)));
        leaf_addresses.sort();
        leaf_addresses.dedup();

        let found = read_record(&record_path)?
            .filter(|record| !ends_within(record.authority_ends_secs, RENEW_AUTHORITY_DAYS, now));
        let key_path = folder.join("authority.key.pem");
        let leaf_key_path = folder.join("leaf.key.pem");
        let (mut record, fresh) = match found {
            Some(record) => (record, false),
            None => (new_authority(&key_path, now)?, true),
        };
        let due = fresh
            || record.leaf_addresses != leaf_addresses
            || ends_within(record.leaf_ends_secs, RENEW_DAYS, now)
            || !leaf_key_path.is_file();
        if due {
            let key = read_key(&key_path)?;
            sign_leaf(&mut record, key, &leaf_key_path, leaf_addresses, now)?;
            write_private(&record_path, &json(&record, &record_path)?)?;
        }
        Ok(Self {
            certificate: decode(&record.authority, &record_path)?,
            leaf: decode(&record.leaf, &record_path)?,
            leaf_key: read_key(&leaf_key_path)?.serialize_der(),
            name: record.authority_name,
        })
    }

    /// What the authority is called in a phone's settings.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The authority's certificate.
    pub(crate) fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// The chain to show to clients, and its key.
    pub(crate) fn chain_and_key(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.leaf_key.clone()));
        (vec![self.leaf.clone(), self.certificate.clone()], key)
    }

    /// SHA-256 of the authority's certificate, as people compare it: pairs of hexadecimal digits.
    pub(crate) fn fingerprint(&self) -> String {
        let hash = digest::digest(&digest::SHA256, &self.certificate);
        let pairs: Vec<String> = hash.as_ref().iter().map(|b| format!("{b:02X}")).collect();
        pairs.join(":")
    }
}

/// The certificate's fields; the same again each time, as the leaf's issuer has to be what the authority's
/// subject is.
fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params
        .distinguished_name
        .push(DnType::OrganizationName, "Sightline");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let networks = LOCAL_NETWORKS.iter().map(|(network, prefix)| {
        GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(*network, *prefix))
    });
    let names = ["localhost", "local"].map(|name| GeneralSubtree::DnsName(name.into()));
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: networks.chain(names).collect(),
        excluded_subtrees: Vec::new(),
    });
    params
}

fn new_authority(key_path: &Path, now: OffsetDateTime) -> Result<Record, Error> {
    // The name tells authorities of several relays apart in a phone's settings.
    let tail = secrets::hex(&secrets::random::<3>()?);
    let authority_name = format!("Sightline relay {tail}");
    let key = new_key(key_path)?;
    let mut params = authority_params(&authority_name);
    params.not_before = now - Duration::DAY;
    params.not_after = now + Duration::days(AUTHORITY_DAYS);
    let certificate = params
        .self_signed(&key)
        .map_err(|error| authority_error(key_path, error))?;
    Ok(Record {
        authority_name,
        authority_ends_secs: params.not_after.unix_timestamp(),
        authority: STANDARD.encode(certificate.der()),
        leaf: String::new(),
        leaf_ends_secs: 0,
        leaf_addresses: Vec::new(),
    })
}

fn sign_leaf(
    record: &mut Record,
    authority_key: KeyPair,
    leaf_key_path: &Path,
    addresses: Vec<IpAddr>,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let failed = |error| authority_error(leaf_key_path, error);
    let key = new_key(leaf_key_path)?;
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).map_err(failed)?;
    params
        .subject_alt_names
        .extend(addresses.iter().map(|address| SanType::IpAddress(*address)));
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, "Sightline relay");
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    params.not_before = now - Duration::DAY;
    params.not_after = now + Duration::days(LEAF_DAYS);
    let issuer = Issuer::new(authority_params(&record.authority_name), authority_key);
    let leaf = params.signed_by(&key, &issuer).map_err(failed)?;
    record.leaf = STANDARD.encode(leaf.der());
    record.leaf_ends_secs = params.not_after.unix_timestamp();
    record.leaf_addresses = addresses;
    Ok(())
}

fn ends_within(ends_secs: i64, days: i64, now: OffsetDateTime) -> bool {
    ends_secs - now.unix_timestamp() < days * 24 * 3600
}

fn read_record(path: &Path) -> Result<Option<Record>, Error> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| authority_error(path, error)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(authority_error(path, error)),
    }
}

fn json(record: &Record, path: &Path) -> Result<String, Error> {
    serde_json::to_string_pretty(record).map_err(|error| authority_error(path, error))
}

fn decode(base64: &str, path: &Path) -> Result<CertificateDer<'static>, Error> {
    STANDARD
        .decode(base64)
        .map(CertificateDer::from)
        .map_err(|error| authority_error(path, error))
}

fn new_key(path: &Path) -> Result<KeyPair, Error> {
    let key = KeyPair::generate().map_err(|error| authority_error(path, error))?;
    write_private(path, &key.serialize_pem())?;
    Ok(key)
}

fn read_key(path: &Path) -> Result<KeyPair, Error> {
    let pem = fs::read_to_string(path).map_err(|error| authority_error(path, error))?;
    KeyPair::from_pem(&pem).map_err(|error| authority_error(path, error))
}

fn make_folder(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|error| authority_error(folder, error))
}

/// Writes a file that only this user can read, whole or not at all.
fn write_private(path: &Path, text: &str) -> Result<(), Error> {
    use io::Write as _;
    let failed = |error| authority_error(path, error);
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(&part).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    fs::rename(&part, path).map_err(failed)
}

fn authority_error(path: &Path, error: impl ToString) -> Error {
    Error::Authority {
        path: path.to_path_buf(),
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn authority_stays_and_leaf_follows_addresses_and_time() {
        let folder = tempfile::tempdir().unwrap();
        let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let home = [address("192.168.1.20")];
        let open =
            |addresses: &[IpAddr], now| Authority::open(folder.path(), addresses, now).unwrap();
        let first = open(&home, now);
        let same = open(&home, now + Duration::days(300));
        assert_eq!(same.leaf, first.leaf);
        assert_eq!(same.leaf_key, first.leaf_key);
        assert_eq!(same.fingerprint(), first.fingerprint());
        assert_eq!(first.fingerprint().len(), 95);

        let moved = open(&[address("10.1.2.3")], now);
        assert_eq!(moved.certificate, first.certificate);
        assert_ne!(moved.leaf, first.leaf);
        let renewed = open(&[address("10.1.2.3")], now + Duration::days(370));
        assert_eq!(renewed.certificate, first.certificate);
        assert_ne!(renewed.leaf, moved.leaf);
        let next = open(&home, now + Duration::days(AUTHORITY_DAYS - 300));
        assert_ne!(next.certificate, first.certificate);
    }

    /// Whether a client that trusts the authority takes the leaf for `name`, at `now`.
    fn accepts(authority: &Authority, name: &str, now: OffsetDateTime) -> bool {
        use rustls::{
            RootCertStore,
            client::{WebPkiServerVerifier, danger::ServerCertVerifier as _},
            pki_types::{ServerName, UnixTime},
        };
        let mut roots = RootCertStore::empty();
        roots.add(authority.certificate.clone()).unwrap();
        let provider = rustls::crypto::ring::default_provider().into();
        let verifier =
            WebPkiServerVerifier::builder_with_provider(std::sync::Arc::new(roots), provider)
                .build()
                .unwrap();
        let secs = u64::try_from(now.unix_timestamp()).unwrap();
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(secs));
        let name = ServerName::try_from(name.to_owned()).unwrap();
        verifier
            .verify_server_cert(&authority.leaf, &[], &name, &[], now)
            .is_ok()
    }

    #[test]
    fn the_leaf_stands_for_this_machine_for_at_most_397_days() {
        let folder = tempfile::tempdir().unwrap();
        let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let authority = Authority::open(folder.path(), &[address("192.168.1.20")], now).unwrap();
        for (name, expected) in [
            ("127.0.0.1", true),
            ("::1", true),
            ("localhost", true),
            ("192.168.1.20", true),
            ("192.168.1.21", false),
            ("example.org", false),
        ] {
            assert_eq!(accepts(&authority, name, now), expected, "{name}");
        }
        assert!(accepts(&authority, "localhost", now + Duration::days(394)));
        assert!(!accepts(&authority, "localhost", now + Duration::days(396)));
        assert!(!accepts(&authority, "localhost", now - Duration::days(2)));
    }

    #[test]
    fn the_authority_cannot_vouch_for_the_internet() {
        let folder = tempfile::tempdir().unwrap();
        let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        Authority::open(folder.path(), &[], now).unwrap();
        let record_path = folder.path().join("certificates.json");
        let mut record = read_record(&record_path).unwrap().unwrap();
        // As a thief of the key would: a leaf for an address of the internet beside a local one.
        for (addresses, expected) in [
            (["10.0.0.1", "10.0.0.2"], true),
            (["10.0.0.1", "8.8.8.8"], false),
        ] {
            let key = read_key(&folder.path().join("authority.key.pem")).unwrap();
            let addresses = addresses.map(address).to_vec();
            let leaf_key_path = folder.path().join("leaf.key.pem");
            sign_leaf(&mut record, key, &leaf_key_path, addresses, now).unwrap();
            let forged = Authority {
                name: record.authority_name.clone(),
                certificate: decode(&record.authority, &record_path).unwrap(),
                leaf: decode(&record.leaf, &record_path).unwrap(),
                leaf_key: Vec::new(),
            };
            assert_eq!(accepts(&forged, "10.0.0.1", now), expected);
        }
    }

    #[test]
    fn a_spoilt_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        Authority::open(folder.path(), &[], now).unwrap();
        fs::write(folder.path().join("leaf.key.pem"), "no key").unwrap();
        let error = Authority::open(folder.path(), &[], now).unwrap_err();
        assert!(error.to_string().contains("leaf.key.pem"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn keys_are_for_this_user_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        Authority::open(folder.path(), &[], now).unwrap();
        for name in ["authority.key.pem", "leaf.key.pem"] {
            let mode = fs::metadata(folder.path().join(name))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }
}
