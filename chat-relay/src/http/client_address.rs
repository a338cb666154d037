//! Whose address counts for limits. In: the address at the other end of the socket and a request's head. Out: that
//! address, or, when it is a proxy's that the operator trusts, the one that the proxy names.
//!
//! Headers of anybody else are not looked at. Each proxy appends the address that it was called from, so the list is
//! read from its right end, for as long as it names proxies that are trusted: what stands further left is what a client
//! may have made up. Proxies know two headers, `X-Forwarded-For` and `Forwarded` (RFC 7239), and append to one of them
//! only, passing the other one on as the client sent it. When both are there and differ, neither is believed, and the
//! proxy's own address counts: who tries that shares one budget with others who do.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, header};
use ipnet::IpNet;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The proxies that the operator trusts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Proxies {
    trusted: Vec<IpNet>,
}

impl Proxies {
    pub(crate) fn new(trusted: &[IpNet]) -> Self {
        Self {
            trusted: trusted.to_vec(),
        }
    }

    /// The address that counts for a request that came from `peer`.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        if !self.trusts(peer) {
            return peer;
        }
        let said = |name: HeaderName, of: fn(&str) -> Option<IpAddr>| {
            headers
                .contains_key(&name)
                .then(|| self.right_most_untrusted(peer, headers, &name, of))
        };
        match (
            said(X_FORWARDED_FOR, address),
            said(header::FORWARDED, forwarded_for),
        ) {
            (Some(one), Some(other)) if one != other => peer,
            (Some(client), _) | (None, Some(client)) => client,
            (None, None) => peer,
        }
    }

    /// Whether this is the address of a trusted proxy.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.trusted
            .iter()
            .any(|network| network.contains(&address.to_canonical()))
    }

    /// Whether a request claims to have been passed on by a proxy, trusted or not.
    pub(crate) fn is_forwarded(headers: &HeaderMap) -> bool {
        headers.contains_key(X_FORWARDED_FOR) || headers.contains_key(header::FORWARDED)
    }

    fn right_most_untrusted(
        &self,
        peer: IpAddr,
        headers: &HeaderMap,
        name: &HeaderName,
        of: fn(&str) -> Option<IpAddr>,
    ) -> IpAddr {
        let mut client = peer;
        // Several lines of one header are one list (RFC 9110, section 5.3).
        for line in headers.get_all(name).iter().rev() {
            let Ok(line) = line.to_str() else {
                return client;
            };
            for item in line.rsplit(',') {
                // A name, `unknown`, or rubbish: the last proxy that is known has to do.
                let Some(address) = of(item) else {
                    return client;
                };
                client = address;
                if !self.trusts(client) {
                    return client;
                }
            }
        }
        client
    }
}

/// An address, with or without a port: `1.2.3.4`, `1.2.3.4:5`, `::1`, `[::1]`, `[::1]:5`.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let address = bare.unwrap_or(text).parse().ok().or_else(with_port)?;
    Some(address.to_canonical())
}

/// The address in the `for` of one element of `Forwarded`: `for=1.2.3.4;proto=https`, `for="[::1]:5"`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let value = element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then_some(value)
    })?;
    address(value.trim().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn client(peer: &str, lines: &[(&'static str, &str)]) -> String {
        let trusted = ["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().unwrap());
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        Proxies::new(&trusted)
            .client(peer.parse().unwrap(), &headers)
            .to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let xff = "x-forwarded-for";
        let forwarded = "forwarded";
        for (peer, lines, expected) in [
            ("203.0.113.9", &[(xff, "1.2.3.4")][..], "203.0.113.9"),
            ("203.0.113.9", &[(forwarded, "for=1.2.3.4")], "203.0.113.9"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &[(xff, "1.2.3.4")], "1.2.3.4"),
            ("::ffff:10.0.0.1", &[(xff, "::ffff:1.2.3.4")], "1.2.3.4"),
            // What the client made up stands to the left.
            ("10.0.0.1", &[(xff, "9.9.9.9, 1.2.3.4")], "1.2.3.4"),
            ("10.0.0.1", &[(xff, "9.9.9.9"), (xff, "1.2.3.4")], "1.2.3.4"),
            (
                "10.0.0.1",
                &[(xff, "9.9.9.9, 1.2.3.4,10.9.9.9 , fd00::1")],
                "1.2.3.4",
            ),
            ("10.0.0.1", &[(xff, "10.0.0.3, 10.0.0.2")], "10.0.0.3"),
            ("10.0.0.1", &[(xff, "1.2.3.4:5678")], "1.2.3.4"),
            ("10.0.0.1", &[(xff, "[2001:db8::1]:5678")], "2001:db8::1"),
            ("fd00::9", &[(xff, "2001:db8::1")], "2001:db8::1"),
            ("10.0.0.1", &[(xff, "unknown")], "10.0.0.1"),
            (
                "10.0.0.1",
                &[(xff, "1.2.3.4, _hidden, 10.0.0.2")],
                "10.0.0.2",
            ),
            ("10.0.0.1", &[(xff, "")], "10.0.0.1"),
            (
                "10.0.0.1",
                &[(forwarded, "for=1.2.3.4;proto=https;by=10.0.0.1")],
                "1.2.3.4",
            ),
            (
                "10.0.0.1",
                &[(forwarded, "proto=https; For=\"[2001:db8::1]:5\"")],
                "2001:db8::1",
            ),
            (
                "10.0.0.1",
                &[(forwarded, "for=9.9.9.9, for=1.2.3.4, for=10.0.0.2")],
                "1.2.3.4",
            ),
            ("10.0.0.1", &[(forwarded, "proto=https")], "10.0.0.1"),
            // One of the two is the client's own word, and nobody knows which.
            (
                "10.0.0.1",
                &[(forwarded, "for=9.9.9.9"), (xff, "1.2.3.4")],
                "10.0.0.1",
            ),
            (
                "10.0.0.1",
                &[(forwarded, "for=1.2.3.4"), (xff, "1.2.3.4")],
                "1.2.3.4",
            ),
        ] {
            assert_eq!(client(peer, lines), expected, "{peer} {lines:?}");
        }
    }

    proptest! {
        #[test]
        fn what_a_client_sends_changes_nothing(made_up in "[ -~]{0,60}", second in "[0-9a-f.:, ]{0,40}") {
            // The proxy appends the true address to whatever came.
            let line = format!("{made_up},{second}, 198.51.100.1");
            prop_assert_eq!(client("10.0.0.1", &[("x-forwarded-for", &line)]), "198.51.100.1");
            let element = format!("{made_up}, for=198.51.100.1");
            prop_assert_eq!(client("10.0.0.1", &[("forwarded", &element)]), "198.51.100.1");
        }
    }
}
