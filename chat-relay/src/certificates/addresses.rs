//! The addresses of this machine that others in the network can open, and which addresses are local ones.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks that do not reach over the internet (IANA's special-purpose address registries), as network and
/// prefix. The authority signs for these only.
pub(super) const LOCAL_NETWORKS: [(IpAddr, u8); 13] = [
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    v4(127, 0, 0, 0, 8),
    v4(169, 254, 0, 0, 16),
    v4(172, 16, 0, 0, 12),
    v4(192, 0, 2, 0, 24),
    v4(192, 168, 0, 0, 16),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    (IpAddr::V6(Ipv6Addr::LOCALHOST), 128),
    (IpAddr::V6(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0)), 7),
    (IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0)), 10),
];

/// Names of interfaces that lead to containers and virtual machines on this machine itself.
const INTERNAL_INTERFACES: [&str; 7] = [
    "docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "podman",
];
/// Names of interfaces that are tunnels: of use, but not what people in the room are on.
const TUNNELS: [&str; 6] = ["tun", "tap", "wg", "utun", "zt", "tailscale"];

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> (IpAddr, u8) {
    (IpAddr::V4(Ipv4Addr::new(a, b, c, d)), prefix)
}

/// This machine's addresses for its neighbours, the likeliest first. Empty when it has none, or the system does
/// not tell.
pub(crate) fn of_this_machine() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_else(|error| {
        tracing::warn!(%error, "the system does not tell its addresses");
        Vec::new()
    });
    let found = interfaces
        .into_iter()
        .map(|interface| (interface.name.clone(), interface.ip()));
    ranked(found)
}

fn ranked(found: impl Iterator<Item = (String, IpAddr)>) -> Vec<IpAddr> {
    let starts = |name: &str, prefixes: &[&str]| prefixes.iter().any(|p| name.starts_with(p));
    let mut ranked: Vec<(u8, IpAddr)> = found
        .filter(|(name, address)| {
            let link_local = matches!(address, IpAddr::V4(v4) if v4.is_link_local());
            // IPv6 addresses change by the day and are hard to read aloud; every local network has IPv4.
            address.is_ipv4()
                && !address.is_loopback()
                && !link_local
                && !starts(name, &INTERNAL_INTERFACES)
        })
        .map(|(name, address)| {
            let rank = match (starts(&name, &TUNNELS), is_local(address)) {
                (false, true) => 0,
                (true, true) => 1,
                (_, false) => 2,
            };
            (rank, address)
        })
        .collect();
    ranked.sort();
    ranked.dedup();
    ranked.into_iter().map(|(_, address)| address).collect()
}

/// Whether the authority signs for `address`.
pub(crate) fn is_local(address: IpAddr) -> bool {
    LOCAL_NETWORKS
        .iter()
        .any(|(network, prefix)| match (address, network) {
            (IpAddr::V4(address), IpAddr::V4(network)) => {
                let shift = 32 - u32::from(*prefix);
                address.to_bits().checked_shr(shift) == network.to_bits().checked_shr(shift)
            }
            (IpAddr::V6(address), IpAddr::V6(network)) => {
                let shift = 128 - u32::from(*prefix);
                address.to_bits().checked_shr(shift) == network.to_bits().checked_shr(shift)
            }
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_networks_are_told_from_the_internet() {
        for (address, expected) in [
            ("192.168.1.20", true),
            ("10.200.0.1", true),
            ("172.31.255.255", true),
            ("172.32.0.0", false),
            ("100.127.0.1", true),
            ("100.128.0.1", false),
            ("8.8.8.8", false),
            ("::1", true),
            ("::2", false),
            ("fd00::1", true),
            ("2606:4700::1", false),
        ] {
            assert_eq!(is_local(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn the_network_of_the_room_comes_first() {
        let found = [
            ("lo", "127.0.0.1"),
            ("docker0", "172.17.0.1"),
            ("tun0", "10.8.0.2"),
            ("eth1", "8.8.8.8"),
            ("wlan0", "192.168.1.20"),
            ("wlan0", "fe80::1"),
            ("eth0", "169.254.3.4"),
        ];
        let found = found
            .iter()
            .map(|(name, address)| ((*name).to_owned(), address.parse().unwrap()));
        let expected: Vec<IpAddr> = ["192.168.1.20", "10.8.0.2", "8.8.8.8"]
            .iter()
            .map(|address| address.parse().unwrap())
            .collect();
        assert_eq!(ranked(found), expected);
    }
}
