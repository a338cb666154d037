//! The authority as a configuration profile, which iPhones and iPads install from Safari (Apple, Configuration
//! Profile Reference: payload `com.apple.security.root`).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::digest;

use super::Authority;

/// The profile, XML.
pub(crate) fn mobileconfig(authority: &Authority) -> String {
    let name = authority.name();
    let content = STANDARD.encode(authority.certificate());
    let payload = uuid(authority.certificate(), b"payload");
    let profile = uuid(authority.certificate(), b"profile");
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>PayloadType</key><string>Configuration</string>
  <key>PayloadVersion</key><integer>1</integer>
  <key>PayloadIdentifier</key><string>org.sightline.relay.{profile}</string>
  <key>PayloadUUID</key><string>{profile}</string>
  <key>PayloadDisplayName</key><string>{name}</string>
  <key>PayloadDescription</key><string>Lets this device open the Sightline relay of this room securely. It can vouch for addresses of local networks only.</string>
  <key>PayloadContent</key>
  <array>
    <dict>
      <key>PayloadType</key><string>com.apple.security.root</string>
      <key>PayloadVersion</key><integer>1</integer>
      <key>PayloadIdentifier</key><string>org.sightline.relay.{payload}</string>
      <key>PayloadUUID</key><string>{payload}</string>
      <key>PayloadDisplayName</key><string>{name}</string>
      <key>PayloadCertificateFileName</key><string>sightline-ca.crt</string>
      <key>PayloadContent</key><data>{content}</data>
    </dict>
  </array>
</dict>
</plist>
"#
    )
}

/// A UUID that stays the same for a certificate, so that installing twice replaces (RFC 9562, version 8).
fn uuid(certificate: &[u8], purpose: &[u8]) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(certificate);
    context.update(purpose);
    let hash = context.finish();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = crate::secrets::hex(&bytes).to_uppercase();
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}
