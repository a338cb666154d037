//! What the terminal shows when the relay is ready: where to go, and a QR code for phones.

use std::fmt::Write as _;

use qrcode::{EcLevel, QrCode, render::unicode::Dense1x2};

use crate::relay::Relay;

/// The banner. With `colors`, the QR code is black on white whatever the terminal's colours are.
pub fn banner(relay: &Relay, colors: bool) -> String {
    let mut text = format!(
        "\n  Sightline is ready.\n\n  On this machine   {}\n",
        relay.url()
    );
    // Writing to a string does not fail.
    for url in relay.lan_urls() {
        let _ = writeln!(text, "  In this network   {url}");
    }
    if let Some(url) = relay.trust_url() {
        let _ = writeln!(
            text,
            "  First visit       {url}   (makes a device trust this relay)"
        );
    }
    if let Some(fingerprint) = relay.authority_fingerprint() {
        let _ = writeln!(text, "  Fingerprint       {fingerprint}");
    }
    match relay
        .trust_url()
        .or(relay.lan_urls().first().map(String::as_str))
    {
        Some(url) => {
            let _ = write!(text, "\n{}", qr_code(url, colors));
        }
        None if relay.https_address().is_some() => {
            text.push_str(
                "\n  No address of a local network was found: phones cannot reach this machine.\n",
            );
        }
        None => text.push_str("\n  For phones in this network, start with --lan.\n"),
    }
    text.push_str("\n  Ctrl-C ends it. Rooms are kept.\n");
    text
}

/// `url` as a QR code of half-block characters; empty when it does not fit into one.
pub fn qr_code(url: &str, colors: bool) -> String {
    let Ok(code) = QrCode::with_error_correction_level(url, EcLevel::M) else {
        return String::new();
    };
    let mut renderer = code.render::<Dense1x2>();
    if colors {
        renderer
            .dark_color(Dense1x2::Dark)
            .light_color(Dense1x2::Light);
    } else {
        // Without colours of its own: light modules are drawn, for the usual light text on dark.
        renderer
            .dark_color(Dense1x2::Light)
            .light_color(Dense1x2::Dark);
    }
    let lines = renderer.quiet_zone(true).build();
    let (start, end) = if colors {
        ("\u{1b}[38;5;16;48;5;231m", "\u{1b}[0m")
    } else {
        ("", "")
    };
    lines.lines().fold(String::new(), |text, line| {
        text + "  " + start + line + end + "\n"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_square_with_its_quiet_zone() {
        let code = qr_code("http://192.168.1.20:8080/trust", true);
        let plain = code
            .replace("\u{1b}[38;5;16;48;5;231m", "")
            .replace("\u{1b}[0m", "");
        let lines: Vec<&str> = plain.lines().map(|line| &line[2..]).collect();
        let width = lines[0].chars().count();
        assert_eq!(lines.len(), width.div_ceil(2));
        assert!(lines[0].chars().all(|c| c == ' '), "{:?}", lines[0]);
        assert_eq!(qr_code(&"x".repeat(5000), true), "");
    }
}
